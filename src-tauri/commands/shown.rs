//! The page has its first cards on the screen: shows the window if it isn't yet, lets begin what waited for that, and
//! says how long it took to whoever asked for it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tauri::{State, WebviewWindow};

use crate::deep_link::Painted;
use crate::window;

/// When `main` began, if somebody wants to know.
pub struct StartupTrace(pub Option<Instant>);

#[tauri::command]
pub fn shown(window: WebviewWindow, trace: State<'_, StartupTrace>, painted: State<'_, Painted>) {
    window::reveal(&window);
    painted.tell();
    if let Some(began) = trace.0 {
        print(began);
    }
}

/// Two lines for a measuring parent: milliseconds since `main`, and the wall clock, which also covers the time before.
#[allow(
    clippy::print_stdout,
    reason = "asked for by AUTOPILOT_STARTUP_TRACE, and read by whoever set it"
)]
fn print(began: Instant) {
    println!("first-paint-ms={}", began.elapsed().as_millis());
    if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
        println!("first-paint-at-ms={}", now.as_millis());
    }
}
