//! A mail from a stranger, up to the HTML that is shown of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| integrations::hostile::mime(bytes));
