//! What the Bot API, or whoever stands between, may answer, and what must hold whatever it is. See [`crate::hostile`].

use serde_json::Value;
use teloxide::types::Me;

use super::{api, claims, errors};
use crate::{call::Answer, hostile::sane};

/// What the link holds that a chat is claimed with.
const PAYLOAD: &str = "c1A2b3C4d5E6f7";

pub(crate) fn me(answer: &Answer) {
    sane(errors::read::<Me>(answer));
}

pub(crate) fn sent(answer: &Answer) {
    sane(api::answered(answer));
}

pub(crate) fn updates(answer: &Answer) {
    let Some(updates) = sane(errors::read::<Vec<Value>>(answer)) else {
        return;
    };
    let mut position = None;
    if let Some(claimed) = claims::look_through(&updates, PAYLOAD, &mut position) {
        let said = String::from_utf8_lossy(&answer.body);
        // Escapes can spell it too; what can't be is a claim without the payload in any spelling.
        assert!(said.contains(PAYLOAD) || said.contains('\\'));
        assert!(claimed.id.parse::<i64>().is_ok());
        assert!(!claimed.title.is_empty());
    }
}
