//! What the other verbs need built. Cargo gives every choice of packages and features its own set of dependencies,
//! so all of them build the whole workspace with the window: one choice, compiled once. Nothing is run from here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{cargo, check, command, npm, root};

/// The one choice of packages and features.
pub const SELECTION: [&str; 3] = ["--workspace", "--features", "desktop"];

/// What the interface is built from, under `ui/`, and the texts it shares with the engine.
const INTERFACE_SOURCES: [&str; 10] = [
    "ui/src",
    "ui/static",
    "ui/public",
    "ui/index.html",
    "ui/package.json",
    "ui/package-lock.json",
    "ui/vite.config.ts",
    "ui/svelte.config.js",
    "ui/tsconfig.json",
    "messages",
];

/// Builds the interface if a source is newer than the built page. A needless build would change the page's files,
/// and with them the binary they are compiled into.
pub fn interface_if_stale() -> Result<()> {
    let built = modified(&root().join("ui/dist/index.html"));
    let stale = match built {
        None => true,
        Some(built) => INTERFACE_SOURCES
            .iter()
            .map(|source| root().join(source))
            .chain(integration_faces())
            .any(|source| newest(&source).is_some_and(|changed| changed > built)),
    };
    if stale { interface() } else { Ok(()) }
}

/// Builds the interface into `ui/dist`.
pub fn interface() -> Result<()> {
    check(&mut command(npm(), ["--prefix", "ui", "run", "build"]))
}

/// Builds both programs for debugging.
pub fn binaries() -> Result<()> {
    check(&mut cargo(["build", "--bins"].iter().chain(&SELECTION)))
}

/// The tests of one target, with everything they drive.
pub fn driving(target: &str) -> Result<TestBinary> {
    interface_if_stale()?;
    binaries()?;
    tests()?
        .into_iter()
        .find(|binary| binary.target == target)
        .with_context(|| format!("there is no test target `{target}`"))
}

/// One compiled test binary.
pub struct TestBinary {
    /// As in `autopilot-vault`.
    pub package: String,
    /// As in `vault`, `integration`, `e2e`.
    pub target: String,
    pub executable: PathBuf,
    /// The package's folder, which cargo promises its tests as the current one.
    pub folder: PathBuf,
}

/// Compiles all tests of the workspace and says where they are.
pub fn tests() -> Result<Vec<TestBinary>> {
    let mut command = cargo(
        [
            "test",
            "--no-run",
            "--message-format",
            "json-render-diagnostics",
        ]
        .iter()
        .chain(&SELECTION),
    );
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("couldn't start cargo")?;
    if !output.status.success() {
        bail!("the tests don't compile");
    }
    let text = String::from_utf8(output.stdout).context("cargo's messages aren't text")?;
    let mut binaries: Vec<TestBinary> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| test_binary(&message))
        .collect();
    binaries.sort_by(|a, b| (&a.package, &a.target).cmp(&(&b.package, &b.target)));
    Ok(binaries)
}

fn test_binary(message: &Value) -> Option<TestBinary> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let executable = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?)
        .parent()?
        .to_path_buf();
    let package = package_name(message["package_id"].as_str()?)?;
    let target = message["target"]["name"].as_str()?.to_owned();
    Some(TestBinary {
        package,
        target,
        executable,
        folder,
    })
}

/// From `path+file:///…/crates/vault#autopilot-vault@0.1.0`, or `…/xtask#0.1.0` where folder and package agree.
fn package_name(id: &str) -> Option<String> {
    let (path, fragment) = id.rsplit_once('#')?;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name.to_owned()),
        None => path.rsplit('/').next().map(str::to_owned),
    }
}

/// What integrations bring for the eye: their icons and texts may be part of the page.
fn integration_faces() -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(root().join("crates/integrations/src")) else {
        return Vec::new();
    };
    folders
        .flatten()
        .flat_map(|folder| [folder.path().join("texts"), folder.path().join("icon.svg")])
        .filter(|path| path.exists())
        .collect()
}

/// The latest change of a file, or of anything in a folder.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = modified(path)?;
    let Ok(entries) = fs::read_dir(path) else {
        return Some(own);
    };
    entries
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .chain([own])
        .max()
}

/// When a file last changed, if it is there.
pub fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_read_from_both_shapes_of_cargo_ids() {
        assert_eq!(
            package_name("path+file:///r/crates/vault#autopilot-vault@0.1.0").as_deref(),
            Some("autopilot-vault")
        );
        assert_eq!(
            package_name("path+file:///r/xtask#0.1.0").as_deref(),
            Some("xtask")
        );
        assert_eq!(package_name("nothing"), None);
    }
}
