//! Width and height of a picture, by its first bytes. What is none can't be sent as a photo.

pub(crate) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let two = |at: usize| {
        Some(u32::from(u16::from_be_bytes(
            bytes.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let four = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((four(16)?, four(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        let little = |at: usize| {
            Some(u32::from(u16::from_le_bytes(
                bytes.get(at..at + 2)?.try_into().ok()?,
            )))
        };
        return Some((little(6)?, little(8)?));
    }
    if bytes.starts_with(b"\xff\xd8") {
        let mut at = 2;
        loop {
            let (mark, length) = (two(at)?, usize::try_from(two(at + 2)?).ok()?);
            // A frame header; C4, C8 and CC are something else.
            if (0xffc0..=0xffcf).contains(&mark) && ![0xffc4, 0xffc8, 0xffcc].contains(&mark) {
                return Some((two(at + 7)?, two(at + 5)?));
            }
            if mark < 0xff00 {
                return None;
            }
            at += 2 + length;
        }
    }
    None
}
