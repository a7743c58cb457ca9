//! `autopilot mcp` beside the smallest server rmcp makes, and beside other people's: from being started to the list of
//! tools, through to the hub and back, and the memory of it. All take turns within one run.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use autopilot_tests::{BEN, World, mcp_peer::Peers};
use model::{Admission, Budget, Caller, Effect, Timestamp};
use serde_json::{Value, json};
use store::{CallerRow, Store};

use crate::{
    figure::{Aim, Amount, Figure, at, median},
    list, peers, proc,
};

const STARTS: usize = 60;
/// These take seconds each.
const PEERS_STARTS: usize = 5;
/// Of each pair of processes: which processor each comes to lie on decides how long it takes to wake, so that one pair
/// says little of the next.
const CALLS: usize = 1000;
const PAIRS: usize = 5;

/// Lets this program in as an agent that may write, and ask as often as anybody may: by the table, since only a window
/// could say so otherwise. Before the world's hub starts.
pub fn let_in(world: &World) {
    let own = std::env::current_exe().expect("a program knows its own file");
    let store = Store::open(&world.database()).expect("the database is there");
    let row = CallerRow {
        caller: Caller::Agent {
            executable: own.to_string_lossy().into_owned(),
        },
        admission: Admission::Admitted {
            at: Timestamp::now(),
        },
        rules: Vec::new(),
        writes: Effect::Allow,
        budget: Budget {
            per_minute: 10_000,
            writes_per_day: 1000,
        },
        client: None,
        taint: None,
        last_seen: None,
    };
    store.store.callers().put(&row).expect("a row can be put");
}

/// Against the world's running hub.
pub fn measure(world: &World, minimal: &Path) -> Vec<Figure> {
    // Only what stands in a client's settings: this profile was made long ago, and naming its services again has the
    // program that holds it started to compare them.
    let ours = || {
        let mut command = world.command("autopilot");
        command.args(["mcp", "--profile", world.profile()]);
        command
    };
    let least = || Command::new(minimal);

    println!("starting both {STARTS} times");
    let (mut started, mut least_started) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        started.push(Server::start(ours()).1);
        least_started.push(Server::start(least()).1);
    }

    println!("calling both {CALLS} times, {PAIRS} pairs of them");
    let (mut calls, mut echoes) = (Vec::new(), Vec::new());
    let (mut held, mut least_held) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let (mut server, _) = Server::start(ours());
        let (mut other, _) = Server::start(least());
        let action = server.send_a_mail();
        let arguments = json!({ "action": action });
        for _ in 0..CALLS {
            calls.push(server.call("action_status", &arguments).1);
            echoes.push(other.call("echo", &arguments).1);
        }
        held.push(proc::pss(server.child.id()));
        least_held.push(proc::pss(other.child.id()));
    }
    let most = |held: Vec<f64>| Amount::Memory(held.into_iter().fold(0.0, f64::max));
    let (memory, least_memory) = (most(held), most(least_held));
    // An answer of the hub's is about as long.
    let bare = list::echoed(world, 600, CALLS);

    let beside = "a minimal rmcp server";
    let mut figures = vec![
        Figure::new("mcp: start to list of tools, p50", median(&started))
            .beside(beside, median(&least_started))
            .aim(Aim::RatioAtMost(1.5)),
        Figure::new("mcp: a call through to the hub, p50", median(&calls))
            .beside("its echo", median(&echoes))
            .aim(Aim::RatioAtMost(1.5))
            .note(format!(
                "a bare question and answer over a Unix socket, which the echo does without, takes {} by itself",
                Amount::from(median(&bare))
            )),
        Figure::new("mcp: a call through to the hub, p99", at(&calls, 0.99))
            .beside("its echo", at(&echoes, 0.99))
            .aim(Aim::RatioAtMost(1.5)),
        Figure::new("mcp: memory after these calls", memory)
            .beside(beside, least_memory)
            .aim(Aim::AtMost(Amount::Memory(8e6))),
    ];
    for (name, command) in others() {
        println!("starting {name} {PEERS_STARTS} times");
        let times: Vec<Duration> = (0..PEERS_STARTS)
            .map(|_| Server::start(command()).1)
            .collect();
        figures.push(
            Figure::new("mcp: start to list of tools, p50", median(&started))
                .beside(name, median(&times)),
        );
    }
    figures
}

type Make = Box<dyn Fn() -> Command>;

/// Other people's servers, where `cargo xtask bench` puts them.
fn others() -> [(&'static str, Make); 2] {
    let python = || {
        let mut command = Command::new(peers::workspace_mcp());
        // It wants a client registration before it lists anything; nothing is asked of it here.
        command
            .args(["--transport", "stdio"])
            .env("GOOGLE_OAUTH_CLIENT_ID", "test-client")
            .env("GOOGLE_OAUTH_CLIENT_SECRET", "test");
        command
    };
    let node = || {
        Peers::installed().command(
            "@modelcontextprotocol/server-everything",
            "mcp-server-everything",
        )
    };
    [
        ("workspace-mcp (Python)", Box::new(python)),
        ("server-everything (Node)", Box::new(node)),
    ]
}

/// A started server and its client's end of the pipe.
struct Server {
    child: Child,
    stdin: ChildStdin,
    out: BufReader<ChildStdout>,
    next_id: u64,
}

impl Server {
    /// Started, greeted, and asked for its tools: how long that took.
    fn start(mut command: Command) -> (Self, Duration) {
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdin = child.stdin.take().expect("its input is piped");
        let out = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut server = Self {
            child,
            stdin,
            out,
            next_id: 1,
        };
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"}});
        server.ask("initialize", &hello);
        server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        let listed = server.ask("tools/list", &json!({}));
        let passed = began.elapsed();
        let tools = listed["result"]["tools"].as_array().map(Vec::len);
        assert!(
            tools.is_some_and(|tools| tools > 0),
            "{command:?}: {listed}"
        );
        (server, passed)
    }

    /// In one piece, as clients do: a pipe that is written to token by token wakes the server for each of them.
    fn say(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.stdin.write_all(line.as_bytes()).expect("it reads");
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.timed(method, params).0
    }

    /// How long it took until the answer's line was there; reading it isn't the server's time.
    fn timed(&mut self, method: &str, params: &Value) -> (Value, Duration) {
        let id = self.next_id;
        self.next_id += 1;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let began = Instant::now();
        self.say(&request);
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).expect("it answers");
            let passed = began.elapsed();
            assert!(read > 0, "it ended before it answered {method}");
            let message: Value = serde_json::from_str(&line).expect("it speaks the protocol");
            if message["id"] == id {
                return (message, passed);
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> (Value, Duration) {
        let params = json!({"name": tool, "arguments": arguments});
        let (answer, passed) = self.timed("tools/call", &params);
        let result = answer["result"].clone();
        assert!(
            result.is_object() && result["isError"] != true,
            "{tool}: {answer}"
        );
        (result, passed)
    }

    /// An action whose end can be asked for again and again.
    fn send_a_mail(&mut self) -> String {
        let mail = json!({"to": [BEN], "subject": "Bench", "text": "Bench."});
        let (sent, _) = self.call("send_email", &mail);
        let action = &sent["structuredContent"]["action"];
        let id = action.as_str().or_else(|| action["id"].as_str());
        id.unwrap_or_else(|| panic!("no action: {sent}")).to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
