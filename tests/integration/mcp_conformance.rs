//! The protocol's own conformance suite, over a port that only this test has, against the very handler that
//! `autopilot mcp` serves on its pipe; and the protocol's own inspector over that pipe.
//!
//! Of the suite, what a server of tools alone can be asked. Left out, and why:
//!
//! * `completion-*`, `logging-*`, `prompts-*`, `resources-*`, `sep-2164-*`: Autopilot offers none of these.
//! * `sep-2640-*`, `tasks-*`: extensions that aren't offered.
//! * `tools-call-*`, `json-schema-2020-12`, `elicitation-*`, `input-required-result-*`, `server-sse-*`: call tools of
//!   the suite's own (`test_simple_text` and the like), which have no place in what people install.
//! * `http-*`, `server-session-lifecycle`: about headers and sessions of HTTP, which we don't ship.

use std::{net::SocketAddr, path::PathBuf, process::Command, time::Duration};

use autopilot_tests::{HubProcess, World, paths};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

/// Revision and scenario; `docs/mcp-conformance.md` tells the same of each.
pub const APPLY: &[(&str, &str)] = &[
    ("2025-11-25", "server-initialize"),
    ("2025-11-25", "ping"),
    ("2025-11-25", "tools-list"),
    ("2025-11-25", "dns-rebinding-protection"),
    ("2026-07-28", "server-stateless"),
    ("2026-07-28", "tools-list"),
    ("2026-07-28", "caching"),
    ("2026-07-28", "dns-rebinding-protection"),
];

/// Checks of these scenarios that can't be passed, and why.
const BEYOND_US: &[(&str, &str)] = &[
    (
        "sep-2575-server-rejects-undeclared-capability",
        "calls a tool of the suite's own",
    ),
    (
        "sep-2575-missing-capability-http-400",
        "calls a tool of the suite's own",
    ),
    (
        "sep-2575-http-server-no-independent-requests-on-stream",
        "calls a tool of the suite's own",
    ),
    (
        "sep-2575-server-no-log-without-loglevel",
        "calls a tool of the suite's own",
    ),
    (
        "sep-2549-prompts-list-caching-hints",
        "no prompts are offered",
    ),
    (
        "sep-2549-resources-list-caching-hints",
        "no resources are offered",
    ),
    (
        "sep-2549-resources-templates-list-caching-hints",
        "no resources are offered",
    ),
];

/// A program of a package beside these tests, on the newer Node that is there too.
fn program(file: &str) -> Command {
    let packages = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/peers/mcp/node_modules"
    ));
    let mut command = Command::new(packages.join("node/bin/node"));
    command.arg(packages.join("@modelcontextprotocol").join(file));
    command.env("NO_COLOR", "1");
    command
}

/// The handler on a port of this machine, for as long as the runtime is there.
fn on_a_port(world: &World, runtime: &Runtime) -> SocketAddr {
    let paths = paths(world);
    runtime.block_on(async move {
        let session =
            link::Session::new(
                paths,
                "mcp",
                || Err(model::ErrorCode::HubUnreachable.into()),
            );
        let face = mcp::face(session, Duration::from_secs(10));
        let service = StreamableHttpService::new(
            move || Ok(face.clone()),
            LocalSessionManager::default().into(),
            StreamableHttpServerConfig::default(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().fallback_service(service);
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    })
}

fn world(promise: &str) -> (World, HubProcess) {
    let world = World::sandbox(promise);
    let hub = world.hub();
    (world, hub)
}

#[test]
fn every_scenario_for_a_server_of_tools_alone_passes() {
    let (world, _hub) = world("mcp-suite");
    let runtime = Runtime::new().unwrap();
    let url = format!("http://{}/", on_a_port(&world, &runtime));
    for (revision, scenario) in APPLY {
        let ran = program("conformance/dist/index.js")
            .args(["server", "--url", &url, "--scenario", scenario])
            .args(["--spec-version", revision])
            .current_dir(world.root())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        let failed: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("FAILURE"))
            .filter(|line| !BEYOND_US.iter().any(|(check, _)| line.contains(check)))
            .collect();
        assert!(
            failed.is_empty(),
            "{revision} {scenario}: {failed:#?}\n{said}"
        );
        assert!(said.contains("SUCCESS"), "{revision} {scenario}:\n{said}");
    }
}

#[test]
fn the_inspector_lists_and_calls_tools_over_the_pipe() {
    let (world, _hub) = world("mcp-inspect");
    let ours = world.autopilot(&["mcp"]);
    let arguments: Vec<_> = ours.get_args().map(|one| one.to_str().unwrap()).collect();
    let variables: serde_json::Map<String, Value> = ours
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.into())))
        .collect();
    let config = json!({"mcpServers": {"autopilot": {
        "command": ours.get_program().to_str().unwrap(),
        "args": arguments,
        "env": variables,
    }}});
    let config = world.write("inspector.json", &config.to_string());
    let inspect = |more: &[&str]| {
        let ran = program("inspector/clients/launcher/build/index.js")
            .arg("--cli")
            .arg("--config")
            .arg(&config)
            .args(["--server", "autopilot"])
            .args(more)
            .current_dir(world.root())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let told = serde_json::from_str::<Value>(&said)
            .unwrap_or_else(|_| panic!("{said}\n{}", String::from_utf8_lossy(&ran.stderr)));
        (ran.status.code(), told)
    };
    let (code, listed) = inspect(&["--method", "tools/list"]);
    assert_eq!(code, Some(0));
    assert_eq!(listed["tools"][0]["name"], "list_connections", "{listed}");
    let call = ["--method", "tools/call", "--tool-name"];
    let (code, called) =
        inspect(&[&call[..], &["connect", "--tool-arg", "integration=gmail"]].concat());
    assert_eq!(code, Some(0));
    let next = called["structuredContent"]["next_step"].as_str();
    assert!(
        next.is_some_and(|next| next.contains("autopilot connect gmail")),
        "{called}"
    );
    // An error of a tool, by the inspector's own status for it.
    let (code, refused) = inspect(&[&call[..], &["list_connections"]].concat());
    assert_eq!(code, Some(5), "{refused}");
}
