//! Everything that can be asked of the hub. Who may ask is decided behind the door by [`Access`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Action, ActionFilter, ActionId, AttemptId, Budget, Caller, ClientInfo, ConnectionId,
    ConnectionRef, Decision, Effect, EmailQuery, FileQuery, ImportId, IntegrationId, LedgerFilter,
    ProviderId, RedirectKind, Resolution, Rule, SecretInput, Settings, UsageQuery,
};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Profile, version, vault. -> `Response::Hub`
    Hub,
    /// What a caller says of itself, and where it stands. -> `Response::Standing`
    Introduce { client: Option<ClientInfo> },
    /// -> `Response::Integrations`
    ListIntegrations,
    /// -> `Response::Connections`
    ListConnections,
    /// -> `Response::Connection`
    GetConnection { connection: ConnectionRef },
    /// Sign-ins under way or over within the last ten minutes. -> `Response::SignIns`
    ListSignIns,
    /// What would die. -> `Response::DisconnectPreview`
    PreviewDisconnect { connection: ConnectionRef },
    /// Looks at everything a sign-in or a call needs; `Event::Doctor` tells how far it is. -> `Response::Diagnosis`
    Doctor,

    /// -> `Response::Emails`
    ListEmails {
        connection: ConnectionRef,
        query: EmailQuery,
    },
    /// -> `Response::Email`
    ReadEmail {
        connection: ConnectionRef,
        id: String,
        /// An existing folder, by absolute path; nothing in it is overwritten. `None` = attachments are only named.
        save_attachments_to: Option<String>,
    },
    /// -> `Response::Files`
    ListFiles {
        connection: ConnectionRef,
        query: FileQuery,
    },
    /// `Event::Download` tells how far it is. -> `Response::Downloaded`
    DownloadFile {
        /// Made by the caller, to recognise the events.
        id: ActionId,
        connection: ConnectionRef,
        file: String,
        /// An existing folder, by absolute path; nothing in it is overwritten.
        folder: String,
        /// `None` = the file's own name, made safe.
        name: Option<String>,
    },
    /// -> `Response::Chats`
    ListChats { connection: ConnectionRef },

    /// Newest first. -> `Response::Actions`
    ListActions { filter: ActionFilter },
    /// -> `Response::Action`
    GetAction { id: ActionId },
    /// Newest first. -> `Response::Ledger`
    ListLedger { filter: LedgerFilter },
    /// -> `Response::LedgerCheck`
    VerifyLedger,
    /// -> `Response::Usage`
    Usage { query: UsageQuery },
    /// One entry a day, oldest first, today last. -> `Response::Health`
    Health {
        connection: ConnectionId,
        /// 1 to 400.
        days: u32,
        /// Minutes east of UTC that decide where a day begins.
        utc_offset_min: i32,
    },
    /// -> `Response::Settings`
    GetSettings,
    /// Everything but secrets, contents and the ledger, as the text of a file. -> `Response::Export`
    Export,

    /// A write; returns once it is kept, not once it is done. The same `id` again returns the same action.
    /// -> `Response::Action`
    Act {
        id: ActionId,
        connection: ConnectionRef,
        action: Action,
        /// Seconds in which it can be taken back; `None` = the setting for people in the window, none for others.
        undo_s: Option<u32>,
    },
    /// Takes back what is not under way yet, and stops an upload between two pieces. -> `Response::Action`
    CancelAction { id: ActionId },
    /// Ends the undo window, or the wait for a better moment. -> `Response::Action`
    SendNow { id: ActionId },
    /// What became of an action whose outcome is unknown, as the person knows it. -> `Response::Action`
    ResolveAction {
        id: ActionId,
        resolution: Resolution,
    },
    /// Runs a workflow once. Asking again with the same id does nothing twice. -> `Response::Actions`
    RunWorkflow {
        run: ActionId,
        /// The workflow's TOML text.
        source: String,
        /// The folder that relative paths in it start from.
        folder: String,
        /// JSON text that `{{input.…}}` reads from.
        input: String,
    },
    /// Makes a link that makes a chat known. -> `Response::Claim`
    BeginClaim { connection: ConnectionRef },
    /// -> `Response::Done`
    CancelClaim { connection: ConnectionId },
    /// Forgets a chat here; nothing is said to anybody. -> `Response::Done`
    ForgetChat {
        connection: ConnectionId,
        chat: String,
    },

    /// Checks every connection now. -> `Response::Connections`
    Refresh,
    /// One real call, step by step. A failing test is an answer, not an error. -> `Response::Test`
    Test { connection: ConnectionRef },
    /// Starts a sign-in; the face opens the address. -> `Response::SignIn`
    BeginSignIn {
        integration: IntegrationId,
        /// An existing connection to sign in again.
        connection: Option<ConnectionId>,
        /// Which permissions to ask for; `None` = all the integration offers.
        scopes: Option<Vec<String>>,
        /// `None` = the best the registered clients allow.
        redirect: Option<RedirectKind>,
    },
    /// Starts a sign-in at which the person hands over things that are theirs already, on the service's own page;
    /// they are listed once it is over. -> `Response::SignIn`
    BeginPick {
        connection: ConnectionId,
        /// `None` = the best the registered clients allow.
        redirect: Option<RedirectKind>,
    },
    /// The address the browser ended on: by deep link or pasted. -> `Response::SignIn`
    DeliverRedirect { url: SecretInput },
    /// -> `Response::SignIn`
    CancelSignIn { attempt: AttemptId },
    /// Connects with a key the person brings. -> `Response::Connection`
    ConnectWithForm {
        integration: IntegrationId,
        connection: Option<ConnectionId>,
        fields: BTreeMap<String, SecretInput>,
    },
    /// Ends a connection; `revoke` = also at the service (later, when offline). -> `Response::Done`
    Disconnect {
        connection: ConnectionRef,
        revoke: bool,
    },
    /// -> `Response::Connection`
    SetPaused {
        connection: ConnectionRef,
        paused: bool,
    },
    /// What the person calls a connection; `None` or nothing but spaces = the service's own name again.
    /// -> `Response::Connection`
    RenameConnection {
        connection: ConnectionRef,
        name: Option<String>,
    },
    /// Opens the vault file for this run. -> `Response::Vault`
    UnlockVault { passphrase: SecretInput },
    /// Asks the window to come forward. -> `Response::Done`
    Open { target: crate::OpenTarget },
    /// A desktop takes over from a headless hub, which stops and lets go of the profile. -> `Response::Done`
    HandOver,

    /// A fresh access token (or the bot's key), for programs that must hold one. -> `Response::Token`
    ReadToken { connection: ConnectionRef },

    /// Admitted, waiting and refused; the latest seen first. -> `Response::Callers`
    ListCallers,
    /// Lets a caller in, or keeps it out. -> `Response::Caller`
    AdmitCaller {
        caller: Caller,
        admit: bool,
        /// What its writes get where no rule is about them.
        writes: Effect,
    },
    /// Replaces a caller's rules and budget. -> `Response::Caller`
    SetRules {
        caller: Caller,
        rules: Vec<Rule>,
        writes: Effect,
        budget: Budget,
    },
    /// The person has seen to what the caller was told. -> `Response::Caller`
    ClearTaint { caller: Caller },
    /// Forgets a caller and its rules; should it ask again, it is new. -> `Response::Done`
    ForgetCaller { caller: Caller },
    /// A person's word on a write that waits for it. -> `Response::Action`
    Decide { id: ActionId, decision: Decision },
    /// Whether programs may be given this connection's raw token. -> `Response::Connection`
    SetTokenAllowed {
        connection: ConnectionId,
        allowed: bool,
    },
    /// Looks at the vault again. -> `Response::Vault`
    CheckVault,
    /// Creates the passphrase file and keeps secrets there from now on. -> `Response::Vault`
    UseVaultFile { passphrase: SecretInput },
    /// Moves everything from the passphrase file into the keychain, and keeps it there. -> `Response::Vault`
    UseKeychain,
    /// The person's own client, typed. -> `Response::ClientTaken`
    RegisterClient {
        provider: ProviderId,
        kind: String,
        client_id: String,
        client_secret: Option<SecretInput>,
    },
    /// The person's own client, as the provider's file: whoever sends it doesn't know of which kind it is, nor what it
    /// would replace. -> `Response::ClientTaken`
    RegisterClientFile {
        provider: ProviderId,
        contents: SecretInput,
        replace: bool,
    },
    /// Back to the client this build came with, if any. -> `Response::Done`
    RemoveClient { provider: ProviderId, kind: String },
    /// -> `Response::Settings`
    SetSettings { settings: Settings },
    /// Writes an export to where the person chose; with a passphrase also the sign-ins, encrypted.
    /// -> `Response::Exported`
    ExportTo {
        /// Absolute.
        path: String,
        passphrase: Option<SecretInput>,
        /// The person agreed to replacing a file of that name.
        replace: bool,
    },
    /// Checks an export and says what importing it would change. -> `Response::Import`
    PreviewImport {
        /// Absolute.
        path: String,
        /// Of an encrypted one.
        passphrase: Option<SecretInput>,
    },
    /// Does what was shown, as a whole or not at all. -> `Response::Imported`
    Import { id: ImportId },
    /// Forgets what was shown. -> `Response::Done`
    CancelImport { id: ImportId },
    /// Probing follows attention: every tick while someone looks, else every five minutes. -> `Response::Done`
    SetWindowVisible { visible: bool },
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Reads; any admitted caller.
    Query,
    /// Changes connections; any admitted caller but an agent.
    Change,
    /// Gives a secret out: programs in a terminal, never the window or an agent.
    Program,
    /// Changes what others may do, or where secrets live: our window alone.
    Window,
}

