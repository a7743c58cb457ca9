//! Prints the TypeScript side of the door's types. Run by `cargo xtask bindings`, never by hand.
#![allow(clippy::print_stdout, reason = "its output is the file")]

use model::{
    action, caller, capability, connection, doctor, email, error, event, files, ids, integration,
    ledger, message, moving, policy, request, response, secret, settings, sign_in, status,
    test_report, vault,
};
use ts_rs::{Config, TS};

macro_rules! print_types {
    ($config:expr; $($type:ty),+ $(,)?) => {
        $(println!("export {}\n", <$type as TS>::decl($config));)+
    };
}

fn main() {
    println!("// Generated from crates/model by `cargo xtask bindings`. Don't edit.\n");
    let config = Config::default();
    print_types!(&config;
        ids::ConnectionId, ids::AttemptId, ids::ActionId, ids::ImportId, ids::IntegrationId, ids::ProviderId, ids::ConnectionRef,
        ids::ProfileName, secret::SecretInput, secret::ReleasedToken, capability::Capability, caller::Caller,
        error::ErrorCode, error::Error,
        status::Cause, status::RefusedReason, status::ExpiringWhy, status::Status,
        connection::Identity, connection::ScopeGrant, connection::ConnectionView,
        connection::DisconnectPreview,
        integration::RegisteredClient, integration::ClientView, integration::ScopeView,
        integration::FieldView, integration::AuthView, integration::SetupAnswerView,
        integration::SetupStepView, integration::ClientTaken, integration::IntegrationView,
        sign_in::RedirectKind, sign_in::SignInState, sign_in::SignInView,
        vault::VaultPlace, vault::VaultState,
        test_report::TestStep, test_report::TestProgress, test_report::StepResult,
        test_report::TestReport,
        doctor::Verdict, doctor::DoctorCause, doctor::RemedyAction, doctor::Finding, doctor::DoctorProgress,
        doctor::Diagnosis,
        email::SendEmail, email::EmailQuery, email::EmailSummary, email::EmailPage, email::Attachment,
        email::Email, files::FileOrder, files::FileQuery, files::RemoteFile, files::FilePage,
        files::UploadFiles, files::Downloaded, message::TextFormat, message::SendMessage,
        message::ChatKind, message::Chat, message::ClaimState, message::ClaimView,
        policy::Effect, policy::Limits, policy::Rule, policy::Admission, policy::Budget, policy::ClientInfo,
        policy::Taint, policy::CallerView, policy::Standing, policy::AskedBecause, policy::Decision,
        action::ActionFile, action::Action, action::Outline, action::Waiting, action::RemoteRef, action::ActionState,
        action::Progress, action::ActionView, action::Resolution, action::ActionFilter,
        ledger::EntryKind, ledger::LedgerEntry, ledger::LedgerFilter, ledger::LedgerVerdict,
        ledger::LedgerCheck, ledger::UsageQuery, ledger::UsageRow, ledger::HealthDay,
        settings::Proxy, settings::Network, settings::QuietHours, settings::Notify, settings::Settings,
        moving::Exported, moving::ConnectionFate, moving::ComingConnection, moving::ComingCaller, moving::ClientFate,
        moving::ComingClient, moving::ImportPreview, moving::Imported,
        event::NoticeKind, event::OpenTarget, event::NoticeAction, event::Notice, event::Event,
        request::Request, response::HubView, response::Response,
    );
}
