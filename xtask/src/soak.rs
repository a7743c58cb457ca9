//! `soak`: a hub with a hundred connections and services that fail at random, for as long as asked; what it held, minute
//! by minute, and whether that grew.

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::build::driving;
use crate::figures::Figures;
use crate::process::check;
use crate::session::{Screen, Session};
use crate::setup;

const USUAL_MINUTES: u32 = 60;

/// `soak [--minutes N]`
pub fn run(arguments: &[String]) -> Result<()> {
    let minutes = read(arguments)?;
    setup::all()?;
    let binary = driving("integration")?;
    let session = Session::fresh(Screen::None)?;
    let told = session.folder("soak")?.join("told.json");
    let mut command = Command::new(&binary.executable);
    command
        .args(["soak::", "--ignored", "--nocapture"])
        .current_dir(&binary.folder)
        .env("CARGO_MANIFEST_DIR", &binary.folder)
        .env("SOAK_MINUTES", minutes.to_string())
        .env("SOAK_FIGURES", &told);
    check(session.apply(&mut command))?;
    let mut figures = Figures::of(format!("cargo xtask soak --minutes {minutes}"));
    let told: Vec<(String, Value)> = serde_json::from_str(&fs::read_to_string(&told)?)?;
    for (name, value) in told {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        figures.add(&name, value);
    }
    figures.write("soak")
}

fn read(arguments: &[String]) -> Result<u32> {
    match arguments {
        [] => Ok(USUAL_MINUTES),
        [word, number] if word == "--minutes" => Ok(number.parse()?),
        _ => bail!("usage: cargo xtask soak [--minutes N]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_can_be_said() {
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        assert_eq!(read(&words("")).unwrap(), 60);
        assert_eq!(read(&words("--minutes 5")).unwrap(), 5);
        assert!(read(&words("--hours 1")).is_err());
    }
}
