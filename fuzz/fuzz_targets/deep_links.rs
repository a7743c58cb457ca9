//! Links of our scheme, as the window's program reads them and as the hub takes them for a sign-in's answer.
#![no_main]
#![allow(dead_code, reason = "of files named by path, only the reading is used")]

#[path = "../../src-tauri/hostile.rs"]
mod hostile;
#[path = "../../src-tauri/our_link.rs"]
mod our_link;
#[path = "../../src-tauri/redirect_link.rs"]
mod redirect_link;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hostile::deep_link(bytes);
    hub::hostile::callback(bytes);
});
