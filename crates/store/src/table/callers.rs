//! Who has ever asked for something: let in or not, under which rules, and since when it may have been told what to do
//! by somebody outside.

use model::{Admission, Budget, Caller, ClientInfo, Effect, Rule, Taint, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use crate::{StoreError, column, reach::Reach};

pub const CREATE: &str = "
    CREATE TABLE callers (
        caller TEXT PRIMARY KEY,
        admission TEXT NOT NULL,
        rules TEXT NOT NULL,
        writes TEXT NOT NULL,
        budget TEXT NOT NULL,
        client TEXT,
        taint TEXT,
        last_seen INTEGER
    ) STRICT, WITHOUT ROWID;
";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallerRow {
    pub caller: Caller,
    pub admission: Admission,
    pub rules: Vec<Rule>,
    /// What writes get where no rule is about them.
    pub writes: Effect,
    pub budget: Budget,
    /// What it says of itself.
    pub client: Option<ClientInfo>,
    pub taint: Option<Taint>,
    pub last_seen: Option<Timestamp>,
}

pub struct Callers<'a>(pub(crate) Reach<'a>);

impl Callers<'_> {
    pub fn put(&self, row: &CallerRow) -> Result<(), StoreError> {
        let caller = column::to_json(&row.caller)?;
        let admission = column::to_json(&row.admission)?;
        let rules = column::to_json(&row.rules)?;
        let writes = column::to_json(&row.writes)?;
        let budget = column::to_json(&row.budget)?;
        let client = row.client.as_ref().map(column::to_json).transpose()?;
        let taint = row.taint.as_ref().map(column::to_json).transpose()?;
        self.0.with(|db| {
            db.prepare_cached(
                "INSERT INTO callers (caller, admission, rules, writes, budget, client, taint, last_seen)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (caller) DO UPDATE SET admission = excluded.admission, rules = excluded.rules,
                     writes = excluded.writes, budget = excluded.budget, client = excluded.client,
                     taint = excluded.taint, last_seen = excluded.last_seen",
            )?
            .execute(params![
                caller,
                admission,
                rules,
                writes,
                budget,
                client,
                taint,
                row.last_seen.map(column::millis),
            ])?;
            Ok(())
        })
    }

    pub fn get(&self, caller: &Caller) -> Result<Option<CallerRow>, StoreError> {
        let caller = column::to_json(caller)?;
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM callers WHERE caller = ?1")?
                .query_row([caller], read)
                .optional()?)
        })
    }

    pub fn all(&self) -> Result<Vec<CallerRow>, StoreError> {
        self.0.with(|db| {
            Ok(db
                .prepare_cached("SELECT * FROM callers ORDER BY caller")?
                .query_map([], read)?
                .collect::<Result<_, _>>()?)
        })
    }

    pub fn remove(&self, caller: &Caller) -> Result<bool, StoreError> {
        let caller = column::to_json(caller)?;
        self.0.with(|db| {
            let removed = db
                .prepare_cached("DELETE FROM callers WHERE caller = ?1")?
                .execute([caller])?;
            Ok(removed == 1)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<CallerRow> {
    let client: Option<String> = row.get("client")?;
    let taint: Option<String> = row.get("taint")?;
    Ok(CallerRow {
        caller: column::json(row, "caller")?,
        admission: column::json(row, "admission")?,
        rules: column::json(row, "rules")?,
        writes: column::json(row, "writes")?,
        budget: column::json(row, "budget")?,
        client: client.map(|_| column::json(row, "client")).transpose()?,
        taint: taint.map(|_| column::json(row, "taint")).transpose()?,
        last_seen: column::maybe_timestamp(row, "last_seen")?,
    })
}

#[cfg(test)]
mod tests {
    use model::{Capability, Limits};

    use super::*;
    use crate::Store;

    #[test]
    fn a_caller_comes_back_with_everything_it_may_do() {
        let store = Store::in_memory().unwrap();
        let row = CallerRow {
            caller: Caller::Agent {
                executable: "/opt/agent".to_owned(),
            },
            admission: Admission::Admitted {
                at: Timestamp::UNIX_EPOCH,
            },
            rules: vec![Rule {
                connection: None,
                capability: Some(Capability::MailSend),
                effect: Effect::Allow,
                limits: Limits {
                    recipients: vec!["@example.org".to_owned()],
                    per_day: Some(3),
                    folders: Vec::new(),
                },
            }],
            writes: Effect::Ask,
            budget: Budget::default(),
            client: None,
            taint: Some(Taint {
                since: Timestamp::UNIX_EPOCH,
                until: Timestamp::UNIX_EPOCH,
            }),
            last_seen: None,
        };
        store.callers().put(&row).unwrap();
        store.callers().put(&row).unwrap();
        assert_eq!(store.callers().all().unwrap(), std::slice::from_ref(&row));
        assert_eq!(store.callers().get(&row.caller).unwrap(), Some(row.clone()));
        assert!(store.callers().remove(&row.caller).unwrap());
        assert!(!store.callers().remove(&row.caller).unwrap());
    }
}
