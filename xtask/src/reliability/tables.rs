//! What is declared in `tests/reliability/`: tables whose rows name their tests, and figures of long runs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::process::root;

/// The tables in the order of the page. One whose file isn't there is left out.
const TABLES: [&str; 6] = [
    "promises", "crashes", "faults", "keychain", "disk", "hostile",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The file's name.
    #[serde(skip)]
    pub name: String,
    pub title: String,
    pub intro: String,
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Never given to another row, so that it can be spoken of.
    pub id: String,
    pub what: String,
    pub expected: String,
    /// `TARGET::module::test`, where the target is a crate's or a test binary's name.
    #[serde(default)]
    pub tests: Vec<String>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// What a long run found, written by the program that ran it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The file's name, unless it says something else.
    #[serde(default)]
    pub title: String,
    pub command: String,
    pub date: toml::Value,
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub name: String,
    pub value: toml::Value,
}

fn folder() -> PathBuf {
    root().join("tests/reliability")
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text =
        fs::read_to_string(file).with_context(|| format!("couldn't read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not as it should be", file.display()))
}

impl Table {
    pub fn all() -> Result<Vec<Self>> {
        let mut tables = Vec::new();
        for name in TABLES {
            let file = folder().join(name).with_extension("toml");
            if file.exists() {
                let mut table: Self = read(&file)?;
                name.clone_into(&mut table.name);
                tables.push(table);
            }
        }
        Ok(tables)
    }
}

impl Figures {
    /// By the names of their files.
    pub fn all() -> Result<Vec<Self>> {
        let Ok(entries) = fs::read_dir(folder().join("figures")) else {
            return Ok(Vec::new());
        };
        let mut files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| {
                let mut figures: Self = read(file)?;
                if figures.title.is_empty() {
                    let name = file.file_stem().unwrap_or_default();
                    figures.title = name.to_string_lossy().into_owned();
                }
                Ok(figures)
            })
            .collect()
    }
}

/// As it is read by people: text without its quotes.
pub fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
