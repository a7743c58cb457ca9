//! What the outbox promises to whoever asks it.

use model::{SendMessage, Waiting};

use super::*;
use crate::Store;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn queued(ms: i64) -> OutboxRow {
    OutboxRow {
        id: ActionId::generate(),
        connection: ConnectionId::generate(),
        integration: "telegram".into(),
        account: "@bot".to_owned(),
        capability: Capability::MessageSend,
        caller: Caller::Window,
        created_at: at(ms),
        state: ActionState::Queued {
            not_before: at(ms),
            expires: at(ms + 1000),
            why: Waiting::Turn,
        },
        outline: Outline::default(),
        content: Some(Action::SendMessage(SendMessage {
            chat: "7".to_owned(),
            text: "hello".to_owned(),
            ..SendMessage::default()
        })),
        files: Vec::new(),
        pieces: Vec::new(),
        tries: 0,
        on_wire_at: None,
    }
}

#[test]
fn the_same_id_again_changes_nothing() {
    let store = Store::in_memory().unwrap();
    let first = queued(1);
    let again = OutboxRow {
        account: "@other".to_owned(),
        ..first.clone()
    };
    assert!(store.outbox().insert(&first).unwrap());
    assert!(!store.outbox().insert(&again).unwrap());
    assert_eq!(store.outbox().get(first.id).unwrap(), Some(first));
}

#[test]
fn of_two_who_change_an_action_the_quicker_one_has_the_say() {
    let store = Store::in_memory().unwrap();
    let row = queued(1);
    store.outbox().insert(&row).unwrap();
    let sending = OutboxRow {
        state: ActionState::Sending { since: at(2) },
        ..row.clone()
    };
    let cancelled = OutboxRow {
        state: ActionState::Cancelled { at: at(2) },
        content: None,
        ..row.clone()
    };
    assert!(store.outbox().advance("queued", &sending).unwrap());
    assert!(!store.outbox().advance("queued", &cancelled).unwrap());
    assert_eq!(store.outbox().get(row.id).unwrap(), Some(sending));
}

#[test]
fn whoever_read_it_before_a_try_does_not_undo_what_the_try_brought() {
    let store = Store::in_memory().unwrap();
    let row = queued(1);
    store.outbox().insert(&row).unwrap();
    let tried = OutboxRow {
        tries: 1,
        ..row.clone()
    };
    assert!(store.outbox().advance("queued", &tried).unwrap());
    assert!(!store.outbox().advance("queued", &row).unwrap());
    assert_eq!(store.outbox().get(row.id).unwrap(), Some(tried));
}

#[test]
fn a_write_that_was_read_before_is_told_as_it_is_now() {
    let store = Store::in_memory().unwrap();
    let row = queued(1);
    let sending = OutboxRow {
        state: ActionState::Sending { since: at(2) },
        ..row.clone()
    };
    let cancelled = OutboxRow {
        state: ActionState::Cancelled { at: at(3) },
        content: None,
        ..row.clone()
    };
    let told = || store.outbox().get(row.id).unwrap();
    assert_eq!(told(), None);
    store.outbox().insert(&row).unwrap();
    assert_eq!(told().as_ref(), Some(&row));
    assert_eq!(told().as_ref(), Some(&row));
    store.outbox().advance("queued", &sending).unwrap();
    assert_eq!(told().as_ref(), Some(&sending));

    // What a transaction did to it is seen inside, and outside only if the transaction came to its end.
    let given_up = store.transaction(|tx| {
        tx.outbox().advance("sending", &cancelled)?;
        assert_eq!(tx.outbox().get(row.id)?.as_ref(), Some(&cancelled));
        Err::<(), _>(StoreError::Value("given up"))
    });
    assert!(given_up.is_err());
    assert_eq!(told().as_ref(), Some(&sending));
    store
        .transaction(|tx| tx.outbox().advance("sending", &cancelled))
        .unwrap();
    assert_eq!(told().as_ref(), Some(&cancelled));
    store.outbox().remove_over_before(at(100)).unwrap();
    assert_eq!(told(), None);
}

#[test]
fn what_is_open_comes_in_the_order_it_was_asked_and_what_is_over_is_forgotten_in_time() {
    let store = Store::in_memory().unwrap();
    let (late, early) = (queued(20), queued(10));
    let over = OutboxRow {
        state: ActionState::Cancelled { at: at(6) },
        content: None,
        ..queued(5)
    };
    for row in [&late, &early, &over] {
        store.outbox().insert(row).unwrap();
    }
    assert_eq!(
        store.outbox().open().unwrap(),
        [early.clone(), late.clone()]
    );
    assert_eq!(
        store.outbox().list(None, false, 10).unwrap(),
        [late.clone(), early.clone(), over]
    );
    assert_eq!(
        store
            .outbox()
            .list(Some(late.connection), true, 10)
            .unwrap(),
        std::slice::from_ref(&late)
    );
    assert_eq!(store.outbox().remove_over_before(at(30)).unwrap(), 1);
    assert_eq!(store.outbox().open().unwrap().len(), 2);
}

#[test]
fn what_we_did_not_write_is_refused_by_its_columns_name_and_not_shown() {
    let store = Store::in_memory().unwrap();
    let row = queued(1);
    store.outbox().insert(&row).unwrap();
    for column in ["caller", "detail", "outline", "content", "files", "pieces"] {
        let spoil = format!("UPDATE outbox SET {column} = 'private'");
        store.with(|db| Ok(db.execute(&spoil, [])?)).unwrap();
        let told = store.outbox().get(row.id).unwrap_err().to_string();
        assert!(told.contains(&format!("column {column} ")), "{told}");
        assert!(!told.contains("private"), "{told}");
        let mend = format!("UPDATE outbox SET {column} = ?1");
        let sound = match column {
            "caller" => column::to_json(&row.caller),
            "detail" => column::to_json(&row.state),
            "outline" => column::to_json(&row.outline),
            "content" => column::to_json(&row.content),
            _ => column::to_json(&row.files),
        };
        store
            .with(|db| Ok(db.execute(&mend, [sound.unwrap()])?))
            .unwrap();
        assert_eq!(store.outbox().get(row.id).unwrap(), Some(row.clone()));
    }
}
