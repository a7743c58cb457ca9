//! Connecting and disconnecting through the socket, beside the bare calls this can't do without: the service asked
//! twice, the keychain written, read and emptied, the database told of a coming and a going.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use autopilot_tests::{World, http};
use keyring_core::api::CredentialStoreApi as _;
use model::{ConnectionRef, Request, Response};
use rusqlite::Connection;

use crate::{
    figure::{Amount, Figure, median},
    worlds::{SPARE_BOTS, connect, token},
};

/// Against the world's running hub. Leaves as many connections as there were. Ours and the bare calls take turns, so
/// that a busy disk is busy for both.
pub fn measure(world: &World) -> [Figure; 2] {
    println!("connecting and disconnecting, {SPARE_BOTS} times");
    let face = world.face();
    let mut bare = Bare::open(world);
    let mut connecting = Vec::new();
    let mut disconnecting = Vec::new();
    for bot in 0..SPARE_BOTS {
        let request = connect(bot);
        let (id, passed) = timed(|| match face.ask(request) {
            Ok(Response::Connection(connected)) => connected.id,
            other => panic!("bot {bot} wasn't connected: {other:?}"),
        });
        connecting.push(passed);

        let request = Request::Disconnect {
            connection: ConnectionRef::new(id.to_string()),
            revoke: false,
        };
        let (done, passed) = timed(|| face.ask(request));
        done.expect("it is disconnected");
        disconnecting.push(passed);

        bare.turn(world, bot);
    }
    let [calls, put, get, delete, commit] = bare.times.map(|times| median(&times));
    [
        Figure::new("connect a bot, p50", median(&connecting))
            .beside(
                "2 calls + keychain write, read + commit",
                calls + put + get + commit,
            )
            .note(format!(
                "without the two calls {}",
                Amount::from(median(&connecting).saturating_sub(calls))
            )),
        Figure::new("disconnect it here, p50", median(&disconnecting))
            .beside("keychain delete + commit", delete + commit)
            .note(format!(
                "the bare calls: two to the service {}, keychain write {}, read {}, delete {}, one commit {}",
                Amount::from(calls),
                Amount::from(put),
                Amount::from(get),
                Amount::from(delete),
                Amount::from(commit),
            )),
    ]
}

/// The calls without us.
struct Bare {
    keyring: Arc<zbus_secret_service_keyring_store::Store>,
    service: String,
    db: Connection,
    /// Two calls to the service; keychain write, read, delete; one commit.
    times: [Vec<Duration>; 5],
}

impl Bare {
    fn open(world: &World) -> Self {
        Self {
            keyring: zbus_secret_service_keyring_store::Store::new().expect("there is a keyring"),
            service: format!("floor-{}", world.profile()),
            db: database(world),
            times: Default::default(),
        }
    }

    fn turn(&mut self, world: &World, bot: usize) {
        let name = format!("grant/{bot}");
        let label = HashMap::from([("label", name.as_str())]);
        let ((), calls) = timed(|| ask_service(world, bot));
        let (entry, put) = timed(|| {
            let entry = self
                .keyring
                .build(&self.service, &name, Some(&label))
                .expect("a name is enough");
            // As long as a bot's grant.
            entry.set_secret(&[b'x'; 400]).expect("the keyring is open");
            entry
        });
        let (read, get) = timed(|| entry.get_secret());
        read.expect("it was just written");
        let (deleted, delete) = timed(|| entry.delete_credential());
        deleted.expect("it was just written");
        let (inserted, commit) = timed(|| {
            self.db
                .execute("INSERT INTO one (text) VALUES (?1)", [&name])
        });
        inserted.expect("it is ours");
        for (times, passed) in self.times.iter_mut().zip([calls, put, get, delete, commit]) {
            times.push(passed);
        }
    }
}

fn ask_service(world: &World, bot: usize) {
    for method in ["getMe", "getWebhookInfo"] {
        let url = format!(
            "{}/telegram/bot{}/{method}",
            world.peer().base(),
            token(bot)
        );
        let answer = http().get(url).send().expect("the sandbox answers");
        assert!(answer.status().is_success(), "the sandbox knows the bot");
        answer.bytes().expect("the answer is whole");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

/// As durable as the hub's own, on the same disk.
fn database(world: &World) -> Connection {
    let db = Connection::open(world.root().join("floor.db")).expect("a database can be made");
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
    )
    .expect("a table can be made");
    db
}
