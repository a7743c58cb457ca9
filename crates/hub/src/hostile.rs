//! What strangers may bring the hub, and what must hold whatever it is. Compiled for tests and for `fuzz/` alone:
//! `cargo xtask fuzz` feeds it for as long as asked, and the tests below feed it what that has kept in `fuzz/corpus`.
//!
//! A feeder panics when a promise is broken and says nothing otherwise.

use integrations::TokenVerdict;

pub use crate::moving::hostile::{import_plain, import_sealed};
use crate::oauth::{self, TokenFailure};
pub use crate::sign_in::hostile::{Loopback, callback};

/// The statuses a token endpoint's answer may come with.
const STATUSES: [u16; 10] = [200, 200, 200, 400, 401, 403, 429, 500, 302, 404];

/// An answer of a token endpoint: its status, and its body.
pub fn token_answer(bytes: &[u8]) {
    let Some((status, body)) = bytes.split_first() else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let Ok(status) = http::StatusCode::from_u16(status) else {
        return;
    };
    for service in integrations::all() {
        let Some(made) = oauth::made_of(*service, status, body) else {
            panic!("an answer that is here was waited for");
        };
        match made {
            Ok(tokens) => {
                assert_eq!(status, 200);
                for token in [Some(&tokens.access), tokens.refresh.as_ref()] {
                    let text = token.map_or("x", |token| token.expose());
                    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
                    assert!(plain && !text.is_empty(), "it could never be sent");
                }
            }
            Err(TokenFailure::Verdict { verdict, error }) => {
                assert!(status.is_client_error() && status != 429);
                assert!(error.len() <= 64 && error.is_ascii());
                let ended = matches!(verdict, TokenVerdict::GrantEnded(_));
                assert!(!ended || error == "invalid_grant");
            }
            // A page, a proxy, half an answer: no verdict on any grant.
            Err(TokenFailure::NoVerdict { .. } | TokenFailure::Misconfigured) => {}
            Err(TokenFailure::Unreachable { .. }) => panic!("it was reached"),
        }
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::{replay::replay, *};

    #[test]
    fn no_token_answer_ever_found_ends_a_grant_but_by_the_servers_own_word() {
        replay("token_answers", token_answer);
    }

    #[test]
    fn no_link_ever_found_is_more_than_refused() {
        replay("deep_links", callback);
    }

    #[test]
    fn no_plain_file_ever_found_brings_secrets() {
        replay("import_plain", import_plain);
    }

    #[test]
    fn no_sealed_file_ever_found_is_more_than_refused() {
        replay("import_sealed", import_sealed);
    }

    #[test]
    fn no_request_ever_found_moves_a_sign_in() {
        let folder = tempfile::tempdir().unwrap();
        let loopback = Loopback::open(folder.path());
        replay("loopback", |bytes| loopback.request(bytes));
    }
}
