//! What is to be measured, from the command line.

use std::path::{Path, PathBuf};

#[derive(Default)]
pub struct Wish {
    only: Vec<String>,
    empty_window: Option<PathBuf>,
    minimal_mcp: Option<PathBuf>,
    empty_program: Option<PathBuf>,
}

const PARTS: [&str; 9] = [
    "mail",
    "upload",
    "big-upload",
    "mcp",
    "token",
    "window",
    "list",
    "bookkeeping",
    "idle",
];

/// Those that need no home with connections in it, or make their own.
const APART: [&str; 3] = ["mail", "upload", "big-upload"];

impl Wish {
    /// `[--only PART]...` and where the floors are; panics on anything else. Cargo adds a `--bench` of its own.
    pub fn read(words: impl Iterator<Item = String>) -> Self {
        let mut wish = Self::default();
        let mut words = words.filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            match (word.as_str(), words.next()) {
                ("--only", Some(part)) if PARTS.contains(&part.as_str()) => wish.only.push(part),
                ("--empty-window", Some(program)) => wish.empty_window = Some(program.into()),
                ("--minimal-mcp", Some(program)) => wish.minimal_mcp = Some(program.into()),
                ("--empty-program", Some(program)) => wish.empty_program = Some(program.into()),
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
        told(self.empty_window.as_deref(), "the empty window")
    }

    pub fn minimal_mcp(&self) -> &Path {
        told(self.minimal_mcp.as_deref(), "the minimal MCP server")
    }

    pub fn empty_program(&self) -> &Path {
        told(self.empty_program.as_deref(), "the empty program")
    }
}

fn told<'p>(path: Option<&'p Path>, what: &str) -> &'p Path {
    path.unwrap_or_else(|| panic!("`cargo xtask bench` says where {what} is"))
}
