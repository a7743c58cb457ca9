//! The authorization endpoint: reads a request, refuses it on a page of its own, or opens the consent pages.
//!
//! Google shows nearly every mistake on its page instead of sending it to the redirect; so does this.

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::consent::Consents;
use super::grants::{Consent, Google};
use super::{clients, pages, scopes};
use crate::form::{Form, encode};
use crate::google_drive::disk;
use crate::seed::GoogleAccount;
use crate::server::App;

/// An authorization request that passed every check.
#[derive(Clone)]
pub(crate) struct Asked {
    pub client: &'static clients::Client,
    pub scopes: Vec<String>,
    pub login_hint: Option<String>,
    /// `prompt=none`: answer without any page.
    pub silent: bool,
    redirect_uri: String,
    challenge: String,
    state: Option<String>,
    nonce: Option<String>,
    include_granted: bool,
    /// Files are to be picked on the way.
    pub pick: Option<Pick>,
}

/// What a person may pick, while the app stays on `drive.file`. Source: "Use the Google Picker for desktop apps".
#[derive(Clone)]
pub(crate) struct Pick {
    pub several: bool,
    pub folders: bool,
    /// Empty = any.
    pub kinds: Vec<String>,
}

/// Shown on the page; never redirected.
#[derive(Debug)]
pub(crate) struct Refused {
    pub status: StatusCode,
    pub error: &'static str,
    pub description: String,
}

