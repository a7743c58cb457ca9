//! Shows that a `.deb` does what it should on a system that has never seen us: in a root of its own, made from the
//! distribution's smallest, it brings every library its programs are linked with; installed here, it signs in by a
//! link in the real window; removed, it leaves nothing but what the person has made with it.
//!
//! Needs root, as installing does. Changes this machine for as long as it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::build::{interface_if_stale, tests};
use crate::execute::{Output, execute};
use crate::package::PROGRAMS;
use crate::process::{answers, capture, check, check_quietly, command, target};
use crate::session::{Screen, Session};
use crate::setup;

const NAME: &str = "autopilot";
const SCHEME: &str = "x-scheme-handler/app.autopilot.desktop";
/// Loaded when the tray is made, not linked: without it the window would have none.
const TRAY: &str = "libayatana-appindicator3";

/// The sign-in by a link that finds the app closed, in the tests of the real window.
const SIGN_IN: &str =
    "sign_in::a_link_that_finds_the_app_closed_starts_it_and_connects_the_account";

pub fn run(deb: &Path) -> Result<()> {
    ensure!(
        setup::is_root(),
        "installing a package needs root: `sudo cargo xtask package --prove`"
    );
    setup::packages(&["debootstrap", "libfile-mimeinfo-perl"])?;
    declares(deb)?;
    brings_its_libraries(deb)?;
    works_installed(deb)
}

/// What dpkg will know of it, and the tray's library among it.
fn declares(deb: &Path) -> Result<()> {
    let depends = capture(command("dpkg-deb", ["--field"]).arg(deb).arg("Depends"))?;
    ensure!(depends.contains(TRAY), "the tray's library is not declared");
    println!("declares: {}", depends.trim());
    Ok(())
}

/// Installed by apt into the distribution's smallest system, so that only what is declared comes along.
fn brings_its_libraries(deb: &Path) -> Result<()> {
    let clean = Clean::make()?;
    fs::copy(deb, clean.0.join("autopilot.deb"))?;
    clean.quietly(&[
        "apt-get",
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "/autopilot.deb",
    ])?;
    for program in PROGRAMS {
        let linked = capture(&mut clean.command(&["ldd", &format!("/usr/bin/{program}")]))?;
        let missing: Vec<&str> = linked
            .lines()
            .filter(|line| line.contains("not found"))
            .collect();
        ensure!(missing.is_empty(), "{program} lacks {missing:?}");
        if linked.contains("statically linked") {
            println!("in a clean root: {program} needs no library");
            continue;
        }
        ensure!(program != NAME, "{program} looks for libraries: {linked}");
        println!(
            "in a clean root: {program} finds {} libraries",
            linked.lines().count()
        );
    }
    let tray = capture(&mut clean.command(&["ldconfig", "--print-cache"]))?;
    ensure!(tray.contains(TRAY), "the tray's library did not come along");
    let version = capture(&mut clean.command(&["autopilot", "--version"]))?;
    println!("in a clean root: {}", version.trim());
    says_that_nobody_is_at_home(&clean)?;
    clean.quietly(&["apt-get", "purge", "-y", "-qq", NAME])?;
    let left = clean.files_named_after_us()?;
    ensure!(left.is_empty(), "left behind in the clean root: {left:?}");
    println!("in a clean root: removed, nothing left");
    Ok(())
}

/// Without `HOME`, for a user the system has no name for: what is linked with the C library's own code can't look one up,
/// and has to say so instead of trying.
fn says_that_nobody_is_at_home(clean: &Clean) -> Result<()> {
    let nobody = ["--reuid", "54321", "--clear-groups"];
    let mut asked = clean.command(&["setpriv"]);
    asked.args(nobody).args([NAME, "status"]).env_remove("HOME");
    let said = asked.output()?;
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    ensure!(
        said.status.code().is_some() && words.contains("HOME"),
        "without a home it ended with {} and said {words:?}",
        said.status
    );
    println!("in a clean root: without a home folder it says so");
    Ok(())
}

