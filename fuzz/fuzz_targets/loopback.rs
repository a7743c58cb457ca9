//! Requests to the port a sign-in waits at, through the real HTTP server and a real hub.
#![no_main]

use std::cell::OnceCell;

use hub::hostile::Loopback;

thread_local! {
    static LOOPBACK: OnceCell<Loopback> = const { OnceCell::new() };
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    LOOPBACK.with(|loopback| {
        loopback
            .get_or_init(|| {
                let folder =
                    std::env::temp_dir().join(format!("autopilot-fuzz-{}", std::process::id()));
                Loopback::open(&folder)
            })
            .request(bytes);
    });
});
