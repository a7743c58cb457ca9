//! Secrets are in the keychain and nowhere else: not in files, logs, arguments, environments, answers or panics.
//!
//! Looks for the real ones: what the keychain and the browser's addresses hold is what must be nowhere else.
//! The inbound exceptions are counted: a typed key and a pasted address cross the socket once. `state` is part
//! of the address that is shown, and worthless without the verifier.

mod moved;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use autopilot_tests::{
    ANNA, BEN, Consent, Recorder, World, keychain,
    sandbox::{DEMO_BOT_TOKEN, DESKTOP_CLIENT_SECRET, REVOKED_BOT_TOKEN},
};
use base64::Engine as _;
use model::{Request, Secret, SecretInput};
use serde_json::{Value, json};
use url::Url;

const PASSPHRASE: &str = "canary passphrase 4711 of nobody";

/// What must not be found, by name.
#[derive(Default)]
struct Canaries(Vec<(String, String)>);

impl Canaries {
    fn add(&mut self, name: impl Into<String>, secret: &str) {
        let name = name.into();
        assert!(secret.len() >= 12, "{name} is too short to be looked for");
        self.0.push((name, secret.to_owned()));
    }

    /// Code and state of an address the browser ended on.
    fn add_redirect(&mut self, name: &str, redirect: &str) {
        let url = Url::parse(redirect).unwrap();
        for (key, value) in url.query_pairs() {
            if key == "code" || key == "state" {
                self.add(format!("{key} of {name}"), &value);
            }
        }
    }

    fn add_grant(&mut self, name: &str, world: &World, id: &str) {
        let grant = keychain::grant(world.profile(), id).unwrap();
        for token in ["access_token", "refresh_token"] {
            self.add(
                format!("{token} of {name}"),
                grant["credential"]["oauth"][token].as_str().unwrap(),
            );
        }
    }

    /// The names of those that occur: whole, in part, escaped or encoded.
    fn found_in(&self, haystack: &[u8]) -> Vec<&str> {
        let occurs = |needle: &String| {
            haystack
                .windows(needle.len())
                .any(|part| part == needle.as_bytes())
        };
        let found = self
            .0
            .iter()
            .filter(|(_, secret)| forms(secret).iter().any(occurs));
        found.map(|(name, _)| name.as_str()).collect()
    }

    fn nowhere_in(&self, place: &str, haystack: &[u8]) {
        assert_eq!(
            self.found_in(haystack),
            Vec::<&str>::new(),
            "secrets in {place}"
        );
    }
}

/// A secret as it may look elsewhere: shortened logs keep a beginning or an end; addresses and bodies encode.
fn forms(secret: &str) -> Vec<String> {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    // A bot's number is public.
    let core = secret.split_once(':').map_or(secret, |(_, core)| core);
    let long = |text: &str| text.len() > 24;
    let mut forms = vec![secret.to_owned(), core.to_owned()];
    if long(core) && core.is_ascii() && !core.contains('.') {
        forms.push(core[..16].to_owned());
        forms.push(core[core.len() - 16..].to_owned());
    }
    forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    forms.push(STANDARD.encode(secret));
    forms.push(URL_SAFE_NO_PAD.encode(secret));
    forms.sort();
    forms.dedup();
    forms
}

/// Every file below a folder, but sockets.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => all.extend(files(&entry.path())),
            kind if kind.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
    all
}

