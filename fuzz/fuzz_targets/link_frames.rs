//! Lines at the local socket.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| link::hostile::frames(bytes));
