//! `autopilot mcp` as an agent's client starts it: lines on standard input, lines on standard output.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{PATIENCE, World, end_within};

/// A server, and its client's side of the pipe. Killed when dropped.
pub struct Mcp {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What came while something else was waited for.
    heard: VecDeque<Value>,
    next_id: u64,
}

impl Mcp {
    /// Starts it and shakes hands as clients of 2025-11-25 do.
    #[must_use]
    pub fn start(world: &World, more: &[&str]) -> Self {
        Self::greeted(world.autopilot(&[&["mcp"], more].concat()))
    }

    /// Starts a command that becomes the server, and shakes hands.
    #[must_use]
    pub fn greeted(command: Command) -> Self {
        let mut mcp = Self::spawn(command);
        let welcome = mcp.ask(
            "initialize",
            &json!({"protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "Test agent", "version": "1.0"}}),
        );
        assert!(welcome["result"].is_object(), "no welcome: {welcome}");
        mcp.tell("notifications/initialized", &json!({}));
        mcp
    }

    /// Starts it and says nothing.
    #[must_use]
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let stdin = child.stdin.take();
        let out = BufReader::new(child.stdout.take().expect("its output is piped"));
        let (say, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            stdin,
            lines,
            heard: VecDeque::new(),
            next_id: 1,
        }
    }

    /// A request and its answer.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// Sends a request and returns its id.
    pub fn begin(&mut self, method: &str, params: &Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.write(
            &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string(),
        );
        id
    }

    pub fn tell(&mut self, method: &str, params: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
    }

    /// A tool's result, as the protocol has it.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let id = self.begin_call(tool, arguments);
        self.answer(id)["result"].clone()
    }

    pub fn begin_call(&mut self, tool: &str, arguments: &Value) -> u64 {
        self.begin("tools/call", &json!({"name": tool, "arguments": arguments}))
    }

    /// The answer to this request; everything else is kept for who waits for that.
    pub fn answer(&mut self, id: u64) -> Value {
        self.until(&format!("an answer to {id}"), |message| message["id"] == id)
    }

    /// The next message that fits.
    pub fn until(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&fits) {
            return self.heard.remove(at).expect("it was just found");
        }
        let deadline = Instant::now() + PATIENCE * 2;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = match self.lines.recv_timeout(left) {
                Ok(line) => serde_json::from_str(&line)
                    .unwrap_or_else(|_| panic!("not of the protocol: {line}")),
                Err(RecvTimeoutError::Timeout) => panic!("waited in vain for {what}"),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended before {what}"),
            };
            if fits(&message) {
                return message;
            }
            self.heard.push_back(message);
        }
    }

    /// Everything that comes within this time.
    pub fn within(&mut self, time: Duration) -> Vec<String> {
        let deadline = Instant::now() + time;
        let mut all = Vec::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            all.push(line);
        }
        all
    }

    /// One line as it is, whatever it is.
    pub fn write(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        // A server that left is found out by whoever waits for its answer.
        let _ = stdin.write_all(line.as_bytes());
        let _ = stdin.write_all(b"\n");
        let _ = stdin.flush();
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes its input and waits for its end; what it said last comes back, line by line.
    pub fn leave(mut self) -> Vec<String> {
        drop(self.stdin.take());
        let status = end_within(&mut self.child, PATIENCE, "autopilot mcp");
        assert!(status.success(), "it ended with {status}");
        self.lines.iter().collect()
    }
}

impl Drop for Mcp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
