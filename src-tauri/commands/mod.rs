//! What the page may call. Each command unpacks, calls once, returns. Who may call which is in ../capabilities.

mod ask;
mod open_sign_in;
mod shown;
mod watch_events;

pub use shown::StartupTrace;

/// All of them.
pub fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        ask::ask_query,
        ask::ask_change,
        ask::ask_window,
        open_sign_in::open_sign_in,
        shown::shown,
        watch_events::watch_events,
    ]
}
