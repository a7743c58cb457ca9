//! The words everything else speaks: ids, status, causes, requests, errors, secrets.
//!
//! This crate does no input or output and knows no service by name. Whatever crosses the hub's one
//! door is defined here once; the TypeScript side is generated from these types (`cargo xtask bindings`).
//! Start at [`request`] for what can be asked and at [`status`] for what a connection can be.

pub mod action;
pub mod caller;
pub mod capability;
pub mod connection;
pub mod doctor;
pub mod door;
pub mod email;
pub mod error;
pub mod event;
pub mod files;
pub mod ids;
pub mod integration;
pub mod ledger;
pub mod message;
pub mod moving;
pub mod policy;
pub mod request;
pub mod response;
pub mod secret;
pub mod settings;
pub mod sign_in;
pub mod status;
pub mod test_report;
pub mod texts;
pub mod vault;

pub use action::{
    Action, ActionFile, ActionFilter, ActionState, ActionView, Outline, Progress, RemoteRef,
    Resolution, Waiting,
};
pub use caller::Caller;
pub use capability::Capability;
pub use connection::{ConnectionView, DisconnectPreview, Identity, ScopeGrant};
pub use door::Door;
pub use email::{Attachment, Email, EmailPage, EmailQuery, EmailSummary, SendEmail};
pub use error::{Error, ErrorCode};
pub use event::{Event, Notice, NoticeKind, OpenTarget};
pub use files::{Downloaded, FileOrder, FilePage, FileQuery, RemoteFile, UploadFiles};
pub use ids::{
    ActionId, AttemptId, ConnectionId, ConnectionRef, ImportId, IntegrationId, ProfileName,
    ProviderId,
};
pub use ledger::{
    EntryKind, HealthDay, LedgerCheck, LedgerEntry, LedgerFilter, LedgerVerdict, UsageQuery,
    UsageRow,
};
pub use message::{Chat, ChatKind, ClaimState, ClaimView, SendMessage, TextFormat};
pub use moving::{
    ClientFate, ComingCaller, ComingClient, ComingConnection, ConnectionFate, Exported,
    ImportPreview, Imported,
};
pub use policy::{
    Admission, AskedBecause, Budget, CallerView, ClientInfo, Decision, Effect, Limits, Rule,
    Standing, Taint,
};
pub use request::{Access, Audience, Request};
pub use response::Response;
pub use secret::{ReleasedToken, Secret, SecretInput};
pub use settings::{Network, Notify, Proxy, QuietHours, Settings};
pub use sign_in::{RedirectKind, SignInState, SignInView};
pub use status::{Cause, ExpiringWhy, Status};
pub use texts::{Language, Texts};
pub use vault::{VaultPlace, VaultState};

/// An instant, written RFC 3339 in UTC wherever it leaves the process.
pub type Timestamp = jiff::Timestamp;
