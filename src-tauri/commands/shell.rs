//! What belongs to the desktop rather than to the hub: whether we start at login, and the folders of this profile. The
//! page names a place and never a path.

use std::path::{Path, PathBuf};

use model::{Error, ErrorCode, ProfileName};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, State};
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_opener::OpenerExt as _;

use crate::app::Start;
use crate::overview::Overview;
use crate::tray::{self, Tray};

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Shell {
    /// `None` where it can't be had, or makes no sense: the sandbox needs to be asked for.
    start_at_login: Option<bool>,
    /// Is there a tray that the window could close into?
    tray: bool,
    data_folder: String,
    log_folder: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Data,
    Logs,
}

impl Place {
    fn of(self, data_dir: &Path) -> PathBuf {
        match self {
            Self::Data => data_dir.to_owned(),
            Self::Logs => data_dir.join("logs"),
        }
    }
}

#[tauri::command]
pub async fn about_shell(app: AppHandle) -> Result<Shell, Error> {
    blocking(move || Ok(look(&app))).await
}

/// Answers with what is so afterwards, as the system has it.
#[tauri::command]
pub async fn set_start_at_login(app: AppHandle, on: bool) -> Result<Shell, Error> {
    blocking(move || {
        let autostart = app.autolaunch();
        let done = match on {
            true => autostart.enable(),
            false => autostart.disable(),
        };
        done.map_err(|error| refused(&app, "reason_autostart", "").detail(error))?;
        Ok(look(&app))
    })
    .await
}

#[tauri::command]
pub async fn open_place(
    app: AppHandle,
    start: State<'_, Start>,
    place: Place,
) -> Result<(), Error> {
    let folder = place.of(&start.paths.data_dir);
    blocking(move || {
        let path = folder.display().to_string();
        app.opener()
            .open_path(&path, None::<&str>)
            .map_err(|error| refused(&app, "reason_open_folder", &path).detail(error))
    })
    .await
}

fn look(app: &AppHandle) -> Shell {
    let start = app.state::<Start>();
    let may_start = start.profile != ProfileName::sandbox();
    let folder = |place: Place| place.of(&start.paths.data_dir).display().to_string();
    Shell {
        start_at_login: may_start
            .then(|| app.autolaunch().is_enabled().ok())
            .flatten(),
        tray: app.try_state::<Tray>().is_some() && tray::has_host(),
        data_folder: folder(Place::Data),
        log_folder: folder(Place::Logs),
    }
}

fn refused(app: &AppHandle, reason: &str, folder: &str) -> Error {
    let texts = app.state::<Overview>().texts();
    let args = [("folder".to_owned(), folder.to_owned())].into();
    Error::new(ErrorCode::DesktopRefused).with("reason", texts.say(reason, &args))
}

/// Files and the session bus are asked, which takes its time.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tauri::async_runtime::spawn_blocking(work)
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_always_inside_the_profiles_own_folder() {
        let own = Path::new("/home/anna/.local/share/autopilot/profiles/default");
        for (name, leads) in [("data", own.to_owned()), ("logs", own.join("logs"))] {
            let place: Place = serde_json::from_value(name.into()).unwrap();
            assert_eq!(place.of(own), leads);
        }
        assert!(serde_json::from_value::<Place>("../..".into()).is_err());
    }
}
