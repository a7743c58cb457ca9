//! A page in a real browser that knows everything a page could find out: that somebody signs in, at which port, into which
//! profile. It asks the port across origins, and by a name of its own that leads there (DNS rebinding).

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufReader, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
};

use autopilot_tests::{ANNA, Consent, PATIENCE, World, land};

/// Whose page it is. Chromium is told where the name leads.
const NAME: &str = "evil.example";

/// On this machine, and not where the sign-in waits: so it can have the same port, and with it the same origin.
const HOST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

#[test]
fn a_page_in_the_browser_neither_ends_nor_begins_a_sign_in() {
    let world = World::sandbox("page");
    let mut connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let redirect = connecting.consent(&Consent::of(ANNA));
    let port = url::Url::parse(&redirect).unwrap().port().unwrap();
    let state = format!("{}.{}", world.profile(), "B".repeat(43));

    let (said, told) = channel();
    let (passed, arrived) = channel();
    let listener = TcpListener::bind((HOST, port)).unwrap();
    let page = include_str!("web_page.html")
        .replace("PORT", &port.to_string())
        .replace("STATE", &state);
    // Ends with the test's process: nobody comes once the browser is gone.
    std::thread::spawn(move || {
        for visitor in listener.incoming().map_while(Result::ok) {
            let (page, said, passed) = (page.clone(), said.clone(), passed.clone());
            // Side by side: a browser also opens connections over which it says nothing yet.
            std::thread::spawn(move || {
                let _ = Server {
                    page: &page,
                    port,
                    said: &said,
                    passed: &passed,
                }
                .serve(visitor);
            });
        }
    });
    let _browser = Browser::open(&world, &format!("http://{NAME}:{port}/page"));
    let told: BTreeMap<String, String> = heard(&told);

    for (what, became) in &told {
        let expected: &[&str] = match what.as_str() {
            // It may send what it likes, and is shown nothing of what comes back.
            "blind" | "denied" | "again" => &["opaque", "refused"],
            "frame" => &["closed", "refused"],
            // By its own name it could read the answer, and there is none.
            name if name.starts_with("own_") => &["421 "],
            _ => &["refused"],
        };
        assert!(expected.contains(&became.as_str()), "{what}: {told:?}");
    }
    assert_eq!(told.len(), 12, "{told:?}");
    let arrived: Vec<String> = arrived.try_iter().collect();
    // A browser asks once more after a 421, over a connection of its own (RFC 9110, 15.5.20).
    let asked: BTreeSet<&str> = arrived
        .iter()
        .filter_map(|head| head.lines().next())
        .collect();
    assert_eq!(
        asked.len(),
        3,
        "what was tried by its own name arrived: {asked:?}"
    );
    let host = format!("host: {NAME}:{port}");
    assert!(
        arrived
            .iter()
            .all(|head| head.to_ascii_lowercase().contains(&host))
    );

    // All that while the sign-in waited for its own answer, and for no other.
    assert!(world.connections().is_empty());
    let landed = land(&redirect);
    assert!(landed.contains("You&#39;re connected"), "{landed}");
    assert_eq!(connecting.end().connected()["account"], ANNA);
    assert_eq!(world.connections().len(), 1);
}

fn heard(told: &Receiver<String>) -> BTreeMap<String, String> {
    let told = told.recv_timeout(PATIENCE * 2);
    serde_json::from_str(&told.expect("the page tells what it tried")).unwrap()
}

/// The page's own server, until its name leads elsewhere: then everything it is asked goes where the sign-in waits, word
/// for word, as it would if the name had another address now.
struct Server<'a> {
    page: &'a str,
    port: u16,
    said: &'a Sender<String>,
    passed: &'a Sender<String>,
}

impl Server<'_> {
    fn serve(&self, visitor: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(visitor.try_clone()?);
        let (head, body) = message(&mut reader)?;
        let mut visitor = visitor;
        if head.starts_with("GET /page ") {
            write!(
                visitor,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
                self.page.len(),
                self.page
            )
        } else if head.starts_with("POST /told ") {
            let _ = self.said.send(String::from_utf8_lossy(&body).into_owned());
            visitor.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        } else if head.contains(" /favicon.ico ") {
            visitor.write_all(
                b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            )
        } else {
            let mut there = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            there.write_all(head.as_bytes())?;
            there.write_all(&body)?;
            let (answer, body) = message(&mut BufReader::new(there))?;
            let _ = self.passed.send(head);
            visitor.write_all(answer.as_bytes())?;
            visitor.write_all(&body)
        }
    }
}

/// One HTTP message: its head, and as much body as that announces.
fn message(reader: &mut impl std::io::BufRead) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            break;
        }
    }
    let announced = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse().ok()).flatten()
    });
    let mut body = vec![0; announced.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok((head, body))
}

/// The person's browser, without a window. It ends with the test.
struct Browser(Child);

impl Browser {
    fn open(world: &World, address: &str) -> Self {
        let profile = world.root().join("chromium");
        let browser = Command::new("chromium")
            .env_clear()
            .envs(world.variables().iter().map(|(name, value)| (name, value)))
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .arg(format!("--host-resolver-rules=MAP {NAME} {HOST}"))
            .arg(format!("--user-data-dir={}", profile.display()))
            // Without it, a browser without a window leaves once the page is there.
            .arg("--remote-debugging-port=0")
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(browser.expect("Chromium is installed"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