fn refused(error: &'static str, description: impl Into<String>) -> Refused {
    Refused {
        status: StatusCode::BAD_REQUEST,
        error,
        description: description.into(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        pages::page(self.status, pages::refused(&self))
    }
}

/// Reads the query of an authorization request.
pub(crate) fn read(query: &str) -> Result<Asked, Refused> {
    let form = Form::parse(query.as_bytes());
    if let Some(name) = form.repeated() {
        return Err(refused(
            "invalid_request",
            format!("{name} was sent twice."),
        ));
    }
    let needed = |name: &str| {
        form.get(name).ok_or_else(|| {
            refused(
                "invalid_request",
                format!("Required parameter is missing: {name}"),
            )
        })
    };
    let client = clients::find(needed("client_id")?).ok_or(Refused {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_client",
        description: "The OAuth client was not found.".into(),
    })?;
    let redirect_uri = needed("redirect_uri")?;
    client
        .check_redirect(redirect_uri)
        .map_err(|(error, why)| refused(error, why))?;
    if needed("response_type")? != "code" {
        return Err(refused(
            "unsupported_response_type",
            "Installed apps use response_type=code.",
        ));
    }
    let scopes = scopes::read(needed("scope")?).map_err(|unknown| {
        refused(
            "invalid_scope",
            format!("Some requested scopes were invalid: {unknown}"),
        )
    })?;
    if scopes.is_empty() {
        return Err(refused(
            "invalid_request",
            "Required parameter is missing: scope",
        ));
    }
    let prompts: Vec<&str> = form
        .get("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    if let Some(unknown) = prompts
        .iter()
        .find(|prompt| !["none", "consent", "select_account"].contains(prompt))
    {
        return Err(refused(
            "invalid_request",
            format!("Invalid prompt: {unknown}"),
        ));
    }
    if prompts.contains(&"none") && prompts.len() > 1 {
        return Err(refused("invalid_request", "prompt=none can't be combined."));
    }
    one_of(&form, "access_type", &["offline", "online"])?;
    one_of(&form, "response_mode", &["query"])?;
    one_of(&form, "include_granted_scopes", &["true", "false"])?;
    one_of(&form, "enable_granular_consent", &["true", "false"])?;
    let pick = pick(&form, &scopes, &prompts)?;
    Ok(Asked {
        client,
        scopes,
        login_hint: form.get("login_hint").map(str::to_owned),
        silent: prompts == ["none"],
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge(&form)?,
        state: form.get("state").map(str::to_owned),
        nonce: form.get("nonce").map(str::to_owned),
        include_granted: form.get("include_granted_scopes") == Some("true"),
        pick,
    })
}

const DRIVE_FILE: &str = "https://www.googleapis.com/auth/drive.file";

fn pick(form: &Form, scopes: &[String], prompts: &[&str]) -> Result<Option<Pick>, Refused> {
    for name in [
        "trigger_onepick",
        "allow_multiple",
        "allow_folder_selection",
    ] {
        one_of(form, name, &["true", "false"])?;
    }
    if form.get("trigger_onepick") != Some("true") {
        return Ok(None);
    }
    if scopes != [DRIVE_FILE] {
        return Err(refused(
            "invalid_request",
            "trigger_onepick goes with the scope drive.file and no other.",
        ));
    }
    if prompts != ["consent"] || form.get("include_granted_scopes") == Some("true") {
        return Err(refused(
            "invalid_request",
            "trigger_onepick goes with prompt=consent and without include_granted_scopes.",
        ));
    }
    let kinds = form.get("mimetypes").unwrap_or_default().split(',');
    Ok(Some(Pick {
        several: form.get("allow_multiple") == Some("true"),
        folders: form.get("allow_folder_selection") == Some("true"),
        kinds: kinds
            .filter(|kind| !kind.is_empty())
            .map(str::to_owned)
            .collect(),
    }))
}

impl Pick {
    /// What the picker offers of an account's files.
    pub fn offered(&self, app: &App, account: &GoogleAccount) -> Vec<disk::Item> {
        let mut files = disk::pickable(app, &account.email);
        files.retain(|item| {
            (self.folders || !item.is_folder())
                && (self.kinds.is_empty() || self.kinds.contains(&item.mime_type))
        });
        files
    }
}

fn one_of(form: &Form, name: &str, allowed: &[&str]) -> Result<(), Refused> {
    match form.get(name) {
        Some(value) if !allowed.contains(&value) => Err(refused(
            "invalid_request",
            format!("Invalid parameter value for {name}: {value}"),
        )),
        _ => Ok(()),
    }
}

/// Stricter than Google, which lets PKCE be absent or `plain`: nothing of ours may ever do that.
fn challenge(form: &Form) -> Result<String, Refused> {
    let Some(challenge) = form.get("code_challenge") else {
        return Err(refused(
            "invalid_request",
            "The sandbox insists on PKCE: code_challenge is missing.",
        ));
    };
    if form.get("code_challenge_method") != Some("S256") {
        return Err(refused(
            "invalid_request",
            "The sandbox insists on code_challenge_method=S256.",
        ));
    }
    match URL_SAFE_NO_PAD.decode(challenge) {
        Ok(hash) if hash.len() == 32 => Ok(challenge.to_owned()),
        _ => Err(refused("invalid_grant", "The code_challenge is malformed.")),
    }
}

/// What the person decided.
pub(crate) enum Decision<'a> {
    /// These scopes, a part of those asked.
    Allow {
        account: &'a GoogleAccount,
        scopes: Vec<String>,
        /// Ids of files, when some were to be picked.
        picked: Vec<String>,
    },
    Error(&'static str),
}

impl Asked {
    /// Issues a code where one is due, and gives the address to send the browser to.
    pub fn redirect(&self, app: &App, decision: Decision<'_>) -> String {
        let mut query = vec![];
        if let Some(state) = &self.state {
            query.push(("state", state.clone()));
        }
        let now = app.clock.now();
        let picked = match &decision {
            Decision::Allow {
                account, picked, ..
            } => disk::pick(app, &account.email, picked),
            Decision::Error(_) => Vec::new(),
        };
        app.state.write::<Google, _>(|google| {
            if let Some(iss) = &google.settings.iss {
                query.push(("iss", iss.clone()));
            }
            match decision {
                Decision::Allow {
                    account, scopes, ..
                } if !scopes.is_empty() => {
                    let earlier = if self.include_granted {
                        google.granted_scopes(&account.email)
                    } else {
                        Vec::new()
                    };
                    let scopes = scopes::in_order(|scope| {
                        scopes
                            .iter()
                            .chain(&earlier)
                            .any(|granted| granted == scope)
                    });
                    query.push(("scope", scopes.join(" ")));
                    // Google adds these too; a receiver has to step over what it doesn't know.
                    query.push(("authuser", "0".into()));
                    query.push(("prompt", "consent".into()));
                    let consent = Consent {
                        account: account.email.clone(),
                        client_id: self.client.id.into(),
                        redirect_uri: self.redirect_uri.clone(),
                        challenge: self.challenge.clone(),
                        scopes,
                        nonce: self.nonce.clone(),
                    };
                    query.push(("code", google.issue_code(consent, now)));
                    if !picked.is_empty() {
                        query.push(("picked_file_ids", picked.join(",")));
                    }
                }
                Decision::Allow { .. } => query.push(("error", "access_denied".into())),
                Decision::Error(error) => query.push(("error", error.into())),
            }
        });
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let joint = if self.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        format!("{}{joint}{}", self.redirect_uri, query.join("&"))
    }
}

pub(crate) async fn page(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    match read(query.as_deref().unwrap_or_default()) {
        Err(refused) => refused.into_response(),
        // No browser is ever signed in here, so a silent answer is always this one.
        Ok(asked) if asked.silent => {
            found(&asked.redirect(&app, Decision::Error("interaction_required")))
        }
        Ok(asked) => {
            let now = app.clock.now();
            let hint = asked.login_hint.clone();
            let request = app
                .state
                .write::<Consents, _>(|consents| consents.begin(asked, now));
            pages::page(
                StatusCode::OK,
                pages::accounts(&app.state.seed().google_accounts, &request, hint.as_deref()),
            )
        }
    }
}

/// 302, which browsers follow into a custom scheme while they stay on the page.
pub(crate) fn found(location: &str) -> Response {
    (
        StatusCode::FOUND,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store"),
        ],
    )
        .into_response()
}
