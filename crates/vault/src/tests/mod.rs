//! What the vault promises, tested without a system keychain. The same promises over the real places are
//! in `tests/places`.

mod file;
mod hanging;
mod moving;
mod records;
mod split;
mod state;
