//! The token endpoint: exchange, renewal, revocation, on the `oauth2` crate over our own HTTP client.
//!
//! Judges answers by one rule (design §5): only an HTTP 4xx with a JSON OAuth `error` is a verdict.
//! Errors here carry codes and statuses, never a body: the crate's own parse error holds the raw answer.

mod lives;

use std::sync::Mutex;

use futures_core::future::BoxFuture;
use integrations::{Endpoints, Integration, TokenError, TokenVerdict, Unreachable, code_word};
use model::Secret;
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client as OauthClient, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenIntrospectionResponse, StandardTokenResponse,
    TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};

use crate::{clients::Client, wire};

const MAX_BODY: usize = 1 << 20;

/// What providers add to RFC 6749 §5.1.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MoreFields {
    refresh_token_expires_in: Option<u64>,
}

impl ExtraTokenFields for MoreFields {}

type TokenClient<A = oauth2::EndpointNotSet, T = oauth2::EndpointNotSet> = OauthClient<
    BasicErrorResponse,
    StandardTokenResponse<MoreFields, BasicTokenType>,
    StandardTokenIntrospectionResponse<EmptyExtraTokenFields, BasicTokenType>,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    A,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    T,
>;

/// What a token endpoint gave.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    /// Seconds from the moment of the answer.
    pub(crate) expires_in: Option<u64>,
    pub(crate) refresh: Option<Secret>,
    pub(crate) refresh_expires_in: Option<u64>,
    /// `None` = exactly what was asked (RFC 6749 §5.1).
    pub(crate) scopes: Option<Vec<String>>,
}

/// Why it gave none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TokenFailure {
    /// The server's own word.
    Verdict {
        verdict: TokenVerdict,
        error: String,
    },
    /// An answer, but none of a token endpoint: 5xx, a page of HTML, a bare 403.
    NoVerdict { status: u16 },
    /// `sent` = the request may have been carried out all the same.
    Unreachable { why: Unreachable, sent: bool },
    /// The registration or profile names no usable endpoint.
    Misconfigured,
}

/// A fresh verifier and its S256 challenge (RFC 7636 §4.1, §4.2), made per attempt.
pub(crate) fn fresh_pkce() -> (PkceCodeChallenge, Secret) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    (challenge, Secret::new(verifier.secret().clone()))
}

pub(crate) struct AuthorizeAddress<'a> {
    pub(crate) client: &'a Client,
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) state: &'a Secret,
    pub(crate) challenge: PkceCodeChallenge,
    pub(crate) params: Vec<(String, String)>,
}

/// The address the system browser opens.
pub(crate) fn authorize_url(ask: AuthorizeAddress<'_>) -> Option<String> {
    let url = AuthUrl::from_url(ask.endpoints.get("authorize").ok()?.clone());
    let client: TokenClient = TokenClient::new(ClientId::new(ask.client.name.client_id.clone()));
    let client = client
        .set_auth_uri(url)
        .set_redirect_uri(RedirectUrl::new(ask.redirect_uri.to_owned()).ok()?);
    let state = ask.state.expose().to_owned();
    let mut request = client
        .authorize_url(|| CsrfToken::new(state))
        .add_scopes(ask.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(ask.challenge);
    for (name, value) in ask.params {
        request = request.add_extra_param(name, value);
    }
    Some(request.url().0.into())
}

pub(crate) async fn exchange(
    http: &reqwest::Client,
    integration: &dyn Integration,
    endpoints: &Endpoints,
    client: &Client,
    code: &Secret,
    verifier: &Secret,
    redirect_uri: &str,
) -> Result<Tokens, TokenFailure> {
    let wire = Wire::new(http);
    let oauth = token_client(endpoints, client)?.set_redirect_uri(
        RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| TokenFailure::Misconfigured)?,
    );
    let answer = oauth
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
        .request_async(&wire)
        .await;
    wire.heard.judge(integration, answer)
}

pub(crate) async fn renew(
    http: &reqwest::Client,
    integration: &dyn Integration,
    endpoints: &Endpoints,
    client: &Client,
    refresh: &Secret,
) -> Result<Tokens, TokenFailure> {
    let wire = Wire::new(http);
    let oauth = token_client(endpoints, client)?;
    let answer = oauth
        .exchange_refresh_token(&RefreshToken::new(refresh.expose().to_owned()))
        .request_async(&wire)
        .await;
    wire.heard.judge(integration, answer)
}

