//! Several agents on one account at the same moment, and what they are promised when the hub under them is killed.
//! Which process the hub is, and how it is killed and comes back, is the test's affair.

use std::time::Duration;

use model::ActionId;
use serde_json::{Value, json};

use crate::{ANNA, BEN, Mcp, PATIENCE, World, eventually};

/// How many call at once.
pub const AGENTS: usize = 8;

/// A mail stays this long on the wire: all of them are under way when the hub is killed.
const ON_THE_WIRE_MS: u32 = 1500;

/// A hub has to be started again, and what is unsure has to be looked up.
const UNTIL_SENT: Duration = Duration::from_secs(120);

/// Anna's account was connected, and these agents may write to Ben. Her grant runs out, all of them send a mail of their
/// own, and `kill` ends the hub under them.
///
/// Each call ends well or says in words that the agent can act on why not; asked again under its own name, each mail is
/// sent, and once; and the grant was renewed once for all of them.
pub fn outlive_a_killed_hub(world: &World, agents: &mut [Mcp], kill: impl FnOnce()) {
    let peer = world.peer();
    let slow = json!({"kind": "delay", "ms": ON_THE_WIRE_MS});
    peer.fault("gmail", Some("send"), &slow, None);
    peer.expire_access_tokens();
    let renewed_before = peer.token_requests("refresh_token");
    let keys: Vec<String> = agents
        .iter()
        .map(|_| ActionId::generate().to_string())
        .collect();
    let calls: Vec<u64> = agents
        .iter_mut()
        .zip(&keys)
        .map(|(agent, key)| agent.begin_call("send_email", &mail(key)))
        .collect();
    eventually(PATIENCE, "something is on the wire", || {
        (peer.requests("gmail", "send") > 0).then_some(())
    });
    kill();
    peer.heal();
    for (agent, call) in agents.iter_mut().zip(calls) {
        ended_well_or_can_be_made_again(&agent.answer(call)["result"]);
    }
    for (agent, key) in agents.iter_mut().zip(&keys) {
        eventually(UNTIL_SENT, "the mail is sent", || {
            let answer = agent.call("send_email", &mail(key));
            (answer["structuredContent"]["state"] == "sent").then_some(())
        });
    }
    let renewals = peer.token_requests("refresh_token") - renewed_before;
    assert_eq!(renewals, 1, "the new token was kept before it was used");
    let sent = peer.get(&format!("gmail/sent?account={ANNA}"));
    let sent = sent.as_array().expect("a list of mails");
    for key in &keys {
        let times = sent
            .iter()
            .filter(|mail| mail["subject"].as_str() == Some(key))
            .count();
        assert_eq!(times, 1, "{key}");
    }
}

/// A repetition with this name is the same mail.
fn mail(key: &str) -> Value {
    json!({"to": [BEN], "subject": key, "text": "Once is enough.", "idempotency_key": key})
}

fn ended_well_or_can_be_made_again(result: &Value) {
    if result["isError"] == true {
        let told = &result["structuredContent"];
        assert!(
            told["next_step"].is_string() && told["code"].is_string(),
            "{result}"
        );
    }
}
