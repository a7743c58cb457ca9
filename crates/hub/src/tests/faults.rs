//! The token calls' half of the fault table, and what no fault does, whichever call it meets: end a grant.
//!
//! The other half, every call to a service's own interface, is in the integrations' crate. One test a fault, so that
//! docs/reliability.md can name it; the stand-in is the same.

use std::{collections::BTreeMap, time::Duration};

use integrations::{Endpoints, Unreachable};
use model::{ConnectionId, Secret, Status};
use sandbox::rude::{self, ENDLESS, Rude, Rudeness, answer};
use url::Url;
use vault::{ClientName, Credential, Grant, Item};

use super::world::World;
use crate::{
    broker::NoToken,
    calls::CallFailure,
    clients::Client,
    oauth::{self, TokenFailure},
};

const ANNA: &str = "anna@example.org";
const DAY_S: i64 = 24 * 3600;

/// Whom a token call reaches instead of the service.
enum Instead {
    Server(Rudeness),
    /// An address at which no HTTP is spoken.
    Address(Url),
}

struct Fault {
    instead: Instead,
    /// What exchange, renewal and revocation alike come to; `None` = all is well.
    failure: Option<TokenFailure>,
    /// What the connection is said to be, once a probe met it at the service itself.
    status: &'static str,
}

fn unreachable(why: Unreachable) -> Option<TokenFailure> {
    let sent = matches!(why, Unreachable::Broken | Unreachable::Timeout);
    Some(TokenFailure::Unreachable { why, sent })
}

fn no_verdict(status: u16) -> Option<TokenFailure> {
    Some(TokenFailure::NoVerdict { status })
}

impl Fault {
    fn server(rudeness: Rudeness, failure: Option<TokenFailure>) -> Self {
        Self {
            instead: Instead::Server(rudeness),
            failure,
            status: "service_down",
        }
    }

    fn said(bytes: Vec<u8>, status: u16) -> Self {
        Self::server(Rudeness::Say(bytes), no_verdict(status))
    }

    fn address(url: Url, why: Unreachable) -> Self {
        Self {
            instead: Instead::Address(url),
            failure: unreachable(why),
            status: "service_down",
        }
    }

    /// Its address, and who listens there.
    async fn begin(&self) -> (Url, Rude) {
        match &self.instead {
            Instead::Server(rudeness) => {
                let rude = Rude::start(Vec::new(), Some(rudeness.clone()));
                let rude = rude.await.unwrap();
                (rude.base.clone(), rude)
            }
            Instead::Address(url) => {
                let unheard = Rude::start(Vec::new(), None).await.unwrap();
                (url.clone(), unheard)
            }
        }
    }

    fn client(&self) -> reqwest::Client {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        // Half a minute in earnest. Whoever never answers is found out by a shorter one as well.
        let builder = match self.instead {
            Instead::Server(Rudeness::Silence) => builder.timeout(Duration::from_millis(200)),
            _ => builder,
        };
        builder.build().unwrap()
    }

    async fn holds(self) {
        self.ends_the_three_calls_alike().await;
        let world = World::new().await;
        let id = world.connect("gmail", ANNA).await.id;
        self.ends_no_grant_at_the_token_endpoint(&world, id).await;
        self.ends_no_grant_at_the_service(&world, id).await;
    }

