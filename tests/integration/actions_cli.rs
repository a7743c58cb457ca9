//! What the terminal program does through connections: mail, files, messages, the outbox, workflows; and that ledger
//! and usage tell of it what really happened.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
};

use autopilot_tests::{
    ANNA, Consent, HubProcess, PATIENCE, Ran, World, end_within, sandbox::DEMO_BOT_TOKEN,
};
use serde_json::{Value, json};

const BEN: &str = "ben@example.org";
const BOT_ID: u64 = 110_201_543;

/// A world whose accounts are connected.
fn connected(name: &str, integrations: &[&str]) -> (World, HubProcess) {
    let world = World::sandbox(name);
    let hub = world.hub();
    for integration in integrations {
        if *integration == "telegram" {
            let arguments = ["connect", "telegram", "--token-stdin"];
            let _ = world.run_with(&arguments, DEMO_BOT_TOKEN).done();
        } else {
            let connecting = world.connect(&[integration, "--redirect", "loopback"]);
            let _ = connecting
                .through_loopback(&Consent::of(ANNA))
                .0
                .connected();
        }
    }
    (world, hub)
}

/// Bytes that no encoding leaves alone by luck.
fn bytes(count: usize) -> Vec<u8> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    };
    (0..count).map(|_| next()).collect()
}

fn file(world: &World, name: &str, contents: &[u8]) -> PathBuf {
    let path = world.root().join(name);
    std::fs::write(&path, contents).unwrap();
    path
}

fn folder(world: &World, name: &str) -> PathBuf {
    let path = world.root().join(name);
    std::fs::create_dir(&path).unwrap();
    path
}

/// The action of the last line, which must be of a write that was sent.
fn sent(ran: &Ran) -> Value {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let last = ran.lines().pop().unwrap();
    assert_eq!(last["event"], "action", "{ran:?}");
    assert_eq!(last["action"]["state"]["kind"], "sent", "{ran:?}");
    last["action"].clone()
}

fn mails_at_gmail(world: &World) -> Vec<Value> {
    let told = world.peer().get(&format!("gmail/sent?account={ANNA}"));
    told.as_array().unwrap().clone()
}

