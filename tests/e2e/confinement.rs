//! The page is the least trusted part of the app: it holds no secret, runs nothing but its own scripts, reaches
//! nothing but its own commands.

use autopilot_tests::sandbox::DEMO_BOT_TOKEN;
use autopilot_tests::{ANNA, BOT};
use serde_json::{Value, json};

use crate::consent::connect_google;
use crate::desktop::Desktop;
use crate::texts::said;
use crate::window::{Window, integration};

/// Everything the page shows, remembers or can ask for, as one text.
const ALL_IT_KNOWS: &str = "
    const ask = (command, request) => window.__TAURI_INTERNALS__.invoke(command, { request });
    const connections = (await ask('ask_query', { request: 'list_connections' })).value;
    const answers = [connections];
    for (const request of ['hub', 'list_integrations', 'list_sign_ins', 'doctor'])
        answers.push(await ask('ask_query', { request }));
    for (const { id } of connections) {
        answers.push(await ask('ask_query', { request: 'get_connection', connection: id }));
        answers.push(await ask('ask_query', { request: 'preview_disconnect', connection: id }));
        answers.push(await ask('ask_change', { request: 'test', connection: id }));
    }
    answers.push(await ask('ask_change', { request: 'refresh' }));
    const typed = [...document.querySelectorAll('input')].map(({ value }) => value);
    return JSON.stringify([document.documentElement.outerHTML, answers, typed, location.href, document.cookie,
                           { ...localStorage }, { ...sessionStorage }]);";

/// What an injected script would do: run, load, call out.
const BREAK_OUT: &str = "
    const blocked = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => blocked.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const image = document.createElement('img');
    image.src = arguments[0] + '/image';
    document.body.append(image);
    const called = await fetch(arguments[0] + '/fetch').then(() => true, () => false);
    for (let turn = 0; turn < 50 && blocked.length < 3; turn++) await new Promise((done) => setTimeout(done, 100));
    script.remove();
    image.remove();
    return { injected: window.injected ?? false, called, blocked };";

const CALL: &str = "
    const [command, payload] = arguments[0];
    return await window.__TAURI_INTERNALS__.invoke(command, payload).then(() => 'done', (error) => ({ error }));";

#[test]
fn the_page_holds_no_secret_runs_no_foreign_script_and_calls_no_other_command() {
    let desktop = Desktop::new("page");
    let window = Window::open(&desktop);
    connect_google(&desktop, &window, "gmail");
    window.await_connected(&integration("gmail"), ANNA);
    // The token goes through the page itself, which must have forgotten it.
    let telegram = integration("telegram");
    window.press_on(
        &telegram,
        &said("ui_connect_service", &[("service", "Telegram")]),
    );
    window.write("Bot token", DEMO_BOT_TOKEN);
    window.press(&said("ui_connect", &[]));
    window.dialog_with(&said("ui_connected_as", &[("account", BOT)]));
    window.done();

    let known = window
        .session
        .run_async(ALL_IT_KNOWS, &Value::Null)
        .unwrap();
    let known = known["value"]
        .as_str()
        .unwrap_or_else(|| panic!("the page couldn't be asked: {known}"));
    assert!(known.contains(ANNA), "nothing was read");
    let canaries = secrets(&desktop.keyring());
    assert!(
        canaries.len() >= 3,
        "the keyring held only {} secrets",
        canaries.len()
    );
    for canary in &canaries {
        assert!(
            !known.contains(canary.as_str()),
            "the page knows {}…",
            &canary[..6]
        );
    }

    desktop.peer().clear_log();
    let tried = window
        .session
        .run_async(BREAK_OUT, &json!(desktop.peer().base()))
        .unwrap()["value"]
        .take();
    assert_eq!(tried["injected"], false, "{tried}");
    assert_eq!(tried["called"], false, "{tried}");
    for directive in ["script-src-elem", "img-src", "connect-src"] {
        let blocked = tried["blocked"].as_array().unwrap();
        assert!(
            blocked.iter().any(|one| one == directive),
            "{directive} wasn't enforced: {tried}"
        );
    }
    for path in ["image", "fetch"] {
        let seen = desktop.peer().log();
        assert!(
            !seen
                .iter()
                .any(|entry| entry["path"].as_str().unwrap_or_default().contains(path)),
            "{seen:?}"
        );
    }

    for (command, payload) in [
        (
            "plugin:opener|open_url",
            json!({ "url": "http://127.0.0.1/" }),
        ),
        ("plugin:opener|open_path", json!({ "path": "/etc/passwd" })),
        (
            "plugin:notification|notify",
            json!({ "options": { "title": "x" } }),
        ),
        ("plugin:deep-link|get_current", json!({})),
        (
            "plugin:event|listen",
            json!({ "event": "x", "target": { "kind": "Any" }, "handler": 1 }),
        ),
        ("plugin:window|close", json!({ "label": "main" })),
        ("ask_query", json!({ "request": { "request": "refresh" } })),
        (
            "ask_change",
            json!({ "request": { "request": "set_window_visible", "visible": false } }),
        ),
    ] {
        let answer = window
            .session
            .run_async(CALL, &json!([command, payload]))
            .unwrap()["value"]
            .take();
        assert!(
            answer["error"].is_string() || answer["error"].is_object(),
            "{command} was carried out: {answer}"
        );
    }
}

/// Every token in the items: the bot's key, and what Google gave.
fn secrets(keyring: &str) -> Vec<String> {
    let mut secrets = vec![DEMO_BOT_TOKEN.to_owned()];
    let (_, own_part) = DEMO_BOT_TOKEN.split_once(':').unwrap();
    assert!(
        keyring.contains(own_part),
        "the bot's key isn't in the keyring"
    );
    for name in ["access_token", "refresh_token"] {
        let mark = format!("\"{name}\":\"");
        let found = keyring
            .split(&mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        secrets.extend(found.map(str::to_owned));
    }
    secrets
}