    async fn ends_the_three_calls_alike(&self) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let gmail = integrations::find(&"gmail".into()).unwrap();
        let client = Client {
            name: ClientName {
                provider: "google".into(),
                kind: "desktop".to_owned(),
                client_id: "client".to_owned(),
            },
            secret: Some(Secret::new("canary-secret".to_owned())),
        };
        let token = Secret::new("canary-token".to_owned());
        let http = self.client();
        for call in ["exchange", "renew", "revoke"] {
            let (url, rude) = self.begin().await;
            let roles = ["token", "revoke"].map(|role| (role.to_owned(), url.clone()));
            let endpoints = Endpoints::new(BTreeMap::from(roles)).unwrap();
            let ended = match call {
                "exchange" => {
                    let redirect = "http://127.0.0.1:9/";
                    oauth::exchange(&http, gmail, &endpoints, &client, &token, &token, redirect)
                        .await
                        .map(drop)
                }
                "renew" => oauth::renew(&http, gmail, &endpoints, &client, &token)
                    .await
                    .map(drop),
                _ => oauth::revoke(&http, &endpoints, &client, &token).await,
            };
            assert_eq!(ended.as_ref().err(), self.failure.as_ref(), "{call}");
            assert!(!format!("{ended:?}").contains("canary"), "{ended:?}");
            let heard = rude.heard().len();
            assert!(heard <= 1, "{call} was asked {heard} times");
            assert!(rude.written() < ENDLESS, "{call} took all of it");
        }
    }

    /// A renewal meets the fault, again and again; then it is over.
    async fn ends_no_grant_at_the_token_endpoint(&self, world: &World, id: ConnectionId) {
        let (url, rude) = self.begin().await;
        let before = kept(world, id).await;
        let usual = world.core().http.get();
        world.core().http.replace(self.client());
        let moved = put(world, id, aside(&before, &["token"], &url, true)).await;
        for tries in 1..=3 {
            let failure = world.core().probe(id).await.unwrap_err();
            let CallFailure::Token(NoToken::Transient(why)) = &failure else {
                panic!("{failure:?}");
            };
            assert_eq!(Some(why), self.failure.as_ref());
            assert!(rude.heard().len() <= tries, "it was asked behind our back");
            let row = world.core().roster.get(id).unwrap();
            let status = world.core().verdict(&failure, &row);
            assert_eq!(status.kind(), "service_down", "{status:?}");
        }
        assert_eq!(kept(world, id).await, moved);
        world.core().http.replace(usual);
        put(world, id, aside(&before, &[], &url, true)).await;
        assert!(world.core().probe(id).await.is_ok(), "the grant is lost");
    }

    /// The service's own interface meets the fault with a token that is good.
    async fn ends_no_grant_at_the_service(&self, world: &World, id: ConnectionId) {
        let (url, rude) = self.begin().await;
        let before = kept(world, id).await;
        let renewals = world.renewals().await;
        let usual = world.core().http.get();
        world.core().http.replace(self.client());
        let moved = put(world, id, aside(&before, &["api", "userinfo"], &url, false)).await;
        let failure = world.core().probe(id).await.unwrap_err();
        let row = world.core().roster.get(id).unwrap();
        let status = world.core().verdict(&failure, &row);
        assert_eq!(status.kind(), self.status, "{failure:?}");
        if let Status::RateLimited { until } = status {
            let wait = until.duration_since(world.core().clock.now()).as_secs();
            assert!((0..=DAY_S).contains(&wait), "{wait} seconds of silence");
        }
        assert!(rude.heard().len() <= 1);
        assert_eq!(world.renewals().await, renewals, "the token was good");
        assert_eq!(kept(world, id).await, moved);
        world.core().http.replace(usual);
        put(world, id, before).await;
        assert!(world.core().probe(id).await.is_ok(), "the grant is lost");
    }
}

async fn kept(world: &World, id: ConnectionId) -> Grant {
    let read = world.core().vault.read(&Item::Grant(id)).await;
    read.unwrap().expect("the grant is gone")
}

/// The same grant with these endpoints elsewhere, and its access token run out or not.
fn aside(grant: &Grant, roles: &[&str], url: &Url, ran_out: bool) -> Grant {
    let mut grant = grant.clone();
    for role in roles {
        grant.endpoints.insert((*role).to_owned(), url.to_string());
    }
    if let Credential::Oauth(oauth) = &mut grant.credential
        && ran_out
    {
        oauth.access_expires_at = Some(jiff::Timestamp::UNIX_EPOCH);
    }
    grant
}

async fn put(world: &World, id: ConnectionId, grant: Grant) -> Grant {
    let item = Item::Grant(id);
    world.core().vault.write(&item, &grant).await.unwrap();
    world.core().broker.hold(id).await.forget();
    grant
}

#[tokio::test]
async fn a_refused_connection_ends_no_grant() {
    Fault::address(rude::nobody().await.unwrap(), Unreachable::Connect)
        .holds()
        .await;
}

