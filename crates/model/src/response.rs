//! The hub's answers. `Secret` doesn't serialise, so no variant can hold one but `Token`, which only a program that the
//! person allowed to hold a raw token is ever given.

use serde::{Deserialize, Serialize};

use crate::{
    ActionView, CallerView, Chat, ClaimView, ConnectionView, DisconnectPreview, Downloaded, Email,
    EmailPage, Exported, FilePage, HealthDay, ImportPreview, Imported, LedgerCheck, LedgerEntry,
    ProfileName, ReleasedToken, Settings, SignInView, Standing, UsageRow, VaultState,
    doctor::Diagnosis,
    integration::{ClientTaken, IntegrationView},
    test_report::TestReport,
};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "response", content = "value", rename_all = "snake_case")]
pub enum Response {
    Done,
    Hub(HubView),
    Integrations(Vec<IntegrationView>),
    Connections(Vec<ConnectionView>),
    Connection(ConnectionView),
    SignIn(SignInView),
    SignIns(Vec<SignInView>),
    DisconnectPreview(DisconnectPreview),
    Test(TestReport),
    Vault(VaultState),
    ClientTaken(ClientTaken),
    Diagnosis(Diagnosis),
    Emails(EmailPage),
    Email(Email),
    Files(FilePage),
    Downloaded(Downloaded),
    Chats(Vec<Chat>),
    Action(ActionView),
    Actions(Vec<ActionView>),
    Claim(ClaimView),
    Ledger(Vec<LedgerEntry>),
    LedgerCheck(LedgerCheck),
    Usage(Vec<UsageRow>),
    Health(Vec<HealthDay>),
    Settings(Settings),
    Standing(Standing),
    Caller(CallerView),
    Callers(Vec<CallerView>),
    Token(ReleasedToken),
    /// An export without secrets: the text of its file.
    Export(String),
    Exported(Exported),
    Import(Box<ImportPreview>),
    Imported(Imported),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct HubView {
    pub version: String,
    pub profile: ProfileName,
    /// Against the sandbox rather than the real services.
    pub sandbox: bool,
    /// Holds the profile without a window.
    pub headless: bool,
    pub vault: VaultState,
    /// Something the person should know about this start (a damaged database set aside, say).
    pub remarks: Vec<String>,
}
