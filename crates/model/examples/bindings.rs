//! Prints the TypeScript side of the door's types. Run by `cargo xtask bindings`, never by hand.
#![allow(clippy::print_stdout, reason = "its output is the file")]

use model::{
    caller, capability, connection, doctor, error, event, ids, integration, request, response,
    secret, sign_in, status, test_report, vault,
};
use ts_rs::{Config, TS};

macro_rules! print_types {
    ($config:expr; $($type:ty),+ $(,)?) => {
        $(println!("export {}\n", <$type as TS>::decl($config));)+
    };
}

fn main() {
    let _ = caller::Caller::Window;
    println!("// Generated from crates/model by `cargo xtask bindings`. Don't edit.\n");
    let config = Config::default();
    print_types!(&config;
        ids::ConnectionId, ids::AttemptId, ids::IntegrationId, ids::ProviderId, ids::ConnectionRef,
        ids::ProfileName, secret::SecretInput, capability::Capability,
        error::ErrorCode, error::Error,
        status::Cause, status::RefusedReason, status::ExpiringWhy, status::Status,
        connection::Identity, connection::ScopeGrant, connection::ConnectionView,
        connection::DisconnectPreview,
        integration::RegisteredClient, integration::ClientView, integration::ScopeView,
        integration::FieldView, integration::AuthView, integration::IntegrationView,
        sign_in::RedirectKind, sign_in::SignInState, sign_in::SignInView,
        vault::VaultPlace, vault::VaultState,
        test_report::TestStep, test_report::TestProgress, test_report::StepResult,
        test_report::TestReport,
        doctor::Verdict, doctor::Finding,
        event::NoticeKind, event::OpenTarget, event::NoticeAction, event::Notice, event::Event,
        request::Request, response::HubView, response::Response,
    );
}
