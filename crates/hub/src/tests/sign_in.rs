//! Signing in: each way it can end has its own word, and none of them loses anything.

use std::{future::poll_fn, task::Poll};

use model::{
    AttemptId, ConnectionId, ConnectionRef, ErrorCode, RedirectKind, Request, Response, Secret,
    SecretInput, SignInState, Status,
};
use serde_json::json;
use store::{AttemptOutcome, RevocationPhase};
use vault::{Grant, Item};

use super::world::World;

const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

#[tokio::test]
async fn a_sign_in_by_deep_link_ends_in_a_proven_connection() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    assert_eq!(view.account, ANNA);
    assert!(matches!(view.status, Status::Connected { .. }));
    assert!(view.scopes.iter().all(|scope| scope.granted));
}

#[tokio::test]
async fn the_loopback_page_says_who_is_connected() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::Loopback).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("connected as anna@example.org"), "{page}");
    assert_eq!(world.connections().await.len(), 1);
}

#[tokio::test]
async fn the_loopback_listener_answers_to_its_own_address_alone() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::Loopback).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let http = reqwest::Client::new();
    let rebound = http
        .get(&address)
        .header("host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(rebound.status(), 421);
    let posted = http.post(&address).send().await.unwrap();
    assert_eq!(posted.status(), 405);
    let foreign = address.replace("state=test.", "state=test.x");
    let page = http
        .get(&foreign)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("doesn&#39;t belong to a sign-in started here"),
        "{page}"
    );
    assert!(world.connections().await.is_empty());
    // None of that used the attempt up.
    http.get(&address).send().await.unwrap();
    assert_eq!(world.connections().await.len(), 1);
}

#[tokio::test]
async fn a_declined_sign_in_says_so_and_changes_nothing() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let body = json!({"url": begun.url, "account": ANNA, "deny": true});
    let address = world.control("consent", body).await["redirect"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        world.deliver(&address).await.unwrap_err().code,
        ErrorCode::SignInDenied
    );
    assert!(world.connections().await.is_empty());
}

#[tokio::test]
async fn an_unticked_permission_is_named() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, Some(&[SEND])).await;
    match world.deliver(&address).await.unwrap().state {
        SignInState::Connected {
            connection,
            missing,
        } => {
            assert_eq!(missing.len(), 1);
            assert_eq!(
                connection.account, ANNA,
                "userinfo stands in where only sending was granted"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_ticked_is_no_connection() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, Some(&[])).await;
    match world.deliver(&address).await.unwrap().state {
        SignInState::Failed { error } => assert_eq!(error.code, ErrorCode::NothingGranted),
        other => panic!("{other:?}"),
    }
    assert!(world.connections().await.is_empty());
}

#[tokio::test]
async fn another_account_replaces_nothing() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let begun = world
        .begin_again("gmail", RedirectKind::DeepLink, Some(anna.id))
        .await;
    let address = world.consent(&begun.url, BEN, None).await;
    match world.deliver(&address).await.unwrap().state {
        SignInState::Failed { error } => {
            assert_eq!(error.code, ErrorCode::WrongAccount);
            assert_eq!(
                (
                    error.args["expected"].as_str(),
                    error.args["actual"].as_str()
                ),
                (ANNA, BEN)
            );
        }
        other => panic!("{other:?}"),
    }
    let report = world
        .ask(Request::Test {
            connection: anna.id.to_string().as_str().into(),
        })
        .await
        .unwrap();
    assert!(format!("{report:?}").contains("error: None"), "{report:?}");
}

#[tokio::test]
async fn the_same_account_again_is_the_same_connection() {
    let world = World::new().await;
    let first = world.connect("gmail", ANNA).await;
    let second = world.connect("gmail", ANNA).await;
    assert_eq!(
        (first.id, first.connected_at),
        (second.id, second.connected_at)
    );
    assert_eq!(world.connections().await.len(), 1);
}

#[tokio::test]
async fn a_callback_works_once() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    world.deliver(&address).await.unwrap();
    assert_eq!(
        world.deliver(&address).await.unwrap_err().code,
        ErrorCode::SignInUsed
    );
    assert_eq!(world.connections().await.len(), 1, "a replay costs nothing");
}

