//! `sbom`: what is inside the shipped programs, as CycloneDX 1.5: every crate that the window, the hub and the terminal
//! program are linked from, by `cargo metadata` and `Cargo.lock`, and every npm package the interface is made of, by its
//! lockfile (npm's own `sbom` leaves Svelte out). Written to `target/xtask/sbom.cdx.json`; no date and no random number is in it, so that the same sources give
//! the same list.
//!
//! The tests here hold the lockfiles themselves: nothing without a checksum, from elsewhere, or with a script nobody named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process::{capture, cargo, root, target};

const PACKAGE: &str = "autopilot-app";

pub fn run() -> Result<()> {
    let list = whole()?;
    let path = target().join("xtask/sbom.cdx.json");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, serde_json::to_string_pretty(&list)? + "\n")?;
    let count = list["components"].as_array().map_or(0, Vec::len);
    println!("{}: {count} components", path.display());
    Ok(())
}

fn whole() -> Result<Value> {
    let mut metadata = cargo(["metadata", "--format-version", "1", "--locked", "--quiet"]);
    metadata.args(["--features", "desktop"]);
    let metadata: Value = serde_json::from_str(&capture(&mut metadata)?)?;
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let npm_lock = fs::read_to_string(root().join("ui/package-lock.json"))?;
    list(&metadata, &lock, &serde_json::from_str(&npm_lock)?)
}

fn list(metadata: &Value, lock: &str, npm_lock: &Value) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = array(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = array(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let app = packages
        .iter()
        .find(|(_, package)| package["name"] == PACKAGE)
        .map(|(id, _)| *id)
        .with_context(|| format!("there is no package {PACKAGE}"))?;
    let checksums = checksums(lock);

    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in linked(app, &nodes) {
        let package = packages.get(id).context("a package nobody describes")?;
        let below = linked_by(id, &nodes).filter_map(|below| packages.get(below));
        dependencies.push(json!({
            "ref": purl(package),
            "dependsOn": below.map(|below| purl(below)).collect::<BTreeSet<_>>(),
        }));
        if id != app {
            components.push(component(package, &checksums)?);
        }
    }
    components.extend(of_the_interface(npm_lock));
    let described = packages.get(app).context("the app isn't described")?;
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": purl(described),
                "name": "autopilot",
                "version": described["version"],
                "licenses": [{ "expression": described["license"] }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// Everything that ends up in the programs: what builds or tests them doesn't.
fn linked<'m>(app: &'m str, nodes: &BTreeMap<&'m str, &'m Value>) -> BTreeSet<&'m str> {
    let mut seen = BTreeSet::from([app]);
    let mut open = vec![app];
    while let Some(id) = open.pop() {
        open.extend(linked_by(id, nodes).filter(|below| seen.insert(below)));
    }
    seen
}

fn linked_by<'m>(id: &str, nodes: &BTreeMap<&'m str, &'m Value>) -> impl Iterator<Item = &'m str> {
    let node = nodes.get(id).copied().unwrap_or(&Value::Null);
    array(&node["deps"])
        .filter(|dep| array(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null()))
        .filter_map(|dep| dep["pkg"].as_str())
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let word = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    let (name, version) = (word("name"), word("version"));
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "name": name,
        "version": version,
        "purl": purl(package),
    });
    if let Some(license) = package["license"].as_str() {
        // Of old, a slash was written for "or".
        let expression = license.replace('/', " OR ");
        component["licenses"] = json!([{ "expression": expression }]);
    }
    if package["source"].is_null() {
        return Ok(component);
    }
    let Some(checksum) = checksums.get(&(name.clone(), version)) else {
        bail!("{name} comes from elsewhere and has no checksum");
    };
    component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    Ok(component)
}

