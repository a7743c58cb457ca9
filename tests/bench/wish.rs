//! What is to be measured, from the command line.

use std::path::{Path, PathBuf};

#[derive(Default)]
pub struct Wish {
    only: Vec<String>,
    empty_window: Option<PathBuf>,
}

const PARTS: [&str; 7] = [
    "mail",
    "upload",
    "big-upload",
    "window",
    "list",
    "bookkeeping",
    "idle",
];

/// Those that need no home with connections in it, or make their own.
const APART: [&str; 3] = ["mail", "upload", "big-upload"];

impl Wish {
    /// `[--only PART]... [--empty-window PROGRAM]`; panics on anything else. Cargo adds a `--bench` of its own.
    pub fn read(words: impl Iterator<Item = String>) -> Self {
        let mut wish = Self::default();
        let mut words = words.filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            match (word.as_str(), words.next()) {
                ("--only", Some(part)) if PARTS.contains(&part.as_str()) => wish.only.push(part),
                ("--empty-window", Some(program)) => wish.empty_window = Some(program.into()),
                _ => panic!("not `{word}`, but [--only {}]...", PARTS.join("|")),
            }
        }
        wish
    }

    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == part)
    }

    /// Is anything wanted that is measured in the homes of `worlds`?
    pub fn wants_world(&self) -> bool {
        PARTS
            .iter()
            .any(|part| !APART.contains(part) && self.wants(part))
    }

    pub fn empty_window(&self) -> &Path {
        self.empty_window
            .as_deref()
            .expect("`cargo xtask bench` says where the empty window is")
    }
}
