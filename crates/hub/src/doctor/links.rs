//! Who opens links of our scheme, by the files in which Linux desktops keep that (freedesktop.org's "Association between
//! MIME types and applications"). Read here rather than asked of `xdg-mime`, which servers don't have.
//!
//! Elsewhere a bundle or the registry says it, and there is no such check.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use model::doctor::DoctorCause;

use super::{Check, DEADLINE};
use crate::{core::Core, options::LinkFolders};

const KIND: &str = "x-scheme-handler/app.autopilot.desktop";
const OURS: &str = "autopilot-desktop";
/// A file of associations or of one program is never near it; these come from any program.
const LARGEST: u64 = 1 << 20;
const LONGEST_NAME: usize = 60;

pub(super) fn check(core: &Arc<Core>) -> Option<Check> {
    let folders = core.surroundings.link_folders.clone()?;
    let headless = core.headless;
    Some(Check::new("links", DEADLINE, async move {
        tokio::task::spawn_blocking(move || look(&folders, headless))
            .await
            .unwrap_or(DoctorCause::TookTooLong)
    }))
}

fn look(folders: &LinkFolders, headless: bool) -> DoctorCause {
    let Some(entry) = folders.handler() else {
        return if headless {
            DoctorCause::LinksNotNeeded
        } else {
            DoctorCause::LinksNowhere
        };
    };
    let program = entry.program();
    if program.file_name().is_none_or(|name| name != OURS) {
        return DoctorCause::LinksElsewhere {
            program: entry.shown_name(),
        };
    }
    if entry.takes_a_link() && folders.is_there(&program) {
        DoctorCause::LinksComeHere
    } else {
        DoctorCause::LinksBroken {
            program: OURS.to_owned(),
        }
    }
}

/// One program's file.
struct Entry {
    id: String,
    name: String,
    exec: String,
    kinds: String,
}

impl Entry {
    /// `None` = not there, not readable, or taken away by its owner.
    fn read(file: &Path, id: &str) -> Option<Self> {
        let text = read(file)?;
        let group = group(&text, "Desktop Entry");
        let value = |key: &str| {
            let found = group.iter().find(|(known, _)| *known == key);
            found.map_or_else(String::new, |(_, value)| (*value).to_owned())
        };
        if value("Hidden") == "true" {
            return None;
        }
        Some(Self {
            id: id.to_owned(),
            name: value("Name"),
            exec: value("Exec"),
            kinds: value("MimeType"),
        })
    }

    /// The first word of what is run, without its quotes.
    fn program(&self) -> PathBuf {
        let exec = self.exec.trim_start();
        let word = match exec.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => exec.split_whitespace().next(),
        };
        PathBuf::from(word.unwrap_or_default())
    }

    fn takes_a_link(&self) -> bool {
        ["%u", "%U"].iter().any(|place| self.exec.contains(place))
    }

    /// Any program may call itself anything.
    fn shown_name(&self) -> String {
        let name = if self.name.trim().is_empty() {
            self.id.trim_end_matches(".desktop")
        } else {
            self.name.trim()
        };
        name.chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_NAME)
            .collect()
    }
}

