//! `Content-Range`, as chunks and questions carry it.

use axum::http::{HeaderMap, header};

use crate::google_api::{Refusal, invalid};

/// `Content-Range` of a chunk.
#[derive(Debug, PartialEq)]
pub(super) enum Range {
    /// No header: everything in one request.
    Whole,
    /// `bytes */total`: how much is there?
    Question(Option<u64>),
    /// First and last byte, and the whole length when it is known.
    Chunk(u64, u64, Option<u64>),
}

pub(super) fn range(headers: &HeaderMap) -> Result<Range, Refusal> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else {
        return Ok(Range::Whole);
    };
    let read = || {
        let (range, total) = value
            .to_str()
            .ok()?
            .strip_prefix("bytes ")?
            .split_once('/')?;
        let total = match total {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        if range == "*" {
            return Some(Range::Question(total));
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && total.is_none_or(|total| last < total))
            .then_some(Range::Chunk(first, last, total))
    };
    read().ok_or_else(|| invalid("Failed to parse Content-Range header."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_strictly() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_RANGE, value.parse().unwrap());
            range(&headers).ok()
        };
        assert_eq!(read("bytes 0-9/10"), Some(Range::Chunk(0, 9, Some(10))));
        assert_eq!(read("bytes 0-9/*"), Some(Range::Chunk(0, 9, None)));
        assert_eq!(read("bytes */10"), Some(Range::Question(Some(10))));
        assert_eq!(read("bytes */*"), Some(Range::Question(None)));
        for wrong in [
            "bytes=0-9/10",
            "bytes 9-0/10",
            "bytes 0-10/10",
            "0-9/10",
            "bytes 0-9",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
