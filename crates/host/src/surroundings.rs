//! What the doctor needs to know of this computer, as the environment tells it. Reads; decides nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "the host passes on to the engine what it found here"
)]

use std::env;

use directories::BaseDirs;
use hub::{LinkFolders, Surroundings};

pub(super) fn look() -> Surroundings {
    let folders = BaseDirs::new();
    Surroundings {
        home: folders.as_ref().map(|found| found.home_dir().to_owned()),
        system: system(),
        link_folders: folders.filter(|_| cfg!(target_os = "linux")).map(links),
    }
}

/// The person's own folders first, then those of the system (XDG Base Directory Specification).
fn links(folders: BaseDirs) -> LinkFolders {
    let listed = |name: &str, usual: &str| {
        let set = env::var_os(name).filter(|value| !value.is_empty());
        let list = set.unwrap_or_else(|| usual.into());
        env::split_paths(&list).collect::<Vec<_>>()
    };
    let mut config = vec![folders.config_dir().to_owned()];
    config.extend(listed("XDG_CONFIG_DIRS", "/etc/xdg"));
    let mut data = vec![folders.data_dir().to_owned()];
    data.extend(listed("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
    let desktops = env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    LinkFolders {
        config,
        data,
        desktops: desktops
            .split(':')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        programs: listed("PATH", ""),
    }
}

fn system() -> String {
    let (os, machine) = (env::consts::OS, env::consts::ARCH);
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map(|name| format!(" ({})", name.trim_matches('"')));
    format!("{os} {machine}{}", name.unwrap_or_default())
}
