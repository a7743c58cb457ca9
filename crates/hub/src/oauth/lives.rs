//! How long tokens live, as services really say it. Changes nothing else in an answer, and an answer that needs no
//! change not at all.

use serde_json::{Value, map::Entry};

const LIVES: [&str; 2] = ["expires_in", "refresh_token_expires_in"];

/// Only whole seconds are read (RFC 6749 §5.1), and an answer with anything else would be refused with its tokens in it;
/// where refresh tokens rotate, that would be the end of the account. A number in quotes or with a fraction is made whole.
/// What is no life at all, as the negative ones that mean "for ever" somewhere, counts as not said.
pub fn in_whole_seconds(body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(&body) else {
        return body;
    };
    let mut is_changed = false;
    for name in LIVES {
        if let Entry::Occupied(mut life) = answer.entry(name)
            && !life.get().is_u64()
        {
            is_changed = true;
            match whole(life.get()) {
                Some(seconds) => drop(life.insert(seconds.into())),
                None => drop(life.remove()),
            }
        }
    }
    match is_changed.then(|| serde_json::to_vec(&answer)) {
        Some(Ok(changed)) => changed,
        _ => body,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fraction of a second is nobody's loss, and what is below nothing is taken out before"
)]
fn whole(life: &Value) -> Option<u64> {
    let seconds = match life {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }?;
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oauth::made_of;

    fn life_of(said: Value) -> Option<Value> {
        let body = json!({"access_token": "a", "expires_in": said}).to_string();
        let read: Value = serde_json::from_slice(&in_whole_seconds(body.into_bytes())).unwrap();
        assert_eq!(read["access_token"], "a");
        read.get("expires_in").cloned()
    }

    #[test]
    fn numbers_in_quotes_and_with_fractions_are_made_whole() {
        for said in [json!(3599), json!("3599"), json!(" 3599 "), json!(3599.98)] {
            assert_eq!(life_of(said), Some(json!(3599)));
        }
        assert_eq!(life_of(json!(1e300)), Some(json!(u64::MAX)));
    }

    #[test]
    fn what_is_no_life_counts_as_not_said() {
        for said in [
            json!(-1),
            json!("-1"),
            json!("soon"),
            json!([]),
            json!({}),
            json!(true),
            json!(null),
            json!("NaN"),
        ] {
            assert_eq!(life_of(said.clone()), None, "{said}");
        }
    }

    #[test]
    fn a_life_below_nothing_never_costs_the_new_refresh_token() {
        let body = json!({
            "access_token": "a", "token_type": "Bearer", "refresh_token": "new",
            "expires_in": -1, "refresh_token_expires_in": "-1",
        });
        let service = integrations::all()[0];
        let made = made_of(service, http::StatusCode::OK, body.to_string().as_bytes());
        let tokens = made.unwrap().unwrap();
        assert_eq!(tokens.refresh.unwrap().expose(), "new");
        assert_eq!((tokens.expires_in, tokens.refresh_expires_in), (None, None));
    }

    #[test]
    fn every_other_answer_stays_as_it_came() {
        for body in [
            &b"<html>"[..],
            b"[1]",
            b"",
            b"{\"expires_in\" : 5 }",
            b"{ \"error\":\"x\"}",
        ] {
            assert_eq!(in_whole_seconds(body.to_vec()), body);
        }
    }
}
