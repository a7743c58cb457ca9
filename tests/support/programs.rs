//! Where the programs under test are, and the browser's plain half: a GET.
//!
//! `AUTOPILOT_TEST_PROGRAMS` names a folder with other ones: `cargo xtask package --prove` tests installed programs,
//! `cargo xtask defects` optimised ones.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

/// A program of the tests' own, which is installed nowhere, but may have been built in another way.
pub(crate) fn own(name: &str) -> PathBuf {
    let chosen = chosen().filter(|folder| program_in(folder, name).exists());
    there(&chosen.unwrap_or_else(built), name)
}

fn chosen() -> Option<PathBuf> {
    std::env::var_os("AUTOPILOT_TEST_PROGRAMS").map(PathBuf::from)
}

fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let deps = test.parent().and_then(|deps| deps.parent());
    deps.expect("a test lies in target/…/deps").to_path_buf()
}

/// The built program `autopilot` or `autopilot-desktop`, beside the test binary's own folder.
#[must_use]
pub fn bin(name: &str) -> PathBuf {
    there(&chosen().unwrap_or_else(built), name)
}

fn there(folder: &Path, name: &str) -> PathBuf {
    let program = program_in(folder, name);
    assert!(
        program.exists(),
        "{} isn't built; `cargo xtask test` builds it",
        program.display()
    );
    program
}

fn program_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Follows nothing and asks no proxy: what a test sees is what was answered.
#[must_use]
pub fn http() -> &'static reqwest::blocking::Client {
    static CLIENT: OnceLock<reqwest::blocking::Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // Fails only where another test installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::blocking::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(90))
            .build()
            .expect("a client with these settings is possible")
    })
}
