//! The pages between an authorization request and its redirect: choose an account, tick permissions, allow or cancel.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::authorize::{Asked, Decision, Refused, found};
use super::{pages, scopes};
use crate::clock::Millis;
use crate::form::{Form, encode};
use crate::seed::GoogleAccount;
use crate::server::App;
use crate::state::{Section, fresh_token};

/// A sign-in page left open longer is told to start again.
const PAGE_LIFE_MS: Millis = 60 * 60 * 1000;

/// Sign-ins under way. They live in memory only: a restart ends them, as it would a browser page.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Consents {
    #[serde(skip)]
    under_way: BTreeMap<String, UnderWay>,
}

impl Section for Consents {
    const NAME: &'static str = "google_consents";
}

#[derive(Clone)]
struct UnderWay {
    asked: Asked,
    account: Option<String>,
    since: Millis,
}

impl Consents {
    pub fn begin(&mut self, asked: Asked, now: Millis) -> String {
        self.under_way
            .retain(|_, one| now - one.since < PAGE_LIFE_MS);
        let request = fresh_token("");
        self.under_way.insert(
            request.clone(),
            UnderWay {
                asked,
                account: None,
                since: now,
            },
        );
        request
    }
}

fn gone() -> Refused {
    Refused {
        status: StatusCode::BAD_REQUEST,
        error: "page_expired",
        description: "This sign-in page is no longer valid. Start again from the app.".into(),
    }
}

fn find(app: &App, form: &Form) -> Result<(String, UnderWay), Refused> {
    let request = form.get("request").ok_or_else(gone)?;
    let one = app
        .state
        .read::<Consents, _>(|consents| consents.under_way.get(request).cloned());
    one.map(|one| (request.to_owned(), one)).ok_or_else(gone)
}

/// `GET /google/consent?request=…[&switch=1]`
pub(crate) async fn page(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let (request, one) = find(&app, &form)?;
    let seed = app.state.seed();
    let account = one
        .account
        .as_deref()
        .and_then(|email| seed.google_account(email));
    let html = match account {
        Some(account) if form.get("switch").is_none() => {
            let files = one.asked.pick.as_ref();
            let files = files.map_or_else(Vec::new, |pick| pick.offered(&app, account));
            pages::permissions(account, &request, &one.asked, &files)
        }
        _ => pages::accounts(
            &seed.google_accounts,
            &request,
            one.asked.login_hint.as_deref(),
        ),
    };
    Ok(pages::page(StatusCode::OK, html))
}

/// `POST /google/consent/account`: `request`, `account`.
pub(crate) async fn choose_account(
    State(app): State<App>,
    body: String,
) -> Result<Response, Refused> {
    let form = Form::parse(body.as_bytes());
    let (request, _) = find(&app, &form)?;
    let account = form
        .get("account")
        .and_then(|email| app.state.seed().google_account(email))
        .ok_or_else(gone)?;
    app.state.write::<Consents, _>(|consents| {
        if let Some(one) = consents.under_way.get_mut(&request) {
            one.account = Some(account.email.clone());
        }
    });
    let next = format!("/google/consent?request={}", encode(&request));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, next)]).into_response())
}

/// `POST /google/consent/decide`: `request`, `decision` = `allow` or `deny`, `scope` once for each ticked box, `pick`
/// once for each picked file.
pub(crate) async fn decide(State(app): State<App>, body: String) -> Result<Response, Refused> {
    let form = Form::parse(body.as_bytes());
    let (request, one) = find(&app, &form)?;
    let seed = app.state.seed();
    let decision = match (
        form.get("decision"),
        one.account
            .as_deref()
            .and_then(|email| seed.google_account(email)),
    ) {
        (Some("deny"), _) => Decision::Error("access_denied"),
        (Some("allow"), Some(account)) => {
            let ticked: Vec<&str> = form.all("scope").collect();
            if ticked
                .iter()
                .any(|ticked| !one.asked.scopes.iter().any(|asked| asked == ticked))
            {
                return Err(gone());
            }
            let picked: Vec<String> = form.all("pick").map(str::to_owned).collect();
            if !may_pick(&app, &one.asked, account, &picked) {
                return Err(gone());
            }
            Decision::Allow {
                account,
                scopes: agreed(&one.asked, |scope| ticked.contains(&scope)),
                picked,
            }
        }
        _ => return Err(gone()),
    };
    // Taken out before the code exists: two clicks on Allow give one code.
    if app
        .state
        .write::<Consents, _>(|consents| consents.under_way.remove(&request))
        .is_none()
    {
        return Err(gone());
    }
    Ok(found(&one.asked.redirect(&app, decision)))
}

/// Whether these files were offered.
pub(crate) fn may_pick(
    app: &App,
    asked: &Asked,
    account: &GoogleAccount,
    picked: &[String],
) -> bool {
    let Some(pick) = &asked.pick else {
        return picked.is_empty();
    };
    let offered = pick.offered(app, account);
    (pick.several || picked.len() <= 1)
        && picked
            .iter()
            .all(|id| offered.iter().any(|item| item.id == *id))
}

/// The scopes granted when these boxes are ticked: sign-in scopes have none and always come along.
pub(crate) fn agreed(asked: &Asked, ticked: impl Fn(&str) -> bool) -> Vec<String> {
    asked
        .scopes
        .iter()
        .filter(|scope| scopes::is_sign_in(scope) || ticked(scope))
        .cloned()
        .collect()
}
