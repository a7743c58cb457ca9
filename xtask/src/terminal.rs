//! The terminal program as it is shipped on Linux: linked with the C library's own code, so that a start looks for no
//! library. Mail programs start it for every token and agents for every conversation; more than a third of what that took was
//! the linker's. What it asks of the system are files and sockets; whatever looks up a name is the hub's.

use std::env;
use std::fs;

use anyhow::{Context, Result};

use crate::process::{cargo, check, command, host, target};

const NAME: &str = "autopilot";

/// Builds it and puts it where `cargo build --release` puts programs. To be called after every such build, which puts
/// the other one there. Elsewhere than on Linux that is the one that is shipped.
pub fn build() -> Result<()> {
    let with = |flags: &[&str]| {
        let mut build = cargo(["build", "--release", "--package", "autopilot-app"]);
        build.args(["--bin", NAME]).args(flags);
        build
    };
    if !cfg!(target_os = "linux") {
        return check(&mut with(&[]));
    }
    let host = host(&mut command::<&str>("rustc", []))?;
    // What is built for a target named is apart from what is built to build it: macros can't be linked so.
    let flags = env::var("RUSTFLAGS").unwrap_or_default() + " -Ctarget-feature=+crt-static";
    check(with(&["--target", &host]).env("RUSTFLAGS", flags.trim()))?;
    let built = target().join(&host).join("release").join(NAME);
    let place = target().join("release").join(NAME);
    // Cargo's own may be one file with the one it keeps, which would be overwritten with it.
    let _ = fs::remove_file(&place);
    fs::create_dir_all(target().join("release"))?;
    fs::copy(&built, &place).with_context(|| format!("couldn't copy {}", built.display()))?;
    Ok(())
}
