//! `docs/reliability.md`: how tables and figures look on it. Reads and runs nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::tables::{Figures, Row, Table, plain};
use crate::execute::Verdict;

/// Of each named test, by its whole name.
pub type Results = BTreeMap<String, Verdict>;

const INTRO: &str = "\
# Reliability

What is promised, and the test that shows it. This page is written by `cargo xtask reliability`, which runs every test named
here, on the day that the tables name; the rows are declared in `tests/reliability/`. A name begins with the test's binary:
`hub::…` are tests inside that crate, `integration::…` drive the real programs, `e2e::…` the real window. A test of the
developers' tool fails when a test named here doesn't exist, or when this page lacks a row.
";

pub fn whole(tables: &[Table], figures: &[Figures], results: &Results, today: &str) -> String {
    let mut page = INTRO.to_owned();
    for table in tables {
        page.push_str(&one(table, results, today));
    }
    for figures in figures {
        page.push_str(&self::figures(figures));
    }
    page
}

fn one(table: &Table, results: &Results, today: &str) -> String {
    let (title, intro) = (&table.title, table.intro.trim());
    let mut text = format!(
        "\n## {title}\n\n{intro}\n\n| # | what | expected | shown by | {today} |\n|---|---|---|---|---|\n"
    );
    for row in &table.rows {
        let _ = writeln!(text, "{} {} |", beginning(row), result(row, results));
    }
    text
}

/// A row without its result: what doesn't change from one run to the next.
pub fn beginning(row: &Row) -> String {
    let tests: Vec<String> = row.tests.iter().map(|name| format!("`{name}`")).collect();
    let shown = row.reason.as_deref().map_or_else(|| tests.join(", "), cell);
    format!(
        "| {} | {} | {} | {shown} |",
        row.id,
        cell(&row.what),
        cell(&row.expected)
    )
}

#[cfg(test)]
pub fn is_row(line: &str) -> bool {
    line.strip_prefix("| ")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(letter, rest)| {
            letter.len() == 1 && rest.starts_with(|first: char| first.is_ascii_digit())
        })
}

/// A row is as good as the worst of its tests.
fn result(row: &Row, results: &Results) -> &'static str {
    let worst = row
        .tests
        .iter()
        .map(|name| results.get(name).copied().unwrap_or(Verdict::Missing))
        .max();
    worst.map_or("not run", word)
}

pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "ok",
        Verdict::LeftOut => "left out",
        Verdict::Missing => "**not there**",
        Verdict::Failed => "**failed**",
    }
}

pub fn figures(figures: &Figures) -> String {
    let (title, command) = (&figures.title, &figures.command);
    let date = plain(&figures.date);
    let mut text = format!("\n## {title}\n\n`{command}`, {date}.\n\n| | |\n|---|---|\n");
    for line in &figures.lines {
        let value = plain(&line.value);
        let _ = writeln!(text, "| {} | {} |", cell(&line.name), cell(&value));
    }
    text
}

/// One line, in which nothing ends the cell.
fn cell(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        toml::from_str(
            r#"
            title = "Faults"
            intro = "What goes wrong."
            [[row]]
            id = "F-01"
            what = "one | two"
            expected = "nothing is lost"
            tests = ["hub::a_b", "hub::c_d"]
            [[row]]
            id = "F-02"
            what = "elsewhere"
            expected = "the same"
            reason = "only there"
            "#,
        )
        .unwrap()
    }

    #[test]
    fn a_row_is_as_good_as_its_worst_test() {
        let results = |other| {
            Results::from([
                ("hub::a_b".to_owned(), Verdict::Passed),
                ("hub::c_d".to_owned(), other),
            ])
        };
        for (other, said) in [
            (Verdict::Passed, "ok"),
            (Verdict::LeftOut, "left out"),
            (Verdict::Failed, "**failed**"),
        ] {
            assert_eq!(result(&table().rows[0], &results(other)), said);
        }
        assert_eq!(result(&table().rows[0], &Results::new()), "**not there**");
    }

    #[test]
    fn the_page_is_a_table_whatever_stands_in_its_cells() {
        let page = whole(&[table()], &[], &Results::new(), "2026-11-26");
        let rows: Vec<&str> = page.lines().filter(|line| is_row(line)).collect();
        assert_eq!(rows.len(), 2);
        assert!(
            rows[0]
                .starts_with("| F-01 | one \\| two | nothing is lost | `hub::a_b`, `hub::c_d` |")
        );
        assert_eq!(
            rows[1],
            "| F-02 | elsewhere | the same | only there | not run |"
        );
    }

    #[test]
    fn a_figure_has_its_command_and_its_date() {
        let run: Figures = toml::from_str(
            "title = \"Soak\"\ncommand = \"cargo xtask soak\"\ndate = 2026-11-26\n[[line]]\nname = \"ticks\"\nvalue = 120\n",
        )
        .unwrap();
        assert_eq!(
            figures(&run),
            "\n## Soak\n\n`cargo xtask soak`, 2026-11-26.\n\n| | |\n|---|---|\n| ticks | 120 |\n"
        );
    }
}
