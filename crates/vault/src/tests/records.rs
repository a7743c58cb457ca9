//! How records are written, and that nothing but the vault can see inside.

use std::collections::BTreeMap;

use model::{ActionId, AttemptId, ConnectionId, Identity, RedirectKind, Secret, Timestamp};

use crate::{
    ClientName, ClientSecret, Credential, Grant, Item, LedgerKey, OauthGrant, PendingSignIn,
    Record, Unreadable, UploadSession,
};

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn client() -> ClientName {
    ClientName {
        provider: "google".into(),
        kind: "desktop".to_owned(),
        client_id: "id.example".to_owned(),
    }
}

pub(crate) fn key_grant(token: &str) -> Grant {
    Grant {
        generation: 3,
        integration: "telegram".into(),
        identity: Identity {
            id: "42".to_owned(),
            account: "@anna_bot".to_owned(),
            display_name: Some("Änna \"the\" bot\n".to_owned()),
        },
        endpoints: BTreeMap::from([("api".to_owned(), "http://127.0.0.1:9/".to_owned())]),
        credential: Credential::Key(secret(token)),
        asked: vec![],
        connected_at: Timestamp::UNIX_EPOCH,
    }
}

fn oauth_grant() -> Grant {
    Grant {
        credential: Credential::Oauth(OauthGrant {
            client: client(),
            access_token: secret("canary-access"),
            access_expires_at: Some(Timestamp::UNIX_EPOCH),
            refresh_token: Some(secret("canary-refresh")),
            refresh_expires_at: None,
            granted: vec!["gmail.send".to_owned()],
            spent: true,
        }),
        ..key_grant("")
    }
}

fn pending() -> PendingSignIn {
    PendingSignIn {
        attempt: AttemptId::generate(),
        integration: "gmail".into(),
        connection: None,
        target: ConnectionId::generate(),
        client: client(),
        redirect: RedirectKind::DeepLink,
        redirect_uri: "app.autopilot.desktop:/oauth/callback".to_owned(),
        verifier: secret("canary-verifier"),
        state: secret("canary-state"),
        expected_account: Some("42".to_owned()),
        asked: vec!["gmail.send".to_owned()],
        endpoints: BTreeMap::new(),
        expires_at: Timestamp::UNIX_EPOCH,
    }
}

fn upload() -> UploadSession {
    UploadSession {
        parts: BTreeMap::from([(0, secret("canary-first")), (12, secret("canary\"\n"))]),
    }
}

fn ledger_key() -> LedgerKey {
    LedgerKey {
        key: secret("canary-key"),
    }
}

fn returns_whole<R: Record + PartialEq + std::fmt::Debug>(record: &R) {
    assert_eq!(R::decode(&record.encode()).as_ref(), Ok(record));
}

#[test]
fn every_record_reads_back_whole() {
    returns_whole(&oauth_grant());
    returns_whole(&key_grant("12:canary\"\\\u{1}é"));
    returns_whole(&pending());
    returns_whole(&ledger_key());
    returns_whole(&upload());
    returns_whole(&UploadSession::default());
    for secret in [None, Some(secret("canary"))] {
        let client_id = "id.example".to_owned();
        returns_whole(&ClientSecret { client_id, secret });
    }
}

#[test]
fn no_record_shows_its_secrets() {
    let client = ClientSecret {
        client_id: "id".to_owned(),
        secret: Some(secret("canary")),
    };
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {client:?}",
        oauth_grant(),
        key_grant("canary"),
        pending(),
        ledger_key(),
        upload()
    );
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn another_kind_or_a_newer_version_is_unreadable() {
    let text = key_grant("canary").encode();
    assert_eq!(ClientSecret::decode(&text), Err(Unreadable));
    let newer = String::from_utf8(text.to_vec())
        .unwrap()
        .replace("\"version\":1", "\"version\":2");
    assert_eq!(Grant::decode(newer.as_bytes()), Err(Unreadable));
    for text in ["", "{}", "null", "{\"record\":\"grant\",\"version\":1}"] {
        assert_eq!(Grant::decode(text.as_bytes()), Err(Unreadable));
    }
}

/// A stored record outlives the version that wrote it: this text may never stop being readable.
#[test]
fn the_first_version_of_a_grant_stays_readable() {
    let text = r#"{"record":"grant","version":1,"body":{"generation":7,"integration":"gmail",
        "identity":{"id":"42","account":"anna@example.org","display_name":null},
        "endpoints":{"token":"https://oauth2.example/token"},
        "credential":{"oauth":{"client":{"provider":"google","kind":"desktop","client_id":"c"},
        "access_token":"a","access_expires_at":"2026-11-23T09:00:00Z","refresh_token":"r",
        "refresh_expires_at":null,"granted":["s"],"spent":false}},
        "asked":["s","t"],"connected_at":"2026-11-23T08:00:00Z"}}"#;
    let grant = Grant::decode(text.as_bytes()).unwrap();
    assert_eq!(grant.generation, 7);
    let Credential::Oauth(oauth) = grant.credential else {
        panic!("not OAuth");
    };
    assert_eq!(oauth.refresh_token, Some(secret("r")));
}

#[test]
fn an_items_name_holds_ids_only() {
    let id: ConnectionId = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
    let action: ActionId = "0198c0de-0000-7000-8000-000000000002".parse().unwrap();
    let client = Item::Client {
        provider: "google".into(),
        kind: "desktop".to_owned(),
    };
    assert_eq!(Item::LedgerKey.name(), "ledger/key");
    assert_eq!(Item::Upload(action).name(), format!("upload/{action}"));
    assert_eq!(Item::Grant(id).name(), format!("grant/{id}"));
    assert_eq!(Item::Revocation(id).name(), format!("revocation/{id}"));
    assert_eq!(Item::Attempt("ab12".to_owned()).name(), "attempt/ab12");
    assert_eq!(client.name(), "client/google/desktop");
}
