//! The two homes everything is measured in: one with three connections, one with a thousand.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use autopilot_tests::{
    ANNA, Consent, World,
    sandbox::{Bot, DEMO_BOT_TOKEN, Seed},
};
use model::{Request, Response, SecretInput};
use tokio::task::JoinSet;

pub const MANY: usize = 1000;

/// As many as the hub itself probes at once.
const AT_ONCE: usize = 8;

/// Bots that the bookkeeping may connect and disconnect.
pub const SPARE_BOTS: usize = 100;

/// A thousand connections, and how long it took to make them.
pub struct Many {
    pub world: World,
    pub connecting: Duration,
}

impl Many {
    pub fn hub(&self) -> autopilot_tests::HubProcess {
        self.world.hub()
    }
}

/// One connection of each service, and no hub.
pub fn few() -> World {
    let world = World::sandbox_with("few", seed(SPARE_BOTS));
    let hub = world.hub();
    for integration in ["gmail", "google_drive"] {
        let (end, _) = world
            .connect(&[integration, "--redirect", "loopback"])
            .through_loopback(&Consent::of(ANNA));
        let _ = end.connected();
    }
    let _ = world
        .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
        .done();
    assert_eq!(world.connections().len(), 3, "three are connected");
    hub.stop();
    world
}

/// A thousand bots, connected through the socket as any program would; and no hub, so that the next one starts with
/// them, as on any other day.
pub fn many() -> Many {
    println!("connecting {MANY} bots");
    let world = World::sandbox_with("many", seed(MANY));
    let hub = world.hub();
    let face = world.face();
    let began = Instant::now();
    face.runtime().block_on(async {
        let mut under_way = JoinSet::new();
        for number in 0..MANY {
            if under_way.len() == AT_ONCE {
                under_way.join_next().await;
            }
            let client = face.client().clone();
            under_way.spawn(async move {
                client
                    .ask(connect(number))
                    .await
                    .unwrap_or_else(|error| panic!("bot {number} wasn't connected: {error:?}"))
            });
        }
        while let Some(ended) = under_way.join_next().await {
            ended.expect("every bot is connected");
        }
    });
    let connecting = began.elapsed();
    match face.ask(Request::ListConnections) {
        Ok(Response::Connections(all)) => assert_eq!(all.len(), MANY, "all are connected"),
        other => panic!("no connections: {other:?}"),
    }
    drop(face);
    hub.stop();
    Many { world, connecting }
}

/// Connects one of the seeded bots.
pub fn connect(bot: usize) -> Request {
    Request::ConnectWithForm {
        integration: "telegram".into(),
        connection: None,
        fields: BTreeMap::from([("token".to_owned(), SecretInput::new(token(bot)))]),
    }
}

pub fn token(bot: usize) -> String {
    format!(
        "{}:AAHbenchbenchbenchbenchbenchbench{bot:04}",
        200_000_000 + bot
    )
}

fn seed(bots: usize) -> Seed {
    let mut seed = Seed::default();
    seed.bots.extend((0..bots).map(|number| Bot {
        token: token(number),
        username: format!("bench_{number}_bot"),
        name: format!("Bench {number}"),
        revoked: false,
    }));
    seed
}
