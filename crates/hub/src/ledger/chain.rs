//! The chain: what a line's MAC is taken over, and what the head and a checkpoint are sealed with.
//!
//! Everything is written down in one form that no two different things share: each field is preceded by
//! whether it is there and how long it is, and each kind of thing begins with a word of its own.

use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Secret;
use sha2::Sha256;
use store::{LedgerCheckpoint, LedgerHead, LedgerLine};

pub(super) const MAC_LEN: usize = 32;
/// What the first line of a chain follows.
pub(super) const BEGINNING: [u8; MAC_LEN] = [0; MAC_LEN];

/// Holds the key of the present chain in memory.
#[derive(Clone, Debug)]
pub(super) struct Sealer(Secret);

impl Sealer {
    pub(super) const fn new(key: Secret) -> Self {
        Self(key)
    }

    fn mac(&self, canonical: &[u8]) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes());
        Some(mac.ok()?.chain_update(canonical))
    }

    /// Empty only if there is no key at all, which then holds for nothing.
    fn seal(&self, canonical: &[u8]) -> Vec<u8> {
        self.mac(canonical)
            .map(|mac| mac.finalize().into_bytes().to_vec())
            .unwrap_or_default()
    }

    fn holds(&self, canonical: &[u8], seal: &[u8]) -> bool {
        self.mac(canonical)
            .is_some_and(|mac| mac.verify_slice(seal).is_ok())
    }

    pub(super) fn chain(&self, line: &mut LedgerLine, before: &[u8]) {
        line.mac = self.seal(&line_form(line, before));
    }

    pub(super) fn line_holds(&self, line: &LedgerLine, before: &[u8]) -> bool {
        self.holds(&line_form(line, before), &line.mac)
    }

    pub(super) fn head(&self, first_seq: i64, seq: i64, mac: Vec<u8>) -> LedgerHead {
        let mut head = LedgerHead {
            first_seq,
            seq,
            mac,
            seal: Vec::new(),
        };
        head.seal = self.seal(&head_form(&head));
        head
    }

    pub(super) fn head_holds(&self, head: &LedgerHead) -> bool {
        self.holds(&head_form(head), &head.seal)
    }

    pub(super) fn seal_checkpoint(&self, one: &mut LedgerCheckpoint) {
        one.mac = self.seal(&checkpoint_form(one));
    }

    pub(super) fn checkpoint_holds(&self, one: &LedgerCheckpoint) -> bool {
        self.holds(&checkpoint_form(one), &one.mac)
    }
}

/// Bytes that can be cut into fields in one way only.
struct Form(Vec<u8>);

impl Form {
    fn of(what: &str) -> Self {
        Self(Vec::with_capacity(256)).text(what)
    }

    fn number(mut self, n: i64) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn maybe(mut self, text: Option<&str>) -> Self {
        self.0.push(u8::from(text.is_some()));
        match text {
            Some(text) => self.text(text),
            None => self,
        }
    }
}

fn line_form(line: &LedgerLine, before: &[u8]) -> Vec<u8> {
    Form::of("ledger line 1")
        .number(line.seq)
        .number(line.at)
        .text(&line.kind)
        .maybe(line.caller.as_deref())
        .maybe(line.connection.as_deref())
        .maybe(line.integration.as_deref())
        .maybe(line.account.as_deref())
        .maybe(line.capability.as_deref())
        .maybe(line.action.as_deref())
        .text(&line.result)
        .number(line.calls)
        .number(line.errors)
        .number(line.millis)
        .number(line.bytes_out)
        .number(line.bytes_in)
        .bytes(before)
        .0
}

fn head_form(head: &LedgerHead) -> Vec<u8> {
    Form::of("ledger head 1")
        .number(head.first_seq)
        .number(head.seq)
        .bytes(&head.mac)
        .0
}

fn checkpoint_form(one: &LedgerCheckpoint) -> Vec<u8> {
    Form::of("ledger checkpoint 1")
        .number(one.first_seq)
        .number(one.last_seq)
        .number(one.day)
        .number(one.rows)
        .text(one.found.stored())
        .bytes(&one.last_mac)
        .0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts() -> impl Strategy<Value = Option<String>> {
        // Few letters and short, so that boundaries between fields have a chance to be confused.
        proptest::option::of("[a\u{0}\u{1}]{0,3}")
    }

    prop_compose! {
        fn lines()(
            seq in 0i64..3, at in 0i64..3, kind in "[ab]{0,2}", result in "[ab]{0,2}",
            many in proptest::array::uniform6(texts()), numbers in proptest::array::uniform5(0i64..3),
        ) -> LedgerLine {
            let [caller, connection, integration, account, capability, action] = many;
            let [calls, errors, millis, bytes_out, bytes_in] = numbers;
            LedgerLine {
                seq, at, kind, caller, connection, integration, account, capability, action, result,
                calls, errors, millis, bytes_out, bytes_in, mac: Vec::new(),
            }
        }
    }

    proptest! {
        #[test]
        fn two_different_lines_never_have_one_form(
            one in lines(), other in lines(),
            before in proptest::collection::vec(0u8..2, 0..3),
            before_other in proptest::collection::vec(0u8..2, 0..3),
        ) {
            let same = one == other && before == before_other;
            prop_assert_eq!(line_form(&one, &before) == line_form(&other, &before_other), same);
        }

        #[test]
        fn text_that_moves_to_the_next_field_is_another_line(
            one in lines(), text in "[a\u{0}\u{1}]{1,3}",
        ) {
            let left = LedgerLine { caller: Some(text.clone()), connection: None, ..one.clone() };
            let right = LedgerLine { caller: None, connection: Some(text), ..one };
            prop_assert_ne!(line_form(&left, &BEGINNING), line_form(&right, &BEGINNING));
        }
    }

    #[test]
    fn a_seal_holds_for_its_own_key_alone() {
        let ours = Sealer::new(Secret::new("0f".repeat(32)));
        let theirs = Sealer::new(Secret::new("f0".repeat(32)));
        let head = ours.head(1, 5, vec![7; MAC_LEN]);
        assert!(ours.head_holds(&head));
        assert!(!theirs.head_holds(&head));
        assert!(!ours.head_holds(&LedgerHead { seq: 4, ..head }));
    }
}
