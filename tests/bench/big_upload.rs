//! 2 GiB through the whole hub into the sandbox, with a kill -9 in the middle: how much its memory grows, and how much
//! is sent again afterwards.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use autopilot_tests::{ANNA, Consent, Face, HubProcess, World, eventually};
use model::{
    Action, ActionId, ActionState, ActionView, ConnectionRef, Request, Response, UploadFiles,
};
use serde_json::Value;

use crate::{
    figure::{Aim, Amount, Figure},
    proc,
};

const SIZE: u64 = 2 * 1024 * 1024 * 1024;
const MIB: f64 = 1024.0 * 1024.0;
/// What the service keeps it in: the rest of a block is lost with the connection.
const BLOCK: f64 = 256.0 * 1024.0;
const WITHIN: Duration = Duration::from_secs(600);

pub fn measure() -> [Figure; 2] {
    println!("uploading 2 GiB through the hub, killed half-way");
    let world = World::sandbox("big");
    let hub = world.hub();
    let (end, _) = world
        .connect(&["google_drive", "--redirect", "loopback"])
        .through_loopback(&Consent::of(ANNA));
    let connection = end.connected()["id"]
        .as_str()
        .expect("an id is text")
        .to_owned();
    let id = ActionId::generate();
    let path = world.root().join("big.bin");
    // Sparse: its zeros take no room here.
    File::create(&path)
        .and_then(|file| file.set_len(SIZE))
        .expect("a file can be made");
    let request = Request::Act {
        id,
        connection: ConnectionRef::new(connection),
        action: Action::UploadFiles(UploadFiles {
            files: vec![path.display().to_string()],
            folder: None,
        }),
        undo_s: None,
    };

    let face = world.face();
    let began = Instant::now();
    let watch = Watch::start(&hub);
    face.ask(request).expect("the hub keeps it");
    let queued = began.elapsed();
    eventually(WITHIN, "half of it is there", || {
        let moved = look(&face, id).progress?;
        (moved.done >= SIZE / 2).then_some(())
    });
    let first = watch.growth();
    hub.kill9();
    drop(face);
    let stored = stored(&world);
    assert!(stored > 0 && stored < SIZE, "{stored} bytes were stored");

    let hub = world.hub();
    let face = world.face();
    let watch = Watch::start(&hub);
    eventually(WITHIN, "the rest is there", || {
        match look(&face, id).state {
            ActionState::Sent { .. } => Some(()),
            ActionState::Queued { .. } | ActionState::Sending { .. } => None,
            other => panic!("the upload ended as {other:?}"),
        }
    });
    let second = watch.growth();
    let took = began.elapsed();
    let again = sent(&world).saturating_sub(SIZE);
    arrived(&world);
    #[allow(clippy::cast_precision_loss, reason = "only shown")]
    let (again, stored) = (again as f64, stored as f64);
    [
        Figure::new(
            "memory 2 GiB add to the hub, at their peak",
            Amount::Memory(first.max(second)),
        )
        .aim(Aim::AtMost(Amount::Memory(16.0 * MIB)))
        .note(format!(
            "before the kill {}, after it {}; {} in all, of which {} for hashing and queueing",
            Amount::Memory(first),
            Amount::Memory(second),
            Amount::from(took),
            Amount::from(queued),
        )),
        Figure::new("sent again after kill -9", Amount::Memory(again))
            .aim(Aim::AtMost(Amount::Memory(BLOCK)))
            .note(format!(
                "{} were stored when the hub was killed, and it went on from there",
                Amount::Memory(stored)
            )),
    ]
}

/// A hub's memory from now on.
struct Watch {
    pid: u32,
    before: f64,
}

impl Watch {
    fn start(hub: &HubProcess) -> Self {
        let pid = hub.pid();
        proc::forget_peak(pid);
        let before = proc::resident(pid).expect("the hub runs");
        Self { pid, before }
    }

    fn growth(&self) -> f64 {
        proc::peak(self.pid).expect("the hub runs") - self.before
    }
}

fn look(face: &Face, id: ActionId) -> ActionView {
    match face.ask(Request::GetAction { id }) {
        Ok(Response::Action(view)) => view,
        other => panic!("the upload is lost: {other:?}"),
    }
}

/// Bytes of the only upload under way.
fn stored(world: &World) -> u64 {
    let sessions = world.peer().get("drive/sessions");
    let open: Vec<&Value> = sessions
        .as_array()
        .expect("sessions are a list")
        .iter()
        .filter(|session| session["complete"] == false)
        .collect();
    assert_eq!(open.len(), 1, "{sessions}");
    open[0]["stored"].as_u64().expect("bytes are a number")
}

/// Bytes of all chunks that came.
fn sent(world: &World) -> u64 {
    world
        .peer()
        .log()
        .iter()
        .filter(|entry| entry["service"] == "google_drive" && entry["method"] == "PUT")
        .filter_map(|entry| entry["bytes_in"].as_u64())
        .sum()
}

fn arrived(world: &World) {
    let files = world.peer().get(&format!("drive/files?account={ANNA}"));
    let ours: Vec<&Value> = files
        .as_array()
        .expect("files are a list")
        .iter()
        .filter(|file| file["name"] == "big.bin")
        .collect();
    assert!(
        ours.len() == 1 && ours[0]["size"] == SIZE,
        "it arrived once and whole: {ours:?}"
    );
}
