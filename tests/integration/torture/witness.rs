//! Where each write stood when the hub was killed, read from its database without the hub.

use std::{collections::HashMap, fs};

use autopilot_tests::World;
use rusqlite::Connection;
use tempfile::TempDir;

use super::writes::{Kind, Write};

#[derive(Default)]
pub struct Witness {
    /// Kills that found something on the wire.
    pub hits: u64,
    /// How often an upload that can be gone on with was on the wire at a kill.
    pub uploads_hit: u64,
}

impl Witness {
    /// Right after a kill. Panics when a write that was promised isn't there.
    pub fn look(&mut self, world: &World, writes: &mut [Write]) {
        let states = states(world);
        let mut hit = false;
        for write in writes {
            let state = states.get(&write.id.to_string()).map(String::as_str);
            assert!(
                state.is_some() || !write.is_accepted,
                "{write:?} was accepted, and is lost"
            );
            match state {
                Some("sending") => {
                    hit = true;
                    write.was_on_wire = true;
                    if write.kind == Kind::FileResumed {
                        self.uploads_hit += 1;
                    }
                }
                Some("outcome_unknown") => write.was_unknown = true,
                _ => {}
            }
        }
        self.hits += u64::from(hit);
    }
}

/// From a copy, so that looking mends nothing that the hub has to mend.
fn states(world: &World) -> HashMap<String, String> {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    fs::copy(world.database(), &copy).unwrap();
    let log = world.database().with_extension("db-wal");
    if log.exists() {
        fs::copy(log, folder.path().join("copy.db-wal")).unwrap();
    }
    let db = Connection::open(&copy).unwrap();
    let mut rows = db.prepare("SELECT id, state FROM outbox").unwrap();
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}
