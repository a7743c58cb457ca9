//! Many callers at once, from several processes, over a grant that has run out: one renewal, and all are served.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use autopilot_tests::{ANNA, Consent, World, paths};
use model::{Request, Response};
use serde_json::json;

const PROCESSES: usize = 4;
const CALLERS_EACH: usize = 25;

/// How a child finds its hub: profile, folder of the data, socket.
const HUB: [&str; 3] = ["CROWD_PROFILE", "CROWD_DATA", "CROWD_SOCKET"];

#[test]
fn a_hundred_callers_from_four_processes_cause_one_renewal_though_refresh_tokens_rotate() {
    let world = World::sandbox("crowd");
    world.peer().oauth(&json!({"rotation": "rotating"}));
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();

    world.peer().expire_access_tokens();
    one_renewal_for_all(&world, "the provider rejected the token it gave");
}

#[test]
fn a_hundred_callers_of_a_grant_known_to_have_run_out_cause_one_renewal() {
    let world = World::sandbox("crowd-known");
    // So short that the first caller finds it as good as gone; what it is renewed to lasts.
    world
        .peer()
        .oauth(&json!({"rotation": "rotating", "access_token_life_s": 5}));
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    world.peer().oauth(&json!({"access_token_life_s": 3599}));

    one_renewal_for_all(&world, "the hub knew that the token was over");
}

/// Each of them made a real call, and the provider saw one renewal.
fn one_renewal_for_all(world: &World, why: &str) {
    let before = world.peer().requests("gmail", "/profile");
    assert_eq!(
        all_ask(world),
        PROCESSES * CALLERS_EACH,
        "everyone is served"
    );
    let calls = world.peer().requests("gmail", "/profile") - before;
    assert!(calls >= PROCESSES * CALLERS_EACH, "{calls} calls");
    assert_eq!(world.peer().token_requests("refresh_token"), 1, "{why}");
    assert_eq!(world.connection("gmail")["status"]["kind"], "connected");
}

/// Four processes with 25 connections each, which all ask at the same time. How many were served?
fn all_ask(world: &World) -> usize {
    let hub = paths(world);
    let values = [
        hub.profile.as_str().into(),
        hub.data_dir.into_os_string(),
        hub.socket.into_os_string(),
    ];
    let mut children: Vec<_> = (0..PROCESSES)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "crowd::one_of_the_processes",
                    "--exact",
                    "--ignored",
                    "--nocapture",
                    "--test-threads=1",
                ])
                .envs(HUB.iter().zip(&values))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut outputs: Vec<_> = children
        .iter_mut()
        .map(|child| BufReader::new(child.stdout.take().unwrap()).lines())
        .collect();
    for output in &mut outputs {
        assert!(
            output
                .by_ref()
                .map_while(Result::ok)
                .any(|line| line.ends_with("READY")),
            "it connected"
        );
    }
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"GO\n").unwrap();
    }
    let served = outputs.iter_mut().map(|output| {
        let line = output
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.starts_with("SERVED "));
        line.and_then(|line| line["SERVED ".len()..].parse::<usize>().ok())
            .expect("it counted")
    });
    let served = served.sum();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    served
}

#[test]
#[ignore = "one of the four processes above, which start it"]
#[allow(
    clippy::disallowed_methods,
    reason = "its parent has no other way to tell it"
)]
fn one_of_the_processes() {
    let [profile, data_dir, socket] =
        HUB.map(|name| std::env::var(name).expect("started by its parent"));
    let paths = link::ProfilePaths {
        profile: model::ProfileName::new(profile).unwrap(),
        lock: std::path::Path::new(&data_dir).join("lock"),
        data_dir: data_dir.into(),
        socket: socket.into(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut clients = Vec::new();
        for _ in 0..CALLERS_EACH {
            clients.push(link::Client::connect(&paths).await.unwrap());
        }
        println!("\nREADY");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        let mut asked = tokio::task::JoinSet::new();
        for client in clients {
            asked.spawn(async move {
                let answer = client
                    .ask(Request::Test {
                        connection: "gmail".into(),
                    })
                    .await;
                matches!(answer, Ok(Response::Test(report)) if report.error.is_none())
            });
        }
        let served = asked
            .join_all()
            .await
            .into_iter()
            .filter(|served| *served)
            .count();
        println!("\nSERVED {served}");
    });
}