/// What isn't only there to build or test it.
fn of_the_interface(npm_lock: &Value) -> impl Iterator<Item = Value> {
    let packages = npm_lock["packages"].as_object().into_iter().flatten();
    let shipped = packages.filter(|(place, package)| {
        !place.is_empty() && package["dev"] != true && package["devOptional"] != true
    });
    shipped.map(|(place, package)| {
        let name = name_of(place);
        let purl = format!(
            "pkg:npm/{}@{}",
            name.replace('@', "%40"),
            package["version"].as_str().unwrap_or_default()
        );
        json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": package["version"],
            "purl": purl,
            "licenses": [{ "expression": package["license"] }],
            "properties": [{ "name": "npm:integrity", "value": package["integrity"] }],
        })
    })
}

/// Of `node_modules/a/node_modules/@b/c`, the last.
fn name_of(place: &str) -> &str {
    place.rsplit("node_modules/").next().unwrap_or(place)
}

fn purl(package: &Value) -> String {
    let word = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    format!("pkg:cargo/{}@{}", word("name"), word("version"))
}

/// By name and version, from the text of `Cargo.lock`.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, name: &str| -> Option<String> {
        let start = format!("{name} = \"");
        let line = block.lines().find_map(|line| line.strip_prefix(&start))?;
        line.strip_suffix('"').map(str::to_owned)
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            let (name, version) = (value(block, "name")?, value(block, "version")?);
            Some(((name, version), value(block, "checksum")?))
        })
        .collect()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders with a lockfile of npm's.
    const LOCKFILES: [&str; 5] = [
        "package-lock.json",
        "ui/package-lock.json",
        "tests/peers/package-lock.json",
        "tests/peers/emulate/package-lock.json",
        "tests/peers/mcp/package-lock.json",
    ];

    /// What may run something of its own when it is installed, and why. None of it is shipped.
    const MAY_RUN: [(&str, &str); 2] = [
        (
            "node",
            "brings the newer Node that other people's servers want",
        ),
        (
            "@modelcontextprotocol/inspector",
            "installs its parts in a checkout of its own, and sees that it isn't in one",
        ),
    ];

    /// What is wrong with a lockfile, by package.
    fn faults(lock: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        if lock["lockfileVersion"] != 3 {
            faults.push("another version of the format".to_owned());
        }
        for (place, package) in lock["packages"].as_object().into_iter().flatten() {
            if place.is_empty() {
                continue;
            }
            let name = name_of(place);
            let sealed = package["integrity"]
                .as_str()
                .is_some_and(|sum| sum.starts_with("sha512-") && sum.len() > 80);
            if !sealed {
                faults.push(format!("{name} has no checksum"));
            }
            // Nothing said is the registry.
            let from = package["resolved"].as_str();
            let registry = "https://registry.npmjs.org/";
            if package["link"] == true || from.is_some_and(|from| !from.starts_with(registry)) {
                faults.push(format!("{name} comes from elsewhere"));
            }
            let runs = package["hasInstallScript"] == true;
            if runs && !MAY_RUN.iter().any(|(may, _)| *may == name) {
                faults.push(format!("{name} runs something when it is installed"));
            }
        }
        faults
    }

    #[test]
    fn every_npm_package_has_a_checksum_comes_from_the_registry_and_runs_nothing_unnamed() {
        let mut seen = 0;
        for path in LOCKFILES {
            let lock = fs::read_to_string(root().join(path)).unwrap();
            let lock: Value = serde_json::from_str(&lock).unwrap();
            assert_eq!(faults(&lock), [] as [&str; 0], "{path}");
            seen += lock["packages"].as_object().unwrap().len();
        }
        assert!(seen > 300, "only {seen} packages");
    }

    #[test]
    fn a_lockfile_that_was_tampered_with_is_seen() {
        let lock = json!({"lockfileVersion": 3, "packages": {
            "": {},
            "node_modules/a": {"version": "1.0.0"},
            "node_modules/b": {"integrity": format!("sha512-{}", "x".repeat(88)),
                "resolved": "git+ssh://git@evil.example/b.git"},
            "node_modules/b/node_modules/c": {"integrity": format!("sha512-{}", "x".repeat(88)),
                "hasInstallScript": true},
            "node_modules/node": {"integrity": format!("sha512-{}", "x".repeat(88)), "hasInstallScript": true},
            "node_modules/d": {"integrity": "sha1-x"},
        }});
        assert_eq!(
            faults(&lock),
            [
                "a has no checksum",
                "b comes from elsewhere",
                "c runs something when it is installed",
                "d has no checksum",
            ]
        );
    }

    #[test]
    fn every_crate_from_elsewhere_has_a_checksum_and_comes_from_crates_io() {
        for path in ["Cargo.lock", "fuzz/Cargo.lock"] {
            let lock = fs::read_to_string(root().join(path)).unwrap();
            let checksums = checksums(&lock);
            let sources = lock.matches("\nsource = ").count();
            let registry = "\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"";
            assert_eq!(sources, lock.matches(registry).count(), "{path}");
            assert_eq!(sources, checksums.len(), "{path}");
            assert!(sources > 100, "{path}");
        }
    }

    /// They run before anything of ours does, on whoever builds it.
    #[test]
    fn our_build_scripts_are_these_three_and_can_reach_no_network() {
        let mut metadata = cargo([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ]);
        let metadata: Value = serde_json::from_str(&capture(&mut metadata).unwrap()).unwrap();
        let mut scripts = BTreeSet::new();
        let mut brought = BTreeSet::new();
        for package in array(&metadata["packages"]) {
            let built =
                array(&package["targets"]).any(|one| one["kind"] == json!(["custom-build"]));
            if built {
                scripts.insert(package["name"].as_str().unwrap());
            }
            let for_it = array(&package["dependencies"]).filter(|one| one["kind"] == "build");
            brought.extend(for_it.filter_map(|one| one["name"].as_str()));
        }
        assert_eq!(
            scripts,
            BTreeSet::from([PACKAGE, "autopilot-integrations", "autopilot-model"])
        );
        assert_eq!(
            brought,
            BTreeSet::from(["serde_json", "tauri-build", "toml"])
        );
        for path in [
            "src-tauri/build.rs",
            "crates/integrations/build.rs",
            "crates/model/build.rs",
        ] {
            let text = fs::read_to_string(root().join(path)).unwrap();
            for word in ["net::", "Command", "http"] {
                assert!(!text.contains(word), "{path} has {word}");
            }
        }
    }

    #[test]
    fn what_is_linked_is_listed_and_what_only_builds_it_is_not() {
        let package = |name: &str, source: Value| json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source});
        let dep = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package(PACKAGE, Value::Null), package("a", json!("registry")), package("b", json!("registry")),
                package("builds", json!("registry"))],
            "resolve": {"nodes": [
                {"id": PACKAGE, "deps": [dep("a", Value::Null), dep("builds", json!("build"))]},
                {"id": "a", "deps": [dep("b", Value::Null)]},
                {"id": "b", "deps": []},
                {"id": "builds", "deps": []},
            ]},
        });
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"aa\"\n\n\
                    [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nchecksum = \"bb\"\n";
        let npm_lock = json!({"packages": {
            "": {"name": "ui"},
            "node_modules/@a/b": {"version": "5.0.0", "license": "MIT", "integrity": "sha512-x"},
            "node_modules/tests": {"version": "1.0.0", "dev": true},
        }});
        let list = list(&metadata, lock, &npm_lock).unwrap();
        let purls: Vec<&str> = array(&list["components"])
            .map(|one| one["purl"].as_str().unwrap())
            .collect();
        assert_eq!(
            purls,
            [
                "pkg:cargo/a@1.0.0",
                "pkg:cargo/b@1.0.0",
                "pkg:npm/%40a/b@5.0.0"
            ]
        );
        assert_eq!(list["components"][0]["hashes"][0]["content"], "aa");
        assert_eq!(
            list["components"][0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert!(super::list(&metadata, "", &npm_lock).is_err());
    }
}
