//! Promises of the engine, kept against the sandbox over real sockets, with a real database and a real vault file.

mod broker;
mod disconnect;
mod doubt;
mod faults;
mod keeping;
mod ledger;
mod manners;
mod models;
mod monitor;
mod moving;
mod moving_refused;
mod naming;
mod network;
mod oauth_duties;
mod outbox;
mod policy;
mod policy_file;
mod sign_in;
mod week;
mod world;
