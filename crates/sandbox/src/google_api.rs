//! What all Google APIs share: bearer tokens and the shape of errors.
//! Source: "Resolve errors" of Gmail and Drive; `google.rpc.ErrorInfo`.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::control::mistake;
use crate::google_oauth::grants::Google;
use crate::seed::GoogleAccount;
use crate::server::App;

/// Who a request comes from, and what it may do.
pub(crate) struct Bearer {
    pub account: GoogleAccount,
    scopes: Vec<String>,
}

impl Bearer {
    /// Who opened an upload session. What it may do was looked at then.
    pub fn of_session(account: GoogleAccount) -> Bearer {
        Bearer {
            account,
            scopes: Vec::new(),
        }
    }

    /// Refuses with 403 unless one of these scopes was granted.
    pub fn needs(&self, scopes: &[&str], service: &str, method: &str) -> Result<(), Refusal> {
        if self.has_any(scopes) {
            Ok(())
        } else {
            Err(scope_insufficient(service, method).into())
        }
    }

    pub fn has_any(&self, scopes: &[&str]) -> bool {
        self.scopes
            .iter()
            .any(|granted| scopes.contains(&granted.as_str()))
    }
}

/// An answer that refuses; boxed, since it travels as an `Err`.
pub(crate) struct Refusal(Box<Response>);

impl From<Response> for Refusal {
    fn from(response: Response) -> Refusal {
        Refusal(Box::new(response))
    }
}

impl From<Unauthenticated> for Refusal {
    fn from(why: Unauthenticated) -> Refusal {
        why.into_response().into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// Why a request has no bearer.
#[derive(Clone, Copy)]
pub(crate) enum Unauthenticated {
    Missing,
    /// Expired, revoked or never issued: Google doesn't tell which.
    Invalid,
}

/// Reads `Authorization: Bearer`. A token in the query is not looked at: ours must never put one there.
pub(crate) fn bearer(app: &App, headers: &HeaderMap) -> Result<Bearer, Unauthenticated> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
        .map(|(_, token)| token)
        .ok_or(Unauthenticated::Missing)?;
    let now = app.clock.now();
    let found = app.state.read::<Google, _>(|google| {
        google
            .grant_of(token, now)
            .map(|grant| (grant.account.clone(), grant.scopes.clone()))
    });
    found
        .and_then(|(email, scopes)| {
            app.state
                .seed()
                .google_account(&email)
                .cloned()
                .map(|account| Bearer { account, scopes })
        })
        .ok_or(Unauthenticated::Invalid)
}

impl IntoResponse for Unauthenticated {
    fn into_response(self) -> Response {
        let (reason, short, info) = match self {
            Unauthenticated::Missing => ("required", "Login Required.", "CREDENTIALS_MISSING"),
            Unauthenticated::Invalid => {
                ("authError", "Invalid Credentials", "ACCESS_TOKEN_EXPIRED")
            }
        };
        let failure = Failure {
            status: StatusCode::UNAUTHORIZED,
            message: "Request had invalid authentication credentials. Expected an OAuth 2 access token.",
            reason,
            short,
            info: Some(json!({ "reason": info, "metadata": {} })),
            location: Some(("Authorization", "header")),
        };
        let challenge = HeaderValue::from_static(
            "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
        );
        ([(header::WWW_AUTHENTICATE, challenge)], failure.answer()).into_response()
    }
}

/// 403: the token is fine, its scopes don't cover the call.
pub(crate) fn scope_insufficient(service: &str, method: &str) -> Response {
    Failure {
        status: StatusCode::FORBIDDEN,
        message: "Request had insufficient authentication scopes.",
        reason: "insufficientPermissions",
        short: "Insufficient Permission",
        info: Some(json!({
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "metadata": { "service": service, "method": method },
        })),
        location: None,
    }
    .answer()
}

/// 400 for one parameter of the query.
pub(crate) fn bad_parameter(name: &str, reason: &str, message: &str) -> Response {
    Failure {
        status: StatusCode::BAD_REQUEST,
        message,
        reason,
        short: message,
        info: None,
        location: Some((name, "parameter")),
    }
    .answer()
}

/// 403 without a word on scopes.
pub(crate) fn forbidden(message: &str) -> Response {
    Failure {
        status: StatusCode::FORBIDDEN,
        message,
        reason: "forbidden",
        short: message,
        info: None,
        location: None,
    }
    .answer()
}

/// 400 for something in the body.
pub(crate) fn invalid(message: impl AsRef<str>) -> Refusal {
    error(StatusCode::BAD_REQUEST, "invalidArgument", message)
}

pub(crate) fn not_found(message: impl AsRef<str>) -> Refusal {
    error(StatusCode::NOT_FOUND, "notFound", message)
}

/// An error that only this service has.
pub(crate) fn error(status: StatusCode, reason: &str, message: impl AsRef<str>) -> Refusal {
    Failure {
        status,
        message: message.as_ref(),
        reason,
        short: message.as_ref(),
        info: None,
        location: None,
    }
    .answer()
    .into()
}

/// A JSON object with none but the known names: a misspelt one has to show.
pub(crate) fn object(body: &[u8], known: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let value: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body)
            .map_err(|_| error(StatusCode::BAD_REQUEST, "parseError", "Parse Error"))?
    };
    let Value::Object(object) = value else {
        return Err(invalid(
            "Invalid JSON payload received. Root element must be a message.",
        ));
    };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(unknown) => Err(invalid(format!(
            "Invalid JSON payload received. Unknown name \"{unknown}\": Cannot find field."
        ))),
        None => Ok(object),
    }
}

