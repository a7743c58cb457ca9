//! A client that sends anything, or leaves.

use std::collections::HashSet;

use serde_json::json;

use crate::talk::{Talk, modern};

#[tokio::test]
async fn garbage_and_ten_megabytes_are_answered_with_errors_and_the_next_call_works() {
    let mut talk = Talk::begin();
    talk.send_bytes(b"GET / HTTP/1.1\n\xff\xfe\n[]\n{}\n").await;
    for _ in 0..4 {
        let told = talk.hear().await;
        assert!(told["error"]["code"].as_i64().unwrap() <= -32600, "{told}");
    }
    let long = "x".repeat(10 * 1024 * 1024);
    let huge =
        json!({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": long}, "id": "big"});
    let mut line = huge.to_string();
    line.push('\n');
    talk.send_bytes(line.as_bytes()).await;
    let told = talk.hear().await;
    assert_eq!(told["id"], "big");
    assert_eq!(told["error"]["code"], -32600);
    let told = talk.ask("tools/list", modern(json!({}))).await;
    assert!(told["result"]["tools"].is_array());
}

#[tokio::test]
async fn fifty_calls_at_once_are_all_answered() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let mut open = HashSet::new();
    for _ in 0..50 {
        let params = json!({"name": "list_emails", "arguments": {}});
        open.insert(talk.begin_request("tools/call", params).await);
    }
    while !open.is_empty() {
        let told = talk.hear().await;
        if let Some(id) = told["id"].as_i64() {
            assert!(open.remove(&id), "answered twice: {id}");
            assert!(told["result"]["structuredContent"]["untrusted"].is_object());
        }
    }
}

#[tokio::test]
async fn at_the_end_of_input_it_leaves_at_once_whatever_is_open() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let params = json!({"name": "send_email", "arguments": {"to": ["a@example.org"], "text": "x"}});
    talk.begin_request("tools/call", params).await;
    let listen = modern(json!({"notifications": {"toolsListChanged": true}}));
    talk.begin_request("subscriptions/listen", listen).await;
    talk.hear().await;
    // A request that was torn off.
    talk.send_bytes(b"{\"jsonrpc\":\"2.0\",\"id\":").await;
    talk.close().await;
}
