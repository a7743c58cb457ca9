//! A client that writes and reads lines, so that a test sees every byte there is.

use std::{sync::Arc, time::Duration};

use link::Server;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf, split},
    task::JoinHandle,
    time::timeout,
};

use crate::hub::{FakeHub, Home};

/// For waits that end as soon as what they wait for is there.
const SOON: Duration = Duration::from_secs(30);
/// Nothing comes any more.
const QUIET: Duration = Duration::from_millis(300);

pub struct Talk {
    pub hub: Arc<FakeHub>,
    pub home: Home,
    pub server: Option<Server>,
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    serving: JoinHandle<()>,
    next: i64,
}

impl Talk {
    pub fn begin() -> Self {
        Self::with(FakeHub::new(), Duration::from_secs(20))
    }

    pub fn with(hub: Arc<FakeHub>, patience: Duration) -> Self {
        let home = Home::new();
        home.paths.create_data_dir().unwrap();
        let server = Some(home.serve(&hub));
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (their_read, their_write) = split(theirs);
        let face = mcp::face(home.session(), patience);
        let serving = tokio::spawn(mcp::serve_on(face, their_read, their_write));
        let (read, write) = split(ours);
        Self {
            hub,
            home,
            server,
            read: BufReader::new(read),
            write,
            serving,
            next: 0,
        }
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.write.write_all(bytes).await.unwrap();
    }

    pub async fn send(&mut self, message: &Value) {
        let mut line = serde_json::to_vec(message).unwrap();
        line.push(b'\n');
        self.send_bytes(&line).await;
    }

    /// The next line, which must be a message.
    pub async fn hear(&mut self) -> Value {
        let mut line = String::new();
        let read = timeout(SOON, self.read.read_line(&mut line)).await;
        assert!(read.expect("nothing came").unwrap() > 0, "it left");
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        message
    }

    pub async fn is_quiet(&mut self) -> bool {
        timeout(QUIET, self.read.fill_buf()).await.is_err()
    }

    /// Begins a request, and says under which id.
    pub async fn begin_request(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&message).await;
        id
    }

    /// What answers that id; what comes before it is collected.
    pub async fn answer_to(&mut self, id: i64) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let message = self.hear().await;
            if message["id"] == id {
                return (message, before);
            }
            before.push(message);
        }
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin_request(method, params).await;
        self.answer_to(id).await.0
    }

    /// Shakes hands as clients before 2026-07-28 do, and says what was agreed.
    pub async fn shake_hands(&mut self, version: &str) -> Value {
        let told = self
            .ask(
                "initialize",
                json!({"protocolVersion": version, "capabilities": {},
                       "clientInfo": {"name": "Test", "version": "1"}}),
            )
            .await;
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        told["result"].clone()
    }

    pub async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.ask("tools/call", params).await["result"].clone()
    }

    pub async fn tools(&mut self) -> Vec<String> {
        let told = self.ask("tools/list", json!({})).await;
        let tools = told["result"]["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Closes our end, and waits until it has left.
    pub async fn close(mut self) {
        self.write.shutdown().await.unwrap();
        timeout(Duration::from_secs(2), self.serving)
            .await
            .expect("it leaves at once")
            .unwrap();
    }
}

/// `params` of a modern request.
pub fn modern(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "Modern", "version": "2"},
    });
    params
}
