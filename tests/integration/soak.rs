//! A hub at work for an hour: a hundred connections, looked at every few seconds, mails going out, and services that fail
//! at random in every way the twins can. Memory stays flat, nothing leaks, and no connection goes unlooked at.
//!
//! Takes as long as asked, so it is left out of ordinary runs: `cargo xtask soak --minutes 60`.
#![allow(
    clippy::print_stdout,
    reason = "a long run says how far it is, and what it measured"
)]

mod faults;
mod gauge;

use std::{
    fs,
    time::{Duration, Instant},
};

use autopilot_tests::{Face, World, sandbox};
use model::{
    Action, ActionId, ConnectionId, ConnectionRef, Request, Response, SendEmail, Settings, Status,
};
use serde_json::json;

use crate::torture::{
    dice::Dice,
    from_environment,
    sign_in::{self, Came},
    text_from_environment,
};
use gauge::{Gauge, Sample};

const ACCOUNTS: usize = 50;
/// The shortest there is: as much work as a person can ask for.
const REFRESH_S: u32 = 15;
/// A round may wait for a slow one, which may take its deadline, a pause and another deadline.
const LOOKED_AT_WITHIN_S: i64 = REFRESH_S as i64 + 20 + 5 + 20 + 5;
const USUAL_MINUTES: u64 = 60;
/// Between two strokes of bad luck.
const STROKE: Duration = Duration::from_secs(2);

#[test]
#[ignore = "as long as asked: cargo xtask soak"]
fn an_hour_of_faults_leaves_memory_descriptors_and_tasks_as_they_were() {
    let minutes = from_environment("SOAK_MINUTES").unwrap_or(USUAL_MINUTES);
    let world = World::sandbox_with("soak", seed());
    let mut hub = world.piped_hub("none");
    let face = world.face();
    let mailboxes = connect_all(&world, &face);
    look_often(&mut hub);

    let mut dice = Dice::new(minutes);
    let mut gauge = Gauge::default();
    let began = Instant::now();
    let (mut sent, mut oldest) = (0_u32, 0);
    for minute in 1..=minutes {
        let until = began + Duration::from_secs(minute * 60);
        while Instant::now() < until {
            faults::strike(world.peer(), &mut dice);
            sent += u32::from(send(&face, &mailboxes, &mut dice));
            std::thread::sleep(STROKE);
            oldest = oldest.max(oldest_look(&face));
        }
        world.peer().expire_access_tokens();
        world.peer().clear_log();
        let sample = Sample::of(&mut hub, minute);
        println!("{sample}, oldest look so far {oldest} s, {sent} mails");
        gauge.add(sample);
    }
    world.peer().heal();

    let found = gauge.sum_up();
    println!("{found}");
    if let Some(file) = text_from_environment("SOAK_FIGURES") {
        let told = json!([
            ["minutes", minutes],
            ["connections", 2 * ACCOUNTS],
            ["mails handed over", sent],
            ["RSS, start", format!("{:.1} MiB", found.first_mib)],
            ["RSS, end", format!("{:.1} MiB", found.last_mib)],
            [
                "RSS, slope over the second half",
                format!("{:+.1} MiB an hour", found.slope_mib)
            ],
            ["PSS, end", format!("{:.1} MiB", found.pss_mib)],
            [
                "descriptors, most in the first and the second half",
                format!("{} and {}", found.descriptors.0, found.descriptors.1)
            ],
            [
                "threads, most in the first and the second half",
                format!("{} and {}", found.threads.0, found.threads.1)
            ],
            [
                "tasks, most in the first and the second half",
                format!("{} and {}", found.tasks.0, found.tasks.1)
            ],
            [
                "longest that a connection wasn't looked at",
                format!("{oldest} s")
            ],
        ]);
        fs::write(file, told.to_string()).unwrap();
    }
    found.is_steady();
    assert!(
        oldest <= LOOKED_AT_WITHIN_S,
        "a connection wasn't looked at for {oldest} s"
    );
    // And when the services are themselves again, everything works without anybody's doing.
    autopilot_tests::eventually(Duration::from_secs(180), "all is well again", || {
        let _ = face.ask(Request::Refresh);
        all(&face)
            .iter()
            .all(|one| {
                matches!(
                    one.status,
                    Status::Connected { .. } | Status::Expiring { .. }
                )
            })
            .then_some(())
    });
    hub.stop();
}

fn seed() -> sandbox::Seed {
    let account = |n: usize| sandbox::GoogleAccount {
        email: address(n),
        name: format!("Person {n}"),
        sub: format!("1047290000000000{n:05}"),
    };
    sandbox::Seed {
        google_accounts: (0..ACCOUNTS).map(account).collect(),
        ..sandbox::Seed::default()
    }
}

fn address(n: usize) -> String {
    format!("person.{n}@example.org")
}

/// Mail and files of every account; those of mail are returned.
fn connect_all(world: &World, face: &Face) -> Vec<ConnectionId> {
    let mut mail = Vec::new();
    for n in 0..ACCOUNTS {
        for integration in ["gmail", "google_drive"] {
            match sign_in::sign_in_to(integration, world, face, &address(n), None) {
                Came::Connected(view) if integration == "gmail" => mail.push(view.id),
                Came::Connected(_) => {}
                other => panic!("{n}: {other:?}"),
            }
        }
    }
    mail
}

/// Somebody looks at the window, and wants to know it soon.
fn look_often(hub: &mut autopilot_tests::PipedHub) {
    let settings = match hub.ask(&Request::GetSettings) {
        Ok(Response::Settings(settings)) => Settings {
            refresh_s: REFRESH_S,
            ..settings
        },
        other => panic!("{other:?}"),
    };
    for request in [
        Request::SetSettings { settings },
        Request::SetWindowVisible { visible: true },
    ] {
        assert!(hub.ask(&request).is_ok());
    }
}

/// One mail from anybody; whether it was taken.
fn send(face: &Face, from: &[ConnectionId], dice: &mut Dice) -> bool {
    let whose = usize::try_from(dice.below(from.len() as u64)).unwrap();
    let request = Request::Act {
        id: ActionId::generate(),
        connection: ConnectionRef::new(from[whose].to_string()),
        action: Action::SendEmail(SendEmail {
            to: vec!["carla@example.net".to_owned()],
            subject: "Still here".to_owned(),
            text: Some("Nothing to report.".to_owned()),
            ..SendEmail::default()
        }),
        undo_s: None,
    };
    face.ask(request).is_ok()
}

fn all(face: &Face) -> Vec<model::ConnectionView> {
    match face.ask(Request::ListConnections) {
        Ok(Response::Connections(all)) => all,
        other => panic!("{other:?}"),
    }
}

/// In seconds. What a service asked to leave alone doesn't count.
fn oldest_look(face: &Face) -> i64 {
    let now = jiff::Timestamp::now();
    all(face)
        .iter()
        .filter(|one| !matches!(one.status, Status::RateLimited { .. }))
        .filter_map(|one| Some(now.duration_since(one.checked_at?).as_secs()))
        .max()
        .unwrap_or(0)
}
