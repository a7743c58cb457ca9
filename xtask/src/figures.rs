//! What a long run came to, kept in the repository under `tests/reliability/figures`, one file a run: which command, on
//! which day, and named values. The next run of the same replaces it.

use std::fs;

use anyhow::{Context, Result};

use crate::process::root;

pub struct Figures {
    command: String,
    lines: Vec<(String, String)>,
}

impl Figures {
    pub fn of(command: String) -> Self {
        Self {
            command,
            lines: Vec::new(),
        }
    }

    pub fn add(&mut self, name: &str, value: impl ToString) {
        self.lines.push((name.to_owned(), value.to_string()));
    }

    /// Some of them in one line.
    pub fn line(&self, names: &[&str]) -> String {
        let named = self
            .lines
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        let words: Vec<String> = named
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        words.join(" ")
    }

    pub fn write(&self, name: &str) -> Result<()> {
        let folder = root().join("tests/reliability/figures");
        fs::create_dir_all(&folder)?;
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let file = folder.join(format!("{name}.toml"));
        fs::write(&file, self.text(&today))
            .with_context(|| format!("couldn't write {}", file.display()))
    }

    fn text(&self, date: &str) -> String {
        let mut text = format!("command = {:?}\ndate = {date:?}\n", self.command);
        for (name, value) in &self.lines {
            text.push_str(&format!("\n[[line]]\nname = {name:?}\nvalue = {value:?}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_the_command_the_day_and_each_value_by_name() {
        let mut figures = Figures::of("cargo xtask soak".to_owned());
        figures.add("descriptors", 40);
        assert_eq!(
            figures.text("2026-11-26"),
            "command = \"cargo xtask soak\"\ndate = \"2026-11-26\"\n\n[[line]]\nname = \"descriptors\"\nvalue = \"40\"\n"
        );
        assert_eq!(figures.line(&["descriptors"]), "descriptors=40");
    }
}
