//! The peer our window is measured against: one window of the same Tauri, with the same features and size, a page of
//! one sentence, and nothing behind it. It gives the same mark as ours, in the same way.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "its output is read by the one who measures; without its window it is of no use"
)]

use std::time::{SystemTime, UNIX_EPOCH};

fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![shown])
        .run(tauri::generate_context!(
            "tests/bench/empty_window/tauri.conf.json"
        ))
        .expect("the window opens");
}

/// Two frames after its content was there; `painted_at` is the page's own first-contentful-paint entry, in
/// milliseconds of the wall clock. Named as ours, so that the same permission lets it through.
#[tauri::command]
fn shown(painted_at: f64) {
    println!("fcp-at-ms={painted_at}");
    if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
        println!("first-paint-at-ms={}", now.as_millis());
    }
}
