//! A file handed over as an export.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hub::hostile::import_plain(bytes));
