//! `cross`: what can be shown on Linux for the systems we can't run on. The engine, the terminal program and the window
//! are type-checked for Windows, the engine and the terminal program for macOS, and the engine's tests are run as
//! Windows programs under Wine. All of it in a root of Debian unstable: only its Rust brings the sources of the standard
//! library, so that it can be compiled for any target. Needs root, and a Debian or Ubuntu to make that root from.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};

use crate::build::interface_if_stale;
use crate::process::{check, check_quietly, command, root, target};
use crate::setup;
use crate::tally::Tally;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MACOS: &str = "aarch64-apple-darwin";

const PACKAGES: &str = "ca-certificates,rustc,cargo,rust-src,gcc,libc6-dev,pkg-config,gcc-mingw-w64-x86-64,\
                        g++-mingw-w64-x86-64,python3-pip,wine,wine64";

/// The standard library is compiled along, with what Debian's own compiler calls unstable.
const STD: &str = "-Zbuild-std=std,panic_unwind";

/// Clang and the headers of macOS in one, from PyPI.
const ZIG: &str = "ziglang==0.14.1";

/// What isn't shipped.
const DEVELOPERS: &str = "--exclude autopilot-tests --exclude xtask";

/// The crates whose tests need nothing of Linux.
const UNDER_WINE: [&str; 6] = [
    "autopilot-model",
    "autopilot-store",
    "autopilot-link",
    "autopilot-integrations",
    "autopilot-vault",
    "autopilot-hub",
];

/// `cross [windows] [macos] [wine]`
pub fn run(arguments: &[String]) -> Result<()> {
    let known = ["windows", "macos", "wine"];
    if let Some(odd) = arguments
        .iter()
        .find(|word| !known.contains(&word.as_str()))
    {
        bail!("`cross` doesn't know `{odd}`: {}", known.join(", "));
    }
    ensure!(
        cfg!(target_os = "linux") && setup::is_root(),
        "a root of another distribution is needed, and only root on Linux can make it: `sudo cargo xtask cross`"
    );
    let wants = |word: &str| arguments.is_empty() || arguments.iter().any(|one| one == word);
    interface_if_stale()?;
    let place = Place::make()?;
    if wants("windows") {
        place.run(&format!(
            "cargo check {STD} --target {WINDOWS} --workspace {DEVELOPERS} --features autopilot-app/desktop"
        ))?;
        println!("windows: engine, terminal program and window type-check");
    }
    if wants("macos") {
        place.bring_zig()?;
        place.run(&format!(
            "CC_aarch64_apple_darwin=macos-cc AR_aarch64_apple_darwin=macos-ar SDKROOT=/ \
             cargo check {STD} --target {MACOS} --workspace {DEVELOPERS}"
        ))?;
        println!("macos: engine and terminal program type-check");
    }
    if wants("wine") {
        place.test_under_wine()?;
    }
    Ok(())
}

/// Another system in a folder, with our sources in it.
struct Place {
    system: PathBuf,
    built: PathBuf,
}

impl Place {
    /// Made once and kept: it takes two minutes.
    fn make() -> Result<Self> {
        setup::packages(&["debootstrap"])?;
        let system = target().join("xtask/sid");
        let built = target().join("xtask/cross");
        let finished = system.join("finished");
        if !finished.exists() {
            println!("Making a root of Debian unstable in {}.", system.display());
            let _ = fs::remove_dir_all(&system);
            fs::create_dir_all(&system)?;
            let include = format!("--include={PACKAGES}");
            let words = ["--variant=minbase", &include, "sid"];
            check_quietly(command("debootstrap", words).arg(&system))?;
            for folder in ["src", "target"] {
                fs::create_dir_all(system.join(folder))?;
            }
            fs::write(&finished, "")?;
        }
        fs::create_dir_all(&built)?;
        for file in [
            "/etc/resolv.conf",
            "/etc/hosts",
            "/etc/ssl/certs/ca-certificates.crt",
        ] {
            // What leads this machine to its registries leads that root there, too.
            let _ = fs::copy(file, system.join(file.trim_start_matches('/')));
        }
        Ok(Self { system, built })
    }

    /// In there, with mounts that end with the command.
    fn command(&self, line: &str) -> Command {
        const SCRIPT: &str = "set -e; mount --bind \"$1\" \"$2/src\"; mount --bind \"$3\" \"$2/target\"; \
             mount -t proc proc \"$2/proc\"; mount --rbind /dev \"$2/dev\"; \
             exec chroot \"$2\" env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root LC_ALL=C WINEDEBUG=-all \
             CARGO_TARGET_DIR=/target RUSTC_BOOTSTRAP=1 sh -c \"cd /src && $4\"";
        let mut command = command("unshare", ["--mount", "sh", "-c", SCRIPT, "cross"]);
        command
            .arg(root())
            .arg(&self.system)
            .arg(&self.built)
            .arg(line);
        command
    }

    fn run(&self, line: &str) -> Result<()> {
        check(&mut self.command(line))
    }

    /// Zig as a C compiler for macOS; the options it doesn't know are those that say which system to compile for.
    fn bring_zig(&self) -> Result<()> {
        let compiler = self.system.join("usr/local/bin/macos-cc");
        if compiler.exists() {
            return Ok(());
        }
        self.run(&format!(
            "pip install --quiet --break-system-packages {ZIG}"
        ))?;
        fs::write(
            &compiler,
            "#!/bin/bash\nargs=()\nwhile [ $# -gt 0 ]; do case \"$1\" in\n  -arch) shift ;;\n  \
             --target=*|-mmacosx-version-min=*) ;;\n  *) args+=(\"$1\") ;;\nesac; shift; done\n\
             exec python3 -m ziglang cc -target aarch64-macos \"${args[@]}\"\n",
        )?;
        let archiver = self.system.join("usr/local/bin/macos-ar");
        fs::write(
            &archiver,
            "#!/bin/bash\nexec python3 -m ziglang ar \"$@\"\n",
        )?;
        check_quietly(command("chmod", ["+x"]).args([&compiler, &archiver]))
    }

    fn test_under_wine(&self) -> Result<()> {
        let packages: Vec<String> = UNDER_WINE.iter().map(|name| format!("-p {name}")).collect();
        let line = format!(
            "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine cargo test {STD} --target {WINDOWS} --lib --no-fail-fast {}",
            packages.join(" ")
        );
        let mut tests = self.command(&line);
        let output = tests.stderr(Stdio::inherit()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        print!("{text}");
        let tally = Tally::from_libtest(&text);
        println!("wine: {tally}");
        ensure!(
            output.status.success() && tally.passed > 0,
            "tests failed under Wine"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_system_is_refused_before_anything_is_made() {
        let error = run(&["haiku".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("haiku"), "{error}");
    }
}
