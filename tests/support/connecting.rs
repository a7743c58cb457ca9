//! `autopilot connect … --json` under way: its events as they come, its standard input, Ctrl-C.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread::JoinHandle,
};

use serde_json::Value;

use crate::{Consent, PATIENCE, World, end_within, http, hub_process};

pub struct Connecting {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    events: Vec<Value>,
    world: World,
}

/// How it ended.
#[derive(Debug)]
pub struct End {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    /// Every line it printed, in order.
    pub events: Vec<Value>,
    pub stderr: String,
}

impl End {
    /// The connection of the last event, which must be `connected`.
    #[must_use]
    pub fn connected(&self) -> &Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        let last = self.last();
        assert_eq!(last["event"], "connected", "{self:?}");
        &last["connection"]
    }

    /// The code of the last event, which must be `failed`, told with a sentence and a next step.
    #[must_use]
    pub fn failed(&self) -> &str {
        let last = self.last();
        assert_eq!(last["event"], "failed", "{self:?}");
        assert_eq!(last["error"]["code"], last["code"], "{self:?}");
        assert!(
            last["error"]["sentence"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{self:?}"
        );
        assert!(last["error"]["next_step"].is_string(), "{self:?}");
        last["code"].as_str().expect("a code is text")
    }

    /// What a person reads about it.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.last()["error"]["sentence"]
            .as_str()
            .expect("a failure has a sentence")
    }

    fn last(&self) -> &Value {
        self.events
            .last()
            .unwrap_or_else(|| panic!("it said nothing: {self:?}"))
    }
}

impl Connecting {
    pub(crate) fn start(world: &World, arguments: &[&str]) -> Self {
        let mut child = world
            .autopilot(&[&["connect", "--no-browser", "--json"], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stderr = Some(hub_process::collect(child.stderr.take()));
        let stdin = child.stdin.take();
        Self {
            child,
            stdin,
            lines,
            stderr,
            events: Vec::new(),
            world: world.clone(),
        }
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address to sign in at, from the `open` event.
    #[must_use]
    pub fn url(&mut self) -> String {
        while self.events.is_empty() {
            if !self.read() {
                let end = self.finish();
                panic!("it ended before it said where to sign in: {end:?}");
            }
        }
        assert_eq!(self.events[0]["event"], "open", "{:?}", self.events);
        self.events[0]["url"]
            .as_str()
            .expect("an address is text")
            .to_owned()
    }

    /// Pastes the address the browser ended on.
    pub fn paste(&mut self, address: &str) {
        let stdin = self.stdin.as_mut().expect("its input is open");
        writeln!(stdin, "{address}")
            .and_then(|()| stdin.flush())
            .expect("it reads its input");
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        hub_process::signal(self.pid(), "INT");
    }

    /// Consents at the twin; returns where the browser is sent.
    #[must_use]
    pub fn consent(&mut self, consent: &Consent) -> String {
        let url = self.url();
        self.world.peer().consent(&url, consent)
    }

    /// Consents, lets the browser land on the loopback page, and waits for the end.
    #[must_use]
    pub fn through_loopback(mut self, consent: &Consent) -> (End, String) {
        let redirect = self.consent(consent);
        let page = land(&redirect);
        (self.end(), page)
    }

    /// Consents, pastes where the browser ended, and waits for the end.
    #[must_use]
    pub fn through_paste(mut self, consent: &Consent) -> End {
        let redirect = self.consent(consent);
        self.paste(&redirect);
        self.end()
    }

    /// Waits until it ends by itself.
    #[must_use]
    pub fn end(mut self) -> End {
        self.finish()
    }

    fn finish(&mut self) -> End {
        while self.read() {}
        let status = end_within(&mut self.child, PATIENCE, "connect");
        let stderr = self
            .stderr
            .take()
            .map(|thread| thread.join().expect("reading ends"));
        End {
            code: status.code(),
            events: std::mem::take(&mut self.events),
            stderr: String::from_utf8_lossy(&stderr.unwrap_or_default()).into_owned(),
        }
    }

    /// Takes one more line; false at the end of its output.
    fn read(&mut self) -> bool {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                let event =
                    serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                self.events.push(event);
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => {
                panic!("connect says nothing; so far {:?}", self.events)
            }
        }
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the browser shows at a loopback address.
#[must_use]
pub fn land(redirect: &str) -> String {
    assert!(
        redirect.starts_with("http://127.0.0.1:"),
        "not a loopback address: {redirect}"
    );
    http()
        .get(redirect)
        .send()
        .and_then(reqwest::blocking::Response::text)
        .expect("the page is there")
}
