//! `cargo xtask bench`: what the release build costs, each figure beside a floor or a peer measured in the same run.
//! docs/performance.md says what each means. A figure that can't be measured is a failure (a panic); a slow one isn't.
//!
//! Reads processes through `/proc`, so it measures on Linux only.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it talks on the terminal, and ends at the first thing that can't be measured"
)]
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused))]

#[cfg(target_os = "linux")]
mod agent;
#[cfg(target_os = "linux")]
mod big_upload;
#[cfg(target_os = "linux")]
mod bookkeeping;
mod figure;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod lent;
#[cfg(target_os = "linux")]
mod list;
#[cfg(target_os = "linux")]
mod mail;
#[cfg(target_os = "linux")]
mod mcp;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod proc;
#[cfg(target_os = "linux")]
mod stub;
#[cfg(target_os = "linux")]
mod token;
#[cfg(target_os = "linux")]
mod upload;
#[cfg(target_os = "linux")]
mod window;
#[cfg(target_os = "linux")]
mod wish;
#[cfg(target_os = "linux")]
mod worlds;

#[cfg(target_os = "linux")]
fn main() {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(stub::WORD) {
        let folder = words.next().expect("the stub is told a folder");
        return stub::serve(folder.as_ref());
    }
    let wish = wish::Wish::read(std::env::args().skip(1));
    let mut measured = Measured(Vec::new());
    let figures = &mut measured.0;

    // Before any world: no other program of ours runs then.
    if wish.wants("mail") {
        figures.extend(mail::measure());
    }
    if wish.wants("upload") {
        figures.extend(upload::measure());
    }
    if wish.wants("big-upload") {
        figures.extend(big_upload::measure());
    }
    if wish.wants_world() {
        in_worlds(&wish, figures);
    }
}

/// Told at the end, also where what came after it failed.
#[cfg(target_os = "linux")]
struct Measured(Vec<figure::Figure>);

#[cfg(target_os = "linux")]
impl Drop for Measured {
    fn drop(&mut self) {
        figure::print(&self.0);
    }
}

/// What needs a home, a keyring and the shipped programs.
#[cfg(target_os = "linux")]
fn in_worlds(wish: &wish::Wish, figures: &mut Vec<figure::Figure>) {
    let few = worlds::few();

    // The windows first: nothing else of ours runs then.
    if wish.wants("window") {
        figures.extend(window::measure(&few, wish.empty_window()));
    }
    if wish.wants("mcp") || wish.wants("token") {
        mcp::let_in(&few);
        token::let_out(&few);
        let _hub = few.hub();
        if wish.wants("mcp") {
            figures.extend(mcp::measure(&few, wish.minimal_mcp()));
        }
        if wish.wants("token") {
            let agent = agent::Agent::start();
            let measured = token::measure(&few, wish.empty_program(), agent.as_ref());
            figures.extend(measured);
        }
    }
    if ["list", "bookkeeping", "idle"]
        .iter()
        .any(|part| wish.wants(part))
    {
        let few_hub = few.hub();
        if wish.wants("list") {
            figures.extend(list::measure(&few, 3, 3000));
        }
        if wish.wants("bookkeeping") {
            figures.extend(bookkeeping::measure(&few));
        }
        if wish.wants("list") || wish.wants("idle") {
            let many = worlds::many();
            let many_hub = many.hub();
            if wish.wants("list") {
                figures.extend(list::measure(&many.world, worlds::MANY, 300));
            }
            if wish.wants("idle") {
                figures.extend(idle::measure(&many, many_hub.pid(), few_hub.pid()));
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("The figures are read from /proc, which only Linux has.");
}
