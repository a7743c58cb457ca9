//! The sandbox seen from outside, over its socket, as an app or a test would use it.

mod apis;
mod bench;
mod consent;
mod faults;
mod restart;
mod telegram;
mod token;
