//! The key that chains the lines of the ledger.

use model::Secret;
use serde::{Deserialize, Serialize};

use super::{exposed, sheet::stored_as};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerKey {
    /// 32 random bytes, in hexadecimal.
    pub key: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LedgerKey")]
struct LedgerKeyText {
    #[serde(with = "exposed")]
    key: Secret,
}

stored_as!(LedgerKey, LedgerKeyText, "ledger_key", 1);
