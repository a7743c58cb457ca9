//! Sends and uploads under kills: no write is lost, none is doubled without anybody being told, and only what was on the
//! wire is ever in doubt.

use std::time::{Duration, Instant};

use autopilot_tests::{ANNA, BEN, Consent, Face, World, eventually};
use model::{ActionFilter, ActionState, Request, Resolution, Response};
use serde_json::json;

use super::{
    Share, asked_for,
    dice::Dice,
    tally::Tally,
    witness::Witness,
    writes::{Kind, Places, Write},
};

/// Between asking and killing; about as long as a write takes with the delays below.
const LONGEST_WAIT_MS: u64 = 800;

/// After something is on the wire; it stays there about as long.
const LATER_MS: u64 = 120;
/// So many that what they hit is no luck.
const MANY: u64 = 200;

/// At the end: a mail in doubt is looked for a minute after it was on the wire, and then sent again.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);

#[test]
fn whenever_the_hub_is_killed_no_write_is_lost_and_none_is_silently_doubled() {
    let (kills, mut dice) = asked_for("sending", Share::Sending);
    let (world, places) = world();
    let mut writes: Vec<Write> = Vec::new();
    let mut witness = Witness::default();
    let began = Instant::now();

    for kill in 1..=kills {
        writes.extend((0..=dice.below(2)).map(|_| Write::roll(&world, &places, &mut dice)));
        round(&world, &mut dice, &mut writes, &mut witness);
        if kill % 20 == 0 {
            println!(
                "sending: {kill} kills, {} writes, {} s",
                writes.len(),
                began.elapsed().as_secs()
            );
        }
    }
    settle(&world, &mut writes);

    let (lost, doubled) = count(&world, &writes);
    println!(
        "sending: {kills} kills, {} of them while something was on the wire; {} writes, {} of them in doubt, of which {} were \
         cleared up by asking and {} by the person; lost={lost} doubled={doubled}; of {} interrupted uploads, {} bytes went into what \
         was under way and {} into what was stored",
        witness.hits,
        writes.len(),
        writes.iter().filter(|write| write.was_unknown).count(),
        writes
            .iter()
            .filter(|write| write.was_unknown && !write.was_decided)
            .count(),
        writes.iter().filter(|write| write.was_decided).count(),
        witness.uploads_hit,
        sent_in_vain(&world, &writes),
        stored_and_sent_again(&world, &writes),
    );
    let named = writes.iter().filter(|write| write.was_decided).count();
    let named = u64::try_from(named).unwrap().min(kills);
    Tally {
        kills,
        recovered: kills - named,
        named,
        lost: lost.try_into().unwrap(),
        doubled: doubled.try_into().unwrap(),
    }
    .tell("sending");
    // Of a few kills none may meet anything on a busy machine; of many, half.
    assert!(
        kills < MANY || witness.hits * 2 >= kills,
        "only {} of {kills} kills hit something on the wire",
        witness.hits
    );
    for write in &writes {
        assert!(
            !write.was_unknown || write.was_on_wire,
            "{write:?} was in doubt, and never on the wire when the hub was killed"
        );
        assert!(
            !write.was_decided || write.kind == Kind::MailUnseen,
            "{write:?} had to be decided by a person"
        );
    }
    // Not even a block: what the service says it has is all it will have of the killed hub's connection.
    assert_eq!(
        stored_and_sent_again(&world, &writes),
        0,
        "bytes that the service had stored were sent again"
    );
}

/// Two mail accounts, of which one may not read what it sent, and a place for files.
fn world() -> (World, Places) {
    let world = World::sandbox("torture");
    let hub = world.hub();
    let connect = |arguments: &[&str], account: &str| {
        let arguments = [arguments, &["--redirect", "loopback"]].concat();
        let (end, _) = world
            .connect(&arguments)
            .through_loopback(&Consent::of(account));
        end.connected()["id"].as_str().unwrap().to_owned()
    };
    let places = Places {
        unseen: connect(&["gmail", "--scopes", "send"], BEN),
        seen: connect(&["gmail"], ANNA),
        files: connect(&["google_drive"], ANNA),
    };
    // A hub that is killed forgets what it spent; the twin wouldn't.
    world
        .peer()
        .post("gmail/quota", &json!({"units_per_minute": null}));
    hub.stop();
    (world, places)
}

/// Starts the hub, asks for what wasn't asked yet, and kills it somewhere in between.
fn round(world: &World, dice: &mut Dice, writes: &mut [Write], witness: &mut Witness) {
    let hub = world.hub();
    let face = world.face();
    slow_down(world, dice);
    let wait = Duration::from_millis(dice.below(LONGEST_WAIT_MS));
    let asked: Vec<_> = writes
        .iter()
        .filter(|write| !write.is_accepted)
        .map(|write| {
            let (client, request) = (face.client().clone(), write.request());
            face.runtime()
                .spawn(async move { client.ask(request).await })
        })
        .collect();
    // How long it takes until something is on the wire depends on how busy the machine is: most kills wait for that.
    if dice.below(4) == 0 {
        std::thread::sleep(wait);
    } else {
        await_wire(&face);
        std::thread::sleep(Duration::from_millis(dice.below(LATER_MS)));
    }
    hub.kill9();
    world.peer().heal();
    let waiting = writes.iter_mut().filter(|write| !write.is_accepted);
    for (write, answer) in waiting.zip(asked) {
        // No answer is no promise: the next round asks again, with the same id.
        write.is_accepted = matches!(face.runtime().block_on(answer), Ok(Ok(Response::Action(_))));
    }
    witness.look(world, writes);
}

