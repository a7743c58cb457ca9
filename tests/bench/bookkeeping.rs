//! Connecting and disconnecting through the socket, beside the bare calls this can't do without: the service asked
//! twice, the keychain written, read and emptied, the database told of a coming and a going.

use std::{
    collections::HashMap,
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

/// Against the world's running hub. Leaves as many connections as there were.
pub fn measure(world: &World) -> [Figure; 2] {
    println!("connecting and disconnecting, {SPARE_BOTS} times");
    let face = world.face();
    let mut connecting = Vec::new();
    let mut disconnecting = Vec::new();
    for bot in 0..SPARE_BOTS {
        let request = connect(bot);
        let began = Instant::now();
        let Ok(Response::Connection(connected)) = face.ask(request) else {
            panic!("bot {bot} wasn't connected");
        };
        connecting.push(began.elapsed());

        let request = Request::Disconnect {
            connection: ConnectionRef::new(connected.id.to_string()),
            revoke: false,
        };
        let began = Instant::now();
        face.ask(request).expect("it is disconnected");
        disconnecting.push(began.elapsed());
    }
    let floor = Floor::measure(world);
    [
        Figure::new("connect a bot, p50", median(&connecting))
            .beside(
                "2 calls + keychain write, read + commit",
                floor.calls + floor.put + floor.get + floor.commit,
            )
            .note(format!(
                "without the two calls {}",
                Amount::from(median(&connecting).saturating_sub(floor.calls))
            )),
        Figure::new("disconnect it here, p50", median(&disconnecting))
            .beside("keychain delete + commit", floor.delete + floor.commit)
            .note(format!(
                "of the floors, two calls {}, keychain write {}, read {}, delete {}, one commit {}",
                Amount::from(floor.calls),
                Amount::from(floor.put),
                Amount::from(floor.get),
                Amount::from(floor.delete),
                Amount::from(floor.commit),
            )),
    ]
}

/// Medians of the bare calls.
struct Floor {
    calls: Duration,
    put: Duration,
    get: Duration,
    delete: Duration,
    commit: Duration,
}

impl Floor {
    fn measure(world: &World) -> Self {
        let mut times: [Vec<Duration>; 5] = Default::default();
        let store = zbus_secret_service_keyring_store::Store::new().expect("there is a keyring");
        let service = format!("floor-{}", world.profile());
        let db = database(world);
        // As long as a bot's grant.
        let secret = [b'x'; 400];
        for bot in 0..SPARE_BOTS {
            let began = Instant::now();
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
            times[0].push(began.elapsed());

            let name = format!("grant/{bot}");
            let label = HashMap::from([("label", name.as_str())]);
            let began = Instant::now();
            let entry = store
                .build(&service, &name, Some(&label))
                .expect("a name is enough");
            entry.set_secret(&secret).expect("the keyring is open");
            times[1].push(began.elapsed());

            let began = Instant::now();
            entry.get_secret().expect("it was just written");
            times[2].push(began.elapsed());

            let began = Instant::now();
            entry.delete_credential().expect("it was just written");
            times[3].push(began.elapsed());

            let began = Instant::now();
            db.execute("INSERT INTO one (text) VALUES (?1)", [&name])
                .expect("it is ours");
            times[4].push(began.elapsed());
        }
        let [calls, put, get, delete, commit] = times.map(|times| median(&times));
        Self {
            calls,
            put,
            get,
            delete,
            commit,
        }
    }
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
