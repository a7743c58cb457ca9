//! Why a verb did not do what it was asked, as this face tells it.

use model::{Error, ErrorCode};

use crate::exit::Exit;

#[derive(Debug)]
pub enum Failure {
    /// The hub's answer, or why it couldn't be asked.
    Refused(Error),
    /// The command line doesn't fit, found out after parsing.
    Usage { sentence: String, next_step: String },
    /// Ctrl-C.
    Interrupted,
    /// All was said already; only the exit status is left.
    Told(Exit),
}

impl Failure {
    pub fn usage(sentence: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self::Usage {
            sentence: sentence.into(),
            next_step: next_step.into(),
        }
    }

    /// The hub answered something else than was asked: a defect of ours.
    pub(crate) fn unexpected_answer() -> Self {
        Error::new(ErrorCode::Internal)
            .detail("the hub answered something else than was asked")
            .into()
    }

    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Refused(error) => error.code.into(),
            Self::Usage { .. } => Exit::Usage,
            Self::Interrupted => Exit::Interrupted,
            Self::Told(exit) => *exit,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}