#[test]
fn no_secret_is_anywhere_but_in_the_keychain() {
    let world = World::sandbox("canary");
    world.peer().oauth(&json!({"rotation": "rotating"}));
    let hub = world.verbose_hub();
    let recorder = Recorder::before(&world);
    let tapped = recorder.world(&world);
    let mut canaries = Canaries::default();
    let mut said: Vec<(String, String)> = Vec::new();
    canaries.add("token of the bot", DEMO_BOT_TOKEN);
    canaries.add("token of the revoked bot", REVOKED_BOT_TOKEN);
    canaries.add("client secret", DESKTOP_CLIENT_SECRET);
    canaries.add("passphrase", PASSPHRASE);

    // Everything a person does with a terminal, well and badly, with every secret that takes part.
    for (what, token) in [
        ("a bot", DEMO_BOT_TOKEN),
        ("a revoked bot", REVOKED_BOT_TOKEN),
    ] {
        let ran = tapped.run_with(&["connect", "telegram", "--token-stdin"], token);
        said.push((format!("connecting {what}"), ran.stdout + &ran.stderr));
    }
    let ran = tapped.run_with(&["vault", "unlock"], PASSPHRASE);
    said.push(("unlocking".to_owned(), ran.stdout + &ran.stderr));

    let mut gmail = tapped.connect(&["gmail", "--redirect", "deep-link"]);
    let pasted = gmail.consent(&Consent::of(ANNA));
    canaries.add_redirect("gmail", &pasted);
    let attempt = keychain::names(world.profile())
        .into_iter()
        .find(|name| name.starts_with("attempt/"))
        .unwrap();
    let pending = keychain::lookup(world.profile(), &attempt).unwrap();
    canaries.add("verifier", verifier(&pending));
    let (arguments, environment) = (proc(gmail.pid(), "cmdline"), proc(gmail.pid(), "environ"));
    gmail.paste(&pasted);
    let end = gmail.end();
    let gmail = end.connected()["id"].as_str().unwrap().to_owned();
    let told: String = end.events[1..].iter().map(Value::to_string).collect();
    said.push(("connecting Gmail".to_owned(), told + &end.stderr));
    canaries.add_grant("gmail", &world, &gmail);

    let mut drive = tapped.connect(&["google_drive", "--redirect", "loopback"]);
    let redirect = drive.consent(&Consent::of(BEN));
    canaries.add_redirect("drive", &redirect);
    said.push((
        "the landing page".to_owned(),
        autopilot_tests::land(&redirect),
    ));
    said.push((
        "the landing page, again".to_owned(),
        autopilot_tests::land(&redirect),
    ));
    let end = drive.end();
    let drive = end.connected()["id"].as_str().unwrap().to_owned();
    canaries.add_grant("drive", &world, &drive);

    world.peer().expire_access_tokens();
    let fault = json!({"kind": "status", "status": 503, "body": format!("upstream said {DESKTOP_CLIENT_SECRET}")});
    world
        .peer()
        .fault("google_oauth", Some("/token"), &fault, Some(1));
    for arguments in [
        &["test", "gmail"][..],
        &["test", "gmail"],
        &["test", "google_drive"],
        &["test", "telegram"],
        &["status", "--check"],
        &["integrations"],
        &["doctor"],
        &["disconnect", "gmail", "--preview"],
    ] {
        let ran = tapped.run(arguments);
        said.push((format!("{arguments:?}"), ran.stdout + &ran.stderr));
    }
    canaries.add_grant("gmail, renewed", &world, &gmail);
    canaries.add_grant("drive, renewed", &world, &drive);
    world
        .peer()
        .fault("telegram", None, &json!({"kind": "drop_before"}), Some(1));
    let ran = tapped.run(&["test", "telegram"]);
    said.push((
        "a test that got no answer".to_owned(),
        ran.stdout + &ran.stderr,
    ));

    // In the keychain, and so found where they belong: the search itself works.
    let kept: String = keychain::names(world.profile())
        .iter()
        .filter_map(|name| keychain::lookup(world.profile(), name))
        .collect();
    let there = canaries.found_in(kept.as_bytes());
    for name in [
        "token of the bot",
        "access_token of gmail, renewed",
        "refresh_token of drive, renewed",
    ] {
        assert!(
            there.contains(&name),
            "{name} is in the keychain: {there:?}"
        );
    }

    // Arguments, environment, words.
    for (place, bytes) in [
        ("the hub's arguments", proc(hub.pid(), "cmdline")),
        ("the hub's environment", proc(hub.pid(), "environ")),
        ("the terminal program's arguments", arguments),
        ("the terminal program's environment", environment),
        (
            "what the hub wrote to its terminal",
            hub.said().into_bytes(),
        ),
    ] {
        assert!(
            place.ends_with("terminal") || !bytes.is_empty(),
            "{place} can be read"
        );
        canaries.nowhere_in(place, &bytes);
    }
    for (place, text) in &said {
        canaries.nowhere_in(place, text.as_bytes());
    }

    // The socket: in once, out never. The state is in the address that is shown.
    let outbound = Canaries(
        canaries
            .0
            .iter()
            .filter(|(name, _)| !name.starts_with("state of"))
            .cloned()
            .collect(),
    );
    outbound.nowhere_in("what the hub said on its socket", &recorder.to_face());
    let heard = String::from_utf8(recorder.to_hub()).unwrap();
    let typed = [
        DEMO_BOT_TOKEN,
        REVOKED_BOT_TOKEN,
        PASSPHRASE,
        pasted.as_str(),
    ];
    for secret in typed {
        assert_eq!(heard.matches(secret).count(), 1, "typed once, sent once");
    }
    let rest = typed
        .iter()
        .fold(heard, |heard, secret| heard.replace(secret, ""));
    canaries.nowhere_in("what programs said to the hub", rest.as_bytes());

    // Files: the database with its log, our logs, the profile, everything a program may have left.
    hub.stop();
    let places: Vec<PathBuf> = ["home", "run", "tap"]
        .iter()
        .flat_map(|folder| files(&world.root().join(folder)))
        .collect();
    assert!(
        places.iter().any(|file| file == &world.database()),
        "{places:?}"
    );
    assert!(
        places
            .iter()
            .any(|file| file.parent().is_some_and(|folder| folder.ends_with("logs"))),
        "{places:?}"
    );
    for file in &places {
        canaries.nowhere_in(&file.display().to_string(), &fs::read(file).unwrap());
    }
}

