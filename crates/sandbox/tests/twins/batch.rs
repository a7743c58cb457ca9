//! Gmail's batch endpoint.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, READONLY, bench, text};

/// Content-ID and status of every part.
async fn batch(
    bench: &Bench,
    token: &str,
    calls: &[String],
) -> (StatusCode, Vec<(String, u16, Value)>) {
    let mut body = String::new();
    for (number, call) in calls.iter().enumerate() {
        body.push_str(&format!(
            "--b\r\nContent-Type: application/http\r\nContent-ID: <k{number}>\r\n\r\n{call}\r\n\r\n\r\n"
        ));
    }
    body.push_str("--b--\r\n");
    let answer = bench
        .http
        .post(bench.url("/gmail/batch/gmail/v1"))
        .bearer_auth(token)
        .header("content-type", "multipart/mixed; boundary=b")
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let text = answer.text().await.unwrap();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        return (status, Vec::new());
    };
    let mark = format!("--{boundary}");
    let parts = text
        .split(&mark)
        .skip(1)
        .filter(|part| !part.starts_with("--"));
    let read = |part: &str| {
        let (_, id) = part.split_once("Content-ID: ").unwrap();
        let id = id.lines().next().unwrap().to_owned();
        let (_, line) = part.split_once("HTTP/1.1 ").unwrap();
        let (_, json) = line.split_once("\r\n\r\n").unwrap();
        (
            id,
            line[..3].parse().unwrap(),
            serde_json::from_str(json).unwrap(),
        )
    };
    (status, parts.map(read).collect())
}

#[tokio::test]
async fn a_batch_answers_each_call_under_its_own_name_in_any_order() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    let list = bench
        .got("/gmail/gmail/v1/users/me/messages?maxResults=50", &token)
        .await;
    let mut calls: Vec<String> = list["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "GET /gmail/v1/users/me/messages/{}?format=metadata&metadataHeaders=From",
                text(one, "id")
            )
        })
        .collect();
    calls[7] = "GET /gmail/v1/users/me/messages/unknown".into();
    let struck = json!({ "service": "gmail", "path_contains": text(&list["messages"][9], "id") });
    bench
        .fault(struck, json!({ "kind": "status", "status": 503 }), 1)
        .await;
    let (status, answers) = batch(&bench, &token, &calls).await;
    assert_eq!((status, answers.len()), (StatusCode::OK, 50));
    assert_ne!(
        answers[0].0, "<response-k0>",
        "the order is not the one that was asked in"
    );
    for (name, status, body) in &answers {
        let expected = match name.as_str() {
            "<response-k7>" => 404,
            "<response-k9>" => 503,
            _ => 200,
        };
        assert_eq!(*status, expected, "{name}: {body}");
        if expected == 200 {
            let number: usize = name
                .trim_matches(|letter: char| !letter.is_ascii_digit())
                .parse()
                .unwrap();
            assert_eq!(body["id"], list["messages"][number]["id"]);
            assert_eq!(body["payload"]["headers"][0]["name"], "From");
        }
    }
}

#[tokio::test]
async fn more_than_fifty_meet_limits_and_more_than_a_hundred_are_refused() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    let call = "GET /gmail/v1/users/me/profile".to_owned();
    let (_, answers) = batch(&bench, &token, &vec![call.clone(); 60]).await;
    let refused = answers
        .iter()
        .filter(|(_, status, _)| *status == 429)
        .count();
    assert_eq!((answers.len(), refused), (60, 4));
    assert_eq!(
        batch(&bench, &token, &vec![call.clone(); 101]).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        batch(&bench, "ya29.unknown", &[call]).await.0,
        StatusCode::UNAUTHORIZED
    );
}
