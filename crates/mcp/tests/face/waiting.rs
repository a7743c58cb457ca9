//! Writes: waiting for a person, past a client's patience, taken back, and through a hub that changes hands.

use std::time::Duration;

use model::{ActionId, ActionState, ErrorCode, Progress, Request};
use serde_json::{Value, json};

use crate::{
    hub::{AT, FakeHub, awaiting, eventually, sent},
    talk::{Talk, modern},
};

fn mail() -> Value {
    json!({"to": ["ben@example.org"], "subject": "Hello", "text": "Hi"})
}

fn is_write(request: &Request) -> bool {
    matches!(request, Request::Act { .. })
}

fn is_list(request: &Request) -> bool {
    matches!(request, Request::ListConnections)
}

fn is_cancel(request: &Request) -> bool {
    matches!(request, Request::CancelAction { .. })
}

fn cancelled(call: i64) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": call}})
}

async fn begun(talk: &Talk) -> ActionId {
    eventually(|| talk.hub.count(is_write) > 0).await;
    talk.hub.only_action().id
}

#[tokio::test]
async fn a_write_waits_for_the_person_and_ends_as_they_decide() {
    for (state, code) in [
        (sent(), None),
        (ActionState::Denied { at: AT }, Some("approval_denied")),
        (ActionState::Expired { at: AT }, Some("expired")),
        (
            ActionState::Failed {
                at: AT,
                error: ErrorCode::ServiceRefused.into(),
            },
            Some("service_refused"),
        ),
        (
            ActionState::OutcomeUnknown {
                at: AT,
                error: ErrorCode::NotUnderstood.into(),
                asking: false,
            },
            Some("outcome_unknown"),
        ),
    ] {
        let mut talk = Talk::begin();
        talk.shake_hands("2025-11-25").await;
        let params = json!({"name": "send_email", "arguments": mail()});
        let call = talk.begin_request("tools/call", params).await;
        let id = begun(&talk).await;
        assert!(talk.is_quiet().await, "it waits");
        talk.hub.change(id, |view| view.state = state.clone());
        let told = talk.answer_to(call).await.0["result"].clone();
        let structured = &told["structuredContent"];
        assert_eq!(structured["action"], id.to_string());
        match code {
            None => assert_eq!(structured["state"], "sent"),
            Some(code) => {
                assert_eq!(told["isError"], true);
                assert_eq!(structured["code"], code, "{structured}");
                assert!(!structured["sentence"].as_str().unwrap().contains("mcp_"));
            }
        }
    }
}

#[tokio::test]
async fn past_patience_a_call_returns_how_to_follow_it() {
    let mut talk = Talk::with(FakeHub::new(), Duration::from_millis(300));
    talk.shake_hands("2025-11-25").await;
    let told = talk.call("send_email", mail()).await;
    assert_ne!(told["isError"], true);
    assert_eq!(told["structuredContent"]["state"], "awaiting_approval");
    let action = told["structuredContent"]["action"].clone();
    let id: ActionId = action.as_str().unwrap().parse().unwrap();
    talk.hub.change(id, |view| view.state = sent());
    let told = talk
        .call("action_status", json!({"action": action, "wait_s": 1}))
        .await;
    assert_eq!(told["structuredContent"]["state"], "sent");
    let unknown = json!({"action": ActionId::generate().to_string()});
    let told = talk.call("action_status", unknown).await;
    assert_eq!(told["structuredContent"]["code"], "unknown_action");
}

#[tokio::test]
async fn the_same_key_is_the_same_action() {
    let mut talk = Talk::begin();
    talk.hub.begins(sent());
    talk.shake_hands("2025-11-25").await;
    let key = ActionId::generate().to_string();
    for _ in 0..2 {
        let mut mail = mail();
        mail["idempotency_key"] = json!(key);
        let told = talk.call("send_email", mail).await;
        assert_eq!(told["structuredContent"]["action"], key);
    }
    talk.hub.only_action();
}

#[tokio::test]
async fn progress_only_ever_rises_and_only_where_it_was_asked_for() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let params =
        json!({"name": "send_email", "arguments": mail(), "_meta": {"progressToken": "t"}});
    let call = talk.begin_request("tools/call", params).await;
    let id = begun(&talk).await;
    for done in [10, 4, 10, 30] {
        talk.hub.change(id, |view| {
            view.state = ActionState::Sending { since: AT };
            view.progress = Some(Progress { done, total: 30 });
        });
    }
    talk.hub.change(id, |view| view.state = sent());
    let (_, before) = talk.answer_to(call).await;
    let told: Vec<f64> = before
        .iter()
        .map(|one| {
            assert_eq!(one["method"], "notifications/progress");
            assert_eq!(one["params"]["progressToken"], "t");
            one["params"]["progress"].as_f64().unwrap()
        })
        .collect();
    assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    assert_eq!(told.last().copied().map(f64::floor), Some(30.0));
    let first = before[0]["params"]["message"].as_str().unwrap();
    assert!(first.contains("approval"));
}

