//! One question without a runtime: the same answers as over the long way, and no answer at all from what isn't a hub.

use std::io::{BufRead, BufReader, Write};

use link::ask_once;
use model::{Error, ErrorCode, Response};

use crate::door::{FakeHub, Home, get, sentence};

async fn ask(home: &Home, name: &str) -> Option<Result<Response, Error>> {
    let (paths, request) = (home.paths.clone(), get(name));
    tokio::task::spawn_blocking(move || ask_once(&paths, request))
        .await
        .unwrap()
}

#[tokio::test]
async fn an_answer_and_a_refusal_arrive_as_they_are() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    assert_eq!(sentence(ask(&home, "on").await.unwrap().unwrap()), "on");
    let refused = ask(&home, "none").await.unwrap().unwrap_err();
    assert_eq!(refused.code, ErrorCode::UnknownConnection);
    let long = sentence(ask(&home, "long").await.unwrap().unwrap());
    assert_eq!(long.len(), link::MAX_FRAME / 2);
}

#[tokio::test]
async fn the_hub_learns_who_asks_here_too() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let _server = home.serve(&hub);
    let who = sentence(ask(&home, "who").await.unwrap().unwrap());
    let own = std::env::current_exe().unwrap();
    assert!(who.contains("program") && who.contains(own.to_str().unwrap()));
}

#[tokio::test]
async fn where_no_hub_runs_there_is_no_answer() {
    assert_eq!(ask(&Home::new(), "on").await, None);
}

#[tokio::test]
async fn a_hub_that_leaves_leaves_the_rest_to_the_long_way() {
    let (home, hub) = (Home::new(), FakeHub::new());
    let server = home.serve(&hub);
    server.shutdown().await;
    assert_eq!(ask(&home, "on").await, None);
}

#[tokio::test]
async fn what_is_no_hub_of_ours_is_not_believed() {
    let welcome = |protocol: u32| {
        format!(
            r#"{{"welcome":{{"version":"0","protocol":{protocol},"profile":"default","pid":1}}}}"#
        )
    };
    let done = r#"{"id":1,"response":{"response":"done"}}"#;
    for said in [
        String::new(),
        "\n\n".to_owned(),
        format!("{done}\n"),
        "not json\n".to_owned(),
        "x".repeat(link::MAX_FRAME + 1),
        format!("{}\n", welcome(1)),
        format!("{}\n{done}\n", welcome(99)),
        format!(
            "{}\n{{\"id\":2,\"response\":{{\"response\":\"done\"}}}}\n",
            welcome(1)
        ),
        format!(
            "{}\n{{\"event\":{{\"event\":\"integrations_changed\"}}}}\n",
            welcome(1)
        ),
        format!(
            "{}\n{{\"error\":{{\"code\":\"handing_over\"}}}}\n",
            welcome(1)
        ),
    ] {
        let home = Home::new();
        home.paths.create_data_dir().unwrap();
        let socket = std::os::unix::net::UnixListener::bind(&home.paths.socket).unwrap();
        let stranger = std::thread::spawn(move || {
            let (stream, _) = socket.accept().unwrap();
            let mut asked = BufReader::new(&stream).lines();
            asked.by_ref().take(2).for_each(drop);
            // It may not want to hear the end of it.
            let _ = (&stream).write_all(said.as_bytes());
        });
        assert_eq!(ask(&home, "on").await, None);
        stranger.join().unwrap();
    }
}
