//! The system's own dialogs for files, folders and saving. The page learns the paths that the person chose, and
//! nothing else of the disk.

use std::path::PathBuf;

use model::{Error, ErrorCode};
use tauri::WebviewWindow;
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

#[tauri::command]
pub async fn pick_files(window: WebviewWindow) -> Result<Vec<String>, Error> {
    let (chosen, choice) = oneshot::channel();
    dialog(&window).pick_files(move |paths| {
        let _ = chosen.send(paths);
    });
    let paths = choice
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
        .unwrap_or_default();
    paths.into_iter().map(|path| text(local(path)?)).collect()
}

#[tauri::command]
pub async fn pick_folder(window: WebviewWindow) -> Result<Option<String>, Error> {
    let (chosen, choice) = oneshot::channel();
    dialog(&window).pick_folder(move |path| {
        let _ = chosen.send(path);
    });
    let path = choice.await.map_err(|_| Error::new(ErrorCode::Internal))?;
    path.map(|path| text(local(path)?)).transpose()
}

#[tauri::command]
pub async fn save_text(
    window: WebviewWindow,
    name: String,
    contents: String,
) -> Result<Option<String>, Error> {
    let (chosen, choice) = oneshot::channel();
    dialog(&window)
        .set_file_name(plain(&name))
        .save_file(move |path| {
            let _ = chosen.send(path);
        });
    let Some(path) = choice.await.map_err(|_| Error::new(ErrorCode::Internal))? else {
        return Ok(None);
    };
    let path = local(path)?;
    let target = path.clone();
    tauri::async_runtime::spawn_blocking(move || std::fs::write(target, contents))
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
        .map_err(|error| {
            let folder = path.parent().unwrap_or(&path).display();
            Error::new(ErrorCode::FolderUnwritable)
                .with("folder", folder)
                .detail(error)
        })?;
    text(path).map(Some)
}

fn dialog(window: &WebviewWindow) -> FileDialogBuilder<tauri::Wry> {
    window.dialog().file().set_parent(window)
}

/// A name, never a way into some folder.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned()
}

fn local(path: FilePath) -> Result<PathBuf, Error> {
    path.into_path().map_err(|error| {
        Error::new(ErrorCode::FileUnreadable)
            .with("file", "")
            .detail(error)
    })
}

/// A path that is no text can't be named in a request.
fn text(path: PathBuf) -> Result<String, Error> {
    path.into_os_string().into_string().map_err(|path| {
        let file = path.to_string_lossy().into_owned();
        Error::new(ErrorCode::FileUnreadable).with("file", file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_name_leads_into_no_folder() {
        assert_eq!(
            plain("autopilot-2026-11-26.csv"),
            "autopilot-2026-11-26.csv"
        );
        assert_eq!(plain("../../.bashrc"), "bashrc");
        assert_eq!(plain("C:\\x\\y.csv"), "Cxy.csv");
    }
}
