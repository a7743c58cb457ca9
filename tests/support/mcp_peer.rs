//! MCP clients we did not write, and the newer Node they want: `tests/peers/mcp`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The installed folder.
pub struct Peers(PathBuf);

impl Peers {
    /// Fails where it isn't.
    #[must_use]
    pub fn installed() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/mcp/node_modules");
        assert!(
            folder.exists(),
            "`npm ci` in tests/peers/mcp is missing; cargo xtask setup does it"
        );
        Self(folder)
    }

    /// The program that runs them, as the system names it.
    #[must_use]
    pub fn node(&self) -> PathBuf {
        let node = self.0.join("node/bin/node");
        node.canonicalize().expect("the npm package brings a Node")
    }

    /// A program of one of the packages, not started yet.
    #[must_use]
    pub fn command(&self, package: &str, name: &str) -> Command {
        let path = self.0.join(package).join("package.json");
        let text = std::fs::read_to_string(&path).expect("the package is installed");
        let facts: serde_json::Value = serde_json::from_str(&text).expect("it is a package");
        let script = match &facts["bin"] {
            serde_json::Value::String(script) => script.as_str(),
            scripts => scripts[name]
                .as_str()
                .expect("the package has that program"),
        };
        let mut command = Command::new(self.node());
        command.arg(self.0.join(package).join(script));
        command
    }
}
