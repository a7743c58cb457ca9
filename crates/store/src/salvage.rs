//! What a damaged database still says of the accounts, their rules and the settings, brought into a new file row by row.
//!
//! The history and the outbox stay behind: a chain with holes proves nothing, and a write whose row may be older than what
//! became of it must not go out again.

use std::{fs::File, path::Path};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, config::DbConfig, params_from_iter, types::Value,
};

use crate::{StoreError, file, reach::Tx, schema::MIGRATIONS};

/// More rows than any table here has; a damaged tree may seem to have no end.
const MOST_ROWS: u64 = 100_000;

struct Table {
    name: &'static str,
    /// The order of its own tree, by which it can be walked from both sides of what is damaged.
    order: &'static [&'static str],
    /// Can everything in it be read as what it is?
    reads: fn(&Tx<'_>) -> Result<(), StoreError>,
}

/// Before a table those that it points at.
const KEPT: &[Table] = &[
    Table {
        name: "settings",
        order: &["key"],
        // A value that makes no sense counts as none where it is used.
        reads: |_| Ok(()),
    },
    Table {
        name: "connections",
        order: &["rowid"],
        reads: |tx| tx.connections().all().map(drop),
    },
    Table {
        name: "chats",
        order: &["connection", "id"],
        reads: |tx| {
            let connections = tx.connections().all()?;
            connections
                .iter()
                .try_for_each(|one| tx.chats().of(one.id).map(drop))
        },
    },
    Table {
        name: "rotations",
        order: &["connection", "generation"],
        reads: |tx| tx.rotations().all().map(drop),
    },
    Table {
        name: "revocations",
        order: &["connection"],
        reads: |tx| tx.revocations().all().map(drop),
    },
    Table {
        name: "clients",
        order: &["provider", "kind"],
        reads: |tx| tx.clients().all().map(drop),
    },
    Table {
        name: "callers",
        order: &["caller"],
        reads: |tx| tx.callers().all().map(drop),
    },
];

/// What the database at `path` still says, in memory. `None` = nothing could be read.
pub fn gather(path: &Path) -> Result<Option<Connection>, StoreError> {
    let from = open_damaged(path)?;
    let version: usize = from
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map(|version: i64| usize::try_from(version).unwrap_or(0))?;
    let mut into = Connection::open_in_memory()?;
    // What a row points at may be lost; that is weeded out at the end.
    into.execute_batch("PRAGMA foreign_keys = OFF")?;
    MIGRATIONS.to_version(&mut into, version)?;
    let mut rows = 0;
    for table in KEPT {
        rows += copy(&from, &into, table)?;
    }
    if rows == 0 {
        return Ok(None);
    }
    MIGRATIONS.to_latest(&mut into)?;
    into.execute_batch("PRAGMA foreign_keys = ON")?;
    for table in KEPT {
        weed(&into, table)?;
    }
    Ok(Some(into))
}

/// Makes a file of it, whole and on disk once this returns. Where it can't be written, the damaged one should stay in its
/// place.
pub fn write(gathered: &Connection, to: &Path) -> Result<(), StoreError> {
    file::prepare(to)?;
    let name = to
        .to_str()
        .ok_or(StoreError::Value("a folder whose name is no text"))?;
    gathered.execute("VACUUM INTO ?1", [name])?;
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(|source| StoreError::File {
            path: to.to_owned(),
            source,
        })
}

/// To read only, and so that closing it leaves it as it was found.
fn open_damaged(path: &Path) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.execute_batch(
        "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
    )?;
    Ok(db)
}

/// From the front until something can't be read, and from the back up to the same place.
fn copy(from: &Connection, into: &Connection, table: &Table) -> Result<u64, StoreError> {
    let columns: Vec<String> = into
        .prepare("SELECT name FROM pragma_table_info(?1)")?
        .query_map([table.name], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if columns.is_empty() {
        // It came with a later version.
        return Ok(0);
    }
    let names = columns.join(", ");
    let places = vec!["?"; columns.len()].join(", ");
    let put = format!("INSERT INTO {} ({names}) VALUES ({places})", table.name);
    let mut put = into.prepare(&put)?;
    let mut copied = 0;
    for direction in ["ASC", "DESC"] {
        let order: Vec<String> = table
            .order
            .iter()
            .map(|column| format!("{column} {direction}"))
            .collect();
        let ask = format!(
            "SELECT {names} FROM {} NOT INDEXED ORDER BY {} LIMIT {MOST_ROWS}",
            table.name,
            order.join(", ")
        );
        let met_damage = each_row(from, &ask, columns.len(), |values| {
            match put.execute(params_from_iter(values)) {
                Ok(_) => copied += 1,
                // There already, or not what such a column holds.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                }
                Err(error) => return Err(error),
            }
            Ok(())
        })?;
        if !met_damage {
            break;
        }
    }
    Ok(copied)
}

/// True = it ended at something that can't be read.
fn each_row(
    from: &Connection,
    ask: &str,
    columns: usize,
    mut take: impl FnMut(Vec<Value>) -> rusqlite::Result<()>,
) -> Result<bool, StoreError> {
    let Ok(mut asked) = from.prepare(ask) else {
        return Ok(true);
    };
    let Ok(mut rows) = asked.query([]) else {
        return Ok(true);
    };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(false),
            Err(_) => return Ok(true),
        };
        let values: rusqlite::Result<Vec<Value>> =
            (0..columns).map(|column| row.get(column)).collect();
        // Text that is none any more: this row alone is lost.
        if let Ok(values) = values {
            take(values)?;
        }
    }
}

/// Drops the rows that aren't what they were written as, or belong to nothing: one of them would keep the rest from being
/// read.
fn weed(db: &Connection, table: &Table) -> Result<(), StoreError> {
    let name = table.name;
    db.execute_batch(&format!(
        "CREATE TEMP TABLE found AS SELECT * FROM {name}; DELETE FROM {name};"
    ))?;
    let numbers: Vec<i64> = db
        .prepare("SELECT rowid FROM found ORDER BY rowid")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let put = format!("INSERT INTO {name} SELECT * FROM found");
    let whole = attempt(db, |tx| {
        tx.0.execute_batch(&put)?;
        (table.reads)(tx)
    })?;
    if !whole {
        let one = format!("{put} WHERE rowid = ?1");
        for number in numbers {
            attempt(db, |tx| {
                tx.0.execute(&one, [number])?;
                (table.reads)(tx)
            })?;
        }
    }
    db.execute_batch("DROP TABLE found")?;
    Ok(())
}

/// Undone where it fails.
fn attempt(
    db: &Connection,
    step: impl FnOnce(&Tx<'_>) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    db.execute_batch("SAVEPOINT step")?;
    let held = step(&Tx(db)).is_ok();
    db.execute_batch(if held {
        "RELEASE step"
    } else {
        "ROLLBACK TO step; RELEASE step"
    })?;
    Ok(held)
}
