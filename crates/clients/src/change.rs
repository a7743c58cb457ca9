//! Where we stand with each client, what setting it up would change, and the change.
//!
//! Nothing is changed that the person wasn't shown: the change is made from the text they saw, and refused when the
//! file has become another since. An entry of our name that isn't ours is part of what they are shown.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Client, Entry, Homes, Trouble,
    entry::{self, Standing},
    file,
};

/// A second one within the same second gets a number.
const BACKUPS_A_SECOND: u32 = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    NotInstalled,
    /// Installed, and we don't stand in its file.
    Ready,
    SetUp,
    /// Something else stands in its file under our name.
    Other,
}

/// What setting a client up would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preview {
    pub path: PathBuf,
    /// The whole file; empty where there is none.
    pub before: String,
    /// The same as `before` where there is nothing to do.
    pub after: String,
    /// Where what is there now would be kept; `None` where there is nothing to keep.
    pub backup: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    pub path: PathBuf,
    /// Where the former file is; `None` where there was none, or nothing had to be done.
    pub backup: Option<PathBuf>,
}

/// Where we stand with a client.
pub fn look(client: Client, homes: &Homes, entry: &Entry) -> Result<State, Trouble> {
    let Some(found) = file::read(&client.path(homes))? else {
        return Ok(match client.folder(homes).is_dir() {
            true => State::Ready,
            false => State::NotInstalled,
        });
    };
    Ok(match entry::standing(&found.text, client, entry)? {
        Standing::Nobody => State::Ready,
        Standing::We => State::SetUp,
        Standing::Other => State::Other,
    })
}

/// What setting it up would change. Changes nothing.
pub fn preview(
    client: Client,
    homes: &Homes,
    entry: &Entry,
    now: Timestamp,
) -> Result<Preview, Trouble> {
    let path = client.path(homes);
    let found = read(client, homes)?;
    let before = text(found.as_ref());
    let after = entry::with_entry(&before, client, entry)?;
    let backup = found
        .filter(|_| before != after)
        .and_then(|_| free_names(&path, now).next());
    Ok(Preview {
        path,
        before,
        after,
        backup,
    })
}

/// Sets it up, if its file still says what the person was shown (`before` of the [`Preview`]).
pub fn set_up(
    client: Client,
    homes: &Homes,
    entry: &Entry,
    expected_before: &str,
    now: Timestamp,
) -> Result<Changed, Trouble> {
    let path = client.path(homes);
    let found = read(client, homes)?;
    let before = text(found.as_ref());
    if before != expected_before {
        return Err(Trouble::Changed);
    }
    let after = entry::with_entry(&before, client, entry)?;
    if after == before {
        return Ok(Changed { path, backup: None });
    }
    let backup = match &found {
        Some(found) => Some(keep(found, &path, now)?),
        None => None,
    };
    // The client itself may be writing: as late as can be.
    let still = || match file::read(&path)? {
        it if text(it.as_ref()) == before => Ok(()),
        _ => Err(Trouble::Changed),
    };
    if let Err(trouble) = file::replace(&path, found.as_ref(), &after, still) {
        // Nothing happened, so nothing needs going back to.
        if let Some(backup) = &backup {
            let _ = fs::remove_file(backup);
        }
        return Err(trouble);
    }
    Ok(Changed { path, backup })
}

fn read(client: Client, homes: &Homes) -> Result<Option<file::Found>, Trouble> {
    let found = file::read(&client.path(homes))?;
    if found.is_none() && !client.folder(homes).is_dir() {
        return Err(Trouble::NotInstalled);
    }
    Ok(found)
}

fn text(found: Option<&file::Found>) -> String {
    found.map_or_else(String::new, |found| found.text.clone())
}

fn keep(found: &file::Found, path: &Path, now: Timestamp) -> Result<PathBuf, Trouble> {
    let backup = free_names(path, now).next().ok_or(Trouble::NoFile)?;
    file::keep(found, &backup)?;
    Ok(backup)
}

/// Names beside the file that nothing has, the plainest first.
fn free_names(path: &Path, now: Timestamp) -> impl Iterator<Item = PathBuf> {
    let moment = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    let mut plain = path.file_name().map(OsString::from).unwrap_or_default();
    plain.push(format!(".autopilot-backup-{moment}"));
    (1..=BACKUPS_A_SECOND)
        .map(move |count| {
            let mut name = plain.clone();
            if count > 1 {
                name.push(format!("-{count}"));
            }
            name
        })
        .map(|name| path.with_file_name(name))
        .filter(|path| fs::symlink_metadata(path).is_err())
}
