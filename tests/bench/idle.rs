//! What a hub costs that nobody asks anything: time and memory with a thousand connections, beside one with three.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    figure::{Aim, Amount, Figure},
    proc,
    worlds::{MANY, Many},
};

/// A start is over by then.
pub const SETTLED: Duration = Duration::from_secs(20);

/// Three ticks.
const TICKS: Duration = Duration::from_secs(90);

/// While nobody looks, each connection is proven once in this time.
const CYCLE: Duration = Duration::from_secs(300);

const MOST_MEMORY: Amount = Amount::Memory(25e6);

/// Both hubs have just been started, with their connections.
pub fn measure(many: &Many, hub: u32, hub_of_few: u32) -> [Figure; 3] {
    println!("looking at idle hubs, for seven minutes");
    sleep(SETTLED);
    let fresh = proc::pss(hub);
    let ticks = Span::watch(many, hub, hub_of_few, TICKS);
    let cycle = Span::watch(many, hub, hub_of_few, CYCLE);
    let (after, few) = (proc::pss(hub), proc::pss(hub_of_few));
    [
        Figure::new(format!("idle CPU, {MANY} connections, ticks"), ticks.ours)
            .beside("3 connections", ticks.few)
            .note(format!(
                "{} s, three ticks, {} connections probed meanwhile; \"%\" of one core",
                TICKS.as_secs(),
                ticks.probed
            )),
        Figure::new(format!("idle CPU, {MANY} connections, 5 min"), cycle.ours)
            .beside("3 connections", cycle.few)
            .note(format!(
                "{} s, in which {} connections were proven by two real calls each",
                CYCLE.as_secs(),
                cycle.probed
            )),
        // The larger of the two: what is promised is promised all day.
        Figure::new(
            format!("idle PSS of autopilot hub, {MANY} connections"),
            Amount::Memory(fresh.max(after)),
        )
        .beside("3 connections", Amount::Memory(few))
        .aim(Aim::AtMost(MOST_MEMORY))
        .note(format!(
            "{} after {} s, {} after every connection was probed; connecting them took {}",
            Amount::Memory(fresh),
            SETTLED.as_secs(),
            Amount::Memory(after),
            Amount::from(many.connecting),
        )),
    ]
}

struct Span {
    ours: Amount,
    few: Amount,
    /// How often a bot was asked who it is.
    probed: usize,
}

impl Span {
    fn watch(many: &Many, hub: u32, hub_of_few: u32, span: Duration) -> Self {
        let peer = many.world.peer();
        peer.clear_log();
        let before = [hub, hub_of_few].map(proc::cpu);
        let began = Instant::now();
        sleep(span);
        let after = [hub, hub_of_few].map(proc::cpu);
        let passed = began.elapsed().as_secs_f64();
        let share = |n: usize| Amount::Share((after[n] - before[n]).as_secs_f64() / passed);
        Self {
            ours: share(0),
            few: share(1),
            probed: peer.log().iter().filter(|entry| asks_who(entry)).count(),
        }
    }
}

/// `getMe`, which clients are free to spell as they like.
fn asks_who(entry: &Value) -> bool {
    entry["path"]
        .as_str()
        .is_some_and(|path| path.to_ascii_lowercase().ends_with("/getme"))
}
