//! Putting what comes from outside into a folder the person chose: under a safe name, overwriting nothing, following
//! no link, and under its own name only once it is whole.

use std::path::{Path, PathBuf};

use integrations::LocalError;
use model::{Error, ErrorCode};
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncSeekExt, AsyncWriteExt},
};

/// Leaves room for a number and an ending within what file systems take.
const LONGEST_NAME: usize = 180;
/// As many of the same name as anybody has.
const MOST_OF_A_NAME: u32 = 1000;

/// The folder, if it is one.
pub(super) fn folder(path: &str) -> Result<PathBuf, Error> {
    let folder = PathBuf::from(path);
    if folder.is_absolute() && folder.is_dir() {
        Ok(folder)
    } else {
        Err(unwritable(&folder))
    }
}

pub(super) fn unwritable(folder: &Path) -> Error {
    Error::new(ErrorCode::FolderUnwritable).with("folder", folder.display())
}

/// A file being written, beside the name it will have. Dropped before it is whole, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Saving {
    file: File,
    folder: PathBuf,
    name: String,
    part: Option<PathBuf>,
}

impl Saving {
    pub(super) async fn begin(folder: &Path, name: &str) -> Result<Self, Error> {
        let name = safe_name(name);
        for number in 0..MOST_OF_A_NAME {
            let part = folder.join(format!("{}.part", numbered(&name, number)));
            match create_new(&part).await {
                Ok(file) => {
                    return Ok(Self {
                        file,
                        folder: folder.to_owned(),
                        name,
                        part: Some(part),
                    });
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(unwritable(folder).detail(error.kind())),
            }
        }
        Err(unwritable(folder))
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Empty again.
    pub(super) async fn restart(&mut self) -> Result<(), LocalError> {
        self.file.set_len(0).await?;
        self.file.rewind().await?;
        Ok(())
    }

    /// Whole: takes its own name, or that with a number where it is taken. Returns the path.
    pub(super) async fn finish(mut self) -> Result<String, Error> {
        let failed = |error: std::io::Error| unwritable(&self.folder).detail(error.kind());
        self.file.flush().await.map_err(failed)?;
        self.file.sync_all().await.map_err(failed)?;
        for number in 0..MOST_OF_A_NAME {
            let path = self.folder.join(numbered(&self.name, number));
            // The name is taken first, so that moving onto it replaces nothing but our own empty file.
            // And closed: Windows moves nothing onto a file that somebody has open.
            match create_new(&path).await.map(drop) {
                Ok(()) => {
                    let Some(part) = self.part.take() else {
                        return Err(Error::new(ErrorCode::Internal));
                    };
                    tokio::fs::rename(&part, &path).await.map_err(failed)?;
                    return Ok(path.to_string_lossy().into_owned());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(unwritable(&self.folder))
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            let _ = std::fs::remove_file(part);
        }
    }
}

/// Fails where anything of that name is, a link included.
async fn create_new(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (0, _) => name.to_owned(),
        (number, Some((stem, ending))) if !stem.is_empty() => format!("{stem} ({number}).{ending}"),
        (number, _) => format!("{name} ({number})"),
    }
}

/// A name that stays in its folder and means the same to a person and to every file system.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut safe: String = last
        .chars()
        .filter(|c| !c.is_control() && !turns_text(*c))
        .map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c })
        .collect();
    // A leading dot hides a file; trailing dots and spaces vanish on Windows.
    safe = safe
        .trim_start_matches(['.', ' '])
        .trim_end_matches(['.', ' '])
        .to_owned();
    while safe.len() > LONGEST_NAME {
        let (stem, ending) = match safe.rsplit_once('.') {
            Some((stem, ending)) if ending.len() <= 16 => (stem, Some(ending.to_owned())),
            _ => (safe.as_str(), None),
        };
        let mut stem = stem.to_owned();
        stem.pop();
        safe = match ending {
            Some(ending) => format!("{stem}.{ending}"),
            None => stem,
        };
    }
    let stem = safe.split('.').next().unwrap_or_default().to_uppercase();
    if safe.is_empty() {
        "file".to_owned()
    } else if is_device(&stem) {
        format!("_{safe}")
    } else {
        safe
    }
}

/// Makes `exe.txt` read as `txt.exe`.
const fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What Windows opens a device for, in any folder and with any ending.
fn is_device(stem: &str) -> bool {
    matches!(stem, "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder_or_means_something_else() {
        for (name, safe) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("..", "file"),
            ("", "file"),
            (".bashrc", "bashrc"),
            ("a\0b\n.txt", "ab.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("what? <this>: \"x\".txt ", "what_ _this__ _x_.txt"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.pdf", "ä".repeat(300)));
        assert!(long.len() <= LONGEST_NAME && long.ends_with(".pdf"));
    }

    #[tokio::test]
    async fn nothing_is_overwritten_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "mine").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("a.txt"), folder.path().join("a (1).txt"))
            .unwrap();
        let mut saving = Saving::begin(folder.path(), "a.txt").await.unwrap();
        saving.file().write_all(b"theirs").await.unwrap();
        let path = saving.finish().await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("a.txt")).unwrap(), b"mine");
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert!(path.ends_with("a (2).txt") || !cfg!(unix), "{path}");
    }

    #[tokio::test]
    async fn what_did_not_come_whole_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let saving = Saving::begin(folder.path(), "a.txt").await.unwrap();
        drop(saving);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
