//! `book`: the pages in `docs/` as a website, by mdBook, in `target/book`. That every link in them leads somewhere, and
//! that every page is in the table of contents, is a test here and needs no mdBook.

use anyhow::Result;

use crate::process::{answers, cargo, check, command, root, target};

const MDBOOK: &str = "0.5.4";

pub fn run() -> Result<()> {
    let tools = target().join("xtask/tools");
    let mdbook = tools.join("bin/mdbook");
    let mdbook = mdbook.to_string_lossy();
    if !answers(&mdbook, &["--version"]) {
        println!("Building mdBook {MDBOOK}, which takes some minutes.");
        let words = [
            "install",
            "--quiet",
            "--locked",
            "--version",
            MDBOOK,
            "mdbook",
            "--root",
        ];
        check(cargo(words).arg(&tools))?;
    }
    check(&mut command(&mdbook, ["build", "docs"]))?;
    println!("{}", root().join("target/book/index.html").display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::named_tests::Sources;

    fn pages() -> Vec<PathBuf> {
        let docs = fs::read_dir(root().join("docs")).unwrap().flatten();
        let top = fs::read_dir(root()).unwrap().flatten();
        docs.chain(top)
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
            .collect()
    }

    /// Where `[…](TARGET)` and `![…](TARGET)` lead, as far as it is to a file of ours or to a heading in one.
    fn links(text: &str) -> impl Iterator<Item = &str> {
        text.split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target)
            .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
    }

    /// Its headings as links name them, in mdBook and on GitHub alike: lower case, a hyphen for each space, and of the
    /// rest only letters, digits, `-` and `_`.
    fn headings(text: &str) -> BTreeSet<String> {
        let mut in_code = false;
        text.lines()
            .filter(|line| {
                in_code ^= line.trim_start().starts_with("```");
                !in_code && line.starts_with('#')
            })
            .map(|line| {
                let title = line.trim_start_matches('#').trim();
                let kept = |letter: &char| {
                    letter.is_alphanumeric() || letter.is_whitespace() || "-_".contains(*letter)
                };
                title
                    .to_lowercase()
                    .chars()
                    .filter(kept)
                    .map(|letter| if letter.is_whitespace() { '-' } else { letter })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn headings_are_named_as_the_book_names_them() {
        let text = "# What `it` is\n```sh\n# no heading\n```\n### mcp tools [-- COMMAND…]\n";
        let named = headings(text);
        assert_eq!(
            named.iter().collect::<Vec<_>>(),
            ["mcp-tools----command", "what-it-is"]
        );
    }

    #[test]
    fn every_link_leads_to_a_page_or_picture() {
        let mut seen = 0;
        for page in pages() {
            let text = fs::read_to_string(&page).unwrap();
            let folder = page.parent().unwrap();
            for link in links(&text) {
                seen += 1;
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                // What names a heading alone means its own page.
                let target = if file.is_empty() {
                    page.clone()
                } else {
                    folder.join(file)
                };
                let is_there = target.exists()
                    && (heading.is_empty()
                        || headings(&fs::read_to_string(&target).unwrap()).contains(heading));
                assert!(
                    is_there,
                    "{} links to {link}, which isn't there",
                    page.display()
                );
            }
        }
        assert!(
            seen > 40,
            "only {seen} links were found: the test looks wrongly"
        );
    }

    #[test]
    fn every_test_that_a_table_names_exists() {
        let tests = Sources::read();
        let mut seen = 0;
        for table in ["oauth-conformance.md"] {
            let text = fs::read_to_string(root().join("docs").join(table)).unwrap();
            let words = text.split('`').skip(1).step_by(2);
            // A test's name is a sentence; an option or a file isn't.
            for name in words.filter(|word| word.matches('_').count() >= 3) {
                seen += 1;
                assert!(
                    tests.names(name),
                    "docs/{table} names `{name}`, which is no test"
                );
            }
        }
        assert!(
            seen > 20,
            "only {seen} names were found: the test looks wrongly"
        );
    }

    #[test]
    fn every_page_is_in_the_table_of_contents() {
        let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
        let listed: BTreeSet<&str> = links(&summary).collect();
        for page in pages() {
            let name = page.file_name().and_then(|name| name.to_str()).unwrap();
            if page.parent() == Some(Path::new(&root().join("docs"))) && name != "SUMMARY.md" {
                assert!(
                    listed.contains(name),
                    "docs/{name} is in no table of contents"
                );
            }
        }
    }
}