impl LinkFolders {
    /// The chosen program, else the first that says it can.
    fn handler(&self) -> Option<Entry> {
        let lists: Vec<String> = self.lists().filter_map(|file| read(&file)).collect();
        let ids_in = |name: &str| -> Vec<String> {
            let groups = lists.iter().map(|text| group(text, name));
            let values = groups.flat_map(|group| {
                let ours = group.into_iter().filter(|(key, _)| *key == KIND);
                ours.map(|(_, value)| value).collect::<Vec<_>>()
            });
            values
                .flat_map(|value| value.split(';'))
                .map(str::trim)
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let removed: HashSet<String> = ids_in("Removed Associations").into_iter().collect();
        let added = ids_in("Added Associations");
        ids_in("Default Applications")
            .iter()
            .chain(added.iter().filter(|id| !removed.contains(*id)))
            .find_map(|id| self.entry(id))
            .or_else(|| self.first_that_can(&removed))
    }

    /// Where associations are kept, the person's own first.
    fn lists(&self) -> impl Iterator<Item = PathBuf> {
        let data = self.data.iter().map(|folder| folder.join("applications"));
        let folders = self.config.iter().cloned().chain(data);
        folders.flat_map(|folder| {
            let of_desktops = self
                .desktops
                .iter()
                .map(|desktop| format!("{}-mimeapps.list", desktop.to_ascii_lowercase()));
            of_desktops
                .chain(["mimeapps.list".to_owned()])
                .map(|name| folder.join(name))
                .collect::<Vec<_>>()
        })
    }

    /// An id is a path with dashes for slashes, and comes from a file anybody may write.
    fn entry(&self, id: &str) -> Option<Entry> {
        let plain = !id.contains('/') && id.ends_with(".desktop");
        let below = id.replacen('-', "/", 1);
        self.data.iter().filter(|_| plain).find_map(|folder| {
            let folder = folder.join("applications");
            Entry::read(&folder.join(id), id).or_else(|| Entry::read(&folder.join(&below), id))
        })
    }

    fn first_that_can(&self, removed: &HashSet<String>) -> Option<Entry> {
        self.data.iter().find_map(|folder| {
            let mut ids: Vec<String> = fs::read_dir(folder.join("applications"))
                .ok()?
                .filter_map(|file| file.ok()?.file_name().into_string().ok())
                .filter(|id| id.ends_with(".desktop") && !removed.contains(id))
                .collect();
            ids.sort();
            ids.iter()
                .filter_map(|id| Entry::read(&folder.join("applications").join(id), id))
                .find(|entry| entry.kinds.split(';').any(|kind| kind.trim() == KIND))
        })
    }

    fn is_there(&self, program: &Path) -> bool {
        program.is_file()
            || (program.components().count() == 1
                && self
                    .programs
                    .iter()
                    .any(|folder| folder.join(program).is_file()))
    }
}

fn read(file: &Path) -> Option<String> {
    let meta = fs::metadata(file).ok()?;
    if !meta.is_file() || meta.len() > LARGEST {
        return None;
    }
    fs::read_to_string(file).ok()
}

/// The lines of one group of a desktop file.
fn group<'a>(text: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            inside = header == name;
        } else if inside
            && !line.starts_with('#')
            && let Some((key, value)) = line.split_once('=')
        {
            found.push((key.trim_end(), value.trim_start()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Desk {
        root: tempfile::TempDir,
        folders: LinkFolders,
    }

    impl Desk {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let below = |name: &str| root.path().join(name);
            for folder in ["config", "own/applications", "system/applications", "bin"] {
                fs::create_dir_all(below(folder)).unwrap();
            }
            fs::write(below("bin").join(OURS), "").unwrap();
            let folders = LinkFolders {
                config: vec![below("config")],
                data: vec![below("own"), below("system")],
                desktops: vec!["GNOME".to_owned()],
                programs: vec![below("bin")],
            };
            Self { root, folders }
        }

        fn put(&self, file: &str, text: &str) {
            fs::write(self.root.path().join(file), text).unwrap();
        }

        fn program(&self, folder: &str, id: &str, exec: &str) {
            let text = format!("[Desktop Entry]\nName={id}\nExec={exec}\nMimeType=a/b;{KIND};\n");
            self.put(&format!("{folder}/applications/{id}.desktop"), &text);
        }

        fn look(&self) -> DoctorCause {
            look(&self.folders, false)
        }
    }

    fn elsewhere(program: &str) -> DoctorCause {
        DoctorCause::LinksElsewhere {
            program: program.to_owned(),
        }
    }

    #[test]
    fn a_program_that_can_is_enough_and_a_chosen_one_goes_first() {
        let desk = Desk::new();
        assert_eq!(desk.look(), DoctorCause::LinksNowhere);
        desk.program("system", "ours", "autopilot-desktop %u");
        assert_eq!(desk.look(), DoctorCause::LinksComeHere);
        desk.program("system", "thief", "/usr/bin/thief %u");
        let chosen = format!("[Default Applications]\n{KIND}=thief.desktop;\n");
        desk.put("config/mimeapps.list", &chosen);
        assert_eq!(desk.look(), elsewhere("thief"));
        // A desktop's own list goes before the common one.
        let ours = format!("[Default Applications]\n{KIND}=gone.desktop;ours.desktop\n");
        desk.put("config/gnome-mimeapps.list", &ours);
        assert_eq!(desk.look(), DoctorCause::LinksComeHere);
    }

    #[test]
    fn a_program_that_was_taken_off_the_list_is_not_the_one() {
        let desk = Desk::new();
        desk.program("own", "thief", "thief %u");
        let removed = format!("[Removed Associations]\n{KIND}=thief.desktop\n");
        desk.put("config/mimeapps.list", &removed);
        assert_eq!(desk.look(), DoctorCause::LinksNowhere);
    }

    #[test]
    fn ours_that_is_gone_or_would_lose_the_link_is_broken() {
        let desk = Desk::new();
        let broken = DoctorCause::LinksBroken {
            program: OURS.to_owned(),
        };
        desk.program("own", "ours", "\"/gone/autopilot-desktop\" %u");
        assert_eq!(desk.look(), broken);
        desk.program("own", "ours", "autopilot-desktop");
        assert_eq!(desk.look(), broken);
    }

    #[test]
    fn an_id_leads_out_of_no_folder_and_a_name_carries_no_control() {
        let desk = Desk::new();
        desk.put("evil.desktop", "[Desktop Entry]\nName=x\nExec=x %u\n");
        let chosen = format!("[Default Applications]\n{KIND}=../../evil.desktop\n");
        desk.put("config/mimeapps.list", &chosen);
        assert_eq!(desk.look(), DoctorCause::LinksNowhere);
        desk.put(
            "own/applications/a.desktop",
            &format!("[Desktop Entry]\nName=a\u{1b}[2Jb\nExec=x %u\nMimeType={KIND}\n"),
        );
        assert_eq!(desk.look(), elsewhere("a[2Jb"));
    }

    #[test]
    fn without_a_window_links_that_open_nothing_are_no_trouble() {
        let desk = Desk::new();
        assert_eq!(look(&desk.folders, true), DoctorCause::LinksNotNeeded);
    }
}