#[test]
fn a_mail_with_two_attachments_is_sent_found_and_read_back_byte_for_byte() {
    let (world, _hub) = connected("mail", &["gmail"]);
    let (one, two) = (bytes(300_000), b"a,b\r\n1,2\r\n".to_vec());
    let _ = (file(&world, "one.bin", &one), file(&world, "two.csv", &two));
    // Relative paths, from the folder the program is run in.
    let send = [
        "mail",
        "send",
        "--to",
        BEN,
        "--subject",
        "Two files",
        "--text",
        "Here.",
        "--attach",
        "one.bin",
        "two.csv",
    ];
    let action = sent(&world.run(&send));
    assert_eq!(action["capability"], "mail.send");
    assert_eq!(
        (&action["recipients"], &action["files"]),
        (&json!(1), &json!(2))
    );
    let id = action["state"]["results"][0]["id"].as_str().unwrap();
    let there = mails_at_gmail(&world);
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(
        (&there[0]["id"], &there[0]["subject"]),
        (&json!(id), &json!("Two files"))
    );

    let found = world.run(&["mail", "list", "subject:\"Two files\""]).done();
    assert_eq!(found["emails"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["emails"][0]["id"], id);

    let saved = folder(&world, "saved");
    let read = world
        .run(&["mail", "read", id, "--save", saved.to_str().unwrap()])
        .done();
    assert!(
        read["email"]["text"].as_str().unwrap().contains("Here."),
        "{read}"
    );
    assert_eq!(std::fs::read(saved.join("one.bin")).unwrap(), one);
    assert_eq!(std::fs::read(saved.join("two.csv")).unwrap(), two);
}

#[test]
fn what_mail_says_never_steers_the_terminal() {
    let (world, _hub) = connected("mail-list", &["gmail"]);
    // As they come from outside: encoded, so that no mail server minds.
    let raw = "From: =?utf-8?B?G10wO293bmVkBw==?= <x@example.org>\r\nTo: anna@example.org\r\n\
               Subject: =?utf-8?B?G1sySmdvbmU=?=\r\n\r\n\u{1b}[31mred\r\n";
    let received = world
        .peer()
        .post("gmail/receive", &json!({"account": ANNA, "raw": raw}));
    let id = received["id"].as_str().unwrap();
    for words in [&["mail", "list", "--limit", "5"][..], &["mail", "read", id]] {
        let said = world.say(words);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(!said.stdout.contains(['\u{1b}', '\u{7}']), "{said:?}");
    }
}

#[test]
fn asking_again_with_the_same_id_sends_nothing_twice() {
    let (world, _hub) = connected("mail-again", &["gmail"]);
    let id = "0193a0c0-7c1e-7000-8000-1f0a52c5f6aa";
    let send = ["mail", "send", "--to", BEN, "--text", "Once.", "--id", id];
    let first = sent(&world.run(&send));
    let again = sent(&world.run(&send));
    assert_eq!(first["id"], id);
    assert_eq!(first["state"], again["state"]);
    assert_eq!(mails_at_gmail(&world).len(), 1);
}

#[test]
fn mistakes_are_told_before_anything_is_kept() {
    let (world, _hub) = connected("mail-wrong", &["gmail"]);
    let refused = world.run(&[
        "mail", "send", "--to", BEN, "--text", "x", "--attach", "none.pdf",
    ]);
    assert_eq!(refused.refused(), (2, "file_unreadable".into()));
    assert_eq!(
        world.run(&["mail", "send", "--text", "x"]).refused(),
        (2, "usage".into())
    );
    assert_eq!(
        world.run(&["mail", "send", "--to", BEN]).refused(),
        (2, "usage".into())
    );
    let nothing = world.run(&["files", "upload", "none.pdf"]);
    assert_eq!(nothing.refused(), (2, "file_unreadable".into()));
    assert_eq!(
        world.run(&["files", "list"]).refused(),
        (3, "not_connected".into())
    );
    let all = world.run(&["outbox", "list", "--all"]).done();
    assert_eq!(all, json!({"actions": []}));
}

#[test]
fn a_write_can_be_taken_back_while_it_waits() {
    let (world, _hub) = connected("undo", &["gmail"]);
    let send = [
        "mail",
        "send",
        "--to",
        BEN,
        "--text",
        "Wait.",
        "--undo",
        "60",
        "--no-wait",
    ];
    let kept = world.run(&send).done();
    assert_eq!(kept["action"]["state"]["kind"], "queued", "{kept}");
    assert_eq!(kept["action"]["state"]["why"], "undo", "{kept}");
    let id = kept["action"]["id"].as_str().unwrap();
    let open = world.run(&["outbox", "list"]).done();
    assert_eq!(open["actions"][0]["id"], id);

    let cancelled = world.run(&["outbox", "cancel", id]).done();
    assert_eq!(cancelled["action"]["state"]["kind"], "cancelled");
    assert_eq!(
        world.run(&["outbox", "list"]).done(),
        json!({"actions": []})
    );
    let again = world.run(&["outbox", "cancel", id]).done();
    assert_eq!(again, cancelled, "taken back is taken back");
    let late = world.run(&["outbox", "retry", id]).refused();
    assert_eq!(late, (1, "too_late".into()));
    let unknown = world
        .run(&["outbox", "show", "0193a0c0-7c1e-7000-8000-1f0a52c5f6aa"])
        .refused();
    assert_eq!(unknown, (1, "unknown_action".into()));
    assert_eq!(mails_at_gmail(&world).len(), 0);
}

#[test]
fn what_waits_can_be_sent_now() {
    let (world, _hub) = connected("now", &["gmail"]);
    let send = [
        "mail",
        "send",
        "--to",
        BEN,
        "--text",
        "Now.",
        "--undo",
        "60",
        "--no-wait",
    ];
    let kept = world.run(&send).done();
    let id = kept["action"]["id"].as_str().unwrap();
    let _ = sent(&world.run(&["outbox", "retry", id]));
    assert_eq!(mails_at_gmail(&world).len(), 1);
}

#[test]
fn an_outcome_nobody_knows_ends_with_6_and_the_person_decides() {
    // Without the permission to look among what was sent, nobody but the person can know.
    let world = World::sandbox("unknown");
    let _hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let only_send = Consent::ticking(ANNA, &[crate::refused_sign_ins::SEND]);
    let _ = connecting.through_loopback(&only_send).0.connected();

    let lost = json!({"kind": "drop_after"});
    world
        .peer()
        .fault("gmail", Some("messages/send"), &lost, None);
    let send = ["mail", "send", "--to", BEN, "--text", "Lost?"];
    let said = world.say(&send);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(
        said.stderr.contains("autopilot outbox retry ")
            && said.stderr.contains("autopilot outbox discard "),
        "{said:?}"
    );
    let ran = world.run(&send);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    let last = ran.lines().pop().unwrap();
    assert_eq!(last["action"]["state"]["kind"], "outcome_unknown", "{last}");
    world.peer().heal();

    let open = world.run(&["outbox", "list"]).done();
    let ids: Vec<&str> = open["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let [second, first] = ids[..] else {
        panic!("{open}")
    };
    assert_eq!(second, last["action"]["id"]);
    let before = mails_at_gmail(&world).len();
    let _ = world.run(&["outbox", "discard", first]).done();
    assert_eq!(mails_at_gmail(&world).len(), before, "left alone");
    let _ = sent(&world.run(&["outbox", "retry", second]));
    assert_eq!(
        mails_at_gmail(&world).len(),
        before + 1,
        "sent again, knowingly"
    );
    assert_eq!(
        world.run(&["outbox", "list"]).done(),
        json!({"actions": []})
    );
}

#[test]
fn an_upload_comes_back_byte_for_byte() {
    let (world, _hub) = connected("files", &["google_drive"]);
    let (big, small) = (bytes(9 * 1024 * 1024 + 17), b"small".to_vec());
    let _ = (
        file(&world, "big.bin", &big),
        file(&world, "small.txt", &small),
    );
    let action = sent(&world.run(&["files", "upload", "big.bin", "small.txt"]));
    assert_eq!(action["files"], 2);
    assert_eq!(action["bytes"], big.len() + small.len());
    let results = action["state"]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{action}");

    let listed = world
        .run(&["files", "list", "big", "--order", "size"])
        .done();
    assert_eq!(listed["files"][0]["name"], "big.bin", "{listed}");
    assert_eq!(listed["files"][0]["size"], big.len());

    let to = folder(&world, "down");
    let id = results[0]["id"].as_str().unwrap();
    let got = world.run(&["files", "download", id, "--to", to.to_str().unwrap()]);
    assert_eq!(got.code, Some(0), "{got:?}");
    let last = got.lines().pop().unwrap();
    assert_eq!(last["event"], "downloaded", "{last}");
    assert_eq!(std::fs::read(to.join("big.bin")).unwrap(), big);
}

#[test]
fn a_claimed_chat_gets_messages_by_its_name() {
    let (world, _hub) = connected("chats", &["telegram"]);
    let mut child = world
        .autopilot(&["message", "claim", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let open = next();
    assert_eq!(open["event"], "open");
    let link: url::Url = open["link"].as_str().unwrap().parse().unwrap();
    let payload = link
        .query_pairs()
        .find(|(name, _)| name == "start")
        .unwrap()
        .1
        .into_owned();
    let start = json!({"bot_id": BOT_ID, "chat_id": 700_001, "payload": payload});
    world.peer().post("bots/start", &start);
    let claimed = next();
    assert_eq!(claimed["event"], "claimed", "{claimed}");
    assert_eq!(claimed["chat"]["id"], "700001");
    assert!(end_within(&mut child, PATIENCE, "message claim").success());

    let chats = world.run(&["message", "chats"]).done();
    assert_eq!(chats["chats"].as_array().unwrap().len(), 1, "{chats}");
    let title = chats["chats"][0]["title"].as_str().unwrap();
    let _ = sent(&world.run(&["message", "send", title, "The build is done."]));
    let _ = sent(&world.run_with(&["message", "send", "700001"], "From a pipe.\n"));
    let there = world
        .peer()
        .get(&format!("telegram/messages?bot_id={BOT_ID}"));
    let texts: Vec<&str> = there
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["text"].as_str())
        .collect();
    assert!(texts.contains(&"The build is done."), "{there}");
    let nobody = world.run(&["message", "send", "Nobody", "x"]);
    assert_ne!(nobody.code, Some(0), "{nobody:?}");
}

#[test]
fn a_workflow_runs_once_however_often_it_is_asked_for() {
    let (world, _hub) = connected("workflow", &["gmail"]);
    let _ = file(&world, "report.txt", b"numbers");
    let _ = world.write(
        "news.toml",
        r#"
name = "Weekly news"

[inputs.to]
required = true

[[steps]]
id = "first"
action = "send_email"
to = "{{input.to}}"
subject = "{{input.subject}}"
text = "Hello"
attachments = ["report.txt"]

[[steps]]
action = "send_gmail"
to = "{{input.to}}"
subject = "Again"
text = "See {{steps.first.id}}"
reply_to = "{{steps.first.id}}"

[inputs.subject]
default = "{{input.to}}"
"#,
    );
    let id = "0193a0c0-7c1e-7000-8000-1f0a52c5f6ab";
    let run = [
        "workflow",
        "run",
        "news.toml",
        "--input",
        r#"{"to": ["ben@example.org"]}"#,
        "--id",
        id,
    ];
    for _ in 0..2 {
        let ran = world.run(&run);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let last = ran.lines().pop().unwrap();
        assert_eq!(last["run"], id);
        let actions = last["actions"].as_array().unwrap();
        assert_eq!(actions.len(), 2, "{last}");
        assert_eq!(
            actions[0]["caller"],
            json!({"kind": "workflow", "name": "Weekly news"})
        );
    }
    let there = mails_at_gmail(&world);
    let subjects: Vec<&str> = there
        .iter()
        .filter_map(|one| one["subject"].as_str())
        .collect();
    // What came in is text, whatever braces it has.
    assert_eq!(subjects, ["{{input.to}}", "Again"]);

    let said = world.say(&[
        "workflow",
        "run",
        "news.toml",
        "--input",
        "{\"to\": \"ben@example.org\"}",
    ]);
    assert!(
        said.stderr
            .contains("Step 1: mail.send through anna@example.org: sent"),
        "{said:?}"
    );
    assert!(said.stdout.contains("Done: 2 steps."), "{said:?}");
}

#[test]
fn a_workflow_with_a_mistake_begins_nothing() {
    let (world, _hub) = connected("workflow-wrong", &["gmail"]);
    let step = "[[steps]]\naction = \"send_email\"\nto = \"ben@example.org\"\ntext = \"x\"\n";
    for wrong in [
        "[[steps]]\naction = \"send_email\"\nsubjekt = \"x\"\n",
        "[[steps]]\naction = \"send_email\"\ntext = \"{{input.nothing}}\"\n",
        "[[steps]]\naction = \"send_email\"\nattachments = [\"none.pdf\"]\n",
        "[[steps]]\naction = \"send_telegram\"\nchat = \"1\"\ntext = \"x\"\n",
    ] {
        let _ = world.write("wrong.toml", &format!("name = \"x\"\n{step}{wrong}"));
        let ran = world.run(&["workflow", "run", "wrong.toml"]);
        assert_ne!(ran.code, Some(0), "{wrong}: {ran:?}");
        let _ = ran.refused();
    }
    assert_eq!(mails_at_gmail(&world).len(), 0);
}

#[test]
fn ledger_and_usage_tell_what_was_done() {
    let (world, _hub) = connected("told", &["gmail"]);
    for text in ["One.", "Two."] {
        let _ = sent(&world.run(&["mail", "send", "--to", BEN, "--text", text]));
    }
    let _ = world.run(&["mail", "list", "--limit", "3"]).done();

    let verified = world.run(&["ledger", "verify"]).done();
    assert_eq!(
        verified["ledger"]["verdict"]["verdict"], "whole",
        "{verified}"
    );
    let calls = |capability: &str| {
        let arguments = [
            "ledger",
            "list",
            "--kind",
            "call",
            "--capability",
            capability,
        ];
        let told = world.run(&arguments).done();
        told["entries"].as_array().unwrap().len()
    };
    assert_eq!((calls("mail.send"), calls("mail.read")), (2, 1));

    let usage = world.run(&["usage", "--days", "2"]).done();
    let total = |figure: &str| -> u64 {
        usage["usage"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["caller"]["kind"] == "program")
            .map(|row| row[figure].as_u64().unwrap())
            .sum()
    };
    assert_eq!((total("calls"), total("errors")), (3, 0), "{usage}");

    let csv = world.root().join("ledger.csv");
    let export = [
        "ledger",
        "export",
        "--csv",
        "--output",
        csv.to_str().unwrap(),
    ];
    let exported = world.run(&export).done();
    let written = std::fs::read_to_string(&csv).unwrap();
    let lines = exported["exported"]["lines"].as_u64().unwrap();
    assert_eq!(written.lines().count() as u64, lines + 1, "and its head");
    assert!(!written.contains("One."), "never what was sent");
    let again = world.run(&export).refused();
    assert_eq!(again, (2, "file_exists".into()), "nothing is overwritten");
    let rows = world.run(&["ledger", "export"]);
    assert!(rows.lines().len() as u64 >= lines);
}

#[test]
fn a_token_stays_inside_until_the_person_allows_it_whichever_way_it_is_asked_for() {
    let (world, _hub) = connected("token", &["gmail"]);
    let ordinary = world.run(&["token", "gmail"]);
    assert_eq!(ordinary.refused(), (5, "token_not_allowed".into()));
    // As it is typed: the shortest way.
    let words = ["token", "gmail", "--profile", world.profile()];
    let quick = world.command("autopilot").args(words).output().unwrap();
    assert_eq!(quick.status.code(), Some(5), "{quick:?}");
    assert!(quick.stdout.is_empty(), "{quick:?}");
    assert!(
        String::from_utf8_lossy(&quick.stderr).contains(ANNA),
        "{quick:?}"
    );
    let wrong = ["token", "nothing", "--json", "--profile", world.profile()];
    let unknown = world.command("autopilot").args(wrong).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
    let line: Value = serde_json::from_slice(&unknown.stdout).unwrap();
    assert_eq!(line["error"]["code"], "unknown_connection");
}
