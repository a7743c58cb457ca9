//! What is inside an export that a passphrase opens.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hub::hostile::import_sealed(bytes));
