//! The table of twins. A new service is one file or folder and one line in [`TWINS`].

use std::collections::BTreeMap;

use axum::Router;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use url::Url;

use crate::server::App;
use crate::{gmail, google_drive, google_oauth, telegram};

/// One service as the sandbox serves it.
pub(crate) struct Twin {
    /// As in fault rules, the log and the endpoint table.
    pub name: &'static str,
    /// Every path of the service begins with this.
    pub prefix: &'static str,
    /// Role and path of each endpoint; none for a twin that only serves others.
    pub endpoints: &'static [&'static [(&'static str, &'static str)]],
    pub routes: fn() -> Router<App>,
    /// Endpoints under `/control` that only this twin has.
    pub control: fn() -> Router<App>,
    /// An error in the service's own shape; the number is seconds to wait.
    pub refusal: fn(StatusCode, Option<u64>) -> Response,
    /// A path fit for the log.
    pub redact: fn(&str) -> String,
    /// Whether the body of this request goes to the handler as it comes.
    pub streams: fn(&Parts) -> bool,
}

pub(crate) const TWINS: &[Twin] = &[
    google_oauth::TWIN,
    gmail::TWIN,
    google_drive::TWIN,
    telegram::TWIN,
];

/// The twin a path belongs to.
pub(crate) fn twin_of(path: &str) -> Option<&'static Twin> {
    TWINS.iter().find(|twin| {
        path.strip_prefix(twin.prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// For a twin whose paths hold no secret.
pub(crate) fn as_it_is(path: &str) -> String {
    path.to_owned()
}

/// For a twin that reads its bodies whole.
pub(crate) fn never(_: &Parts) -> bool {
    false
}

pub(crate) fn endpoints_toml(base: &Url) -> String {
    let base = base.as_str().trim_end_matches('/');
    let table: BTreeMap<&str, BTreeMap<&str, String>> = TWINS
        .iter()
        .filter(|twin| !twin.endpoints.is_empty())
        .map(|twin| {
            let roles = twin.endpoints.iter().copied().flatten();
            (
                twin.name,
                roles
                    .map(|(role, path)| (*role, format!("{base}{path}")))
                    .collect(),
            )
        })
        .collect();
    // Strings in tables of strings always serialise; an empty answer would be seen at once.
    toml::to_string(&table).unwrap_or_default()
}
