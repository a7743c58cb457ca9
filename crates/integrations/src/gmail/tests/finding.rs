//! Looking for what was sent.

use std::collections::HashMap;

use model::{ActionId, Timestamp};

use super::{INTEGRATION, READ, SEND, inner, page_of};
use crate::{
    Mail as _, SentMail,
    scripted::{self, Scripted},
};

fn since() -> Timestamp {
    "2026-11-26T00:00:00Z".parse().unwrap()
}

fn by(id: &str, action: Option<&str>) -> String {
    let headers: Vec<_> = action
        .map(|action| serde_json::json!({"name": "X-Autopilot-Action", "value": format!(" {action}")}))
        .into_iter()
        .collect();
    let message = serde_json::json!({"id": id, "threadId": "t", "payload": {"headers": headers}});
    inner(200, &message.to_string())
}

fn sent_at(id: &str, at: &str) -> String {
    let at: Timestamp = at.parse().unwrap();
    let millis = at.as_millisecond().to_string();
    let message = serde_json::json!({"id": id, "internalDate": millis, "payload": {"headers": []}});
    inner(200, &message.to_string())
}

#[tokio::test]
async fn what_an_action_sent_is_known_by_its_header_alone() {
    let action = ActionId::generate();
    let other = ActionId::generate().to_string();
    let ours = action.to_string();
    let list = r#"{"messages":[{"id":"c3"},{"id":"b2"},{"id":"a1"}]}"#;
    let gmail = Scripted::start(vec![
        scripted::json(list),
        page_of(&[
            ("item-0", by("c3", None)),
            ("item-1", by("b2", Some(&ours))),
            ("item-2", by("a1", Some(&other))),
        ]),
    ])
    .await;
    let found = INTEGRATION
        .find_sent(&gmail.session(&[READ]), &[action], since())
        .await
        .unwrap();
    assert_eq!(found.complete_since, since());
    let found = &found.found[&action];
    assert_eq!(
        (found.id.as_str(), found.within.as_deref()),
        ("b2", Some("t"))
    );
    let requests = gmail.requests().await;
    assert!(
        requests[0].contains("&q=in%3Asent+after%3A1795650300 "),
        "a quarter of an hour earlier, for clocks that differ: {}",
        requests[0]
    );
    assert!(requests[1].contains("metadataHeaders=X-Autopilot-Action"));
}

#[tokio::test]
async fn one_look_answers_for_all_actions_that_are_asked_about() {
    let (first, second, missing) = (
        ActionId::generate(),
        ActionId::generate(),
        ActionId::generate(),
    );
    let page = |id: &str, action: ActionId, next: &str| {
        [
            scripted::json(&format!(r#"{{"messages":[{{"id":"{id}"}}]{next}}}"#)),
            page_of(&[("item-0", by(id, Some(&action.to_string())))]),
        ]
    };
    let more = r#","nextPageToken":"n""#;

    let gmail = Scripted::start([page("b2", second, more), page("a1", first, more)].concat()).await;
    let found = INTEGRATION
        .find_sent(&gmail.session(&[READ]), &[first, second], since())
        .await
        .unwrap();
    let mails = found.found;
    assert_eq!((&*mails[&first].id, &*mails[&second].id), ("a1", "b2"));
    // What nobody looks for any more is not fetched.
    assert_eq!(gmail.requests().await.len(), 4);

    let gmail = Scripted::start([page("b2", second, more), page("a1", first, "")].concat()).await;
    let found = INTEGRATION
        .find_sent(&gmail.session(&[READ]), &[first, missing], since())
        .await
        .unwrap();
    assert_eq!(found.found.keys().collect::<Vec<_>>(), [&first]);
    assert_eq!(found.complete_since, since());
}

#[tokio::test]
async fn not_there_is_only_said_of_what_was_looked_through() {
    let page = |mail: String, next: &str| {
        [
            scripted::json(&format!(r#"{{"messages":[{{"id":"a1"}}]{next}}}"#)),
            page_of(&[("item-0", mail)]),
        ]
    };
    let more = r#","nextPageToken":"n""#;
    let look = async |pages: Vec<[Vec<u8>; 2]>| {
        let gmail = Scripted::start(pages.concat()).await;
        let SentMail {
            found,
            complete_since,
        } = INTEGRATION
            .find_sent(&gmail.session(&[READ]), &[ActionId::generate()], since())
            .await
            .unwrap();
        assert_eq!(found, HashMap::new());
        complete_since
    };
    let at = |at: &str| page(sent_at("a1", at), more);

    let seen = look(vec![page(by("a1", None), more), page(by("a1", None), "")]).await;
    assert_eq!(seen, since());

    let full = vec![
        at("2026-11-26T20:00:00Z"),
        at("2026-11-26T18:00:00Z"),
        // An odd date: no sign of how far the look came.
        at("2026-11-26T00:01:00Z"),
        at("2026-11-26T14:00:00Z"),
        at("2026-11-26T12:00:00Z"),
    ];
    let seen = look(full).await;
    let a_quarter_later = "2026-11-26T12:15:00Z".parse::<Timestamp>().unwrap();
    assert_eq!(seen, a_quarter_later, "the clocks may differ");

    // Nothing that was seen says when it was.
    let undated = vec![page(by("a1", None), more); 5];
    assert_eq!(look(undated).await, Timestamp::MAX);
}

#[test]
fn only_a_grant_that_may_search_is_asked() {
    let may = |scope: &str| INTEGRATION.can_find_sent(&[scope.to_owned()]);
    assert!(may(READ) && may("https://mail.google.com/"));
    assert!(!may(SEND) && !may("https://www.googleapis.com/auth/gmail.metadata"));
    assert!(!INTEGRATION.can_find_sent(&[]));
}