#[tokio::test]
async fn a_foreign_or_doubled_state_is_nobodys() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    for hostile in [
        "app.autopilot.desktop:/oauth/callback?code=x&state=test.unknown".to_owned(),
        "app.autopilot.desktop:/oauth/callback?code=x".to_owned(),
        format!("{address}&state=test.other"),
        address.replace(
            "app.autopilot.desktop:/oauth/callback",
            "app.autopilot.desktop:/elsewhere",
        ),
        format!(
            "app.autopilot.desktop:/oauth/callback?{}",
            "a".repeat(20_000)
        ),
    ] {
        assert_eq!(
            world.deliver(&hostile).await.unwrap_err().code,
            ErrorCode::SignInUnknown
        );
    }
    let garbled = world.deliver("not an address").await.unwrap_err();
    assert_eq!(garbled.code, ErrorCode::InvalidInput);
    world.deliver(&address).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_said_in_the_language_of_the_window() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let german = world.speak("de").await;
    let begin = |integration: &str, scopes: &[&str]| Request::BeginSignIn {
        integration: integration.into(),
        connection: None,
        scopes: Some(scopes.iter().copied().map(str::to_owned).collect()),
        redirect: None,
    };
    let pasted = Request::DeliverRedirect {
        url: model::SecretInput::new("not an address"),
    };
    let pick = Request::BeginPick {
        connection: anna.id,
        redirect: None,
    };
    for (request, why, service) in [
        (pasted, "reason_not_an_address", ""),
        (begin("gmail", &[]), "reason_no_permission", ""),
        (
            begin("gmail", &["everything"]),
            "reason_permissions",
            "Gmail",
        ),
        (
            begin("telegram", &[]),
            "reason_connected_with_key",
            "Telegram",
        ),
        (pick, "reason_no_page_to_pick", "Gmail"),
    ] {
        let refused = world.ask(request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidInput, "{why}");
        assert!(german.has(why), "{why}");
        let mut gaps = refused.args.clone();
        gaps.insert("service".to_owned(), service.to_owned());
        // Which there are is the service's own list, and the sentence's last word.
        let expected = german.say(why, &gaps);
        let expected = expected.trim_end_matches(" .");
        assert!(refused.args["reason"].starts_with(expected), "{refused:?}");
    }
}

#[tokio::test]
async fn the_page_the_browser_ends_on_is_in_the_language_it_says_it_is_in() {
    let world = World::new().await;
    world.speak("de").await;
    let begun = world.begin("gmail", RedirectKind::Loopback).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let page = reqwest::get(&address).await.unwrap().text().await.unwrap();
    assert!(page.contains("<html lang=\"de\">"), "{page}");
}

#[tokio::test]
async fn an_answer_after_ten_minutes_is_late() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    world.core().clock.advance(601);
    assert_eq!(
        world.deliver(&address).await.unwrap_err().code,
        ErrorCode::SignInExpired
    );
}

#[tokio::test]
async fn a_cancelled_sign_in_takes_no_answer() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    world
        .ask(Request::CancelSignIn { attempt: begun.id })
        .await
        .unwrap();
    assert_eq!(
        world.deliver(&address).await.unwrap_err().code,
        ErrorCode::SignInCancelled
    );
    let unknown = world
        .ask(Request::CancelSignIn {
            attempt: AttemptId::generate(),
        })
        .await
        .unwrap_err();
    assert_eq!(unknown.code, ErrorCode::SignInUnknown);
}

#[tokio::test]
async fn an_answer_from_another_issuer_is_refused() {
    let world = World::new().await;
    world
        .control(
            "oauth",
            json!({"send_iss": true, "iss": "https://evil.example"}),
        )
        .await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    assert_eq!(
        world.deliver(&address).await.unwrap_err().code,
        ErrorCode::SignInWrongIssuer
    );
}

#[tokio::test]
async fn a_link_that_starts_the_app_cold_still_ends_the_sign_in() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let world = world.crash_and_reopen().await;
    world.deliver(&address).await.unwrap();
    assert_eq!(world.connections().await[0].account, ANNA);
}

#[tokio::test]
async fn a_grant_kept_just_before_a_crash_is_found_again() {
    let world = World::new().await;
    let view = world.connect_bot().await.unwrap();
    // As if the crash had come between keychain and database.
    world.core().store.connections().remove(view.id).unwrap();
    let world = world.crash_and_reopen().await;
    let found = world
        .until("the connection", || world.core().roster.get(view.id))
        .await;
    assert_eq!(found.identity.account, view.account);
}

