//! `setup`: finds what this machine lacks to build, run and test, and installs it where it knows how (Debian and
//! Ubuntu); elsewhere it says what to install. Asks nothing and, when all is there, says nothing. Installs no Rust:
//! `rust-toolchain.toml` does that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::modified;
use crate::discovery;
use crate::emulator;
use crate::process::{answers, capture, check, check_quietly, command, npm, root, target};

/// What the window is compiled from.
const TO_BUILD: [&str; 6] = [
    "build-essential",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
];

/// What the tests drive: a session with a screen, a bus, a keyring and notifications, link handling, the bus of
/// screen readers, and the tools that look at all of these from outside.
const TO_TEST: [&str; 14] = [
    "at-spi2-core",
    "dbus",
    "desktop-file-utils",
    "dunst",
    "fonts-dejavu-core",
    "fonts-inter",
    "gnome-keyring",
    "imagemagick",
    "libglib2.0-bin",
    "libsecret-tools",
    "webkit2gtk-driver",
    "x11-utils",
    "xdg-utils",
    "xvfb",
];

/// Only `cargo xtask icons` needs it, so only that installs it.
pub const TO_DRAW: [&str; 1] = ["librsvg2-bin"];

/// Other people's programs that do what ours does: only `cargo xtask bench` needs them, so only that installs them.
const TO_COMPARE: [&str; 4] = ["curl", "oidc-agent-cli", "python3-venv", "rclone"];

/// A server of tools that others made, for the same services.
const WORKSPACE_MCP: &str = "workspace-mcp";
const WORKSPACE_MCP_VERSION: &str = "2.2.1";

/// What `target` takes once all tests are built, with some room for what they write.
const FIRST_BUILD_GIGABYTES: u64 = 12;

/// Folders with programs from npm, where they exist.
const NPM_FOLDERS: [&str; 4] = [
    "ui",
    "tests/peers",
    "tests/peers/emulate",
    "tests/peers/mcp",
];

/// The oldest Node the interface's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Everything building and testing need.
pub fn all() -> Result<()> {
    warn_of_a_full_disk();
    components()?;
    let system = System::here();
    let mut wanted: Vec<&str> = TO_BUILD.iter().chain(&TO_TEST).copied().collect();
    wanted.extend(system.browser());
    packages(&wanted)?;
    discovery::documents()?;
    emulator::storage()?;
    node()?;
    NPM_FOLDERS
        .iter()
        .try_for_each(|folder| npm_packages(&root().join(folder)))
}

/// A build that finds no room ends in the middle, with a compiler's message about a file nobody knows.
fn warn_of_a_full_disk() {
    if target().join("debug/deps").exists() {
        return;
    }
    let Some(free) = free_gigabytes(root()) else {
        return;
    };
    if free < FIRST_BUILD_GIGABYTES {
        println!(
            "Only {free} GB are free here, and a first build with all tests takes about {FIRST_BUILD_GIGABYTES}. \
             If it ends with `No space left on device`, make room (other clones' `target` folders, say) and run it again."
        );
    }
}

/// As `df` tells it in POSIX's form; `None` where there is no `df`.
fn free_gigabytes(folder: &Path) -> Option<u64> {
    let told = command("df", ["-Pk"]).arg(folder).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let kibibytes: u64 = told
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kibibytes * 1024 / 1_000_000_000)
}

/// Installs these system packages if they are missing.
pub fn packages(wanted: &[&str]) -> Result<()> {
    let system = System::here();
    if system == System::Elsewhere {
        explain_elsewhere();
        return Ok(());
    }
    let missing = missing(wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    let through = if is_root() { "" } else { " with sudo" };
    println!(
        "Installing system packages{through}, which may take some minutes: {}",
        missing.join(" ")
    );
    check_quietly(apt().args(["update", "-qq"]))?;
    check_quietly(
        apt()
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&missing),
    )
}

/// The programs that figures stand beside.
pub fn to_compare() -> Result<()> {
    packages(&TO_COMPARE)?;
    python_package("google", discovery::CLIENT, discovery::VERSION)?;
    python_package(WORKSPACE_MCP, WORKSPACE_MCP, WORKSPACE_MCP_VERSION)
}

/// A compiler that counts what is reached, and cargo-fuzz, which sets it up.
pub fn to_fuzz() -> Result<()> {
    packages(&["build-essential"])?;
    if !answers("rustup", &["run", "nightly", "rustc", "--version"]) {
        println!("Installing a nightly compiler.");
        let wanted = ["toolchain", "install", "nightly", "--profile", "minimal"];
        check_quietly(&mut command("rustup", wanted))?;
    }
    if !answers("rustup", &["run", "nightly", "cargo", "fuzz", "--version"]) {
        println!("Installing cargo-fuzz.");
        let wanted = [
            "run",
            "nightly",
            "cargo",
            "install",
            "--locked",
            "cargo-fuzz",
        ];
        check_quietly(&mut command("rustup", wanted))?;
    }
    Ok(())
}

/// The Tauri CLI, which makes the packages.
pub fn to_package() -> Result<()> {
    npm_packages(root())
}

