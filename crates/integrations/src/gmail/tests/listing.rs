//! Lists: one call for the ids, batches for the headers, and nothing twice.

use std::time::Duration;

use model::EmailQuery;
use proptest::prelude::*;

use super::super::{batch, wire::Headers};
use super::{INTEGRATION, READ, error_body, inner, page_of, refused};
use crate::{
    CallError, Mail as _,
    scripted::{self, Scripted},
};

const LIST: &str = r#"{"messages":[{"id":"b2","threadId":"t"},{"id":"a1","threadId":"t"}],"nextPageToken":"more"}"#;

fn headers(id: &str, millis: u64) -> String {
    let message = serde_json::json!({
        "id": id, "threadId": "t", "snippet": "Tom &amp; Eva&#39;s &lt;plan&gt;", "internalDate": millis.to_string(),
        "payload": {"headers": [
            {"name": "from", "value": "Bob <bob@example.net>"},
            {"name": "To", "value": "anna@example.org"},
            {"name": "Subject", "value": "=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?b?IQ==?= now"},
        ]},
    });
    inner(200, &message.to_string())
}

fn batched() -> Vec<u8> {
    // The other way round than they were asked for.
    page_of(&[
        ("item-1", headers("a1", 1_000)),
        ("item-0", headers("b2", 2_000)),
    ])
}

fn ids(page: &model::EmailPage) -> Vec<&str> {
    page.emails.iter().map(|email| email.id.as_str()).collect()
}

#[tokio::test]
async fn a_page_is_two_requests_and_looking_again_is_one() {
    let gmail = Scripted::start(vec![scripted::json(LIST), batched(), scripted::json(LIST)]).await;
    let session = gmail.session(&[READ]);
    let query = EmailQuery {
        search: "from:bob is:unread".to_owned(),
        limit: Some(2),
        page: Some("p+1".to_owned()),
    };
    let page = INTEGRATION.list(&session, &query).await.unwrap();
    assert_eq!(ids(&page), ["b2", "a1"]);
    assert_eq!(page.next.as_deref(), Some("more"));
    let first = &page.emails[0];
    assert_eq!(first.from, "Bob <bob@example.net>");
    assert_eq!(first.subject, "Grüße! now");
    assert_eq!(first.snippet, "Tom & Eva's <plan>");
    assert_eq!(first.date.unwrap().as_second(), 2);
    assert_eq!(INTEGRATION.list(&session, &query).await.unwrap(), page);
    assert_eq!(session.meter.requests(), 3);

    let requests = gmail.requests().await;
    assert!(
        requests[0].starts_with("GET /gmail/v1/users/me/messages?maxResults=2&fields=")
            && requests[0].contains("&q=from%3Abob+is%3Aunread&pageToken=p%2B1 "),
        "{}",
        requests[0]
    );
    assert!(requests[1].starts_with("POST /batch/gmail/v1 HTTP/1.1"));
    assert!(requests[1].contains("\r\nGET /gmail/v1/users/me/messages/b2?format=metadata&"));
}

