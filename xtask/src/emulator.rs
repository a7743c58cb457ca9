//! An emulator of Google's resumable uploads that we did not write: it speaks Cloud Storage, whose uploads follow the
//! same protocol as Drive's, and comes from the Python registry.

use anyhow::{Context, Result};

use crate::discovery::python;
use crate::process::{check_quietly, command, target};

const PACKAGE: &str = "gcp-storage-emulator";
/// `resumable_peer` names the folder by it, too.
const VERSION: &str = "2026.7.19";

/// Fetches the emulator and what it needs unless they are there; a folder of their own keeps them out of everybody's way.
pub fn storage() -> Result<()> {
    let folder = target().join(format!("peers/storage-emulator-{VERSION}"));
    if folder.join("gcp_storage_emulator/__main__.py").is_file() {
        return Ok(());
    }
    println!("Fetching an emulator of Google's uploads.");
    let package = format!("{PACKAGE}=={VERSION}");
    let pip = ["-m", "pip", "install", "--quiet", "--target"];
    check_quietly(
        command(python()?, pip)
            .arg(&folder)
            .args(["--only-binary=:all:", &package]),
    )
    .with_context(|| format!("{package} couldn't be fetched from the Python registry"))
}
