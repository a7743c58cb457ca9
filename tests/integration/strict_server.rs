//! Our sign-in against a strict server we did not write: `oidc-provider`, dressed as Google by `peers/oidc.mjs`.
//!
//! It refuses what the standards refuse (no or plain PKCE, a wrong verifier, another redirect, a code used
//! twice) and rotates refresh tokens, ending the family when an old one is used again. Needs Node and
//! `npm ci` in `tests/peers`, which `cargo xtask setup` does.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use autopilot_tests::{ANNA, World, http, keychain, land};
use serde_json::{Value, json};
use url::Url;

const CLIENT: &str = "autopilot-native";

/// The running server. It ends when its standard input closes, so also with us.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        assert!(
            folder.join("node_modules").exists(),
            "`npm ci` in tests/peers is missing; cargo xtask setup does it"
        );
        let mut child = Command::new("node")
            .arg("oidc.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node is installed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).expect("it says where it is");
        Self {
            child,
            base: told["base"].as_str().unwrap().to_owned(),
        }
    }

    /// Gmail, signing in here; its own calls go to userinfo, which is all a grant that may only send can ask.
    fn endpoints(&self, world: &World) -> PathBuf {
        let base = &self.base;
        let text = format!(
            "[gmail]\nauthorize = \"{base}/auth\"\ntoken = \"{base}/token\"\nrevoke = \"{base}/token/revocation\"\n\
             userinfo = \"{base}/me\"\napi = \"{base}\"\nupload = \"{base}\"\n\
             [clients.google.desktop]\nclient_id = \"{CLIENT}\"\n[clients.google.ios]\nclient_id = \"{CLIENT}\"\n"
        );
        world.write("strict.toml", &text)
    }

    fn control(&self, what: &str) -> Value {
        http()
            .post(format!("{}/control/{what}", self.base))
            .send()
            .unwrap()
            .json()
            .unwrap()
    }

    fn log(&self) -> Vec<Value> {
        self.control("log").as_array().unwrap().clone()
    }

    /// How often this happened, with these fields.
    fn count(&self, like: &Value) -> usize {
        let fits = |entry: &&Value| {
            like.as_object()
                .unwrap()
                .iter()
                .all(|(key, value)| &entry[key] == value)
        };
        self.log().iter().filter(fits).count()
    }

    /// What a browser does: follows its way, keeps cookies, and stops where the server sends it to our redirect.
    fn browse(&self, url: &str) -> String {
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        let mut next = Url::parse(url).unwrap();
        let base = Url::parse(&self.base).unwrap();
        for _ in 0..20 {
            if next.origin() != base.origin() {
                return next.into();
            }
            let cookie: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let answer = http()
                .get(next.clone())
                .header("Cookie", cookie.join("; "))
                .send()
                .unwrap();
            for set in answer.headers().get_all("set-cookie") {
                let pair = set.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let Some(to) = answer
                .headers()
                .get("location")
                .map(|to| to.to_str().unwrap().to_owned())
            else {
                panic!(
                    "{next} ends in {}: {}",
                    answer.status(),
                    answer.text().unwrap()
                );
            };
            next = next.join(&to).unwrap();
        }
        panic!("it sends the browser round in circles");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A profile whose Gmail signs in at the strict server.
fn profile(promise: &str) -> (World, Server) {
    let world = World::bare(promise);
    let server = Server::start();
    let file = server.endpoints(&world);
    // Telegram would be the real one, so nobody is let in by itself.
    world.let_me_in("program", "");
    (world.with_endpoints(Some(file)), server)
}

fn connect_by_link(world: &World, server: &Server) -> String {
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link", "--scopes", "send"]);
    let redirect = server.browse(&connecting.url());
    assert!(
        redirect.starts_with("app.autopilot.desktop:/oauth/callback?"),
        "{redirect}"
    );
    connecting.paste(&redirect);
    connecting.end().connected()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn refresh_token(world: &World, id: &str) -> String {
    let grant = keychain::grant(world.profile(), id).unwrap();
    grant["credential"]["oauth"]["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_strict_server_accepts_our_sign_in_by_deep_link() {
    let (world, server) = profile("strict-link");
    let _hub = world.hub();
    connect_by_link(&world, &server);
    let connection = world.connection("gmail");
    assert_eq!(
        (
            connection["account"].as_str(),
            &connection["status"]["kind"]
        ),
        (Some(ANNA), &json!("connected"))
    );
    assert_eq!(connection["capabilities"], json!(["mail.send"]));
    assert_eq!(
        server.count(&json!({"event": "authorized", "code_challenge_method": "S256"})),
        1
    );
    assert_eq!(
        server.count(&json!({"event": "granted", "grant_type": "authorization_code"})),
        1
    );
    assert_eq!(world.run(&["test", "gmail"]).code, Some(0));
    assert_eq!(server.count(&json!({"event": "refused"})), 0);
}

#[test]
fn a_strict_server_accepts_our_sign_in_on_any_loopback_port() {
    let (world, server) = profile("strict-loop");
    let _hub = world.hub();
    let mut ports = Vec::new();
    for _ in 0..2 {
        let mut connecting =
            world.connect(&["gmail", "--redirect", "loopback", "--scopes", "send"]);
        let redirect = server.browse(&connecting.url());
        ports.push(Url::parse(&redirect).unwrap().port().unwrap());
        let page = land(&redirect);
        assert!(page.contains("You&#39;re connected"), "{page}");
        assert_eq!(connecting.end().connected()["account"], ANNA);
    }
    assert_ne!(ports[0], ports[1], "a port of its own for every attempt");
    assert_eq!(server.count(&json!({"event": "authorized"})), 2);
    assert_eq!(server.count(&json!({"event": "refused"})), 0);
}

#[test]
fn a_strict_server_rotates_and_every_successor_is_kept() {
    let (world, server) = profile("strict-rot");
    let hub = world.hub();
    let id = connect_by_link(&world, &server);
    let mut tokens = vec![refresh_token(&world, &id)];
    for round in 1..=3 {
        server.control("expire");
        assert_eq!(world.run(&["test", "gmail"]).code, Some(0));
        assert_eq!(
            server.count(&json!({"event": "granted", "grant_type": "refresh_token"})),
            round
        );
        let token = refresh_token(&world, &id);
        assert!(!tokens.contains(&token), "each is new");
        tokens.push(token);
    }
    hub.kill9();
    let _hub = world.hub();
    server.control("expire");
    assert_eq!(
        world.run(&["test", "gmail"]).code,
        Some(0),
        "also the one from before the crash"
    );
    assert_eq!(
        server.count(&json!({"event": "refused"})),
        0,
        "none was ever used twice"
    );
    assert_eq!(server.count(&json!({"event": "family_ended"})), 0);
}

#[test]
fn a_thief_who_uses_an_old_refresh_token_ends_the_family_and_we_say_so() {
    let (world, server) = profile("strict-thief");
    let _hub = world.hub();
    let id = connect_by_link(&world, &server);
    let stolen = refresh_token(&world, &id);
    server.control("expire");
    assert_eq!(world.run(&["test", "gmail"]).code, Some(0));

    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &stolen),
        ("client_id", CLIENT),
    ];
    let theft = http()
        .post(format!("{}/token", server.base))
        .form(&form)
        .send()
        .unwrap();
    assert_eq!(theft.status(), 400);
    assert_eq!(server.count(&json!({"event": "family_ended"})), 1);

    let tested = world.run(&["test", "gmail"]);
    assert_eq!(
        (tested.code, &tested.json()["error"]["code"]),
        (Some(3), &json!("sign_in_needed"))
    );
    let status = &world.connection("gmail")["status"];
    assert_eq!(
        (&status["kind"], &status["cause"]),
        (&json!("needs_sign_in"), &json!("grant_revoked"))
    );
}

#[test]
fn a_strict_server_hears_no_and_we_do_too() {
    let (world, server) = profile("strict-no");
    let _hub = world.hub();
    server.control("deny");
    let mut connecting = world.connect(&["gmail", "--redirect", "deep-link", "--scopes", "send"]);
    let redirect = server.browse(&connecting.url());
    connecting.paste(&redirect);
    assert_eq!(connecting.end().failed(), "sign_in_denied");
}

#[test]
fn a_strict_server_is_told_of_a_disconnect() {
    let (world, server) = profile("strict-end");
    let _hub = world.hub();
    let id = connect_by_link(&world, &server);
    let token = refresh_token(&world, &id);
    assert_eq!(world.run(&["disconnect", "gmail", "--yes"]).code, Some(0));
    autopilot_tests::eventually(autopilot_tests::PATIENCE, "the grant is gone", || {
        keychain::names(world.profile()).is_empty().then_some(())
    });
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
        ("client_id", CLIENT),
    ];
    let after = http()
        .post(format!("{}/token", server.base))
        .form(&form)
        .send()
        .unwrap();
    let told: Value = after.json().unwrap();
    assert_eq!(told["error"], "invalid_grant", "{told}");
}
