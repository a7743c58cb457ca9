//! The TypeScript types of everything that crosses the door, written by `model` itself. They are committed, so that
//! the interface builds without Rust, and checked, so that they are never stale.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{capture, cargo, root};

const FILE: &str = "ui/src/lib/api/bindings.ts";

/// `bindings [--check]`
pub fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => write(),
        [flag] if flag == "--check" => check(),
        _ => bail!("usage: cargo xtask bindings [--check]"),
    }
}

/// Says whether the committed types are what `model` would write today.
pub fn check() -> Result<()> {
    if generate()? != committed() {
        bail!("{FILE} is stale: run `cargo xtask bindings` and commit it");
    }
    Ok(())
}

fn write() -> Result<()> {
    let fresh = generate()?;
    if fresh == committed() {
        println!("{FILE} is up to date.");
        return Ok(());
    }
    let path = root().join(FILE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, fresh).with_context(|| format!("couldn't write {FILE}"))?;
    println!("{FILE} written.");
    Ok(())
}

fn generate() -> Result<String> {
    let types = capture(&mut cargo([
        "run",
        "--quiet",
        "--package",
        "autopilot-model",
        "--features",
        "bindings",
        "--example",
        "bindings",
    ]))?;
    // An empty answer would agree with a file that isn't there.
    ensure!(types.contains("export"), "`model` wrote no types");
    Ok(types)
}

fn committed() -> String {
    // A checkout on Windows may have turned the line ends.
    fs::read_to_string(root().join(FILE))
        .unwrap_or_default()
        .replace("\r\n", "\n")
}