#[tokio::test(start_paused = true)]
async fn what_is_put_off_is_asked_for_again_and_what_is_gone_is_left_out() {
    let limited = || inner(429, &error_body(429, "rateLimitExceeded"));
    let gmail = Scripted::start(vec![
        scripted::json(r#"{"messages":[{"id":"c3"},{"id":"b2"},{"id":"a1"}]}"#),
        page_of(&[
            ("item-0", inner(404, &error_body(404, "notFound"))),
            ("item-1", limited()),
            (
                "item-2",
                inner(403, &error_body(403, "userRateLimitExceeded")),
            ),
        ]),
        // One of them not answered at all.
        page_of(&[("item-0", headers("b2", 2_000))]),
        page_of(&[("item-0", headers("a1", 1_000))]),
    ])
    .await;
    let page = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap();
    assert_eq!(ids(&page), ["b2", "a1"]);
    let requests = gmail.requests().await;
    assert!(requests[2].contains("messages/b2?") && requests[2].contains("messages/a1?"));
    assert!(!requests[2].contains("messages/c3?") && !requests[3].contains("messages/b2?"));
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_does_not_pass_is_told_in_the_end() {
    let limited = page_of(&[("item-0", inner(429, &error_body(429, "rateLimitExceeded")))]);
    let mut answers = vec![scripted::json(r#"{"messages":[{"id":"a1"}]}"#)];
    answers.extend(std::iter::repeat_n(limited, 6));
    let gmail = Scripted::start(answers).await;
    let error = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap_err();
    assert_eq!(error, CallError::RateLimited { retry_after: None });
    assert_eq!(gmail.requests().await.len(), 7);
}

#[tokio::test]
async fn a_pause_of_minutes_is_told_at_once() {
    let pause = format!(
        "HTTP/1.1 429 X\r\nRetry-After: 300\r\n\r\n{}",
        error_body(429, "rateLimitExceeded")
    );
    let gmail = Scripted::start(vec![
        scripted::json(r#"{"messages":[{"id":"a1"}]}"#),
        page_of(&[("item-0", pause)]),
    ])
    .await;
    let error = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap_err();
    let minutes = CallError::RateLimited {
        retry_after: Some(Duration::from_secs(300)),
    };
    assert_eq!(error, minutes);
}

#[tokio::test]
async fn a_token_rejected_inside_a_batch_is_rejected() {
    let gmail = Scripted::start(vec![
        scripted::json(LIST),
        page_of(&[
            ("item-0", headers("b2", 1)),
            ("item-1", inner(401, &error_body(401, "authError"))),
        ]),
    ])
    .await;
    let error = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap_err();
    assert_eq!(error, CallError::TokenRejected);
}

#[tokio::test]
async fn where_there_are_no_batches_mails_are_asked_for_one_by_one() {
    let one = |answer: String| {
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        scripted::json(body)
    };
    let gmail = Scripted::start(vec![
        scripted::json(r#"{"messages":[{"id":"a1"}]}"#),
        scripted::answer(404, "text/plain", "Not found"),
        one(headers("a1", 1_000)),
    ])
    .await;
    let page = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap();
    assert_eq!(ids(&page), ["a1"]);
    assert!(
        gmail.requests().await[2].starts_with("GET /gmail/v1/users/me/messages/a1?format=metadata")
    );
}

#[tokio::test]
async fn an_empty_mailbox_is_one_call_and_an_odd_id_is_never_asked_for() {
    for listed in [
        "{}",
        r#"{"messages":[{"id":"../drafts"},{"id":"a b"},{"id":""}]}"#,
    ] {
        let gmail = Scripted::start(vec![scripted::json(listed)]).await;
        let page = INTEGRATION
            .list(&gmail.session(&[READ]), &EmailQuery::default())
            .await
            .unwrap();
        assert!(page.emails.is_empty());
    }
}

#[tokio::test]
async fn a_search_that_is_refused_is_told_by_its_code() {
    let refusal = scripted::answer(400, "application/json", &error_body(400, "invalidArgument"));
    let gmail = Scripted::start(vec![refusal]).await;
    let error = INTEGRATION
        .list(&gmail.session(&[READ]), &EmailQuery::default())
        .await
        .unwrap_err();
    assert_eq!(error, refused(400, "invalidArgument"));
}

#[test]
fn a_batch_is_read_whatever_its_line_ends_and_order() {
    let body = b"preamble\n--sep  \nContent-ID: <response-item-1>\n\nHTTP/2 200\n\n{\"a\":1}\n--sep\r\ncontent-id: <response-item-0>\r\n\r\nHTTP/1.1 404 Not Found\r\nX: y\r\n\r\n--sep\nContent-ID: <response-item-1>\n\nHTTP/1.1 500 X\n\n\n--sep\nContent-ID: <response-item-9>\n\nHTTP/1.1 200 X\n\n{}\n--sep--\nepilogue\n--sep\n";
    let answers = batch::read(body, Some("sep"), 3).unwrap();
    assert_eq!(answers[0].as_ref().unwrap().status, 404);
    let one = answers[1].as_ref().unwrap();
    assert_eq!(
        (one.status, one.body.as_slice()),
        (200, b"{\"a\":1}".as_slice())
    );
    assert!(answers[2].is_none() && answers.len() == 3);
    assert!(batch::read(b"<html>", Some("sep"), 3).is_none());
    assert!(batch::read(b"--sep--", None, 3).is_none());
}

proptest! {
    /// Whatever arrives: no panic, and never more answers than questions.
    #[test]
    fn no_answer_to_a_batch_breaks_us(body in "(--s(--)?\r?\n|Content-ID: <response-item-[0-9]{1,25}>\r?\n|\r?\n|HTTP/1.1 [0-9]{0,6} ?|.|\\PC){0,60}") {
        if let Some(answers) = batch::read(body.as_bytes(), Some("s"), 4) {
            prop_assert_eq!(answers.len(), 4);
        }
    }

    #[test]
    fn every_question_of_a_batch_is_found_in_what_is_written(asked in proptest::collection::vec("[a-zA-Z0-9_-]{1,20}", 1..50)) {
        let ids: Vec<&str> = asked.iter().map(String::as_str).collect();
        let body = batch::write(&ids, Headers::Action);
        for (number, id) in ids.iter().enumerate() {
            let part = format!("Content-ID: <item-{number}>\r\n\r\nGET /gmail/v1/users/me/messages/{id}?format=metadata&");
            prop_assert!(body.contains(&part));
        }
    }
}
