//! `package`: what people install on Linux, a `.deb` and an `.rpm`, made by the Tauri CLI from the release build.
//! With `--prove` the `.deb` then shows that it can be installed, used and removed ([`crate::prove`]).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{check, command, npm, root, target};
use crate::{prove, setup, terminal};

/// What else than the window people get: each must be in every package.
pub const PROGRAMS: [&str; 3] = ["autopilot", "autopilot-hub", "autopilot-desktop"];

/// `package [--prove [DEB]]`; with a file named, that one is put to the proof and none is made.
pub fn run(arguments: &[String]) -> Result<()> {
    let is_proof_wanted = match arguments {
        [] => false,
        [flag] if flag == "--prove" => true,
        [flag, deb] if flag == "--prove" => {
            setup::all()?;
            return prove::run(Path::new(deb));
        }
        _ => bail!("usage: cargo xtask package [--prove [DEB]]"),
    };
    ensure!(
        cfg!(target_os = "linux"),
        "packages for other systems are made by `npm run tauri build` there"
    );
    setup::all()?;
    setup::to_package()?;
    let bundles = target().join("release/bundle");
    // An older version's package would otherwise be found beside the new one.
    for kind in ["deb", "rpm"] {
        let _ = fs::remove_dir_all(bundles.join(kind));
    }
    tauri(&["build", "--no-bundle"])?;
    terminal::build()?;
    tauri(&["bundle", "--bundles", "deb,rpm"])?;
    let deb = only(&bundles.join("deb"), "deb")?;
    for package in [&deb, &only(&bundles.join("rpm"), "rpm")?] {
        let size = fs::metadata(package)?.len();
        println!("{} ({:.1} MB)", package.display(), size as f64 / 1e6);
    }
    if is_proof_wanted {
        prove::run(&deb)?;
    }
    Ok(())
}

fn tauri(words: &[&str]) -> Result<()> {
    let mut tauri = command(npm(), ["run", "tauri", "--"]);
    check(
        tauri
            .args(words)
            .arg("--ci")
            .env("CARGO_TARGET_DIR", target()),
    )
}

/// The one package of this kind that was made.
fn only(folder: &Path, ending: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("no package was made in {}", folder.display()))?;
    let mut found = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == ending));
    let package = found
        .next()
        .with_context(|| format!("no .{ending} in {}", folder.display()))?;
    ensure!(found.next().is_none(), "more than one .{ending}");
    Ok(package
        .strip_prefix(root())
        .unwrap_or(&package)
        .to_path_buf())
}
