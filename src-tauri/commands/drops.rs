//! Files that the person drags over the window. The page learns their paths, which only a person can hand over, and of
//! the one small file dropped last also the text: a provider's client registration comes that way.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use model::{Error, ErrorCode};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, DragDropEvent, Manager, State};

use crate::window;

/// A client file is about a kilobyte; anything much larger is another file.
const LARGEST_TEXT: u64 = 64 * 1024;

/// Where files are, in the page's own pixels.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Drop {
    Over { x: f64, y: f64 },
    Left,
    Dropped { x: f64, y: f64, paths: Vec<String> },
}

#[derive(Default)]
pub struct Drops(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    page: Option<Channel<Drop>>,
    last: Vec<PathBuf>,
}

impl Drops {
    fn tell(&self, drop: Drop) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = &kept.page {
            // A page that is being replaced listens again once it is there.
            let _ = page.send(drop);
        }
    }

    fn remember(&self, paths: &[PathBuf]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last = paths.to_vec();
    }

    fn only_one(&self) -> Option<PathBuf> {
        match self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last
            .as_slice()
        {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
}

/// Passes on what the window system tells.
pub fn happened(app: &AppHandle, event: &DragDropEvent) {
    let scale = pixels(app);
    let drops = app.state::<Drops>();
    drops.tell(match event {
        DragDropEvent::Enter { position, .. } | DragDropEvent::Over { position } => Drop::Over {
            x: position.x / scale,
            y: position.y / scale,
        },
        DragDropEvent::Drop { paths, position } => {
            drops.remember(paths);
            Drop::Dropped {
                x: position.x / scale,
                y: position.y / scale,
                paths: paths.iter().filter_map(|path| text(path)).collect(),
            }
        }
        _ => Drop::Left,
    });
}

/// How many of the window system's pixels make one of the page's: elsewhere it counts as the page does.
fn pixels(app: &AppHandle) -> f64 {
    let window = app
        .get_webview_window(window::LABEL)
        .filter(|_| cfg!(windows));
    window
        .and_then(|window| window.scale_factor().ok())
        .unwrap_or(1.0)
}

/// A path that is no text can't be named in a request; it is left out rather than bent.
fn text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

#[tauri::command]
pub fn watch_drops(drops: State<'_, Drops>, channel: Channel<Drop>) {
    drops.0.lock().unwrap_or_else(PoisonError::into_inner).page = Some(channel);
}

#[tauri::command]
pub async fn read_dropped(drops: State<'_, Drops>) -> Result<String, Error> {
    let path = drops
        .only_one()
        .ok_or_else(|| Error::new(ErrorCode::FileUnreadable).with("file", ""))?;
    tauri::async_runtime::spawn_blocking(move || small_text(&path))
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
}

fn small_text(path: &Path) -> Result<String, Error> {
    let unreadable = |why: String| {
        Error::new(ErrorCode::FileUnreadable)
            .with("file", path.display())
            .detail(why)
    };
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > LARGEST_TEXT {
        return Err(unreadable(format!("{size} bytes are too many")));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_dropped_file_can_be_read() {
        let drops = Drops::default();
        assert_eq!(drops.only_one(), None);
        drops.remember(&[PathBuf::from("/a"), PathBuf::from("/b")]);
        assert_eq!(drops.only_one(), None);
        drops.remember(&[PathBuf::from("/a")]);
        assert_eq!(drops.only_one(), Some(PathBuf::from("/a")));
    }

    #[test]
    fn a_large_file_is_not_read() {
        let path = std::env::temp_dir().join(format!("autopilot-drop-{}", std::process::id()));
        let size = usize::try_from(LARGEST_TEXT).unwrap();
        std::fs::write(&path, vec![b'a'; size]).unwrap();
        assert_eq!(small_text(&path).unwrap().len(), size);
        std::fs::write(&path, vec![b'a'; size + 1]).unwrap();
        assert_eq!(
            small_text(&path).unwrap_err().code,
            ErrorCode::FileUnreadable
        );
        std::fs::remove_file(&path).unwrap();
    }
}
