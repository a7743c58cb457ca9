//! A kind of service, as the faces see it: enough to draw its card and its sign-in without knowing it.

use serde::{Deserialize, Serialize};

use crate::{Capability, ErrorCode, IntegrationId, ProviderId, RedirectKind};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct IntegrationView {
    pub id: IntegrationId,
    pub name: String,
    /// One line on what connecting it is good for.
    pub tagline: String,
    /// The icon's SVG source, our own file; to be shown as an image, never inlined.
    pub icon_svg: String,
    pub auth: AuthView,
    pub scopes: Vec<ScopeView>,
    pub capabilities: Vec<Capability>,
    /// A person can hand over files of theirs on the service's own page (`BeginPick`).
    pub can_pick: bool,
    /// How to get a registration of one's own; empty where none is needed.
    pub setup: Vec<SetupStepView>,
}

/// One step in the provider's console, on the way to a registration of one's own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SetupStepView {
    pub key: String,
    pub title: String,
    /// What to do there.
    pub steps: Vec<String>,
    /// The page where it is done, in the project of the registration where there is one.
    pub link: String,
    /// What can be said of it that nobody but the person can see; empty where nothing needs to be asked.
    pub answers: Vec<SetupAnswerView>,
    /// The error that says that this was left out.
    pub mends: Option<ErrorCode>,
    /// Left out, sign-ins end after a few days, as those of a trial.
    pub ends_trial: bool,
    /// Here the registration itself is made, to be handed over.
    pub brings_client: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct SetupAnswerView {
    pub key: String,
    pub title: String,
    /// What follows from it, if it isn't what one wants.
    pub warning: Option<String>,
}

/// A registration that was taken, as far as it may be shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ClientTaken {
    pub kind: String,
    pub client_id: String,
    /// The provider's project it belongs to, where the file or the id says.
    pub project: Option<String>,
    /// Another one of its kind is there; nothing was kept, until it is asked for with `replace`.
    pub replaces: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AuthView {
    /// Sign in through the browser.
    Oauth {
        provider: ProviderId,
        clients: Vec<ClientView>,
    },
    /// A form with a key the person brings.
    Form {
        /// How to get the key, step by step.
        steps: Vec<String>,
        fields: Vec<FieldView>,
    },
}

/// A way to register as a client of the provider, and what is registered now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ClientView {
    /// `desktop`, `ios` …: the client types of integration.toml.
    pub kind: String,
    pub title: String,
    pub redirect: RedirectKind,
    pub needs_secret: bool,
    pub registered: Option<RegisteredClient>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct RegisteredClient {
    pub client_id: String,
    /// The person's own, rather than the one this build came with.
    pub own: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct ScopeView {
    pub scope: String,
    pub title: String,
    /// What it lets Autopilot do, and what not, in plain words.
    pub explanation: String,
    pub capabilities: Vec<Capability>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct FieldView {
    pub id: String,
    pub label: String,
    pub placeholder: String,
    pub help: String,
    pub secret: bool,
}
