//! What only the whole can promise: our real window, driven by WebKit's own driver, beside a real keyring, a real bus,
//! a real notification daemon and a real browser that the desktop opens and that opens us.
//!
//! Each test has a desktop of its own ([`desktop`]) and talks to twins of the services in this process. They take
//! turns. Everything found in a window is found by the words a person sees ([`texts`]).
#![cfg_attr(not(target_os = "linux"), allow(unused))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a harness panics when its test fails"
)]

#[cfg(target_os = "linux")]
mod actions;
#[cfg(target_os = "linux")]
mod approvals;
#[cfg(target_os = "linux")]
mod background;
#[cfg(target_os = "linux")]
mod browser;
#[cfg(target_os = "linux")]
mod confinement;
#[cfg(target_os = "linux")]
mod consent;
#[cfg(target_os = "linux")]
mod desktop;
#[cfg(target_os = "linux")]
mod disconnect;
#[cfg(target_os = "linux")]
mod endings;
#[cfg(target_os = "linux")]
mod first_run;
#[cfg(target_os = "linux")]
mod keyboard;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod notices;
#[cfg(target_os = "linux")]
mod outages;
#[cfg(target_os = "linux")]
mod patience;
#[cfg(target_os = "linux")]
mod picking;
#[cfg(target_os = "linux")]
mod pictures;
#[cfg(target_os = "linux")]
mod pictures_of_actions;
#[cfg(target_os = "linux")]
mod pictures_of_agents;
#[cfg(target_os = "linux")]
mod pictures_of_views;
#[cfg(target_os = "linux")]
mod registration;
#[cfg(target_os = "linux")]
mod restart;
#[cfg(target_os = "linux")]
mod screen_reader;
#[cfg(target_os = "linux")]
mod sign_in;
#[cfg(target_os = "linux")]
mod telegram;
#[cfg(target_os = "linux")]
mod texts;
#[cfg(target_os = "linux")]
mod webdriver;
#[cfg(target_os = "linux")]
mod window;
