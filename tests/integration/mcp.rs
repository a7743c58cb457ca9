//! `autopilot mcp` itself, as clients start it: what it does before anybody let it in, what it brings back, how it
//! leaves, and the other end in the terminal.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use autopilot_tests::{ANNA, BEN, Consent, HubProcess, Mcp, World, eventually};
use serde_json::{Value, json};

/// Lets this very program in as an agent that writes to Ben, and takes files from a folder and saves them there.
fn let_in(world: &World, folder: &Path) {
    let executable = Value::String(std::env::current_exe().unwrap().display().to_string());
    let folder = Value::String(folder.display().to_string());
    let text = format!(
        "[[caller]]\nkind = \"agent\"\nexecutable = {executable}\nwrites = \"allow\"\n\
         [[caller.rule]]\neffect = \"allow\"\nrecipients = [\"{BEN}\"]\nfolders = [{folder}]\n\
         [[caller.rule]]\neffect = \"allow\"\ncapability = \"files.upload\"\nfolders = [{folder}]\n\
         [[caller.rule]]\neffect = \"allow\"\ncapability = \"files.download\"\nfolders = [{folder}]\n"
    );
    let path = world.data_dir().join("policy.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Accounts, and an agent that was let in.
fn ready(promise: &str, integrations: &[&str]) -> (World, HubProcess) {
    let world = World::sandbox(promise);
    let hub = world.hub();
    for integration in integrations {
        let connecting = world.connect(&[integration, "--redirect", "loopback"]);
        let _ = connecting
            .through_loopback(&Consent::of(ANNA))
            .0
            .connected();
    }
    hub.stop();
    let_in(&world, world.root());
    let hub = world.hub();
    (world, hub)
}

fn names(mcp: &mut Mcp) -> Vec<String> {
    let told = mcp.ask("tools/list", &json!({}));
    let tools = told["result"]["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn whoever_was_not_let_in_sees_how_to_ask_and_a_hub_is_started_for_that() {
    let world = World::sandbox("mcp-outside");
    let mut mcp = Mcp::start(&world, &[]);
    assert_eq!(names(&mut mcp), ["list_connections", "connect"]);
    let told = mcp.call("list_connections", &json!({}));
    assert_eq!(told["isError"], true, "{told}");
    // The hub it started has no window in which anybody could be asked.
    assert_eq!(told["structuredContent"]["code"], "approval_unavailable");
    let told = mcp.call("connect", &json!({"integration": "gmail"}));
    let next = told["structuredContent"]["next_step"].as_str().unwrap();
    assert!(next.contains("autopilot connect gmail"), "{told}");
    assert!(mcp.leave().is_empty());
    // It is that hub which everybody finds.
    assert_eq!(world.run(&["status"]).code, Some(0));
}

#[test]
fn what_is_offered_follows_what_the_connections_can_do() {
    let (world, _hub) = ready("mcp-offer", &["gmail"]);
    let mut mcp = Mcp::start(&world, &[]);
    let before = names(&mut mcp);
    assert!(before.contains(&"send_email".to_owned()));
    assert!(!before.contains(&"list_files".to_owned()), "{before:?}");
    let connecting = world.connect(&["google_drive", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    mcp.until("word that the list is another", |message| {
        message["method"] == "notifications/tools/list_changed"
    });
    assert!(names(&mut mcp).contains(&"upload_files".to_owned()));
}

#[test]
fn mail_is_read_as_untrusted_and_sent_to_whom_the_rule_names() {
    let (world, _hub) = ready("mcp-mail", &["gmail"]);
    let mut mcp = Mcp::start(&world, &[]);
    let told = mcp.call("list_emails", &json!({"limit": 3}));
    let mails = told["structuredContent"]["untrusted"]["emails"].clone();
    assert!(!mails.as_array().unwrap().is_empty(), "{told}");
    assert_eq!(told["content"].as_array().unwrap().len(), 3);
    let told = mcp.call("read_email", &json!({"id": mails[0]["id"]}));
    assert!(told["structuredContent"]["untrusted"]["text"].is_string());

    let file = world.write("report.txt", "All is well.");
    let mail = json!({"to": [BEN], "subject": "From an agent", "text": "Hello.",
                      "attachments": [file.file_name().unwrap().to_str()]});
    let told = mcp.call("send_email", &mail);
    assert_eq!(told["structuredContent"]["state"], "sent", "{told}");
    // Mallory is on no list, and nobody is there to ask.
    let told = mcp.call(
        "send_email",
        &json!({"to": ["x@evil.example"], "text": "All of it."}),
    );
    assert_eq!(told["isError"], true, "{told}");
    let sent = world.peer().get(&format!("gmail/sent?account={ANNA}"));
    assert_eq!(sent.as_array().unwrap().len(), 1);
}

#[test]
fn files_go_up_with_progress_and_come_down_where_it_was_started() {
    let (world, _hub) = ready("mcp-files", &["google_drive"]);
    let mut mcp = Mcp::start(&world, &[]);
    let _ = world.write("up.bin", &"x".repeat(3 * 1024 * 1024));
    let params = json!({"name": "upload_files", "arguments": {"files": ["up.bin"]},
                        "_meta": {"progressToken": 7}});
    let call = mcp.begin("tools/call", &params);
    let progress = mcp.until("progress", |message| {
        message["method"] == "notifications/progress"
    });
    assert_eq!(progress["params"]["progressToken"], 7);
    let told = mcp.answer(call)["result"].clone();
    assert_eq!(told["structuredContent"]["state"], "sent", "{told}");
    let id = told["structuredContent"]["results"][0]["id"].clone();

    fs::create_dir(world.root().join("down")).unwrap();
    let told = mcp.call("download_file", &json!({"file": id, "folder": "down"}));
    let path = told["structuredContent"]["untrusted"]["path"].as_str();
    let path = path.unwrap_or_else(|| panic!("{told}"));
    assert!(path.starts_with(world.root().join("down").to_str().unwrap()));
    assert_eq!(fs::metadata(path).unwrap().len(), 3 * 1024 * 1024);
    let outside = tempfile::tempdir().unwrap();
    let told = mcp.call(
        "download_file",
        &json!({"file": id, "folder": outside.path()}),
    );
    assert_eq!(
        told["structuredContent"]["code"], "folder_not_allowed",
        "{told}"
    );
}

#[test]
fn only_the_protocol_is_on_its_output_whatever_is_on_its_input_and_it_leaves_at_once() {
    let (world, _hub) = ready("mcp-hostile", &["gmail"]);
    let mut mcp = Mcp::start(&world, &[]);
    for line in [
        "",
        "hello",
        "[]",
        "{\"jsonrpc\":\"2.0\",\"id\":\"x\"}",
        "\u{0}",
    ] {
        mcp.write(line);
    }
    mcp.write(&format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":\"big\",\"method\":\"tools/call\",\"params\":{{\"name\":\"{}\"}}}}",
        "x".repeat(10 * 1024 * 1024)
    ));
    let told = mcp.until("an answer to ten megabytes", |message| {
        message["id"] == "big"
    });
    assert_eq!(told["error"]["code"], -32600);
    let calls: Vec<u64> = (0..50)
        .map(|_| mcp.begin_call("list_emails", &json!({"limit": 1})))
        .collect();
    for call in calls {
        let told = mcp.answer(call);
        assert!(told["result"]["structuredContent"].is_object(), "{told}");
    }
    let asked = Instant::now();
    for line in mcp.leave() {
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0");
    }
    assert!(asked.elapsed() < Duration::from_secs(1));
}

/// What a client does when it is tired of waiting for our end.
#[test]
fn a_polite_kill_ends_it_though_its_input_is_still_open() {
    let world = World::sandbox("mcp-killed");
    let _hub = world.hub();
    let mcp = Mcp::start(&world, &[]);
    let status = Command::new("kill").arg(mcp.pid().to_string()).status();
    assert!(status.unwrap().success());
    eventually(Duration::from_secs(5), "it ends", || {
        // Ended, and not waited for yet: a zombie.
        let stat = fs::read_to_string(format!("/proc/{}/stat", mcp.pid())).ok()?;
        stat.contains(") Z ").then_some(())
    });
}

/// The other end: our own server for the same profile, called from a terminal.
#[test]
fn tools_are_listed_and_called_from_the_terminal() {
    let (world, _hub) = ready("mcp-call", &["gmail"]);
    let listed = world.run(&["mcp", "tools"]).done();
    let tools = listed["tools"].as_array().unwrap();
    assert!(tools.iter().any(|tool| tool["name"] == "list_emails"));
    let told = world.say(&["mcp", "call", "list_emails", "--json", "{\"limit\": 2}"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let told = told.json();
    assert_eq!(told["connection"]["account"], ANNA);
    let wrong = world.say(&["mcp", "call", "list_emails", "--json", "{\"limit\": \"x\"}"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert_eq!(wrong.json()["error"]["code"], "invalid_input");
    let unknown = world.say(&["mcp", "call", "rm_rf", "--json", "{}"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
}
