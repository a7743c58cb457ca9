//! One folder a service: its facts, its wire calls, its errors and its words.
//!
//! This crate knows services and nothing else: it can't see vault or store, starts nothing, keeps nothing and
//! logs nothing. The hub hands it a short-lived token and an HTTP client ([`Session`]) and gets answers or a
//! [`CallError`]. Adding a service means adding one folder beside `gmail`; the build script finds it, and
//! `tests/conformance.rs` says what it still lacks. Start at [`Integration`].
//!
//! `google` is a provider, not an integration: what Gmail and Drive share.

mod auth;
mod call;
mod doing;
mod endpoints;
mod facts;
#[cfg(test)]
mod faults;
mod folder;
mod google;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod integration;
#[cfg(test)]
mod scripted;
mod session;
mod verdict;
mod view;

pub use auth::{Auth, ClientKind, FormFacts, FormField, OauthFacts, Reach, Rotation};
pub use call::{CallError, Unreachable, code_word, retry_after};
pub use doing::{
    ChatTarget, ClaimLinks, Claimed, Fetched, Files, Journal, Large, LocalError, LocalFile, Mail,
    Messages, OutgoingFile, OutgoingMail, OutgoingMessage, ReadMail, SentMail, SentMessage,
    bare_address, open_ordinary,
};
pub use endpoints::{BadEndpoint, Endpoints, MissingEndpoint, role};
pub use facts::{Facts, Idempotency, PickFacts, RateLimit, ScopeFact, Shared};
pub use folder::{Folder, Sentence, Words};
pub use integration::{ClientFile, FieldError, Integration, Probe};
pub use session::{HeaderShelf, Meter, Pacer, Session, Unpaced};
pub use verdict::{TokenError, TokenVerdict};
pub use view::{capabilities, consequences, scope_grants, view};

use model::IntegrationId;

include!(concat!(env!("OUT_DIR"), "/folders.rs"));

/// Every integration, by folder name.
#[must_use]
pub fn all() -> &'static [&'static dyn Integration] {
    ALL
}

#[must_use]
pub fn find(id: &IntegrationId) -> Option<&'static dyn Integration> {
    ALL.iter()
        .copied()
        .find(|integration| integration.facts().id == *id)
}
