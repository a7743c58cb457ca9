//! Sorts the messages of each built-in language: a program that says one sentence then reads none of the others, neither
//! from a file nor out of JSON. Reads `messages/` and writes into cargo's folder for what is built; touches nothing else.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, fs, path::Path};

const LANGUAGES: [&str; 2] = ["en", "de"];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where to write in no other way"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../messages");
    let out = env::var("OUT_DIR")?;
    for language in LANGUAGES {
        let file = messages.join(format!("{language}.json"));
        println!("cargo::rerun-if-changed={}", file.display());
        let sorted: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let (text, places) = lay_out(&sorted)?;
        fs::write(Path::new(&out).join(format!("{language}.txt")), text)?;
        fs::write(Path::new(&out).join(format!("{language}.rs")), places)?;
    }
    Ok(())
}

/// Everything in one text, and where in it each key and its message begin and end: numbers need no address, which the
/// system would have to put right at every start.
fn lay_out(sorted: &BTreeMap<String, String>) -> Result<(String, String), Box<dyn Error>> {
    let (mut text, mut places) = (String::new(), String::from("&["));
    for (key, message) in sorted {
        let begin = text.len();
        text.push_str(key);
        let middle = text.len();
        text.push_str(message);
        write!(places, "[{begin}, {middle}, {}],", text.len())?;
    }
    places.push(']');
    Ok((text, places))
}
