//! The TypeScript types of everything that crosses the door, written by `model` itself, and the schemas of the agents'
//! tools, written by `mcp` itself. They are committed, so that the interface builds without Rust and no start derives
//! a schema, and checked, so that they are never stale.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{capture, cargo, check as check_ran, root};

const FILE: &str = "ui/src/lib/api/bindings.ts";
const SCHEMAS: &str = "crates/mcp/schemas";

/// `bindings [--check]`
pub fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => write().and_then(|()| write_schemas()),
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

/// The schemas of the agents' tools; that they are fresh is a test of that crate.
fn write_schemas() -> Result<()> {
    check_ran(
        cargo([
            "test",
            "--quiet",
            "--package",
            "autopilot-mcp",
            "--lib",
            "schemas::",
        ])
        .env("AUTOPILOT_WRITE_SCHEMAS_TO", root().join(SCHEMAS)),
    )
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
