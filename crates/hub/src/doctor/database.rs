//! The database and the ledger in it.

use std::sync::Arc;

use model::{LedgerVerdict, doctor::DoctorCause};
use store::{SetAside, SetAsideWhy, Store};

use super::{Check, DEADLINE};
use crate::core::Core;

pub(super) fn check(core: &Arc<Core>) -> Check {
    let core = Arc::clone(core);
    Check::new("database", DEADLINE, async move {
        match core.db(Store::check).await {
            Ok(true) => core
                .set_aside
                .as_ref()
                .map_or(DoctorCause::DatabaseSound, set_aside),
            Ok(false) => DoctorCause::DatabaseDamaged,
            Err(_) => DoctorCause::DatabaseUnreachable,
        }
    })
}

fn set_aside(aside: &SetAside) -> DoctorCause {
    let file = aside.file_name();
    match aside.why {
        SetAsideWhy::Damaged if aside.saved => DoctorCause::DatabaseSalvaged { file },
        SetAsideWhy::Damaged => DoctorCause::DatabaseSetAside { file },
        SetAsideWhy::Newer => DoctorCause::DatabaseNewer { file },
    }
}

/// A long history may take longer than the deadline; walking it stops nobody else.
pub(super) fn check_ledger(core: &Arc<Core>) -> Check {
    let core = Arc::clone(core);
    Check::new("ledger", DEADLINE, async move {
        // Its key is in the vault, which may be opening still.
        core.vault.settled().await;
        match core.check_ledger().await.map(|found| found.verdict) {
            Ok(LedgerVerdict::Whole) => DoctorCause::LedgerWhole,
            Ok(LedgerVerdict::BrokenAt { .. } | LedgerVerdict::CutOff { .. }) => {
                DoctorCause::LedgerBroken
            }
            // Without its key nobody can tell.
            Ok(LedgerVerdict::KeyMissing) | Err(_) => DoctorCause::LedgerUnknown,
        }
    })
}
