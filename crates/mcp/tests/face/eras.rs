//! Both eras on one pipe, decided message by message.

use serde_json::{Value, json};

use crate::{
    hub::eventually,
    talk::{Talk, modern},
};

#[tokio::test]
async fn each_handshake_is_answered_in_its_own_revision_and_an_unknown_one_with_the_latest() {
    for (asked, agreed) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-03-26"),
        ("1999-01-01", "2025-11-25"),
        // It has no handshake.
        ("2026-07-28", "2025-11-25"),
    ] {
        let mut talk = Talk::begin();
        let told = talk.shake_hands(asked).await;
        assert_eq!(told["protocolVersion"], agreed, "{asked}");
        assert_eq!(told["serverInfo"]["name"], "autopilot");
        assert_eq!(told["capabilities"]["tools"]["listChanged"], true);
        let list = talk.ask("tools/list", json!({})).await["result"].clone();
        assert!(list["tools"].is_array());
        assert!(list.get("resultType").is_none(), "{list}");
        assert_eq!(talk.ask("ping", json!({})).await["result"], json!({}));
    }
}

#[tokio::test]
async fn a_modern_request_needs_no_handshake_and_is_answered_with_all_that_is_required() {
    let mut talk = Talk::begin();
    let found = talk.ask("server/discover", modern(json!({}))).await["result"].clone();
    let versions = found["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")), "{found}");
    assert_eq!(found["resultType"], "complete");
    for result in [
        found,
        talk.ask("tools/list", modern(json!({}))).await["result"].clone(),
    ] {
        assert_eq!(result["resultType"], "complete");
        assert!(result["ttlMs"].is_u64() && result["cacheScope"] == "private");
        let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server["name"], "autopilot");
    }
    let params = modern(json!({"name": "list_connections", "arguments": {}}));
    let called = talk.ask("tools/call", params).await["result"].clone();
    assert_eq!(called["resultType"], "complete");
    assert!(called["_meta"]["io.modelcontextprotocol/serverInfo"].is_object());
    // There is no ping any more.
    assert_eq!(
        talk.ask("ping", modern(json!({}))).await["error"]["code"],
        -32601
    );
}

#[tokio::test]
async fn a_probe_before_the_handshake_and_both_eras_after_it_work_on_one_pipe() {
    let mut talk = Talk::begin();
    assert!(talk.ask("server/discover", modern(json!({}))).await["result"].is_object());
    assert!(talk.ask("tools/list", modern(json!({}))).await["result"].is_object());
    // Whatever it found, this client shakes hands.
    talk.shake_hands("2025-06-18").await;
    let legacy = talk.ask("tools/list", json!({})).await["result"].clone();
    assert!(legacy.get("ttlMs").is_none() || legacy.get("resultType").is_none());
    let again = talk.ask("tools/list", modern(json!({}))).await["result"].clone();
    assert_eq!(again["resultType"], "complete");
}

#[tokio::test]
async fn a_request_of_neither_era_or_of_an_unknown_revision_is_told_what_is_missing() {
    let mut talk = Talk::begin();
    // A stray notification is no reason to leave.
    talk.send(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 9}}),
    )
    .await;
    let bare = talk.ask("tools/list", json!({})).await;
    assert_eq!(bare["error"]["code"], -32602, "{bare}");
    let mut half = modern(json!({}));
    half["_meta"]
        .as_object_mut()
        .unwrap()
        .remove("io.modelcontextprotocol/clientCapabilities");
    assert_eq!(talk.ask("tools/list", half).await["error"]["code"], -32602);
    let mut future = modern(json!({}));
    future["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2031-01-01");
    let refused = talk.ask("tools/list", future).await["error"].clone();
    assert_eq!(refused["code"], -32022, "{refused}");
    let supported = refused["data"]["supported"].as_array().unwrap();
    assert!(supported.contains(&json!("2026-07-28")));
    assert_eq!(refused["data"]["requested"], "2031-01-01");
}

#[tokio::test]
async fn unknown_tools_cursors_and_methods_are_errors_of_the_protocol() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let code = |told: Value| told["error"]["code"].clone();
    let unknown = json!({"name": "rm_rf", "arguments": {}});
    assert_eq!(code(talk.ask("tools/call", unknown).await), -32602);
    assert_eq!(
        code(talk.ask("tools/call", json!({"name": 7})).await),
        -32602
    );
    let cursor = json!({"cursor": "x"});
    assert_eq!(code(talk.ask("tools/list", cursor).await), -32602);
    assert_eq!(code(talk.ask("resources/list", json!({})).await), -32601);
    assert_eq!(code(talk.ask("of/tomorrow", json!({})).await), -32601);
}

#[tokio::test]
async fn each_client_is_introduced_to_the_hub_once() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    for _ in 0..3 {
        talk.ask("tools/list", modern(json!({}))).await;
    }
    let introduced = |name: &str| {
        talk.hub.count(|request| {
            matches!(request, model::Request::Introduce { client: Some(client) } if client.name == name)
        })
    };
    eventually(|| introduced("Test") >= 1 && introduced("Modern") >= 1).await;
    assert!(introduced("Test") <= 2 && introduced("Modern") <= 2);
}

#[tokio::test]
async fn both_eras_hear_that_the_list_of_tools_is_another() {
    let mut talk = Talk::begin();
    talk.hub.shut_out();
    talk.shake_hands("2025-11-25").await;
    assert_eq!(talk.tools().await, ["list_connections", "connect"]);
    let params = modern(json!({"notifications": {"toolsListChanged": true}}));
    let id = talk.begin_request("subscriptions/listen", params).await;
    let acknowledged = talk.hear().await;
    assert_eq!(
        acknowledged["method"],
        "notifications/subscriptions/acknowledged"
    );
    assert_eq!(
        acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"],
        id
    );
    talk.hub.let_in();
    let heard = [talk.hear().await, talk.hear().await];
    for one in &heard {
        assert_eq!(one["method"], "notifications/tools/list_changed", "{one}");
    }
    let subscribed =
        |one: &&Value| one["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == id;
    assert_eq!(heard.iter().filter(subscribed).count(), 1, "{heard:?}");
    assert!(talk.tools().await.contains(&"send_email".to_owned()));
}
