//! What a peer at the socket may send, and what must hold whatever it is. Compiled for tests and for `fuzz/` alone:
//! `cargo xtask fuzz` feeds it for as long as asked, and the test below feeds it what that has kept in `fuzz/corpus`.
//!
//! A feeder panics when a promise is broken and says nothing otherwise.

use futures_util::FutureExt as _;
use model::Request;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::{
    frame::{FrameError, Lines, encode},
    wire::{Asked, ToFace, ToHub},
};

/// What a face, or the hub, is sent through the socket. The first byte says where the bytes are torn in two.
pub fn frames(bytes: &[u8]) {
    let Some((cut, sent)) = bytes.split_first() else {
        return;
    };
    let cut = usize::from(*cut).min(sent.len());
    let whole = lines(sent);
    let torn = lines(sent[..cut].chain(&sent[cut..]));
    assert_eq!(whole, torn, "how it arrives changes what it says");
    for line in &whole {
        at_the_hub(line);
        at_a_face(line);
    }
}

/// Every line up to the first that breaks the rules.
fn lines(sent: impl AsyncRead + Unpin) -> Vec<Vec<u8>> {
    let mut reader = Lines::new(sent);
    let mut all = Vec::new();
    loop {
        match reader.next().now_or_never() {
            Some(Ok(Some(line))) => all.push(line),
            Some(Ok(None) | Err(FrameError::Garbage)) => return all,
            Some(Err(error)) => panic!("bytes that are here failed: {error}"),
            None => panic!("bytes that are here were waited for"),
        }
    }
}

fn at_the_hub(line: &[u8]) {
    assert!(!line.contains(&b'\n'));
    let _ = serde_json::from_slice::<ToHub>(line).map(|message| message.hello);
    let Ok(Asked::Request { id, request }) = Asked::read(line) else {
        return;
    };
    let again = ToHub {
        id: Some(id),
        request: Some((*request).clone()),
        ..ToHub::default()
    };
    let Ok(written) = encode(&again) else {
        // What came in one line may take more when it is written anew, and is then not sent.
        return;
    };
    let read = match Asked::read(&written[..written.len() - 1]) {
        Ok(Asked::Request { request, .. }) => request,
        _ => panic!("a request that was read can't be asked"),
    };
    assert_eq!(read, request);
    tells_no_secret(&request);
}

/// Requests are logged by their shape; what a person typed is not part of it.
fn tells_no_secret(request: &Request) {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(request) else {
        panic!("a request is an object");
    };
    for name in ["passphrase", "url", "client_secret"] {
        if let Some(typed) = fields.get(name).and_then(serde_json::Value::as_str)
            && typed.len() > 12
        {
            assert!(!format!("{request:?}").contains(typed), "{name}");
        }
    }
}

fn at_a_face(line: &[u8]) {
    if let Ok(message) = serde_json::from_slice::<ToFace>(line)
        && let Ok(written) = encode(&message)
    {
        assert!(serde_json::from_slice::<ToFace>(&written).is_ok());
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn no_line_ever_found_is_more_than_refused() {
        replay("link_frames", super::frames);
    }
}
