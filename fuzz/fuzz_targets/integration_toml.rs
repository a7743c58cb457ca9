//! An `integration.toml`: whatever it says, its addresses are private and no path climbs out of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| integrations::hostile::integration_toml(bytes));
