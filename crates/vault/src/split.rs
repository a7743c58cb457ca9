//! One record in one item, or in several where the system limits an item's size.
//!
//! The item under the record's own name is its head: one line
//! `autopilot 1 GENERATION PARTS SHA256`, then the record itself if it fits (`PARTS` is 0). Otherwise the
//! record is in the items `NAME#GENERATION.0`, `.1`, …, which are written and read back before the head
//! is replaced in one write, and the former generation's are deleted after that. So whatever write fails,
//! the head names a generation that is there whole. `-` for `PARTS` marks a record that is being deleted.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{error::VaultError, places::Place};

/// A grant is a few kilobytes; more than this is a mistake somewhere, on every platform alike.
const MOST: usize = 256 * 1024;

const FORMAT: &str = "autopilot 1";

struct Head {
    generation: u64,
    /// `None` while the record is being deleted.
    parts: Option<usize>,
    digest: String,
    /// The record, if it fitted beside the head.
    body: Zeroizing<Vec<u8>>,
}

/// # Errors
/// `Unreadable` if what is there isn't what was written; otherwise what the place says.
pub(crate) fn read(
    place: &mut dyn Place,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let Some(head) = head(place, name)? else {
        return Ok(None);
    };
    let Some(parts) = head.parts else {
        return Ok(None);
    };
    let body = if parts == 0 {
        head.body
    } else {
        gather(place, name, head.generation, parts)?
    };
    if digest(&body) == head.digest {
        Ok(Some(body))
    } else {
        Err(VaultError::Unreadable)
    }
}

/// # Errors
/// `TooLarge`, or what the place says. The former record is then still there.
pub(crate) fn write(place: &mut dyn Place, name: &str, body: &[u8]) -> Result<(), VaultError> {
    if body.len() > MOST {
        return Err(VaultError::TooLarge);
    }
    // Looking first also means that a locked keychain's prompt holds up a read, never a write that would
    // go through long after its caller gave up.
    let former = match head(place, name) {
        Ok(head) => head,
        // Not ours any more, or damaged: there is nothing in it to keep.
        Err(VaultError::Unreadable) => None,
        Err(error) => return Err(error),
    };
    let generation = former.as_ref().map_or(1, |head| head.generation + 1);
    let digest = digest(body);

    let whole = compose(generation, "0", &digest, body);
    let parts = match place.limit() {
        Some(limit) if whole.len() > limit => {
            let parts = cut(body, limit)?;
            for (k, part) in parts.iter().enumerate() {
                place.put(&part_name(name, generation, k), part.as_bytes())?;
            }
            if gather(place, name, generation, parts.len())?.as_slice() != body {
                return Err(VaultError::Failed(
                    "what was read back isn't what was written".to_owned(),
                ));
            }
            let count = parts.len();
            place.put(name, &compose(generation, &count.to_string(), &digest, b""))?;
            count
        }
        _ => {
            place.put(name, &whole)?;
            0
        }
    };

    // From here on the record is stored: what can't be tidied now is tidied by a later write.
    if place.limit().is_some() {
        let oldest = generation.saturating_sub(2).max(1);
        let tidied = sweep(place, name, generation, parts)
            .and_then(|()| (oldest..generation).try_for_each(|old| sweep(place, name, old, 0)));
        if tidied.is_err() {
            tracing::debug!(item = name, "parts of an older generation are left for now");
        }
    }
    Ok(())
}

/// # Errors
/// What the place says. Repeating it then finishes the job.
pub(crate) fn delete(place: &mut dyn Place, name: &str) -> Result<(), VaultError> {
    if place.limit().is_some() {
        let generation = match head(place, name) {
            Ok(Some(head)) => {
                if head.parts.is_some_and(|parts| parts > 0) {
                    let marker = compose(head.generation, "-", &head.digest, b"");
                    place.put(name, &marker)?;
                }
                head.generation
            }
            Ok(None) | Err(VaultError::Unreadable) => 0,
            Err(error) => return Err(error),
        };
        // One older, whose sweep may have failed, and one newer, whose head may never have been written.
        for generation in generation.saturating_sub(1).max(1)..=generation + 1 {
            sweep(place, name, generation, 0)?;
        }
    }
    place.delete(name)
}

fn head(place: &mut dyn Place, name: &str) -> Result<Option<Head>, VaultError> {
    let Some(text) = place.get(name)? else {
        return Ok(None);
    };
    parse(&text).map(Some).ok_or(VaultError::Unreadable)
}

fn parse(text: &[u8]) -> Option<Head> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&text[..end]).ok()?;
    let mut words = line.strip_prefix(FORMAT)?.split_ascii_whitespace();
    let head = Head {
        generation: words.next()?.parse().ok()?,
        parts: match words.next()? {
            "-" => None,
            count => Some(count.parse().ok()?),
        },
        digest: words.next()?.to_owned(),
        body: Zeroizing::new(text[end + 1..].to_vec()),
    };
    words.next().is_none().then_some(head)
}

fn compose(generation: u64, parts: &str, digest: &str, body: &[u8]) -> Zeroizing<Vec<u8>> {
    let line = format!("{FORMAT} {generation} {parts} {digest}\n");
    let mut text = Zeroizing::new(Vec::with_capacity(line.len() + body.len()));
    text.extend_from_slice(line.as_bytes());
    text.extend_from_slice(body);
    text
}

fn part_name(name: &str, generation: u64, k: usize) -> String {
    format!("{name}#{generation}.{k}")
}

fn gather(
    place: &mut dyn Place,
    name: &str,
    generation: u64,
    parts: usize,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut body = Zeroizing::new(Vec::with_capacity(MOST.min(parts * 4096)));
    for k in 0..parts {
        let part = place.get(&part_name(name, generation, k))?;
        body.extend_from_slice(&part.ok_or(VaultError::Unreadable)?);
    }
    Ok(body)
}

/// Deletes a generation's parts from number `first` on. The last goes first, so that an interrupted sweep
/// leaves no gap behind which the next one would stop.
fn sweep(
    place: &mut dyn Place,
    name: &str,
    generation: u64,
    first: usize,
) -> Result<(), VaultError> {
    let mut end = first;
    while place.get(&part_name(name, generation, end))?.is_some() {
        end += 1;
    }
    for k in (first..end).rev() {
        place.delete(&part_name(name, generation, k))?;
    }
    Ok(())
}

/// Pieces of at most `limit` bytes, each of them whole characters.
fn cut(body: &[u8], limit: usize) -> Result<Vec<&str>, VaultError> {
    let mut rest = std::str::from_utf8(body).map_err(|_| VaultError::Unreadable)?;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(limit);
        if end == 0 {
            return Err(VaultError::TooLarge);
        }
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    Ok(parts)
}

fn digest(body: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(body)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
