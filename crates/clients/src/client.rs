//! The clients we can set up: facts only. Each reads one file of the person's, with a map of servers in it.
//!
//! | client | file | map |
//! |---|---|---|
//! | Claude Desktop | `CONFIG/Claude/claude_desktop_config.json` | `mcpServers` |
//! | Claude Code | `HOME/.claude.json`, its user scope; a project's `.mcp.json` takes the same block | `mcpServers` |
//! | VS Code | `CONFIG/Code/User/mcp.json`, the default profile's | `servers`, each with a `type` |
//! | Cursor | `HOME/.cursor/mcp.json` | `mcpServers`, each with a `type` |

use std::path::PathBuf;

/// The person's folders, as the system names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Homes {
    pub home: PathBuf,
    /// `~/.config` (or `$XDG_CONFIG_HOME`), `~/Library/Application Support`, `%APPDATA%`.
    pub config: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Client {
    ClaudeDesktop,
    ClaudeCode,
    VsCode,
    Cursor,
}

impl Client {
    /// In the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::ClaudeDesktop,
        Self::ClaudeCode,
        Self::VsCode,
        Self::Cursor,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "claude_desktop",
            Self::ClaudeCode => "claude_code",
            Self::VsCode => "vscode",
            Self::Cursor => "cursor",
        }
    }

    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.id() == id)
    }

    /// The name its makers gave it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::VsCode => "VS Code",
            Self::Cursor => "Cursor",
        }
    }

    /// The file it reads.
    #[must_use]
    pub fn path(self, homes: &Homes) -> PathBuf {
        match self {
            Self::ClaudeDesktop => homes.config.join("Claude/claude_desktop_config.json"),
            Self::ClaudeCode => homes.home.join(".claude.json"),
            Self::VsCode => homes.config.join("Code/User/mcp.json"),
            Self::Cursor => homes.home.join(".cursor/mcp.json"),
        }
    }

    /// A folder that it makes when it first runs: without that and without the file it isn't installed.
    pub(crate) fn folder(self, homes: &Homes) -> PathBuf {
        match self {
            Self::ClaudeDesktop => homes.config.join("Claude"),
            Self::ClaudeCode => homes.home.join(".claude"),
            Self::VsCode => homes.config.join("Code/User"),
            Self::Cursor => homes.home.join(".cursor"),
        }
    }

    /// The name of the map of servers in its file.
    pub(crate) const fn map(self) -> &'static str {
        match self {
            Self::VsCode => "servers",
            Self::ClaudeDesktop | Self::ClaudeCode | Self::Cursor => "mcpServers",
        }
    }

    /// Does it want to be told that a server is a program?
    pub(crate) const fn names_the_type(self) -> bool {
        matches!(self, Self::VsCode | Self::Cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_found_by_its_id() {
        for client in Client::ALL {
            assert_eq!(Client::of_id(client.id()), Some(client));
        }
        assert_eq!(Client::of_id("../claude_code"), None);
    }

    #[test]
    fn each_client_reads_its_own_file() {
        let homes = Homes {
            home: "/home/anna".into(),
            config: "/home/anna/.config".into(),
        };
        let paths = Client::ALL.map(|client| client.path(&homes));
        let wanted = [
            "/home/anna/.config/Claude/claude_desktop_config.json",
            "/home/anna/.claude.json",
            "/home/anna/.config/Code/User/mcp.json",
            "/home/anna/.cursor/mcp.json",
        ];
        assert_eq!(paths, wanted.map(PathBuf::from));
    }
}