/// The body's failure to arrive in a Google error.
pub(crate) fn too_large(message: &str) -> Refusal {
    error(StatusCode::PAYLOAD_TOO_LARGE, "uploadTooLarge", message)
}

/// The address of an account as a control request names it.
pub(crate) fn seeded(app: &App, account: &str) -> Result<String, Refusal> {
    let known = app.state.seed().google_account(account);
    known
        .map(|account| account.email.clone())
        .ok_or_else(|| mistake(StatusCode::NOT_FOUND, format!("no account {account}")).into())
}

/// A disk that fails is the only reason.
pub(crate) fn broken(error_: std::io::Error) -> Refusal {
    tracing::warn!(error = %error_, "the sandbox could not keep a file");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, None).into()
}

/// Any other status, as the front end words it.
pub(crate) fn refusal(status: StatusCode, _wait: Option<u64>) -> Response {
    let (reason, message) = match status.as_u16() {
        404 => ("notFound", "Not Found"),
        413 => ("uploadTooLarge", "Request Too Large"),
        429 => ("rateLimitExceeded", "Rate Limit Exceeded"),
        403 => ("forbidden", "Forbidden"),
        400..500 => ("badRequest", "Bad Request"),
        _ => ("backendError", "Backend Error"),
    };
    Failure {
        status,
        message,
        reason,
        short: message,
        info: None,
        location: None,
    }
    .answer()
}

struct Failure<'a> {
    status: StatusCode,
    message: &'a str,
    reason: &'a str,
    short: &'a str,
    info: Option<Value>,
    location: Option<(&'a str, &'a str)>,
}

impl Failure<'_> {
    fn answer(self) -> Response {
        let mut item = json!({ "message": self.short, "domain": "global", "reason": self.reason });
        if let Some((location, kind)) = self.location {
            item["location"] = location.into();
            item["locationType"] = kind.into();
        }
        let mut error =
            json!({ "code": self.status.as_u16(), "message": self.message, "errors": [item] });
        if let Some(status) = canonical(self.status) {
            error["status"] = status.into();
        }
        if let Some(mut info) = self.info {
            info["@type"] = "type.googleapis.com/google.rpc.ErrorInfo".into();
            info["domain"] = "googleapis.com".into();
            error["details"] = json!([info]);
        }
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

/// The name of a status in `google.rpc.Code`.
fn canonical(status: StatusCode) -> Option<&'static str> {
    Some(match status.as_u16() {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ALREADY_EXISTS",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => return None,
    })
}
