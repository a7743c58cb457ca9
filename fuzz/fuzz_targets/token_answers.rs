//! What a token endpoint answers: only its own word ends a grant.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hub::hostile::token_answer(bytes));
