//! `docs/mcp-conformance.md` against the suite itself: a scenario nobody has thought about would be a gap nobody sees.

use std::collections::BTreeMap;

use autopilot_tests::mcp_peer::Peers;

use crate::mcp_conformance::APPLY;

const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// Why it is left out; `None` = it passes.
type Said = Option<String>;

/// The page's tables: a heading `## REVISION`, then `| scenario | passes |` or `| scenario | left out: why |`.
fn page(revision: &str) -> BTreeMap<String, Said> {
    let text = include_str!("../../docs/mcp-conformance.md");
    let mut sections = text.split("\n## ");
    let section = sections.find(|part| part.starts_with(revision)).unwrap();
    let rows = section.lines().filter_map(|line| {
        let row = line.strip_prefix("| `")?.strip_suffix(" |")?;
        let (name, said) = row.split_once("` | ").unwrap();
        let said = (said != "passes").then(|| said.strip_prefix("left out: ").unwrap().to_owned());
        Some((name.to_owned(), said))
    });
    rows.collect()
}

/// The suite's scenarios for servers of this revision; extensions are of none.
fn scenarios(revision: &str) -> Vec<String> {
    let listed = Peers::installed()
        .command("@modelcontextprotocol/conformance", "conformance")
        .args(["list", "--server"])
        .output();
    let text = String::from_utf8(listed.unwrap().stdout).unwrap();
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ")?.split_once(" ["))
        .filter(|(_, revisions)| revisions.contains(revision))
        .map(|(name, _)| name.to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_page_names_every_scenario_that_passes_or_why_it_does_not_apply() {
    for revision in REVISIONS {
        let page = page(revision);
        let named: Vec<String> = page.keys().cloned().collect();
        assert_eq!(named, scenarios(revision), "{revision}");
        for (name, said) in page {
            let runs = APPLY.contains(&(revision, name.as_str()));
            assert_eq!(said.is_none(), runs, "{name} of {revision}");
            let explained = said.is_none_or(|why| why.len() > 10);
            assert!(explained, "{name} of {revision}");
        }
    }
}
