//! Our server under the MCP Inspector, a client we did not write, as a person would start it: over standard input and
//! output, against connections that are really there. Needs `npm ci` in `tests/peers/mcp`, which `cargo xtask setup`
//! does.

use std::process::{Command, Output};

use autopilot_tests::{ANNA, BEN, Consent, HubProcess, World, bin, mcp_peer::Peers};
use serde_json::{Value, json};

/// A world in which the Inspector's Node is an agent that was let in.
fn inspected(name: &str, writes: &str) -> (World, HubProcess, Peers) {
    let (world, peers) = (World::sandbox(name), Peers::installed());
    world.write_policy("agent", &peers.node(), writes);
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    (world, hub, peers)
}

/// The Inspector's own way to name a server: the file that clients have.
fn inspect(world: &World, peers: &Peers, words: &[&str]) -> Output {
    let variables: serde_json::Map<String, Value> = world
        .variables()
        .iter()
        .map(|(name, value)| (name.clone(), json!(value.to_str().unwrap())))
        .collect();
    let config = json!({"mcpServers": {"autopilot": {
        "type": "stdio",
        "command": bin("autopilot"),
        "args": ["mcp", "--profile", world.profile()],
        "env": variables,
    }}});
    let config = world.write("inspected.json", &config.to_string());
    let mut command: Command = peers.command("@modelcontextprotocol/inspector", "mcp-inspector");
    command
        .args(["--cli", "--server", "autopilot", "--config"])
        .arg(config)
        .args(words)
        .env_clear()
        .envs(world.variables().iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap()
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn call(world: &World, peers: &Peers, tool: &str, arguments: &[&str]) -> Output {
    let mut words = vec!["--method", "tools/call", "--tool-name", tool];
    if !arguments.is_empty() {
        words.push("--tool-arg");
        words.extend(arguments);
    }
    inspect(world, peers, &words)
}

#[test]
fn the_inspector_lists_our_tools_and_finds_no_fault_with_their_schemas() {
    let (world, _hub, peers) = inspected("inspect-list", "ask");
    let listed = answer(&inspect(
        &world,
        &peers,
        &["--method", "tools/list", "--strict"],
    ));
    let names: Vec<&str> = listed["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    let wanted = [
        "list_connections",
        "test_connection",
        "connect",
        "send_email",
        "list_emails",
        "read_email",
        "action_status",
    ];
    assert_eq!(names, wanted, "what Gmail alone can do");
}

#[test]
fn the_inspector_calls_tools_that_read_and_that_send() {
    let (world, _hub, peers) = inspected("inspect-call", "allow");
    let listed = answer(&call(&world, &peers, "list_connections", &[]));
    assert!(listed.to_string().contains(ANNA), "{listed}");

    let send = [
        &format!("to=[\"{BEN}\"]"),
        "subject=Inspected",
        "text=Over standard input.",
    ];
    let sent = answer(&call(&world, &peers, "send_email", &send));
    assert_ne!(sent["isError"], true, "{sent}");
    let there = world.peer().get(&format!("gmail/sent?account={ANNA}"));
    assert_eq!(there[0]["subject"], "Inspected", "{there}");

    let mail = answer(&call(&world, &peers, "list_emails", &["limit=3"]));
    assert_ne!(mail["isError"], true, "{mail}");
}

#[test]
fn the_inspector_tells_a_refused_call_from_one_that_worked() {
    let (world, _hub, peers) = inspected("inspect-deny", "deny");
    let send = [&format!("to=[\"{BEN}\"]"), "subject=No", "text=No."];
    let refused = call(&world, &peers, "send_email", &send);
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(
        format!("{refused:?}").contains("denied_by_policy"),
        "{refused:?}"
    );
    let there = world.peer().get(&format!("gmail/sent?account={ANNA}"));
    assert_eq!(there, json!([]));
    let unknown = call(&world, &peers, "drop_everything", &[]);
    assert!(!unknown.status.success(), "{unknown:?}");
}