fn works_installed(deb: &Path) -> Result<()> {
    if answers("dpkg-query", &["--show", NAME]) {
        bail!("{NAME} is installed here already; remove it first");
    }
    let installed = Installed::from(deb)?;
    let entry = installed.file(".desktop")?;
    let text = fs::read_to_string(&entry)?;
    ensure!(
        text.contains(SCHEME),
        "{} doesn't take our links",
        entry.display()
    );
    ensure!(
        text.lines()
            .any(|line| line.starts_with("Exec=") && line.ends_with(" %u")),
        "{} would lose the link",
        entry.display()
    );
    check_quietly(&mut command("desktop-file-validate", [&entry]))?;
    let icons = installed
        .files
        .iter()
        .filter(|file| file.contains("/icons/"))
        .count();
    ensure!(icons >= 4, "only {icons} icons");
    let session = Session::fresh(Screen::Virtual)?;
    let handler = capture(session.apply(&mut command("xdg-mime", ["query", "default", SCHEME])))?;
    ensure!(
        entry.ends_with(handler.trim()),
        "links would go to `{}`",
        handler.trim()
    );
    println!("installed: {icons} icons; links go to {}", handler.trim());

    interface_if_stale()?;
    let compiled = tests()?;
    let e2e = compiled
        .iter()
        .find(|binary| binary.target == "e2e")
        .context("there is no test target `e2e`")?;
    let mut session = session;
    session.set("AUTOPILOT_TEST_PROGRAMS", "/usr/bin");
    let words = [SIGN_IN, "--exact", "--nocapture"].map(str::to_owned);
    let tally = execute(e2e, &words, &session, Output::Streamed)?;
    ensure!(
        tally.failed == 0 && tally.passed == 1,
        "the sign-in failed: {tally}"
    );
    println!("installed: a link started it and connected the account");

    let files = installed.files.clone();
    drop(installed);
    let left: Vec<&String> = files
        .iter()
        .filter(|file| file.contains(NAME) && Path::new(file.as_str()).exists())
        .collect();
    ensure!(left.is_empty(), "left behind: {left:?}");
    println!("removed: nothing of {} files left", files.len());
    Ok(())
}

/// A system of its own in a folder, thrown away at the end.
struct Clean(PathBuf);

impl Clean {
    /// The distribution's smallest, with the machine's own way to its packages.
    fn make() -> Result<Self> {
        let root = target().join("xtask/clean-root");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root)?;
        let clean = Self(root);
        println!("Making a clean root, which takes some minutes.");
        let release = fs::read_to_string("/etc/os-release")?;
        let codename = release
            .lines()
            .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
            .context("the distribution doesn't say its name")?;
        let words = ["--variant=minbase", "--include=ca-certificates", codename];
        check_quietly(command("debootstrap", words).arg(&clean.0))?;
        for settings in [
            "/etc/apt",
            "/etc/ssl/certs",
            "/usr/local/share/ca-certificates",
        ] {
            let there = clean.0.join(settings.trim_start_matches('/'));
            if Path::new(settings).exists() {
                fs::create_dir_all(&there)?;
                let all = format!("{settings}/.");
                // A link there may lead out of the root, to the very file it would be replaced by.
                let how = ["-aL", "--no-preserve=ownership", "--remove-destination"];
                check_quietly(command("cp", how).arg(&all).arg(there))?;
            }
        }
        for file in ["/etc/resolv.conf", "/etc/hosts"] {
            let _ = fs::copy(file, clean.0.join(file.trim_start_matches('/')));
        }
        // Nothing may start here while packages are set up.
        let policy = clean.0.join("usr/sbin/policy-rc.d");
        fs::write(&policy, "#!/bin/sh\nexit 101\n")?;
        check_quietly(command("chmod", ["+x"]).arg(policy))?;
        clean.quietly(&["apt-get", "update", "-qq"])?;
        Ok(clean)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command
            .arg(&self.0)
            .args(words)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C");
        command
    }

    fn quietly(&self, words: &[&str]) -> Result<()> {
        check_quietly(&mut self.command(words))
    }

    fn files_named_after_us(&self) -> Result<Vec<String>> {
        let names = ["/usr", "/etc", "/opt", "/var/lib", "-iname", "*autopilot*"];
        let mut find = self.command(&["find"]);
        let found = capture(find.args(names))?;
        // dpkg's own lists go with the purge; what is left has our name in it.
        Ok(found.lines().map(str::to_owned).collect())
    }
}

impl Drop for Clean {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The package on this machine, for as long as this lives.
struct Installed {
    files: Vec<String>,
}

impl Installed {
    fn from(deb: &Path) -> Result<Self> {
        check_quietly(command("dpkg", ["--install"]).arg(deb))?;
        let listed = capture(&mut command("dpkg-query", ["--listfiles", NAME]))?;
        let files = listed.lines().map(str::to_owned).collect();
        Ok(Self { files })
    }

    fn file(&self, ending: &str) -> Result<PathBuf> {
        let found = self.files.iter().find(|file| file.ends_with(ending));
        found
            .map(PathBuf::from)
            .with_context(|| format!("no {ending} in the package"))
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let _ = check(&mut command("dpkg", ["--purge", NAME]));
    }
}
