//! `autopilot token`, the whole process, while the token is fresh; beside a program that does nothing, and beside
//! Debian's `oidc-token` where that can be given an account here.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use autopilot_tests::World;
use store::Store;

use crate::figure::{Aim, Figure, at, median};

const RUNS: usize = 300;

/// Lets the world's tokens out: by the table, since only a window could say so otherwise. Before the world's hub starts.
pub fn let_out(world: &World) {
    let store = Store::open(&world.database()).expect("the database is there");
    let connections = store.store.connections();
    for mut row in connections.all().expect("there are some") {
        row.token_allowed = true;
        connections.update(&row).expect("a row can be changed");
    }
}

/// Against the world's running hub.
pub fn measure(world: &World, empty: &Path, agent: Option<&crate::agent::Agent>) -> Vec<Figure> {
    // Only what the person typed: this profile was made long ago.
    let ours = || {
        let mut command = world.command("autopilot");
        command.args(["token", "gmail", "--profile", world.profile()]);
        command
    };
    println!("running autopilot token {RUNS} times");
    let token = ours().output().expect("it runs");
    assert!(
        token.status.success() && token.stdout.len() > 10,
        "{token:?}"
    );
    let (mut tokens, mut nothing, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        tokens.push(timed(ours()));
        nothing.push(timed(Command::new(empty)));
        if let Some(agent) = agent {
            theirs.push(timed(agent.token()));
        }
    }
    let p50 = Figure::new("token: the whole process, p50", median(&tokens));
    let mut figures = vec![
        Figure::new("token: the whole process, p50", median(&tokens))
            .beside("an empty program", median(&nothing)),
        Figure::new("token: the whole process, p99", at(&tokens, 0.99))
            .beside("an empty program", at(&nothing, 0.99)),
    ];
    if !theirs.is_empty() {
        figures.push(
            p50.beside("oidc-token", median(&theirs))
                .aim(Aim::RatioAtMost(1.0)),
        );
    }
    figures
}

fn timed(mut command: Command) -> Duration {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = Instant::now();
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let passed = began.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    passed
}
