//! The first product's own test of its interface, step by step, in our words.

use std::collections::HashMap;

use autopilot_tests::{BOT, World, sandbox::DEMO_BOT_TOKEN};
use model::{ErrorCode, Request};
use serde_json::{Value, json};
use url::Url;

#[test]
fn the_eleven_steps_of_the_first_product_work_from_the_first_to_the_last() {
    let world = World::sandbox("eleven");
    let _hub = world.hub();

    // 1: everything that can be connected is listed, and nothing is connected.
    let listed = world.run(&["integrations"]).done();
    let services = listed["integrations"].as_array().unwrap();
    let ids: Vec<&str> = services
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["gmail", "google_drive", "telegram"]);
    assert!(
        services.iter().all(|one| one["accounts"] == json!([])),
        "{listed}"
    );
    assert_eq!(world.connections(), Vec::<Value>::new());

    // 2: Telegram is connected with its bot's token.
    let connected = world
        .run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN)
        .done();
    assert_eq!(connected["event"], "connected", "{connected}");
    assert_eq!(connected["connection"]["account"], BOT);

    // 3: it is listed as connected.
    assert_eq!(world.connection("telegram")["status"]["kind"], "connected");

    // 4: it works.
    let tested = world.run(&["test", "telegram"]).done();
    assert_eq!(tested["error"], Value::Null, "{tested}");
    let steps: Vec<&str> = tested["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["vault", "token", "service"]);

    // 5 and 6: Gmail and Google Drive say where to sign in.
    let gmail = address(&world, &["gmail", "--redirect", "loopback"]);
    assert!(
        gmail["redirect_uri"].starts_with("http://127.0.0.1:"),
        "{gmail:?}"
    );
    assert_eq!(
        scopes(&gmail),
        ["email", "gmail.readonly", "gmail.send", "openid"]
    );
    let drive = address(&world, &["google_drive", "--redirect", "deep-link"]);
    assert_eq!(
        drive["redirect_uri"],
        "app.autopilot.desktop:/oauth/callback"
    );
    assert_eq!(scopes(&drive), ["drive.file", "email", "openid"]);
    for part in ["state", "code_challenge"] {
        assert_ne!(
            gmail[part], drive[part],
            "{part} is fresh for every attempt"
        );
    }

    // 7 and 8: Telegram is disconnected, and gone from the list.
    let ended = world.run(&["disconnect", "telegram", "--yes"]).done();
    assert_eq!(ended["disconnected"]["account"], BOT);
    assert_eq!(world.connections(), Vec::<Value>::new());

    // 9: testing what isn't connected says so.
    assert_eq!(
        world.run(&["test", "telegram"]).refused(),
        (3, "not_connected".to_owned())
    );

    // 10: there is no such integration.
    let unknown = world.run(&["connect", "fax"]);
    assert_eq!(unknown.json()["event"], "failed");
    assert_eq!(unknown.refused(), (2, "unknown_integration".to_owned()));

    // 11: a caller that isn't our window may not change what the window alone may.
    let request = Request::RegisterClient {
        provider: "google".into(),
        kind: "ios".to_owned(),
        client_id: "somebody-elses".to_owned(),
        client_secret: None,
    };
    let refused = world.face().ask(request.clone()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::RefusedCaller);
    let agent = world.agent();
    assert_eq!(
        agent.ask(request).unwrap_err().code,
        ErrorCode::RefusedCaller
    );
    let disconnect = Request::Disconnect {
        connection: "telegram".into(),
        revoke: true,
    };
    assert_eq!(
        agent.ask(disconnect).unwrap_err().code,
        ErrorCode::RefusedCaller
    );
}

/// Where to sign in, as its parameters, after checking what every such address needs. Then Ctrl-C.
fn address(world: &World, arguments: &[&str]) -> HashMap<String, String> {
    let mut connecting = world.connect(arguments);
    let url = Url::parse(&connecting.url()).unwrap();
    connecting.interrupt();
    assert_eq!(connecting.end().code, Some(130));
    assert!(url.as_str().starts_with(world.peer().base()), "{url}");
    let parameters: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(
        parameters.len(),
        url.query_pairs().count(),
        "no parameter twice: {url}"
    );
    assert_eq!(parameters["response_type"], "code");
    assert_eq!(parameters["code_challenge_method"], "S256");
    // 32 bytes in base64url.
    assert_eq!(parameters["code_challenge"].len(), 43);
    let tag = format!("{}.", world.profile());
    assert!(parameters["state"].starts_with(&tag) && parameters["state"].len() >= tag.len() + 43);
    assert_eq!(parameters["access_type"], "offline");
    assert!(!parameters.contains_key("client_secret"));
    parameters
}

/// The scopes asked for, shortened and sorted.
fn scopes(parameters: &HashMap<String, String>) -> Vec<&str> {
    let mut scopes: Vec<&str> = parameters["scope"]
        .split(' ')
        .map(|scope| {
            scope
                .strip_prefix("https://www.googleapis.com/auth/")
                .unwrap_or(scope)
        })
        .collect();
    scopes.sort_unstable();
    scopes
}