#[tokio::test]
async fn a_cancelled_call_is_not_answered_and_its_write_is_taken_back() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let params = json!({"name": "send_email", "arguments": mail()});
    let call = talk.begin_request("tools/call", params).await;
    let id = begun(&talk).await;
    talk.send(&cancelled(call)).await;
    let hub = talk.hub.clone();
    eventually(|| hub.action(id).unwrap().state.kind() == "cancelled").await;
    assert!(talk.is_quiet().await, "no answer to what was cancelled");
    assert_eq!(talk.ask("ping", json!({})).await["result"], json!({}));
}

/// Large files take long to be read, and until then there is no action that could be taken back.
#[tokio::test]
async fn a_call_cancelled_while_the_hub_reads_its_files_takes_its_write_back() {
    let mut talk = Talk::begin();
    talk.hub.hold(is_write);
    talk.shake_hands("2025-11-25").await;
    let params = json!({"name": "send_email", "arguments": mail()});
    let call = talk.begin_request("tools/call", params).await;
    let hub = talk.hub.clone();
    eventually(|| hub.count(is_write) > 0).await;
    talk.send(&cancelled(call)).await;
    eventually(|| hub.count(is_cancel) > 2).await;
    assert!(talk.is_quiet().await, "no answer to what was cancelled");
    hub.release();
    let id = hub.asked().iter().find_map(|one| match one {
        Request::Act { id, .. } => Some(*id),
        _ => None,
    });
    let state = || Some(hub.action(id?)?.state);
    eventually(|| state().is_some_and(|state| state.kind() == "cancelled")).await;
    // Taken back, it is let be.
    let told = hub.count(is_cancel);
    assert!(talk.is_quiet().await);
    assert_eq!(hub.count(is_cancel), told);
}

#[tokio::test]
async fn what_was_cancelled_before_there_was_a_hub_to_ask_is_never_asked_for() {
    let hub = FakeHub::new();
    hub.begins(sent());
    hub.hold(is_list);
    let mut talk = Talk::with(hub, Duration::from_secs(20));
    talk.shake_hands("2025-11-25").await;
    // Many, for it would be luck if one didn't go out.
    for _ in 0..20 {
        let params = json!({"name": "send_email", "arguments": mail()});
        let call = talk.begin_request("tools/call", params).await;
        talk.send(&cancelled(call)).await;
    }
    // Whatever came before this was taken in.
    assert_eq!(talk.ask("ping", json!({})).await["result"], json!({}));
    talk.hub.release();
    let told = talk.call("send_email", mail()).await;
    assert_eq!(told["structuredContent"]["state"], "sent", "{told}");
    assert_eq!(talk.hub.count(is_write), 1);
}

/// A modern client that can send its person to an address is asked to, and can't approve anything by answering.
#[tokio::test]
async fn a_client_that_opens_addresses_is_pointed_to_our_window_and_no_more() {
    let mut talk = Talk::with(FakeHub::new(), Duration::from_millis(300));
    let mut params = modern(json!({"name": "send_email", "arguments": mail()}));
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
        json!({"elicitation": {"url": {}}});
    let asked = talk.ask("tools/call", params.clone()).await["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let open = &asked["inputRequests"]["approval"]["params"];
    assert_eq!(open["mode"], "url");
    assert_eq!(open["url"], "app.autopilot.desktop:/approvals");

    params["requestState"] = asked["requestState"].clone();
    params["inputResponses"] =
        json!({"approval": {"action": "accept", "content": {"approved": true}}});
    let told = talk.ask("tools/call", params.clone()).await["result"].clone();
    assert_eq!(
        told["structuredContent"]["state"], "awaiting_approval",
        "{told}"
    );
    assert_eq!(talk.hub.only_action().state, awaiting());
    assert_eq!(
        talk.hub.count(|one| matches!(one, Request::Decide { .. })),
        0
    );

    params["inputResponses"] = json!({"approval": {"action": "decline"}});
    let told = talk.ask("tools/call", params).await["result"].clone();
    assert_eq!(told["structuredContent"]["code"], "cancelled", "{told}");
}

#[tokio::test]
async fn a_call_lives_through_a_hub_that_changes_hands() {
    let mut talk = Talk::begin();
    talk.shake_hands("2025-11-25").await;
    let params = json!({"name": "send_email", "arguments": mail()});
    let call = talk.begin_request("tools/call", params).await;
    let id = begun(&talk).await;
    talk.server.take().unwrap().shutdown().await;
    // It ends where nobody listens.
    talk.hub.change(id, |view| view.state = sent());
    let _next = talk.home.serve(&talk.hub);
    let told = talk.answer_to(call).await.0["result"].clone();
    assert_eq!(told["structuredContent"]["state"], "sent", "{told}");
    talk.hub.only_action();
}
