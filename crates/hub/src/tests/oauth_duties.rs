//! What the RFCs ask of a native client at the start of a sign-in, each duty by a name of its own; the others are
//! kept in the rooms they are about. `docs/oauth-conformance.md` has all of them.

use std::collections::{BTreeSet, HashMap};

use model::{RedirectKind, SignInView};
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use url::Url;
use vault::{Item, PendingSignIn};

use super::world::World;
use crate::sign_in::state_hash;

const ANNA: &str = "anna@example.org";

fn query(address: &str) -> HashMap<String, String> {
    let url = Url::parse(address).unwrap();
    url.query_pairs().into_owned().collect()
}

async fn pending(world: &World, begun: &SignInView) -> PendingSignIn {
    let item = Item::Attempt(state_hash(&query(&begun.url)["state"]));
    world.core().vault.read(&item).await.unwrap().unwrap()
}

fn challenge_of(verifier: &str) -> String {
    PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned()))
        .as_str()
        .to_owned()
}

/// RFC 8252 §6, RFC 9700 §2.1.1, RFC 7636 §4.1, §4.2, §7.1.
#[tokio::test]
async fn every_authorization_carries_the_s256_challenge_of_a_strong_verifier() {
    let world = World::new().await;
    for redirect in [RedirectKind::DeepLink, RedirectKind::Loopback] {
        let begun = world.begin("gmail", redirect).await;
        let asked = query(&begun.url);
        assert_eq!(asked["code_challenge_method"], "S256");
        let kept = pending(&world, &begun).await;
        let verifier = kept.verifier.expose();
        assert!((43..=128).contains(&verifier.len()), "{}", verifier.len());
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert!(verifier.bytes().all(unreserved));
        assert_eq!(asked["code_challenge"], challenge_of(verifier));
    }
}

/// RFC 7636, Appendix B.
#[test]
fn the_challenge_of_rfc_7636_appendix_b_is_reproduced() {
    assert_eq!(
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

/// RFC 9700 §2.1.1, §4.7: also where the server would check PKCE.
#[tokio::test]
async fn challenge_and_state_are_fresh_for_every_sign_in_and_never_missing() {
    let world = World::new().await;
    let (mut challenges, mut states) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..5 {
        let asked = query(
            &world
                .begin("google_drive", RedirectKind::DeepLink)
                .await
                .url,
        );
        // 256 bits in base64url, after the profile's tag.
        assert!(asked["state"].len() >= 43, "{}", asked["state"].len());
        challenges.insert(asked["code_challenge"].clone());
        states.insert(asked["state"].clone());
    }
    assert_eq!((challenges.len(), states.len()), (5, 5));
}

/// RFC 8252 §7.1.
#[tokio::test]
async fn the_private_scheme_is_reverse_dns_with_one_slash() {
    let world = World::new().await;
    let asked = query(&world.begin("gmail", RedirectKind::DeepLink).await.url);
    assert_eq!(
        asked["redirect_uri"],
        "app.autopilot.desktop:/oauth/callback"
    );
}

/// RFC 8252 §7.3, §8.3.
#[tokio::test]
async fn the_loopback_redirect_is_an_ip_literal_on_a_port_of_its_own() {
    let world = World::new().await;
    let mut ports = BTreeSet::new();
    for _ in 0..2 {
        let asked = query(&world.begin("gmail", RedirectKind::Loopback).await.url);
        let redirect = Url::parse(&asked["redirect_uri"]).unwrap();
        assert_eq!(redirect.scheme(), "http");
        assert!(
            matches!(redirect.host(), Some(url::Host::Ipv4(host)) if host.is_loopback())
                || matches!(redirect.host(), Some(url::Host::Ipv6(host)) if host.is_loopback()),
            "{redirect}"
        );
        ports.insert(redirect.port().unwrap());
    }
    assert_eq!(ports.len(), 2);
}

/// RFC 8252 §8.5: a secret that is shipped, or lies in a file of the person's, proves nothing by itself.
#[tokio::test]
async fn a_client_that_has_a_secret_proves_itself_by_pkce_all_the_same() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::Loopback).await;
    let kept = pending(&world, &begun).await;
    assert_eq!(kept.client.kind, "desktop");
    assert!(query(&begun.url).contains_key("code_challenge"));
}

/// RFC 9700 §2.1.2, §2.4.
#[tokio::test]
async fn only_codes_and_refresh_tokens_are_ever_traded_in() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    assert_eq!(query(&begun.url)["response_type"], "code");
    world.connect("gmail", ANNA).await;
    world.core().clock.advance(2 * 3600);
    world.core().round(crate::monitor::Probe::All).await;
    let log = world.log().await;
    let traded: BTreeSet<&str> = log
        .iter()
        .filter_map(|entry| entry["grant_type"].as_str())
        .collect();
    assert_eq!(
        traded,
        BTreeSet::from(["authorization_code", "refresh_token"])
    );
}

/// RFC 9700 §4.11.
#[tokio::test]
async fn no_page_of_ours_leads_to_an_address_it_was_given() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::Loopback).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for more in ["redirect_uri", "next", "url", "return_to"] {
        let led = format!("{address}&{more}=https%3A%2F%2Fevil.example%2F");
        let answer = http.get(&led).send().await.unwrap();
        assert!(answer.headers().get("location").is_none(), "{more}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("evil.example"), "{more}");
    }
}

/// RFC 9700 §2.3.
#[tokio::test]
async fn no_more_is_asked_for_than_the_person_chose() {
    let world = World::new().await;
    let send = "https://www.googleapis.com/auth/gmail.send";
    let request = model::Request::BeginSignIn {
        integration: "gmail".into(),
        connection: None,
        scopes: Some(vec![send.to_owned()]),
        redirect: Some(RedirectKind::DeepLink),
    };
    let model::Response::SignIn(begun) = world.ask(request).await.unwrap() else {
        panic!("a sign-in was begun")
    };
    let asked = query(&begun.url);
    let scopes: BTreeSet<&str> = asked["scope"].split(' ').collect();
    assert_eq!(scopes, BTreeSet::from(["openid", "email", send]));
}