/// For whom besides the window a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Anybody on this machine who is this user: it tells nothing of an account and changes nothing, or it carries
    /// its own proof.
    Anyone,
    /// Whoever was let in, agents too.
    Admitted,
    /// Programs and workflows that were let in, no agent.
    People,
}

impl Request {
    #[must_use]
    pub const fn audience(&self) -> Audience {
        match self {
            Self::Hub
            | Self::Introduce { .. }
            | Self::ListIntegrations
            // A headless hub gives its profile to a window of the same user, whoever started that.
            | Self::HandOver
            | Self::Open { .. }
            // Worthless without the attempt it belongs to.
            | Self::DeliverRedirect { .. }
            // The passphrase is the proof.
            | Self::UnlockVault { .. } => Audience::Anyone,
            Self::ListConnections
            | Self::GetConnection { .. }
            | Self::ListEmails { .. }
            | Self::ReadEmail { .. }
            | Self::ListFiles { .. }
            | Self::DownloadFile { .. }
            | Self::ListChats { .. }
            | Self::GetAction { .. }
            | Self::Test { .. }
            | Self::Act { .. }
            | Self::CancelAction { .. } => Audience::Admitted,
            _ => Audience::People,
        }
    }

    #[must_use]
    pub const fn access(&self) -> Access {
        match self {
            Self::Hub
            | Self::Introduce { .. }
            | Self::ListIntegrations
            | Self::ListConnections
            | Self::GetConnection { .. }
            | Self::ListSignIns
            | Self::PreviewDisconnect { .. }
            | Self::Doctor
            | Self::ListEmails { .. }
            | Self::ReadEmail { .. }
            | Self::ListFiles { .. }
            | Self::DownloadFile { .. }
            | Self::ListChats { .. }
            | Self::ListActions { .. }
            | Self::GetAction { .. }
            | Self::ListLedger { .. }
            | Self::VerifyLedger
            | Self::Usage { .. }
            | Self::Health { .. }
            | Self::GetSettings
            | Self::Export => Access::Query,
            Self::Refresh
            | Self::Test { .. }
            | Self::BeginSignIn { .. }
            | Self::BeginPick { .. }
            | Self::DeliverRedirect { .. }
            | Self::CancelSignIn { .. }
            | Self::ConnectWithForm { .. }
            | Self::Disconnect { .. }
            | Self::SetPaused { .. }
            | Self::RenameConnection { .. }
            | Self::UnlockVault { .. }
            | Self::Open { .. }
            | Self::HandOver
            | Self::Act { .. }
            | Self::CancelAction { .. }
            | Self::SendNow { .. }
            | Self::ResolveAction { .. }
            | Self::RunWorkflow { .. }
            | Self::BeginClaim { .. }
            | Self::CancelClaim { .. }
            | Self::ForgetChat { .. } => Access::Change,
            Self::ReadToken { .. } => Access::Program,
            Self::ListCallers
            | Self::AdmitCaller { .. }
            | Self::SetRules { .. }
            | Self::ClearTaint { .. }
            | Self::ForgetCaller { .. }
            | Self::Decide { .. }
            | Self::SetTokenAllowed { .. }
            | Self::CheckVault
            | Self::UseVaultFile { .. }
            | Self::UseKeychain
            | Self::RegisterClient { .. }
            | Self::RegisterClientFile { .. }
            | Self::RemoveClient { .. }
            | Self::SetSettings { .. }
            | Self::ExportTo { .. }
            | Self::PreviewImport { .. }
            | Self::Import { .. }
            | Self::CancelImport { .. }
            | Self::SetWindowVisible { .. } => Access::Window,
        }
    }
}