/// RFC 7009: any 2xx is done, and so is a 4xx with an OAuth error, because the token is dead already.
/// 503 and the like mean it is still alive.
pub(crate) async fn revoke(
    http: &reqwest::Client,
    endpoints: &Endpoints,
    client: &Client,
    token: &Secret,
) -> Result<(), TokenFailure> {
    let url = endpoints
        .get("revoke")
        .map_err(|_| TokenFailure::Misconfigured)?
        .clone();
    let mut form = vec![
        ("token", token.expose()),
        ("client_id", client.name.client_id.as_str()),
    ];
    if let Some(secret) = &client.secret {
        form.push(("client_secret", secret.expose()));
    }
    let answer = http.post(url).form(&form).send().await;
    let mut answer = answer.map_err(|error| unanswered(&error))?;
    let status = answer.status();
    let body = match bounded(&mut answer).await {
        // Half a page is no word either, whatever its status.
        Err(error) if status.is_success() => return Err(unanswered(&error)),
        body => body.ok().flatten(),
    };
    let done = body.is_some_and(|body| {
        if status.is_success() {
            // A captive portal also says 200, with a page: only an empty or JSON body counts.
            body.trim_ascii().is_empty()
                || serde_json::from_slice::<serde_json::Value>(&body).is_ok()
        } else {
            status.is_client_error()
                && status != 429
                && spoken_error(&body).is_some_and(|error| names_a_dead_token(&error))
        }
    });
    if done {
        Ok(())
    } else {
        Err(TokenFailure::NoVerdict {
            status: status.as_u16(),
        })
    }
}

/// RFC 7009 §2.2.1 has invalid tokens answered with success; Google says `invalid_token`, and others `invalid_grant`.
/// What else is refused, the registration above all, says nothing about the token.
fn names_a_dead_token(error: &SpokenError) -> bool {
    matches!(error.error.as_str(), "invalid_token" | "invalid_grant")
}

/// All of an answer; `None` when it is longer than any word of a token endpoint.
async fn bounded(answer: &mut reqwest::Response) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn token_client(
    endpoints: &Endpoints,
    client: &Client,
) -> Result<TokenClient<oauth2::EndpointNotSet, oauth2::EndpointSet>, TokenFailure> {
    let url = endpoints
        .get("token")
        .map_err(|_| TokenFailure::Misconfigured)?
        .clone();
    let mut oauth: TokenClient = TokenClient::new(ClientId::new(client.name.client_id.clone()))
        .set_auth_type(AuthType::RequestBody);
    if let Some(secret) = &client.secret {
        oauth = oauth.set_client_secret(ClientSecret::new(secret.expose().to_owned()));
    }
    Ok(oauth.set_token_uri(TokenUrl::from_url(url)))
}

#[derive(Deserialize)]
struct SpokenError {
    error: String,
    error_subtype: Option<String>,
}

fn spoken_error(body: &[u8]) -> Option<SpokenError> {
    // What isn't UTF-8 isn't JSON (RFC 8259 §8.1), also where nobody reads it.
    serde_json::from_str(str::from_utf8(body).ok()?).ok()
}

/// One call's HTTP side, remembering what the judgement needs and the crate doesn't keep.
struct Wire {
    http: reqwest::Client,
    heard: Heard,
}

/// The last answer.
#[derive(Default)]
struct Heard(Mutex<Option<Seen>>);

struct Seen {
    status: u16,
    spoken: Option<SpokenError>,
}

#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct NoAnswer(TokenFailure);

