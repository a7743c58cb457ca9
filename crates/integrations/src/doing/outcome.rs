//! What can go wrong on this side of the wire, and what a failure says about whether the write happened.

use model::Language;

use crate::{CallError, Sentence, Unreachable};

/// What a service takes no more of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Large {
    /// By its name.
    File(String),
    Whole(Sentence),
}

impl Large {
    #[must_use]
    pub fn say(&self, language: Language) -> String {
        match self {
            Self::File(name) => name.clone(),
            Self::Whole(sentence) => sentence.say(language),
        }
    }
}

/// Trouble that is no word of the service.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LocalError {
    /// The person took it back.
    #[error("it was taken back")]
    Cancelled,
    /// What has to be known after a crash couldn't be kept, so nothing was sent.
    #[error("it could not be kept")]
    NotKept,
    #[error("a file can't be read")]
    FileUnreadable { name: String },
    #[error("a file changed after it was queued")]
    FileChanged { name: String },
    /// Bigger than the service takes; `limit` in bytes.
    #[error("it is bigger than {limit} bytes")]
    TooLarge { what: Large, limit: u64 },
    /// What arrived isn't what was sent.
    #[error("the checksums differ")]
    ChecksumMismatch,
    /// A part of what was asked doesn't fit; `field` names it, `reason` is a key of the texts.
    #[error("{field} doesn't fit")]
    Invalid {
        field: &'static str,
        reason: &'static str,
    },
    /// Where a download goes can't be written.
    #[error("it can't be written here")]
    Unwritable,
}

impl CallError {
    /// After a request that writes ended like this: may the service have done it all the same?
    ///
    /// A 4xx that the service worded is a verdict, and a 429 is taken as "not done" (no provider says otherwise).
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        match self {
            Self::ServiceDown { .. } | Self::NotUnderstood { .. } => true,
            Self::Unreachable(why) => match why {
                Unreachable::Timeout | Unreachable::Broken => true,
                Unreachable::Dns | Unreachable::Connect | Unreachable::Tls => false,
            },
            Self::TokenRejected
            | Self::PermissionMissing
            | Self::ApiDisabled
            | Self::BlockedByAdmin
            | Self::RateLimited { .. }
            | Self::Refused { .. }
            | Self::Local(_) => false,
        }
    }

    /// Might the same call work a little later, without anybody doing anything?
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::ServiceDown { .. }
                | Self::NotUnderstood { .. }
                | Self::Unreachable(_)
                | Self::RateLimited { .. }
        )
    }
}