#[test]
fn a_hub_that_dies_leaves_no_secret_behind() {
    let world = World::sandbox("canary-dead");
    let hub = world.verbose_hub();
    let mut canaries = Canaries::default();
    canaries.add("token of the bot", DEMO_BOT_TOKEN);
    assert_eq!(
        world
            .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
            .code,
        Some(0)
    );
    let mut gmail = world.connect(&["gmail", "--redirect", "loopback"]);
    let redirect = gmail.consent(&Consent::of(ANNA));
    canaries.add_redirect("gmail", &redirect);
    let _ = autopilot_tests::land(&redirect);
    let id = gmail.end().connected()["id"].as_str().unwrap().to_owned();
    canaries.add_grant("gmail", &world, &id);
    hub.kill9();
    // The write-ahead log is still there as it was.
    for file in files(&world.root().join("home")) {
        canaries.nowhere_in(&file.display().to_string(), &fs::read(&file).unwrap());
    }
}

#[test]
fn a_panic_that_prints_what_was_asked_prints_no_secret() {
    let mut canaries = Canaries::default();
    canaries.add("token", DEMO_BOT_TOKEN);
    let heard = Arc::new(Mutex::new(String::new()));
    let ear = Arc::clone(&heard);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        ear.lock().unwrap().push_str(&info.to_string())
    }));
    let input = || SecretInput::new(DEMO_BOT_TOKEN);
    let requests = [
        Request::DeliverRedirect { url: input() },
        Request::UnlockVault {
            passphrase: input(),
        },
        Request::UseVaultFile {
            passphrase: input(),
        },
        Request::ConnectWithForm {
            integration: "telegram".into(),
            connection: None,
            fields: [("token".to_owned(), input())].into(),
        },
        Request::RegisterClient {
            provider: "google".into(),
            kind: "desktop".to_owned(),
            client_id: "x".to_owned(),
            client_secret: Some(input()),
        },
        Request::RegisterClientFile {
            provider: "google".into(),
            contents: input(),
            replace: true,
        },
    ];
    for request in requests {
        let _ = panic::catch_unwind(AssertUnwindSafe(|| panic!("{request:?}")));
    }
    let secret = Secret::new(DEMO_BOT_TOKEN.to_owned());
    let _ = panic::catch_unwind(AssertUnwindSafe(|| panic!("{secret:?}")));
    panic::set_hook(before);
    let heard = heard.lock().unwrap().clone();
    assert!(heard.contains("RegisterClientFile"), "{heard}");
    canaries.nowhere_in("a panic", heard.as_bytes());
}

/// The PKCE verifier of a waiting attempt, from its keychain item.
fn verifier(item: &str) -> &str {
    let (_, rest) = item
        .split_once("\"verifier\":\"")
        .expect("an attempt holds its verifier");
    rest.split_once('"').unwrap().0
}

/// A process as anybody of the same user sees it.
fn proc(pid: u32, what: &str) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/{what}")).unwrap()
}
