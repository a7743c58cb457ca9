//! Bad luck: one of the twins' faults, for some requests of one service.

use autopilot_tests::Peer;
use serde_json::json;

use crate::torture::dice::Dice;

/// None of them ends a grant; how long each lasts is bounded, so that a later one gets its turn.
pub fn strike(peer: &Peer, dice: &mut Dice) {
    let services = ["gmail", "google_drive", "google_oauth"];
    let service = services[usize::try_from(dice.below(3)).unwrap()];
    let fault = match dice.below(12) {
        0 => json!({"kind": "status", "status": 500}),
        1 => json!({"kind": "status", "status": 503}),
        2 => json!({"kind": "status", "status": 429, "retry_after_s": 1 + dice.below(4)}),
        3 => json!({"kind": "status", "status": 403, "body": "Forbidden"}),
        4 => json!({"kind": "drop_before"}),
        5 => json!({"kind": "drop_after"}),
        6 => json!({"kind": "delay", "ms": 50 + dice.below(3000)}),
        7 => json!({"kind": "delay_after", "ms": 50 + dice.below(3000)}),
        8 => json!({"kind": "html"}),
        9 => json!({"kind": "garbage"}),
        10 => json!({"kind": "drop_in_answer", "bytes": 1 + dice.below(60)}),
        _ => json!({"kind": "slow_loris", "interval_ms": 1 + dice.below(5)}),
    };
    let times = u32::try_from(1 + dice.below(6)).unwrap();
    peer.fault(service, None, &fault, Some(times));
}
