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

    /// Where `[…](TARGET)` and `![…](TARGET)` lead, as far as it is to a file.
    fn links(text: &str) -> impl Iterator<Item = &str> {
        text.split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target.split('#').next().unwrap_or(target))
            .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
    }

    #[test]
    fn every_link_leads_to_a_page_or_picture() {
        let mut seen = 0;
        for page in pages() {
            let text = fs::read_to_string(&page).unwrap();
            let folder = page.parent().unwrap();
            for link in links(&text) {
                seen += 1;
                assert!(
                    folder.join(link).exists(),
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