/// A package from PyPI, in a folder of its own.
fn python_package(folder: &str, package: &str, version: &str) -> Result<()> {
    let folder = target().join("peers").join(folder);
    let pip = folder.join("bin/pip");
    let pip = pip.to_string_lossy();
    if answers(&pip, &["show", "--quiet", package]) {
        return Ok(());
    }
    println!("Installing {package} into {}.", folder.display());
    check_quietly(command("python3", ["-m", "venv"]).arg(&folder))?;
    let wanted = format!("{package}=={version}");
    check_quietly(&mut command(&pip, ["install", "--quiet", &wanted]))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum System {
    Debian,
    Ubuntu,
    Elsewhere,
}

impl System {
    fn here() -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        match answers("dpkg-query", &["--version"]) {
            true => Self::of(&release),
            false => Self::Elsewhere,
        }
    }

    /// From the text of `/etc/os-release`.
    fn of(release: &str) -> Self {
        let words = |key: &str| {
            release
                .lines()
                .filter_map(|line| line.strip_prefix(key))
                .flat_map(|value| value.trim_matches('"').split(' '))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let family: Vec<String> = words("ID=").into_iter().chain(words("ID_LIKE=")).collect();
        if family.iter().any(|id| id == "ubuntu") {
            Self::Ubuntu
        } else if family.iter().any(|id| id == "debian") {
            Self::Debian
        } else {
            Self::Elsewhere
        }
    }

    /// The system browser of the end-to-end tests. Ubuntu's own package is a snap, under another name.
    /// The browser the tests sign in with, and the program that drives it.
    const fn browser(self) -> &'static [&'static str] {
        match self {
            Self::Debian => &["chromium", "chromium-driver"],
            Self::Ubuntu => &["chromium-browser", "chromium-chromedriver"],
            Self::Elsewhere => &[],
        }
    }
}

/// Which of these dpkg doesn't have, in the order given.
fn missing<'p>(wanted: &[&'p str]) -> Result<Vec<&'p str>> {
    // dpkg-query fails when it has never heard of one of them, and still lists the others.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(wanted)
        .output()
        .context("couldn't ask dpkg-query")?;
    Ok(absent(wanted, &String::from_utf8_lossy(&output.stdout)))
}

/// `answer`: a line `PACKAGE STATUS` each, as dpkg-query prints it.
fn absent<'p>(wanted: &[&'p str], answer: &str) -> Vec<&'p str> {
    let installed: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    wanted
        .iter()
        .copied()
        .filter(|package| !installed.contains(package))
        .collect()
}

fn apt() -> Command {
    let options = ["-o", "DPkg::Lock::Timeout=300"];
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        // sudo drops the environment, so the variable goes through `env`.
        sudo.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    command
        .args(options)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(unix)]
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of our own entry in /proc is who we are; std has no other way to ask.
    fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

#[cfg(not(unix))]
pub fn is_root() -> bool {
    false
}

/// Said at each run on other systems, because we can't look: one line, not a wall.
fn explain_elsewhere() {
    let needs = if cfg!(target_os = "macos") {
        "the Xcode command line tools (`xcode-select --install`)"
    } else if cfg!(windows) {
        "the Visual Studio C++ build tools and, before Windows 11, the WebView2 runtime"
    } else {
        "what https://tauri.app/start/prerequisites lists for your system, and to test: Xvfb, dbus-daemon, at-spi2-core, gdbus, \
         gnome-keyring, secret-tool, xdg-utils, desktop-file-utils, dunst, ImageMagick, WebKitWebDriver, Chromium"
    };
    println!(
        "System packages are installed for you on Debian and Ubuntu only. Here you need {needs}."
    );
}

/// `rust-toolchain.toml` names them, so rustup brings them; a Rust from elsewhere may lack them.
fn components() -> Result<()> {
    for (program, arguments, component) in [
        ("rustfmt", &["--version"][..], "rustfmt"),
        ("cargo", &["clippy", "--version"][..], "clippy"),
    ] {
        if !answers(program, arguments) {
            println!("Adding {component}.");
            check(&mut command("rustup", ["component", "add", component])).with_context(|| {
                format!("{component} is missing, and this Rust has no rustup to add it with")
            })?;
        }
    }
    Ok(())
}

fn node() -> Result<()> {
    let (major, minor) = NODE;
    let found = capture(&mut command("node", ["--version"]))
        .with_context(|| format!("Node {major}.{minor} or newer is needed: https://nodejs.org"))?;
    if node_version(&found).is_none_or(|version| version < NODE) {
        bail!(
            "Node {major}.{minor} or newer is needed, and this is {}: https://nodejs.org",
            found.trim()
        );
    }
    Ok(())
}

/// From `v20.19.2`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Installs one folder's npm packages when they are missing or older than the lockfile.
fn npm_packages(folder: &Path) -> Result<()> {
    // Without a lockfile nothing says which versions belong together.
    let Some(locked) = modified(&folder.join("package-lock.json")) else {
        return Ok(());
    };
    // npm writes its own list last, so an interrupted installation doesn't look whole.
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some_and(|installed| installed >= locked) {
        return Ok(());
    }
    println!(
        "Installing the npm packages of {}.",
        folder.strip_prefix(root()).unwrap_or(folder).display()
    );
    check(command(npm(), ["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_or_unknown_package_counts_as_missing() {
        let answer = "xvfb installed\ndunst not-installed\nfonts-inter config-files\n";
        assert_eq!(
            absent(&["xvfb", "dunst", "fonts-inter", "xdotool"], answer),
            ["dunst", "fonts-inter", "xdotool"]
        );
    }

    #[test]
    fn the_system_is_read_from_os_release() {
        assert!(System::of("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n") == System::Debian);
        assert!(System::of("ID=ubuntu\nID_LIKE=debian\n") == System::Ubuntu);
        assert!(System::of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n") == System::Ubuntu);
        assert!(System::of("ID=fedora\n") == System::Elsewhere);
    }

    #[test]
    fn node_versions_compare_as_numbers() {
        assert!(node_version("v20.9.0").unwrap() < NODE);
        assert!(node_version("v20.19.2\n").unwrap() >= NODE);
        assert!(node_version("v100.0.0").unwrap() >= NODE);
        assert_eq!(node_version("nonsense"), None);
    }
}
