//! JSON that holds secrets, written without leaving copies of it behind in freed memory.

use std::io::{self, Write};

use serde::{Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, Zeroizing};

use crate::error::Unreadable;

/// Most records fit at once; a larger one moves, and its former place is wiped.
const FIRST_SIZE: usize = 4096;

/// A growing buffer that wipes what it leaves.
struct Paper(Zeroizing<Vec<u8>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Vec::with_capacity(needed.max(self.0.capacity() * 2));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Empty if `value` can't be written as JSON, which no type of ours can bring about; whoever stores the
/// text reads it back first, so that an empty one never replaces anything.
pub(crate) fn write(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut paper = Paper(Zeroizing::new(Vec::with_capacity(FIRST_SIZE)));
    if serde_json::to_writer(&mut paper, value).is_err() {
        paper.0.zeroize();
    }
    paper.0
}

/// The parser's own message is dropped: it can quote a secret.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(text).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_larger_than_the_first_buffer_arrives_whole() {
        let long = "ä\"\n".repeat(9000);
        let text = super::write(&long);
        assert_eq!(super::read::<String>(&text), Ok(long));
    }
}
