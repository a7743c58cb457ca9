//! What the page may call. Each command unpacks, calls once, returns. Who may call which is in ../capabilities.

mod agent_clients;
mod ask;
mod drops;
mod open_result;
mod open_sandbox;
mod open_setup;
mod open_sign_in;
mod pick;
mod register_links;
mod shell;
mod shown;
mod watch_events;

pub use drops::{Drops, happened as dragged};
pub use shown::StartupTrace;

/// All of them.
pub fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        agent_clients::agent_clients,
        agent_clients::agent_setup_block,
        agent_clients::preview_agent_client,
        agent_clients::set_up_agent_client,
        ask::ask_query,
        ask::ask_change,
        ask::ask_window,
        drops::read_dropped,
        drops::watch_drops,
        open_result::open_result,
        open_sandbox::open_sandbox,
        open_setup::open_setup,
        open_sign_in::open_sign_in,
        pick::pick_files,
        pick::pick_folder,
        pick::save_text,
        shell::about_shell,
        shell::open_place,
        shell::set_start_at_login,
        register_links::register_links,
        shown::shown,
        watch_events::watch_events,
    ]
}
