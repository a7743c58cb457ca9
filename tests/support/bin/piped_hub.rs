//! A hub as the desktop holds it, whose window is a pipe: a request in JSON a line on standard input, its answer a line
//! on standard output. `"tasks"` is answered with how many tasks its runtime has. Socket, keychain and database are the real ones; only the web view is missing. Its stand-ins may
//! rotate refresh tokens otherwise than the services do. A part of the tests, and in no package.
//!
//! `piped-hub PROFILE ENDPOINTS none|grace|strict [INTEGRATION]`; the integration has a defect, and panics at every call.
#![allow(
    clippy::expect_used,
    reason = "a part of the tests fails loudly, and its test with it"
)]

use host::HostOptions;
use hub::{Played, Rotation};
use model::{Caller, Door, Error, ProfileName, Request, Response, Texts};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [profile, endpoints, rotation, rest @ ..] = words.as_slice() else {
        panic!("piped-hub PROFILE ENDPOINTS none|grace|strict [INTEGRATION]");
    };
    let rotation = match rotation.as_str() {
        "none" => Rotation::None,
        "grace" => Rotation::Grace,
        "strict" => Rotation::Strict,
        other => panic!("{other} is no rotation"),
    };
    let options = HostOptions {
        profile: ProfileName::new(profile).expect("worlds have proper names"),
        sandbox: false,
        endpoints_file: Some(endpoints.into()),
        headless: false,
        data_root: None,
        texts: Texts::english(),
    };
    let played = Played {
        rotation: Some(rotation),
        panics: rest.first().map(|name| name.as_str().into()),
    };
    let hosted = host::start_played(options, played)
        .await
        .expect("the hub opens");
    say("\"ready\"").await;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.expect("its input is a pipe") {
        if line == "\"tasks\"" {
            let metrics = tokio::runtime::Handle::current().metrics();
            say(&metrics.num_alive_tasks().to_string()).await;
            continue;
        }
        let request: Request = serde_json::from_str(&line).expect("a request in JSON");
        let answer: Result<Response, Error> = hosted.hub.handle(Caller::Window, request).await;
        say(&serde_json::to_string(&answer).expect("answers can be written")).await;
    }
    hosted.stop().await;
}

async fn say(line: &str) {
    let mut out = tokio::io::stdout();
    let line = format!("{line}\n");
    let said = async {
        out.write_all(line.as_bytes()).await?;
        out.flush().await
    };
    // Who started it may be gone.
    let _: std::io::Result<()> = said.await;
}
