//! Headers of mail, listed by ours, by curl (the floor: the same requests, answers thrown away) and by Google's own
//! client for Python (the peer), in turns, from a stub that answers at once or after 50 ms.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use integrations::Session;
use model::EmailQuery;
use tokio::runtime::Runtime;

use crate::{
    figure::{Aim, Amount, Figure, at, median},
    lent,
    peers::{capture, python},
    stub::Stub,
};

/// As many as we put into a batch; Google advises no more.
const BATCH: usize = 50;

const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

pub fn measure() -> Vec<Figure> {
    let mut stub = Stub::start();
    let mut python = Python::start(stub.mail());
    let runtime = Runtime::new().expect("a runtime can be had");
    let mut figures = Vec::new();
    for (count, delay, rounds) in [(250, 0, 40), (500, 0, 40), (250, 50, 9), (500, 50, 9)] {
        println!("{count} headers at {delay} ms, {rounds} times by each");
        stub.delay(delay);
        figures.extend(turns(
            &mut stub,
            &mut python,
            &runtime,
            count,
            delay,
            rounds,
        ));
    }
    figures
}

fn turns(
    stub: &mut Stub,
    python: &mut Python,
    runtime: &Runtime,
    count: usize,
    delay: u64,
    rounds: usize,
) -> [Figure; 2] {
    let floor = Floor::lay(stub, count);
    let http = lent::client(None);
    let (mut ours, mut again, mut curl, mut peer) = (vec![], vec![], vec![], vec![]);
    let (mut asked, mut asked_again, mut asked_by_curl) = (0, 0, 0);
    // The first turn warms everything up and isn't counted.
    for round in 0..=rounds {
        stub.counted();
        let session = lent::session(&http, stub.mail(), &[READ]);
        let first = list(runtime, &session, count);
        asked = stub.counted().0;
        let second = list(runtime, &session, count);
        asked_again = stub.counted().0;
        let bare = floor.turn();
        asked_by_curl = stub.counted().0;
        let theirs = python.turn(count);
        if round > 0 {
            ours.push(first);
            again.push(second);
            curl.push(bare);
            peer.push(theirs);
        }
    }
    let what = format!("{count} mail headers, {delay} ms");
    [
        Figure::new(what.clone(), median(&ours))
            .beside("curl, same batches", median(&curl))
            .aim(Aim::RatioAtMost(1.25))
            .note(format!(
                "p90 {}, curl's {}; {asked} requests, curl {asked_by_curl}; a repeat takes {} and {asked_again} \
                 request",
                Amount::from(at(&ours, 0.9)),
                Amount::from(at(&curl, 0.9)),
                Amount::from(median(&again)),
            )),
        Figure::new(what, median(&ours))
            .beside("google-api-python-client, same batches", median(&peer)),
    ]
}

fn list(runtime: &Runtime, session: &Session, count: usize) -> Duration {
    let mail = integrations::find(&"gmail".into())
        .and_then(|gmail| gmail.mail())
        .expect("Gmail has mail");
    let query = EmailQuery {
        limit: Some(count.try_into().expect("a page is short")),
        ..EmailQuery::default()
    };
    let session = session.clone();
    let began = Instant::now();
    // As in the hub, where whoever asks is a task like what asks for them.
    let page = runtime.block_on(async {
        let listing = tokio::spawn(async move { mail.list(&session, &query).await });
        listing.await.expect("nothing panics")
    });
    let page = page.expect("the stub answers");
    let passed = began.elapsed();
    assert_eq!(page.emails.len(), count, "all headers came");
    assert!(
        page.emails.iter().all(|email| !email.subject.is_empty()),
        "they are headers"
    );
    passed
}

/// The same requests by curl, over one connection: a list, then batch after batch. Only the times of its transfers
/// count, not that of its start.
struct Floor {
    arguments: Vec<String>,
}

impl Floor {
    fn lay(stub: &Stub, count: usize) -> Self {
        let base = stub.mail();
        let one = ["-s", "-S", "-f", "-o", "/dev/null", "-w", "%{time_total}\n"];
        let mut arguments: Vec<String> = one.map(str::to_owned).into();
        arguments.push(format!(
            "{base}/gmail/v1/users/me/messages?maxResults={count}"
        ));
        for (number, from) in (0..count).step_by(BATCH).enumerate() {
            let file = stub.folder().join(format!("batch-{count}-{number}"));
            let ids = from..count.min(from + BATCH);
            std::fs::write(&file, batch(ids)).expect("the folder is ours");
            arguments.push("--next".to_owned());
            arguments.extend(one.map(str::to_owned));
            arguments.extend([
                "-H".to_owned(),
                "Content-Type: multipart/mixed; boundary=floor".to_owned(),
                "--data-binary".to_owned(),
                format!("@{}", file.display()),
                format!("{base}/batch/gmail/v1"),
            ]);
        }
        Self { arguments }
    }

    fn turn(&self) -> Duration {
        let said = capture(Command::new("curl").args(&self.arguments));
        said.lines().map(seconds).sum()
    }
}

fn batch(ids: std::ops::Range<usize>) -> String {
    let headers = ["From", "To", "Subject", "Date"].map(|name| format!("&metadataHeaders={name}"));
    let headers = headers.concat();
    let mut body = String::new();
    for number in ids {
        body.push_str(&format!(
            "--floor\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n\
             GET /gmail/v1/users/me/messages/19a2b3c4d5e{number:05x}?format=metadata{headers} HTTP/1.1\r\n\r\n\r\n"
        ));
    }
    body.push_str("--floor--\r\n");
    body
}

/// Google's client, kept running: its own start doesn't count.
struct Python {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Python {
    fn start(base: &str) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers/google_headers.py");
        let mut child = Command::new(python())
            .arg(script)
            .args([base, &BATCH.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python is installed");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, answers }
    }

    fn turn(&mut self, count: usize) -> Duration {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{count}").expect("it reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        seconds(&line)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn seconds(text: &str) -> Duration {
    Duration::from_secs_f64(text.trim().parse().expect("it says how many seconds"))
}