/// Nothing may be left to send: then it is given up.
fn await_wire(face: &Face) {
    let until = Instant::now() + Duration::from_millis(LONGEST_WAIT_MS);
    while Instant::now() < until {
        let filter = ActionFilter::default();
        if let Ok(Response::Actions(all)) = face.ask(Request::ListActions { filter })
            && all
                .iter()
                .any(|one| matches!(one.state, ActionState::Sending { .. }))
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Answers come late, so that there is something to hit: either the service acts late, or it has acted and its answer
/// trickles.
fn slow_down(world: &World, dice: &mut Dice) {
    for (service, path) in [("gmail", "send"), ("google_drive", "upload")] {
        let fault = if dice.below(2) == 0 {
            json!({"kind": "delay", "ms": 60 + dice.below(700)})
        } else {
            json!({"kind": "slow_loris", "interval_ms": 1 + dice.below(4)})
        };
        world.peer().fault(service, Some(path), &fault, None);
    }
}

/// Lets everything come to its end, and decides as a person would who looks into the mailbox.
fn settle(world: &World, writes: &mut [Write]) {
    let _hub = world.hub();
    let face = world.face();
    for write in &mut *writes {
        match face.ask(write.request()) {
            Ok(Response::Action(_)) => write.is_accepted = true,
            other => panic!("{write:?} asked again: {other:?}"),
        }
    }
    let until = Instant::now() + SETTLES_WITHIN;
    loop {
        let mut open = 0;
        for write in &mut *writes {
            let view = match face.ask(Request::GetAction { id: write.id }) {
                Ok(Response::Action(view)) => view,
                other => panic!("{write:?} is lost: {other:?}"),
            };
            write.was_unknown |= matches!(view.state, ActionState::OutcomeUnknown { .. });
            match view.state {
                ActionState::OutcomeUnknown { asking: false, .. } => {
                    let resolution = if write.arrived(world) == 0 {
                        Resolution::SendAgain
                    } else {
                        Resolution::Discard
                    };
                    write.was_decided = true;
                    open += 1;
                    let decided = face.ask(Request::ResolveAction {
                        id: write.id,
                        resolution,
                    });
                    assert!(decided.is_ok(), "{write:?}: {decided:?}");
                }
                state if state.is_over() => {
                    let fine = matches!(state, ActionState::Sent { .. }) || write.was_decided;
                    assert!(fine, "{write:?} ended as {state:?}");
                }
                _ => open += 1,
            }
        }
        if open == 0 {
            break;
        }
        assert!(Instant::now() < until, "{open} writes don't come to an end");
        std::thread::sleep(Duration::from_millis(300));
    }
    eventually(Duration::from_secs(10), "nothing more arrives", || {
        let before = world.peer().log().len();
        std::thread::sleep(Duration::from_millis(500));
        (world.peer().log().len() == before).then_some(())
    });
}

/// Those that never arrived, and those that arrived more than once.
fn count(world: &World, writes: &[Write]) -> (usize, usize) {
    let (mut lost, mut doubled) = (0, 0);
    for write in writes {
        match write.arrived(world) {
            0 => {
                println!("lost: {write:?}");
                lost += 1;
            }
            1 => {}
            times => {
                println!("{times} times: {write:?}");
                doubled += 1;
            }
        }
    }
    (lost, doubled)
}

/// Bytes of resumable uploads beyond those of the files: chunks under way at a kill, of which nothing was kept.
fn sent_in_vain(world: &World, writes: &[Write]) -> u64 {
    let needed: u64 = writes
        .iter()
        .filter(|write| write.kind == Kind::FileResumed)
        .map(|write| write.size)
        .sum();
    let sent: u64 = world
        .peer()
        .log()
        .iter()
        .filter(|entry| entry["service"] == "google_drive" && entry["method"] == "PUT")
        .filter_map(|entry| entry["bytes_in"].as_u64())
        .sum();
    sent.saturating_sub(needed)
}

/// Bytes that the service had stored and was sent all the same, into the same place or into a new one.
fn stored_and_sent_again(world: &World, writes: &[Write]) -> u64 {
    let sessions = world.peer().get("drive/sessions");
    let sessions = sessions.as_array().unwrap();
    writes
        .iter()
        .filter(|write| write.kind == Kind::FileResumed)
        .flat_map(|write| {
            let name = write.id.to_string();
            sessions
                .iter()
                .filter(move |session| session["name"].as_str() == Some(&name))
        })
        .map(|session| {
            // A place that was left although something was stored in it counts too.
            let left = match session["complete"].as_bool() {
                Some(true) => 0,
                _ => session["stored"].as_u64().unwrap(),
            };
            left + session["again"].as_u64().unwrap()
        })
        .sum()
}
