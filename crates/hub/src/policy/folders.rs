//! Which folders an agent may take files from and save them into: those its rules name, and nothing reached from there
//! by a link.

use std::path::{Path, PathBuf};

use model::{Error, ErrorCode, Rule};

/// The path as it really is, if it lies in one of the folders.
pub(super) fn within(path: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    folders
        .iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .any(|folder| real.starts_with(folder))
        .then_some(real)
}

/// The folders that rules about a use of a connection name.
pub(super) fn named<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<PathBuf> {
    rules
        .flat_map(|rule| &rule.limits.folders)
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .collect()
}

pub(super) fn refused(caller: &str, path: &Path) -> Error {
    let folder = path.parent().unwrap_or(path);
    Error::new(ErrorCode::FolderNotAllowed)
        .with("caller", caller)
        .with("folder", folder.display())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_nowhere_that_is_not_allowed() {
        let root = tempfile::tempdir().unwrap();
        let (open, closed) = (root.path().join("open"), root.path().join("closed"));
        for folder in [&open, &closed] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("file"), "x").unwrap();
        }
        std::os::unix::fs::symlink(closed.join("file"), open.join("link")).unwrap();
        let allowed = [open.clone()];
        assert!(within(&open.join("file"), &allowed).is_some());
        for path in [
            open.join("link"),
            open.join("../closed/file"),
            closed.join("file"),
            open.join("missing"),
            root.path().join("opener"),
        ] {
            assert_eq!(within(&path, &allowed), None, "{}", path.display());
        }
    }
}
