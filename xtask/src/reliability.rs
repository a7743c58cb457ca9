//! `reliability`: runs every test that a table in `tests/reliability/` names, and writes what came of it to
//! `docs/reliability.md`. What was measured by programs of their own (`tests/reliability/figures/`) is shown as it was
//! written down, with its date. Decides nothing: a row is as good as its tests.
//!
//! [`tables`] is what can be declared, [`page`] how it looks.

mod page;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};

use crate::build::{TestBinary, binaries, interface_if_stale, tests};
use crate::execute::{self, Verdict};
use crate::process::root;
use crate::session::{Screen, Session};
use crate::setup;

use page::Results;
use tables::{Figures, Table};

/// Where the page is, from the root.
const PAGE: &str = "docs/reliability.md";

pub fn run(arguments: &[String]) -> Result<()> {
    if !arguments.is_empty() {
        bail!("usage: cargo xtask reliability");
    }
    let tables = Table::all()?;
    let figures = Figures::all()?;
    setup::all()?;
    interface_if_stale()?;
    binaries()?;
    let results = results(&tests()?, &named(&tables))?;
    let today = jiff::Zoned::now().date().to_string();
    fs::write(
        root().join(PAGE),
        page::whole(&tables, &figures, &results, &today),
    )
    .with_context(|| format!("couldn't write {PAGE}"))?;
    let bad: Vec<_> = results
        .iter()
        .filter(|(_, verdict)| **verdict != Verdict::Passed)
        .map(|(name, verdict)| format!("{name}: {}", page::word(*verdict)))
        .collect();
    println!(
        "{PAGE}: {} rows, {} tests, {} of them not ok",
        tables.iter().map(|table| table.rows.len()).sum::<usize>(),
        results.len(),
        bad.len()
    );
    if !bad.is_empty() {
        bail!("{}", bad.join("\n"));
    }
    Ok(())
}

/// Every test that any row names, once.
fn named(tables: &[Table]) -> BTreeSet<&str> {
    tables
        .iter()
        .flat_map(|table| &table.rows)
        .flat_map(|row| row.tests.iter().map(String::as_str))
        .collect()
}

/// Runs the named tests, a binary at a time. Two binaries may have one name, so each is asked for all of its name and
/// answers for those it has.
fn results(compiled: &[TestBinary], names: &BTreeSet<&str>) -> Result<Results> {
    let mut wanted = BTreeMap::<&str, Vec<&str>>::new();
    for name in names {
        let (target, path) = name
            .split_once("::")
            .with_context(|| format!("`{name}` has no module"))?;
        wanted.entry(target).or_default().push(path);
    }
    let session = Session::fresh(Screen::Virtual)?;
    let mut found = Results::new();
    for binary in compiled {
        let target = binary.target.replace('-', "_");
        let Some(paths) = wanted.get(target.as_str()) else {
            continue;
        };
        println!(
            "{} {}: {} tests",
            binary.package,
            binary.target,
            paths.len()
        );
        for (path, verdict) in execute::each(binary, paths, &session)? {
            found.insert(format!("{target}::{path}"), verdict);
        }
    }
    for name in names {
        found.entry((*name).to_owned()).or_insert(Verdict::Missing);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named_tests::Sources;

    #[test]
    fn every_test_that_a_row_names_exists() {
        let sources = Sources::read();
        let tables = Table::all().unwrap();
        for name in named(&tables) {
            assert!(sources.has(name), "a row names `{name}`, which is no test");
        }
    }

    #[test]
    fn every_row_has_a_number_of_its_own_and_a_test_or_a_reason() {
        let mut numbers = BTreeSet::new();
        for table in Table::all().unwrap() {
            for row in table.rows {
                assert!(numbers.insert(row.id.clone()), "{} twice", row.id);
                assert_ne!(
                    row.tests.is_empty(),
                    row.reason.is_none(),
                    "{} needs either tests or the reason why it has none",
                    row.id
                );
            }
        }
        assert!(numbers.len() > 10, "only {numbers:?}");
    }

    #[test]
    fn the_page_has_every_row_and_figure_and_no_other() {
        let page = fs::read_to_string(root().join(PAGE)).unwrap();
        let tables = Table::all().unwrap();
        for row in tables.iter().flat_map(|table| &table.rows) {
            assert!(
                page.contains(&page::beginning(row)),
                "{} is not in {PAGE} as it is declared; `cargo xtask reliability` writes it",
                row.id
            );
        }
        let rows: usize = tables.iter().map(|table| table.rows.len()).sum();
        assert_eq!(page.lines().filter(|line| page::is_row(line)).count(), rows);
        for figures in Figures::all().unwrap() {
            let section = page::figures(&figures);
            assert!(page.contains(&section), "{PAGE} lacks:\n{section}");
        }
    }

    #[test]
    fn the_numbered_promises_are_those_that_are_tested() {
        let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = words(&text);
        let table = Table::all()
            .unwrap()
            .into_iter()
            .find(|table| table.name == "promises")
            .unwrap();
        for row in &table.rows {
            let promise = format!("**{}** {}", row.id, words(&row.what));
            assert!(
                said.contains(&promise),
                "SECURITY.md doesn't say: {promise}"
            );
        }
        assert_eq!(said.matches("**P-").count(), table.rows.len());
    }
}
