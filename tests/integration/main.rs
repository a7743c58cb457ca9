//! Promises that need the real programs, a real keychain, real sockets and services that answer, but no window.
//! `docs/seed.md` and the module intros say which promise is kept where.
//!
//! Needs a D-Bus session with an unlocked keyring: `cargo xtask test --only integration` makes one. Linux only,
//! because it looks at the keychain through `secret-tool` and at processes through /proc.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing step ends its test, also in what tests share"
)]

mod canaries;
mod command_line;
mod crowd;
mod disconnecting;
mod eleven_steps;
mod profiles;
mod refused_sign_ins;
mod renewal;
mod restart;
mod sign_in;
mod strict_server;
mod telegram;

/// A file nobody names as a module would never run.
#[test]
fn no_test_file_is_forgotten() {
    let named = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/integration")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.trim_end_matches(".rs");
        assert!(name == "main" || named.contains(&format!("\nmod {name};")), "{file} isn't a module");
    }
}