fn unanswered(error: &reqwest::Error) -> TokenFailure {
    TokenFailure::Unreachable {
        why: Unreachable::of(error),
        sent: wire::may_have_arrived(error),
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = NoAnswer;
    type Future = BoxFuture<'c, Result<HttpResponse, NoAnswer>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Wire {
    fn new(http: &reqwest::Client) -> Self {
        Self {
            http: http.clone(),
            heard: Heard::default(),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let failed = |error: reqwest::Error| NoAnswer(unanswered(&error));
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut answer = self.http.execute(request).await.map_err(failed)?;
        let status = answer.status();
        // What is too long to be read says nothing.
        let body = bounded(&mut answer)
            .await
            .map_err(failed)?
            .unwrap_or_default();
        Ok(self.heard.take_in(status, body))
    }
}

impl Heard {
    /// Remembers an answer, and hands it to the crate.
    fn take_in(&self, status: http::StatusCode, body: Vec<u8>) -> HttpResponse {
        let seen = Seen {
            status: status.as_u16(),
            spoken: spoken_error(&body),
        };
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(seen);
        let mut response = HttpResponse::new(lives::in_whole_seconds(body));
        *response.status_mut() = status;
        // No header is handed on: the crate refuses JSON sent as text/html, which some proxies make of it.
        response
    }

    fn judge(
        self,
        integration: &dyn Integration,
        answer: Result<
            StandardTokenResponse<MoreFields, BasicTokenType>,
            RequestTokenError<NoAnswer, BasicErrorResponse>,
        >,
    ) -> Result<Tokens, TokenFailure> {
        let seen = self
            .0
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match answer {
            Ok(tokens) if !could_be_tokens(&tokens) => Err(TokenFailure::NoVerdict {
                status: seen.map_or(0, |seen| seen.status),
            }),
            Ok(tokens) => Ok(Tokens {
                access: Secret::new(tokens.access_token().secret().clone()),
                expires_in: tokens.expires_in().map(|life| life.as_secs()),
                // Nothing is as good as none: it must not take the place of one that works.
                refresh: tokens
                    .refresh_token()
                    .filter(|token| !token.secret().is_empty())
                    .map(|token| Secret::new(token.secret().clone())),
                refresh_expires_in: tokens.extra_fields().refresh_token_expires_in,
                scopes: tokens
                    .scopes()
                    .map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
            }),
            Err(RequestTokenError::Request(NoAnswer(failure))) => Err(failure),
            Err(_) => match seen {
                Some(Seen {
                    status,
                    spoken: Some(spoken),
                }) if (400..500).contains(&status) && status != 429 => {
                    let heard = TokenError {
                        status,
                        error: spoken.error.clone(),
                        subtype: spoken.error_subtype,
                    };
                    Err(TokenFailure::Verdict {
                        verdict: integration.judge_token_error(&heard),
                        error: code_word(&spoken.error),
                    })
                }
                Some(Seen { status, .. }) => Err(TokenFailure::NoVerdict { status }),
                None => Err(TokenFailure::Misconfigured),
            },
        }
    }
}

/// Are they made of what tokens are made of (RFC 6749 A.12, A.17)? Anything else could never be sent.
fn could_be_tokens(tokens: &StandardTokenResponse<MoreFields, BasicTokenType>) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let access = tokens.access_token().secret();
    !access.is_empty()
        && plain(access)
        && tokens
            .refresh_token()
            .is_none_or(|token| plain(token.secret()))
}

/// What a renewal makes of an answer, without a network.
#[cfg(any(test, fuzzing))]
pub(crate) fn made_of(
    integration: &dyn Integration,
    status: http::StatusCode,
    body: &[u8],
) -> Option<Result<Tokens, TokenFailure>> {
    use futures_util::FutureExt as _;

    struct Said<'a>(&'a Heard, http::StatusCode, &'a [u8]);
    impl<'c> AsyncHttpClient<'c> for Said<'c> {
        type Error = NoAnswer;
        type Future = std::future::Ready<Result<HttpResponse, NoAnswer>>;

        fn call(&'c self, _: HttpRequest) -> Self::Future {
            std::future::ready(Ok(self.0.take_in(self.1, self.2.to_vec())))
        }
    }

    let heard = Heard::default();
    let url = TokenUrl::new("https://example.org/token".to_owned()).ok()?;
    let client: TokenClient = TokenClient::new(ClientId::new("id".to_owned()));
    let answer = client
        .set_token_uri(url)
        .exchange_refresh_token(&RefreshToken::new("spent".to_owned()))
        .request_async(&Said(&heard, status, body))
        .now_or_never()?;
    Some(heard.judge(integration, answer))
}
