//! What Gmail, Drive and Telegram answer, or whoever stands between.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| integrations::hostile::provider_json(bytes));
