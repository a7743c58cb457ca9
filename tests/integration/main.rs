//! Promises that need the real programs, a real keychain, real sockets and services that answer, but no window.
//! The modules' intros say which promise is kept where; `docs/seed.md` maps the first product to them.
//!
//! Needs a D-Bus session with an unlocked keyring: `cargo xtask test --only integration` makes one. Linux only,
//! because it looks at the keychain through `secret-tool` and at processes through /proc.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing step ends its test, also in what tests share"
)]

mod actions_cli;
mod agents;
mod canaries;
mod command_line;
mod crowd;
mod disconnecting;
mod doctor;
mod eleven_steps;
mod mcp;
mod mcp_conformance;
mod mcp_inspector;
mod mcp_page;
mod profiles;
mod refused_sign_ins;
mod renewal;
mod restart;
mod sign_in;
mod strict_server;
mod telegram;
mod torture;

/// A file nobody names as a module would never run.
#[test]
fn no_test_file_is_forgotten() {
    let named = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/integration")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.trim_end_matches(".rs");
        assert!(
            name == "main" || named.contains(&format!("\nmod {name};")),
            "{file} isn't a module"
        );
    }
}

/// `docs/seed.md` says where each part of the first product went; what it names must be there.
#[test]
fn every_file_and_test_the_seed_page_names_exists() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let page = std::fs::read_to_string(format!("{root}/docs/seed.md")).unwrap();
    let named: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.contains('/'))
        .collect();
    assert!(named.len() > 30, "{named:?}");
    for name in named {
        let (file, test) = name.split_once("::").unwrap_or((name, ""));
        let text = std::fs::read_to_string(format!("{root}/{file}"))
            .unwrap_or_else(|_| panic!("{file} isn't there"));
        assert!(
            test.is_empty() || text.contains(&format!("fn {test}(")),
            "{name} isn't there"
        );
    }
}
