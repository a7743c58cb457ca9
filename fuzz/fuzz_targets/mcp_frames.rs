//! Messages of an AI client.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp::hostile::frames(bytes));
