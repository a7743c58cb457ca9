//! Several agents at once, over the real server and a real hub without a window, which follows `policy.toml`.

use autopilot_tests::{AGENTS, ANNA, BEN, Consent, Mcp, World, outlive_a_killed_hub};
use model::{ActionId, Decision, Effect, ErrorCode, Request};
use serde_json::json;

#[test]
fn eight_agents_over_a_grant_that_has_run_out_cause_one_renewal() {
    let world = connected("agents");
    world.peer().oauth(&json!({"rotation": "rotating"}));
    let _hub = world.hub();
    let mut agents: Vec<Mcp> = (0..AGENTS).map(|_| Mcp::start(&world, &[])).collect();
    world.peer().expire_access_tokens();
    let before = world.peer().token_requests("refresh_token");
    let calls: Vec<u64> = agents
        .iter_mut()
        .map(|agent| agent.begin_call("list_emails", &json!({"limit": 5})))
        .collect();
    for (agent, call) in agents.iter_mut().zip(calls) {
        let answer = agent.answer(call)["result"].clone();
        assert_ne!(answer["isError"], true, "{answer}");
    }
    assert_eq!(world.peer().token_requests("refresh_token") - before, 1);
}

/// Killed while every agent waits for it: each call ends well or says that it can be made again, and none is done twice.
#[test]
fn a_hub_that_is_killed_leaves_every_agent_with_an_answer_it_can_go_on_with() {
    let world = connected("killed");
    let hub = world.hub();
    let mut agents: Vec<Mcp> = (0..AGENTS).map(|_| Mcp::start(&world, &[])).collect();
    outlive_a_killed_hub(&world, &mut agents, || hub.kill9());
}

/// Tried as each of the faces a program can say it is.
#[test]
fn nothing_that_comes_over_the_socket_can_approve_or_change_a_rule() {
    let world = connected("socket");
    let _hub = world.hub();
    for face in ["cli", "mcp", "desktop", "window", "hub", ""] {
        let face = world.face_as(face);
        let agent = model::Caller::Agent { executable: me() };
        for request in [
            Request::Decide {
                id: ActionId::generate(),
                decision: Decision::Always,
            },
            Request::AdmitCaller {
                caller: agent.clone(),
                admit: true,
                writes: Effect::Allow,
            },
            Request::SetRules {
                caller: agent.clone(),
                rules: Vec::new(),
                writes: Effect::Allow,
                budget: model::Budget::default(),
            },
            Request::ClearTaint {
                caller: agent.clone(),
            },
            Request::ForgetCaller {
                caller: agent.clone(),
            },
            Request::ListCallers,
            Request::SetSettings {
                settings: model::Settings::default(),
            },
        ] {
            let error = face.ask(request).unwrap_err();
            assert_eq!(error.code, ErrorCode::RefusedCaller);
        }
    }
}

/// Anna's mail, and a file that lets this very program in as an agent.
fn connected(promise: &str) -> World {
    let world = World::sandbox(promise);
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    hub.stop();
    let rule = format!("[[caller.rule]]\neffect = \"allow\"\nrecipients = [\"{BEN}\"]\n");
    world.let_me_in("agent", &rule);
    world
}

fn me() -> String {
    std::env::current_exe().unwrap().display().to_string()
}