#[tokio::test]
async fn a_name_nobody_knows_ends_no_grant() {
    // Reserved so that it never exists (RFC 6761 §6.4).
    let nowhere = Url::parse("https://autopilot.invalid/").unwrap();
    Fault::address(nowhere, Unreachable::Dns).holds().await;
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_ends_no_grant() {
    let mail_server = Rudeness::Unasked(b"220 this is a mail server\r\n".to_vec());
    let rude = Rude::start(Vec::new(), Some(mail_server)).await.unwrap();
    let mut secure = rude.base.clone();
    secure.set_scheme("https").unwrap();
    Fault::address(secure, Unreachable::Tls).holds().await;
}

#[tokio::test]
async fn a_server_that_never_answers_ends_no_grant() {
    Fault::server(Rudeness::Silence, unreachable(Unreachable::Timeout))
        .holds()
        .await;
}

#[tokio::test]
async fn a_reset_before_the_answer_ends_no_grant() {
    let reset = Rudeness::Reset(Vec::new());
    Fault::server(reset, unreachable(Unreachable::Broken))
        .holds()
        .await;
}

#[tokio::test]
async fn a_reset_inside_the_answer_ends_no_grant() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"access_token\":\"canary";
    let reset = Rudeness::Reset(half.to_vec());
    Fault::server(reset, unreachable(Unreachable::Broken))
        .holds()
        .await;
}

#[tokio::test]
async fn a_page_of_html_ends_no_grant() {
    let page = "<!doctype html><title>Hotel</title><p>Please sign in to the network.</p>";
    Fault::said(answer(200, "text/html", page), 200)
        .holds()
        .await;
}

#[tokio::test]
async fn garbage_ends_no_grant() {
    let garbage = "{\"access_token\":\"canary\u{0}\u{fffd}]";
    Fault::said(answer(200, "application/json", garbage), 200)
        .holds()
        .await;
}

#[tokio::test]
async fn a_bare_403_ends_no_grant() {
    for body in ["", "Forbidden", "{}"] {
        Fault::said(answer(403, "text/plain", body), 403)
            .holds()
            .await;
    }
}

#[tokio::test]
async fn no_hint_of_a_429_ends_a_grant_or_silences_it_for_more_than_a_day() {
    for hint in [
        "-1",
        "1000000000000",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "NaN",
    ] {
        let said = format!(
            "HTTP/1.1 429 X\r\nretry-after: {hint}\r\ncontent-length: 25\r\nconnection: close\r\n\r\n{{\"error\":\"invalid_grant\"}}"
        );
        let mut fault = Fault::said(said.into_bytes(), 429);
        fault.status = "rate_limited";
        fault.holds().await;
    }
}

#[tokio::test]
async fn an_inner_error_ends_no_grant() {
    for status in [500, 503] {
        let body = r#"{"error":"invalid_grant"}"#;
        Fault::said(answer(status, "application/json", body), status)
            .holds()
            .await;
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed_and_ends_no_grant() {
    let elsewhere = Rude::start(Vec::new(), Some(Rudeness::Silence));
    let elsewhere = elsewhere.await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let said = format!(
            "HTTP/1.1 {status} X\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            elsewhere.base
        );
        Fault::said(said.into_bytes(), status).holds().await;
    }
    assert_eq!(elsewhere.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_body_of_100_mb_is_cut_off_and_ends_no_grant() {
    Fault::server(Rudeness::Endless, no_verdict(200))
        .holds()
        .await;
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_off_and_ends_no_grant() {
    Fault::server(Rudeness::Bomb, no_verdict(200)).holds().await;
}

#[tokio::test]
async fn a_token_answer_of_the_wrong_type_is_taken_for_what_it_holds() {
    let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#;
    Fault::server(Rudeness::Say(answer(200, "text/html", body)), None)
        .ends_the_three_calls_alike()
        .await;
}

#[tokio::test]
async fn a_clock_that_is_a_day_off_costs_one_renewal_at_most() {
    for off in [DAY_S, -DAY_S] {
        let world = World::new().await;
        let id = world.connect("gmail", ANNA).await.id;
        // What a computer whose clock is a day off believes of the grant it was given.
        let mut grant = kept(&world, id).await;
        let Credential::Oauth(oauth) = &mut grant.credential else {
            panic!("Gmail's is a grant of OAuth");
        };
        let ends = oauth.access_expires_at.unwrap();
        oauth.access_expires_at = Some(
            ends.checked_add(jiff::SignedDuration::from_secs(off))
                .unwrap(),
        );
        put(&world, id, grant).await;
        for _ in 0..3 {
            assert!(world.core().probe(id).await.is_ok(), "off by {off} s");
        }
        assert!(world.renewals().await <= 1, "off by {off} s");
        // The service no longer takes a token that we believe to be good for another day.
        world
            .control("expire_access_tokens", serde_json::json!({}))
            .await;
        for _ in 0..3 {
            assert!(world.core().probe(id).await.is_ok(), "off by {off} s");
        }
        assert!(world.renewals().await <= 2, "off by {off} s");
    }
}
