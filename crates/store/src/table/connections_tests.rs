//! What the table of connections promises.

use model::Cause;

use super::*;
use crate::Store;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn anna(connected_ms: i64) -> ConnectionRow {
    ConnectionRow {
        id: ConnectionId::generate(),
        integration: "gmail".into(),
        identity: Identity {
            id: "1001".to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: Some("Anna".to_owned()),
        },
        status: Status::Connected { proven_at: at(7) },
        proven_at: Some(at(7)),
        checked_at: Some(at(8)),
        connected_at: at(connected_ms),
        asked: vec!["a".to_owned(), "b".to_owned()],
        granted: vec!["a".to_owned()],
        remarks: vec!["A remark.".to_owned()],
        name: None,
        paused: false,
        token_allowed: false,
        generation: 1,
    }
}

#[test]
fn a_connection_comes_back_as_it_was() {
    let store = Store::in_memory().unwrap();
    let row = anna(1);
    store.connections().insert(&row).unwrap();
    assert_eq!(
        store.connections().get(row.id).unwrap().as_ref(),
        Some(&row)
    );
    assert_eq!(
        store
            .connections()
            .by_identity(&row.integration, "1001")
            .unwrap(),
        Some(row)
    );
}

#[test]
fn an_account_is_connected_once_per_integration() {
    let store = Store::in_memory().unwrap();
    store.connections().insert(&anna(1)).unwrap();
    for again in [
        store.connections().insert(&anna(2)),
        store.connections().upsert(&anna(2)),
    ] {
        assert!(matches!(again, Err(StoreError::Exists)));
    }
    let mut elsewhere = anna(3);
    elsewhere.integration = "google_drive".into();
    store.connections().insert(&elsewhere).unwrap();
}

#[test]
fn signing_in_again_keeps_what_the_person_set_and_since_when() {
    let store = Store::in_memory().unwrap();
    let first = anna(1);
    store.connections().upsert(&first).unwrap();
    let paused = ConnectionRow {
        paused: true,
        name: Some("Work".to_owned()),
        ..first.clone()
    };
    assert!(store.connections().update(&paused).unwrap());
    let mut again = first.clone();
    again.connected_at = at(99);
    again.granted = vec!["a".to_owned(), "b".to_owned()];
    again.generation = 2;
    store.connections().upsert(&again).unwrap();
    let kept = store.connections().get(first.id).unwrap().unwrap();
    assert_eq!(kept.connected_at, at(1));
    assert!(kept.paused);
    assert_eq!(kept.name.as_deref(), Some("Work"));
    assert_eq!(kept.granted, again.granted);
    assert_eq!(kept.generation, 2);
}

#[test]
fn connections_are_listed_in_the_order_they_were_made() {
    let store = Store::in_memory().unwrap();
    let mut later = anna(2);
    later.identity.id = "1002".to_owned();
    let earlier = anna(1);
    store.connections().insert(&later).unwrap();
    store.connections().insert(&earlier).unwrap();
    assert_eq!(store.connections().all().unwrap(), [earlier, later]);
}

#[test]
fn what_is_still_learnt_about_an_ended_connection_does_not_bring_it_back() {
    let store = Store::in_memory().unwrap();
    let mut row = anna(1);
    let table = store.connections();
    table.insert(&row).unwrap();
    row.status = Status::NeedsSignIn {
        cause: Cause::GrantRevoked,
        since: at(20),
    };
    row.remarks = vec!["Other.".to_owned()];
    row.generation = 2;
    assert!(table.update(&row).unwrap());
    assert_eq!(table.get(row.id).unwrap(), Some(row.clone()));
    assert!(table.remove(row.id).unwrap());
    assert!(!table.remove(row.id).unwrap());
    assert!(!table.update(&row).unwrap());
    assert_eq!(table.get(row.id).unwrap(), None);
}

#[test]
fn an_unreadable_status_hides_no_account() {
    let store = Store::in_memory().unwrap();
    let row = anna(1);
    store.connections().insert(&row).unwrap();
    store
        .with(|db| Ok(db.execute("UPDATE connections SET status = '{\"kind\":\"?\"}'", [])?))
        .unwrap();
    let all = store.connections().all().unwrap();
    assert_eq!(all[0].status, Status::Unproven);
}
