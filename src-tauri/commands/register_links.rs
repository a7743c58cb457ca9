//! Asks the system once more to bring links of our scheme here: a button of the check-up.

use tauri::AppHandle;

/// False = the system didn't take it; the log says why.
#[tauri::command]
pub async fn register_links(app: AppHandle) -> bool {
    // Runs other programs on Linux.
    tauri::async_runtime::spawn_blocking(move || crate::deep_link::register_now(&app))
        .await
        .unwrap_or(false)
}
