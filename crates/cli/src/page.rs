//! Holds `docs/cli.md` to what the program does: every code with its exit status, every status kind, every verb.

use std::collections::BTreeMap;

use clap::CommandFactory;
use model::{Cause, ErrorCode, ExpiringWhy, Status, Timestamp, status::RefusedReason};

use crate::{args::Arguments, exit::Exit};

const PAGE: &str = include_str!("../../../docs/cli.md");

/// The rows of the first table after this heading, without head and rule.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, after) = PAGE.split_once(&format!("\n{heading}\n")).expect(heading);
    let table = after.lines().skip_while(|line| !line.starts_with('|'));
    table
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('`'))
                .collect()
        })
        .collect()
}

#[test]
fn every_error_code_is_on_the_page_with_its_exit_status_and_no_other_is() {
    let mut written: BTreeMap<&str, u8> = BTreeMap::new();
    for row in rows("### Codes") {
        let again = written.insert(row[0], row[1].parse().unwrap());
        assert!(again.is_none(), "{} is there twice", row[0]);
    }
    assert_eq!(written.remove("usage"), Some(Exit::Usage.code()));
    assert_eq!(
        written.remove("interrupted"),
        Some(Exit::Interrupted.code())
    );
    let real: BTreeMap<&str, u8> = ErrorCode::ALL
        .iter()
        .map(|code| (code.name(), Exit::from(*code).code()))
        .collect();
    assert_eq!(written, real);
}

#[test]
fn every_exit_status_is_on_the_page() {
    let written: Vec<u8> = rows("### Exit status")
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    let real: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
    assert_eq!(written, real);
}

#[test]
fn every_status_kind_and_cause_is_on_the_page() {
    let written: BTreeMap<&str, &str> = rows("## Status kinds")
        .iter()
        .map(|row| (row[0], row[1]))
        .collect();
    let at = Timestamp::UNIX_EPOCH;
    let mut all = vec![
        Status::Connected { proven_at: at },
        Status::Offline { since: at },
        Status::RateLimited { until: at },
        Status::ServiceDown { since: at },
        Status::VaultLocked,
        Status::NoKeychain,
        Status::Paused,
        Status::NotConfigured,
        Status::Unproven,
    ];
    all.extend(Cause::ALL.map(|cause| Status::NeedsSignIn { cause, since: at }));
    all.extend(RefusedReason::ALL.map(|reason| Status::Refused { reason, since: at }));
    all.extend(ExpiringWhy::ALL.map(|why| Status::Expiring { at, why }));
    for status in &all {
        let causes = written
            .get(status.kind())
            .unwrap_or_else(|| panic!("no {}", status.kind()));
        if let Some(cause) = status.cause() {
            assert!(causes.contains(cause), "{} lacks {cause}", status.kind());
        }
    }
    let kinds: std::collections::BTreeSet<&str> = all.iter().map(Status::kind).collect();
    assert_eq!(
        kinds.len(),
        written.len(),
        "the page names a kind that doesn't exist"
    );
}

#[test]
fn every_verb_and_every_option_is_on_the_page() {
    fn check(command: &clap::Command, path: &str) {
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let known =
                PAGE.contains(&format!("--{option}")) || ["help", "version"].contains(&option);
            assert!(known, "{path} --{option} is not on the page");
        }
        for verb in command.get_subcommands() {
            let name = format!("{path}{}", verb.get_name());
            let titled = verb.has_subcommands() || PAGE.contains(&format!("\n### {name}"));
            assert!(titled, "{name} has no section");
            check(verb, &format!("{name} "));
        }
    }
    check(&Arguments::command(), "");
}
