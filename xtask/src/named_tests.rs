//! For tests of pages that name tests: the functions in our sources, and where they are. Reads Rust without
//! understanding it, which is enough to notice a name that no test has any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::root;

pub struct Sources(Vec<Source>);

struct Source {
    /// From the root, without `.rs`.
    path: PathBuf,
    text: String,
    functions: BTreeSet<String>,
}

impl Sources {
    /// Everything that has tests.
    pub fn read() -> Self {
        let mut found = Vec::new();
        for folder in ["crates", "src-tauri", "tests", "xtask"] {
            gather(&root().join(folder), &mut found);
        }
        Self(found)
    }

    /// Is there a function of this name?
    pub fn names(&self, function: &str) -> bool {
        self.0
            .iter()
            .any(|source| source.functions.contains(function))
    }

    /// Is there a test `TARGET::module::test`?
    pub fn has(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split("::").collect();
        let [target, modules @ .., function] = parts.as_slice() else {
            return false;
        };
        self.0.iter().any(|source| {
            source.functions.contains(*function)
                && source.is_below(target)
                && modules.iter().all(|module| source.is_in(module))
        })
    }
}

impl Source {
    /// A target is a crate, or a file or folder of its tests; the window's package is no crate of its own.
    fn is_below(&self, target: &str) -> bool {
        let folder = match target {
            "autopilot_desktop" => "src-tauri",
            other => other,
        };
        self.path
            .components()
            .any(|part| part.as_os_str() == folder)
    }

    /// A module is a file, a folder, or stands inside the file.
    fn is_in(&self, module: &str) -> bool {
        self.path
            .components()
            .any(|part| part.as_os_str() == module)
            || self.text.contains(&format!("mod {module} {{"))
    }
}

fn gather(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let functions = text
                .split("fn ")
                .skip(1)
                .filter_map(|rest| rest.split('(').next())
                .map(str::to_owned)
                .collect();
            let path = path.strip_prefix(root()).unwrap().with_extension("");
            found.push(Source {
                path,
                text,
                functions,
            });
        }
    }
}

#[test]
fn a_test_is_found_by_its_whole_name_alone() {
    let sources = Sources::read();
    assert!(sources.has("xtask::named_tests::a_test_is_found_by_its_whole_name_alone"));
    assert!(sources.has("xtask::reliability::page::tests::a_figure_has_its_command_and_its_date"));
    assert!(!sources.has("xtask::tally::a_test_is_found_by_its_whole_name_alone"));
    assert!(!sources.has("hub::named_tests::a_test_is_found_by_its_whole_name_alone"));
    assert!(!sources.has("xtask::named_tests::a_test_that_is_nowhere"));
}
