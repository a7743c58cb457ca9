//! Why a client can't be set up. Faces have words for each; nothing was changed in any of these cases.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("the client isn't installed")]
    NotInstalled,
    #[error("the file can't be read: {0}")]
    Unreadable(#[source] io::Error),
    /// A folder, a pipe, or a link that leads nowhere.
    #[error("there is no ordinary file at that place")]
    NoFile,
    #[error("the file is longer than {} bytes", crate::file::LONGEST)]
    TooLong,
    #[error("the file is no text")]
    NoText,
    /// It is no JSON, also not with comments and commas too many.
    #[error("line {line}, column {column}: {why}")]
    NoJson {
        line: usize,
        column: usize,
        why: String,
    },
    /// `what` = the key whose value should be a map; `None` = the whole.
    #[error("{} is no map", .what.unwrap_or("the whole file"))]
    NoMap { what: Option<&'static str> },
    /// Readers disagree about which of the two counts.
    #[error("{what} is there twice")]
    Twice { what: &'static str },
    /// The change would have done more than it should: a defect, noticed in time.
    #[error("the change would touch more than our entry")]
    TooMuch,
    /// The file isn't what the person was shown.
    #[error("the file changed since it was shown")]
    Changed,
    #[error("the file can't be written: {0}")]
    Unwritable(#[source] io::Error),
}
