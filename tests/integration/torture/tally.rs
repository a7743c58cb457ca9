//! What a scenario came to: each kill is recovered, named, or lost.

use std::{fs, path::PathBuf};

use serde_json::json;

use super::text_from_environment;

#[derive(Default, Debug)]
pub struct Tally {
    pub kills: u64,
    /// Everything worked again by itself.
    pub recovered: u64,
    /// Something needs the person, who is told what happened and what to do; doing it mended it.
    pub named: u64,
    /// Neither.
    pub lost: u64,
    pub doubled: u64,
}

impl Tally {
    /// Says it, and keeps it for whoever started a long run.
    pub fn tell(&self, scenario: &str) {
        let Self {
            kills,
            recovered,
            named,
            lost,
            doubled,
        } = self;
        println!(
            "{scenario}: kills={kills} recovered={recovered} named={named} lost={lost} doubled={doubled}"
        );
        if let Some(folder) = text_from_environment("TORTURE_TALLIES") {
            let told = json!({
                "kills": kills, "recovered": recovered, "named": named, "lost": lost, "doubled": doubled,
            });
            let file = PathBuf::from(folder).join(format!("{scenario}.json"));
            fs::write(file, told.to_string()).unwrap();
        }
        assert_eq!((*lost, *doubled), (0, 0), "{scenario}");
        assert_eq!(
            recovered + named,
            *kills,
            "{scenario}: every kill is accounted for"
        );
    }
}
