//! Gmail's errors: <https://developers.google.com/gmail/api/guides/handle-errors>. All are worded as Google
//! words them everywhere, so there is nothing to add; `tests.rs` walks the documented table.

pub(super) use crate::google::judge;
