//! Lists the integrations: every folder of `src` that holds an `integration.toml` becomes a module and an
//! entry of `all()`, so that adding a service touches its own folder alone.
//!
//! What can be seen from a file's outside is checked here; `tests/conformance.rs` checks the rest.

use std::{error::Error, fmt::Write as _, fs, path::Path};

/// What every folder holds, by the same names.
const FILES: [&str; 8] = [
    "integration.toml",
    "mod.rs",
    "api.rs",
    "errors.rs",
    "tests.rs",
    "icon.svg",
    "texts/en.json",
    "texts/de.json",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where to write in no other way"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    println!("cargo::rerun-if-changed=src");

    let mut names = Vec::new();
    for entry in fs::read_dir(&src)? {
        let folder = entry?.path();
        if folder.join("integration.toml").is_file() {
            names.push(check(&folder)?);
        }
    }
    names.sort();

    let mut code = String::new();
    for name in &names {
        let path = src.join(name).join("mod.rs");
        writeln!(code, "#[path = {path:?}]\npub mod {name};")?;
    }
    code.push_str("static ALL: &[&dyn Integration] = &[\n");
    for name in &names {
        writeln!(code, "    &{name}::INTEGRATION,")?;
    }
    code.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("folders.rs"), code)?;
    Ok(())
}

/// The folder's name, once its files are there and its facts are TOML that carries the same name.
fn check(folder: &Path) -> Result<String, Box<dyn Error>> {
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or("a folder's name must be UTF-8")?;
    for file in FILES {
        if !folder.join(file).is_file() {
            return Err(format!("src/{name} lacks {file}").into());
        }
    }
    let facts: toml::Table = fs::read_to_string(folder.join("integration.toml"))?
        .parse()
        .map_err(|error| format!("src/{name}/integration.toml: {error}"))?;
    if facts.get("id").and_then(toml::Value::as_str) != Some(name) {
        return Err(format!("src/{name}/integration.toml: id must be \"{name}\"").into());
    }
    Ok(name.to_owned())
}