#[tokio::test]
async fn a_grant_left_by_a_crash_goes_when_its_account_was_connected_anew() {
    let world = World::new().await;
    let left = world.connect_bot().await.unwrap();
    world.core().store.connections().remove(left.id).unwrap();
    world.core().leave(left.id);
    let anew = world.connect_bot().await.unwrap();
    assert_ne!(anew.id, left.id);
    let world = world.crash_and_reopen().await;
    let item = vault::Item::Grant(left.id);
    for _ in 0..3000 {
        if world
            .core()
            .vault
            .read::<vault::Grant>(&item)
            .await
            .unwrap()
            .is_none()
        {
            let ids: Vec<_> = world
                .connections()
                .await
                .iter()
                .map(|view| view.id)
                .collect();
            assert_eq!(ids, [anew.id]);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the grant nobody has is still there");
}

#[tokio::test]
async fn a_new_refresh_token_is_kept_and_an_omitted_one_keeps_the_old() {
    let world = World::new().await;
    world
        .control("oauth", json!({"rotation": "rotating"}))
        .await;
    let view = world.connect("gmail", ANNA).await;
    for _ in 0..3 {
        world.control("expire_access_tokens", json!({})).await;
        let test = Request::Test {
            connection: view.id.to_string().as_str().into(),
        };
        let report = world.ask(test).await.unwrap();
        assert!(format!("{report:?}").contains("error: None"), "{report:?}");
    }
    world.control("oauth", json!({"rotation": "none"})).await;
    for _ in 0..2 {
        world.control("expire_access_tokens", json!({})).await;
        world.core().probe(view.id).await.unwrap();
    }
    assert_eq!(world.renewals().await, 5);
}

#[tokio::test]
async fn a_file_chosen_on_the_services_own_page_is_listed_from_then_on() {
    let world = World::new().await;
    let anna = world.connect("google_drive", "anna@example.org").await;
    let pickable: Vec<serde_json::Value> = {
        let url = "control/drive/pickable?account=anna@example.org";
        let url = world.sandbox.base_url().join(url).unwrap();
        reqwest::get(url).await.unwrap().json().await.unwrap()
    };
    let chosen = pickable[0]["id"].as_str().unwrap().to_owned();
    let listed = async || {
        let request = Request::ListFiles {
            connection: "google_drive".into(),
            query: model::FileQuery::default(),
        };
        match world.ask(request).await.unwrap() {
            Response::Files(page) => page.files.iter().any(|file| file.id == chosen),
            other => panic!("{other:?}"),
        }
    };
    assert!(!listed().await);

    let request = Request::BeginPick {
        connection: anna.id,
        redirect: Some(RedirectKind::DeepLink),
    };
    let begun = match world.ask(request).await.unwrap() {
        Response::SignIn(view) => view,
        other => panic!("{other:?}"),
    };
    let body =
        serde_json::json!({"url": begun.url, "account": "anna@example.org", "picked": [chosen]});
    let answer = world.control("consent", body).await;
    let ended = world
        .deliver(answer["redirect"].as_str().unwrap())
        .await
        .unwrap();
    assert!(
        matches!(&ended.state, SignInState::Connected { connection, .. } if connection.id == anna.id),
        "{ended:?}"
    );
    assert!(listed().await);
}

/// What the window leads back to the step that was left out by.
#[tokio::test]
async fn an_api_that_was_never_switched_on_is_told_as_that() {
    let world = World::with_window().await;
    let refused =
        json!({ "error": { "code": 403, "details": [{ "reason": "SERVICE_DISABLED" }] } });
    world
        .fault(
            "gmail",
            "",
            json!({ "kind": "status", "status": 403, "body": refused }),
        )
        .await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let ended = world.deliver(&address).await.unwrap();
    let SignInState::Failed { error } = ended.state else {
        panic!("{ended:?}")
    };
    assert_eq!(error.code, ErrorCode::ApiDisabled);
    assert!(world.connections().await.is_empty());
}

#[tokio::test]
async fn a_registration_that_was_taken_is_answered_with_its_project_and_leads_into_it() {
    let world = World::with_window().await;
    let file = r#"{"installed":{"client_id":"4074-ab.apps.googleusercontent.com","project_id":"anna-autopilot","client_secret":"GOCSPX-canary"}}"#;
    let request = Request::RegisterClientFile {
        provider: "google".into(),
        contents: model::SecretInput::new(file),
        replace: false,
    };
    let Response::ClientTaken(taken) = world.ask(request).await.unwrap() else {
        panic!("a registration is answered with what was taken")
    };
    assert_eq!(taken.project.as_deref(), Some("anna-autopilot"));
    assert_eq!(taken.kind, "desktop");
    let Response::Integrations(all) = world.ask(Request::ListIntegrations).await.unwrap() else {
        panic!("integrations are listed")
    };
    let gmail = all.iter().find(|one| one.id.as_str() == "gmail").unwrap();
    let api = gmail
        .setup
        .iter()
        .find(|step| step.mends.is_some())
        .unwrap();
    assert!(
        api.link.ends_with("gmail.googleapis.com?project=4074"),
        "{}",
        api.link
    );
}

#[tokio::test]
async fn a_file_replaces_another_registration_only_when_that_was_asked_for() {
    let world = World::with_window().await;
    let send = async |name: &str, replace: bool| {
        let file = format!(
            r#"{{"installed":{{"client_id":"{name}.apps.googleusercontent.com","client_secret":"GOCSPX-canary"}}}}"#
        );
        let request = Request::RegisterClientFile {
            provider: "google".into(),
            contents: model::SecretInput::new(file),
            replace,
        };
        match world.ask(request).await.unwrap() {
            Response::ClientTaken(taken) => taken,
            other => panic!("{other:?}"),
        }
    };
    let registered = async || {
        let registered = world.core().registered(&"google".into()).await.unwrap();
        let desktop = registered.into_iter().find(|(kind, _)| kind == "desktop");
        desktop.unwrap().1.client_id
    };
    assert!(!send("1-first", false).await.replaces);
    // The same once more, with a new secret, say.
    assert!(!send("1-first", false).await.replaces);
    let asked = send("2-second", false).await;
    assert!(asked.replaces);
    assert_eq!(asked.kind, "desktop");
    assert!(registered().await.starts_with("1-first"));
    assert!(!send("2-second", true).await.replaces);
    assert!(registered().await.starts_with("2-second"));
}

#[tokio::test]
async fn the_verifier_of_a_sign_in_that_was_ended_right_before_a_crash_goes_at_the_next_start() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let id = begun.id;
    let row = world
        .core()
        .db(move |store| {
            store
                .attempts()
                .finish(id, store::AttemptOutcome::Cancelled)?;
            store.attempts().get(id)
        })
        .await
        .unwrap()
        .unwrap();
    let world = world.crash_and_reopen().await;
    for _ in 0..500 {
        let kept = world
            .core()
            .vault
            .read::<vault::PendingSignIn>(&vault::Item::Attempt(row.state_hash.clone()))
            .await;
        if matches!(kept, Ok(None)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it is still there");
}

#[tokio::test]
async fn a_new_sign_in_whose_row_a_crash_kept_from_being_written_is_what_counts() {
    let world = World::new().await;
    let view = world.connect("gmail", ANNA).await;
    world
        .control("revoke", serde_json::json!({"account": ANNA}))
        .await;
    world.core().round(crate::monitor::Probe::All).await;
    let dead = world.core().roster.get(view.id).unwrap();
    assert!(matches!(dead.status, model::Status::NeedsSignIn { .. }));
    let begun = world
        .begin_again("gmail", RedirectKind::DeepLink, Some(view.id))
        .await;
    let address = world.consent(&begun.url, ANNA, None).await;
    world.deliver(&address).await.unwrap();
    // As if the crash had come right after the vault.
    world
        .core()
        .db(move |store| store.connections().update(&dead))
        .await
        .unwrap();
    let world = world.crash_and_reopen().await;
    world
        .until("the grant to be found", || {
            let row = world.core().roster.get(view.id)?;
            (!matches!(row.status, model::Status::NeedsSignIn { .. })).then_some(())
        })
        .await;
}

/// Dropped as the loopback receiver drops it when the browser closes its page, and the socket when a program leaves.
#[tokio::test]
async fn an_answer_whose_bringer_leaves_at_once_ends_the_sign_in_all_the_same() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let is_used = || {
        let row = world.core().store.attempts().get(begun.id).unwrap();
        row.unwrap().outcome == AttemptOutcome::Used
    };
    let mut delivering = Box::pin(world.core().deliver(Secret::new(address)));
    // Not a step further than to where the attempt is used up.
    while !is_used() {
        if poll_fn(|cx| Poll::Ready(delivering.as_mut().poll(cx).is_ready())).await {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(delivering);
    let ended = world.ended(begun).await;
    assert!(
        matches!(ended.state, SignInState::Connected { .. }),
        "{ended:?}"
    );
    assert_eq!(world.connections().await.len(), 1);
}

#[tokio::test]
async fn a_sign_in_whose_end_was_never_told_can_still_be_cancelled() {
    let world = World::new().await;
    let begun = world.begin("gmail", RedirectKind::DeepLink).await;
    let attempts = world.core().store.attempts();
    assert!(attempts.finish(begun.id, AttemptOutcome::Used).unwrap());
    let cancel = Request::CancelSignIn { attempt: begun.id };
    let Response::SignIn(view) = world.ask(cancel).await.unwrap() else {
        panic!("a sign-in that is cancelled is answered with what it is now")
    };
    let SignInState::Failed { error } = view.state else {
        panic!("{view:?}")
    };
    assert_eq!(error.code, ErrorCode::SignInCancelled);
}

/// Until a grant that was proven waits for nothing but its connection's lock.
async fn until_it_is_taken_in(world: &World) {
    world
        .until("a grant to be taken in", || {
            let taking_in = world.core().attempts.taking_in.try_lock();
            taking_in.is_err().then_some(())
        })
        .await;
}

/// As a disconnect does that has the connection's lock.
async fn end(world: &World, id: ConnectionId) {
    let core = world.core();
    let row = core.roster.get(id).unwrap();
    let intent = core.intent(&row, RevocationPhase::Pending);
    core.store.revocations().insert(&intent).unwrap();
    core.store.connections().remove(id).unwrap();
    core.vault.delete(&Item::Grant(id)).await.unwrap();
    core.leave(id);
}

async fn has_grant(world: &World, id: ConnectionId) -> bool {
    let kept = world.core().vault.read::<Grant>(&Item::Grant(id)).await;
    kept.unwrap().is_some()
}

#[tokio::test]
async fn a_connection_that_ends_while_it_is_signed_in_again_stays_ended() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let begun = world
        .begin_again("gmail", RedirectKind::DeepLink, Some(anna.id))
        .await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let held = world.core().broker.hold(anna.id).await;
    let url = SecretInput::new(address.as_str());
    world.ask(Request::DeliverRedirect { url }).await.unwrap();
    until_it_is_taken_in(&world).await;
    end(&world, anna.id).await;
    drop(held);
    match world.ended(begun).await.state {
        SignInState::Failed { error } => assert_eq!(error.code, ErrorCode::UnknownConnection),
        other => panic!("{other:?}"),
    }
    assert!(world.connections().await.is_empty());
    assert!(world.core().store.connections().all().unwrap().is_empty());
    assert!(!has_grant(&world, anna.id).await);
}

/// Under its former id its grant would go with the revocation that is still to come.
#[tokio::test]
async fn an_account_connected_anew_while_its_connection_ends_is_a_new_connection() {
    let world = World::new().await;
    let former = world.connect_bot().await.unwrap();
    let held = world.core().broker.hold(former.id).await;
    let ending = async {
        until_it_is_taken_in(&world).await;
        end(&world, former.id).await;
        drop(held);
    };
    let (anew, ()) = tokio::join!(world.connect_bot(), ending);
    let anew = anew.unwrap();
    assert_ne!(anew.id, former.id);
    world.core().revoke_due().await;
    assert!(has_grant(&world, anew.id).await);
    let ids: Vec<_> = world.connections().await.iter().map(|one| one.id).collect();
    assert_eq!(ids, [anew.id]);
}

#[tokio::test]
async fn what_is_decided_about_a_connection_while_it_is_signed_in_again_holds() {
    let world = World::new().await;
    let anna = world.connect("gmail", ANNA).await;
    let allow = |allowed| Request::SetTokenAllowed {
        connection: anna.id,
        allowed,
    };
    world.ask(allow(true)).await.unwrap();
    let begun = world
        .begin_again("gmail", RedirectKind::DeepLink, Some(anna.id))
        .await;
    let address = world.consent(&begun.url, ANNA, None).await;
    let held = world.core().broker.hold(anna.id).await;
    let url = SecretInput::new(address.as_str());
    world.ask(Request::DeliverRedirect { url }).await.unwrap();
    until_it_is_taken_in(&world).await;
    world.ask(allow(false)).await.unwrap();
    let connection = || ConnectionRef::new(anna.id.to_string());
    let pause = Request::SetPaused {
        connection: connection(),
        paused: true,
    };
    world.ask(pause).await.unwrap();
    let rename = Request::RenameConnection {
        connection: connection(),
        name: Some("Anna's".to_owned()),
    };
    world.ask(rename).await.unwrap();
    drop(held);
    let ended = world.ended(begun).await;
    assert!(
        matches!(ended.state, SignInState::Connected { .. }),
        "{ended:?}"
    );
    let in_memory = world.core().roster.all();
    let in_table = world.core().store.connections().all().unwrap();
    for row in [&in_memory[0], &in_table[0]] {
        assert!(row.paused && !row.token_allowed, "{row:?}");
        assert_eq!(row.name.as_deref(), Some("Anna's"));
        assert_eq!(row.generation, 2);
    }
}
