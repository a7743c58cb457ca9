//! A WebDriver client of the few commands these tests need (W3C WebDriver, 2018), over plain HTTP. It drives
//! WebKitWebDriver and chromedriver alike and knows nothing of either's pages.

use std::cell::Cell;
use std::net::TcpListener;
use std::process::Child;

use autopilot_tests::http;
use base64::Engine as _;
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::desktop::{Desktop, end};
use crate::patience::until;

/// The key under which an element travels (W3C WebDriver, "web element identifier").
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What a driver answered instead of doing it: `no such element`, `session not created` …
#[derive(Debug)]
#[expect(dead_code, reason = "read in the words of a failed test")]
pub struct Refused {
    error: String,
    message: String,
}

pub type Answer<T> = Result<T, Refused>;

/// A running driver program and its one session. Both end with it.
pub struct Session {
    driver: Child,
    http: &'static Client,
    /// `http://127.0.0.1:PORT/session/ID`
    base: String,
    clicks: Cell<u32>,
}

/// Keys that have no letter (W3C WebDriver, "keyboard actions").
pub mod key {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const SHIFT: &str = "\u{e008}";
    pub const CONTROL: &str = "\u{e009}";
    pub const SPACE: &str = " ";
    pub const ESCAPE: &str = "\u{e00c}";
    pub const RIGHT: &str = "\u{e014}";
    pub const DOWN: &str = "\u{e015}";
}

/// Something on a page, as the driver names it.
#[derive(Clone, Debug)]
pub struct Element(String);

impl Element {
    /// What a script returned, if that is an element.
    pub fn from_script(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }
}

impl Session {
    /// Starts `program` and a session with these capabilities.
    pub fn open(
        desktop: &Desktop,
        program: &str,
        more: &[String],
        capabilities: &Value,
    ) -> Answer<Self> {
        let port = free_port();
        let mut arguments = vec![format!("--port={port}")];
        arguments.extend_from_slice(more);
        let driver = desktop.start(program, &arguments);
        let http = http();
        let host = format!("http://127.0.0.1:{port}");
        until("the driver to answer", || {
            http.get(format!("{host}/status")).send().is_ok()
        });
        let mut session = Self {
            driver,
            http,
            base: format!("{host}/session"),
            clicks: Cell::new(0),
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let begun = session.ask(Method::POST, "", Some(&wanted))?;
        let id = begun["sessionId"].as_str().unwrap_or_default();
        session.base = format!("{host}/session/{id}");
        Ok(session)
    }

    /// Runs the body of a function in the page; `arguments[0]` is `argument`.
    pub fn run(&self, body: &str, argument: &Value) -> Answer<Value> {
        let script = json!({ "script": body, "args": [argument] });
        self.ask(Method::POST, "/execute/sync", Some(&script))
    }

    /// As [`run`](Self::run) for a body that returns a promise.
    pub fn run_async(&self, body: &str, argument: &Value) -> Answer<Value> {
        let body = format!(
            "const done = arguments[1]; (async () => {{ {body} }})().then(\
             (value) => done({{ value }}), (error) => done({{ error: error ?? null }}));"
        );
        let script = json!({ "script": body, "args": [argument] });
        self.ask(Method::POST, "/execute/async", Some(&script))
    }

    /// Moves the pointer there and clicks, as a person would.
    pub fn click(&self, element: &Element) -> Answer<()> {
        self.on(element, "click", &json!({}))?;
        self.clicks.set(self.clicks.get() + 1);
        Ok(())
    }

    /// How many clicks there were so far that met something.
    pub fn clicks(&self) -> u32 {
        self.clicks.get()
    }

    /// Presses keys one after the other, wherever the focus is; the first are held as long as the last is down.
    pub fn chord(&self, keys: &[&str]) -> Answer<()> {
        let step = |kind: &str, key: &&str| json!({ "type": kind, "value": key });
        let down = keys.iter().map(|key| step("keyDown", key));
        let up = keys.iter().rev().map(|key| step("keyUp", key));
        let steps: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": steps });
        self.ask(
            Method::POST,
            "/actions",
            Some(&json!({ "actions": [keyboard] })),
        )
        .map(drop)
    }

    /// Presses the keys of `text` with the element focused.
    pub fn type_into(&self, element: &Element, text: &str) -> Answer<()> {
        self.on(element, "value", &json!({ "text": text }))
    }

    fn on(&self, element: &Element, command: &str, body: &Value) -> Answer<()> {
        self.ask(
            Method::POST,
            &format!("/element/{}/{command}", element.0),
            Some(body),
        )
        .map(drop)
    }

    pub fn find(&self, css: &str) -> Answer<Element> {
        let by = json!({ "using": "css selector", "value": css });
        let found = self.ask(Method::POST, "/element", Some(&by))?;
        Ok(Element::from_script(&found).unwrap_or_else(|| Element(String::new())))
    }

    pub fn address(&self) -> Answer<String> {
        Ok(self
            .ask(Method::GET, "/url", None)?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Every open page; [`look_at`](Self::look_at) turns to one of them.
    pub fn pages(&self) -> Answer<Vec<String>> {
        let pages = self.ask(Method::GET, "/window/handles", None)?;
        let pages = pages.as_array().into_iter().flatten();
        Ok(pages
            .filter_map(|page| page.as_str().map(str::to_owned))
            .collect())
    }

    pub fn look_at(&self, page: &str) -> Answer<()> {
        self.ask(Method::POST, "/window", Some(&json!({ "handle": page })))
            .map(drop)
    }

    /// Of the page, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) -> Answer<()> {
        let size = json!({ "width": width, "height": height });
        self.ask(Method::POST, "/window/rect", Some(&size))
            .map(drop)
    }

    /// A PNG of the page, once what was last changed has been painted. Not of one thing on it: what WebKitGTK cuts out
    /// itself lacks a part where the page beneath is scrolled or the thing isn't in the window's middle.
    pub fn screenshot(&self) -> Answer<Vec<u8>> {
        // One frame to begin the painting, one to know that it ended; the pause is for a busy machine.
        self.run_async(
            "for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);\
             await new Promise((resolve) => setTimeout(resolve, 250));",
            &Value::Null,
        )?;
        let image = self.ask(Method::GET, "/screenshot", None)?;
        let coded = image.as_str().unwrap_or_default();
        Ok(base64::engine::general_purpose::STANDARD
            .decode(coded)
            .unwrap())
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let gone = |error: reqwest::Error| Refused {
            error: "no answer".to_owned(),
            message: error.to_string(),
        };
        let answer = request.send().map_err(gone)?;
        let failed = !answer.status().is_success();
        let mut answer: Value = answer.json().map_err(gone)?;
        let value = answer["value"].take();
        if failed {
            let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            return Err(Refused {
                error: word("error"),
                message: word("message"),
            });
        }
        Ok(value)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // No "delete session" first: WebKitWebDriver would close the window, which is the tests' own affair.
        end(&mut self.driver);
    }
}

/// A port nobody listens on at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
