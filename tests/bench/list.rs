//! Listing connections through the real socket, beside the same bytes from a plain one.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    time::{Duration, Instant},
};

use autopilot_tests::World;
use model::{Request, Response};

use crate::figure::{Amount, Figure, at, median};

const WARM_UP: usize = 20;

/// Against the world's running hub.
pub fn measure(world: &World, connections: usize, rounds: usize) -> [Figure; 1] {
    println!("listing {connections} connections, {rounds} times");
    let face = world.face();
    let mut list = None;
    let ours = timed(rounds, || match face.ask(Request::ListConnections) {
        Ok(Response::Connections(all)) if all.len() == connections => list = Some(all),
        other => panic!("not {connections} connections: {other:?}"),
    });
    let list = Response::Connections(list.expect("it was asked for"));
    let json = || serde_json::to_vec(&list).expect("answers are JSON");
    let bytes = json().len();
    let codec = timed(rounds, || {
        let read: Response = serde_json::from_slice(&json()).expect("it was just written");
        std::hint::black_box(read);
    });
    let door = timed(rounds, || {
        face.ask(Request::Hub).expect("the hub answers");
    });
    let floor = echoed(world, bytes, rounds);
    [Figure::new(
        format!("list {connections} connections, p50"),
        median(&ours),
    )
    .beside("the same bytes, plain socket", median(&floor))
    .note(format!(
            "p90 {}, {bytes} bytes a list; writing and reading that much JSON without a socket {}; the smallest question \
             through the same door {}",
            Amount::from(at(&ours, 0.9)),
            Amount::from(median(&codec)),
            Amount::from(median(&door)),
        ))]
}

/// A line there, a line of so many bytes back, over a Unix socket with nothing behind it.
pub fn echoed(world: &World, bytes: usize, rounds: usize) -> Vec<Duration> {
    let path = world.root().join("echo");
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).expect("a socket can be made");
    let answer = [vec![b'x'; bytes], vec![b'\n']].concat();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        let mut questions = BufReader::new(stream.try_clone().expect("a socket can be shared"));
        let mut stream = stream;
        let mut question = String::new();
        while questions
            .read_line(&mut question)
            .is_ok_and(|read| read > 0)
        {
            stream.write_all(&answer).expect("it is read");
            question.clear();
        }
    });
    let mut stream = UnixStream::connect(&path).expect("somebody listens");
    let mut answers = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    let mut heard = Vec::new();
    let times = timed(rounds, || {
        stream
            .write_all(b"{\"id\":1,\"request\":{\"request\":\"list_connections\"}}\n")
            .expect("it is read");
        heard.clear();
        answers.read_until(b'\n', &mut heard).expect("it answers");
        assert_eq!(heard.len(), bytes + 1, "the whole answer came");
    });
    stream
        .shutdown(std::net::Shutdown::Both)
        .expect("it is open");
    server.join().expect("the other end is done too");
    times
}

fn timed(rounds: usize, mut turn: impl FnMut()) -> Vec<Duration> {
    for _ in 0..WARM_UP {
        turn();
    }
    (0..rounds)
        .map(|_| {
            let began = Instant::now();
            turn();
            began.elapsed()
        })
        .collect()
}
