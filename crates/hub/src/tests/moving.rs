//! Moving house: what leaves one profile arrives in another, whole or not at all.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use model::{
    Admission, Budget, Caller, Capability, Cause, Chat, ChatKind, ClientFate, ConnectionFate,
    Effect, ErrorCode, Exported, ImportPreview, Imported, Limits, Request, Response, Rule,
    SecretInput, Settings, Status, Timestamp,
};
use serde_json::Value;
use vault::{ClientSecret, Credential, Grant, Item};

use super::world::{BOT, World};

pub(super) const ANNA: &str = "anna@example.org";
pub(super) const PASSPHRASE: &str = "a passphrase for the way";
const OWN_CLIENT: &str = "1234-own.apps.googleusercontent.com";
const OWN_SECRET: &str = "own-client-secret-canary";

fn agent() -> Caller {
    Caller::Agent {
        executable: "/opt/agent".to_owned(),
    }
}

/// A profile with something of everything.
pub(super) async fn lived_in() -> World {
    let world = World::with_window().await;
    let gmail = world.connect("gmail", ANNA).await;
    let drive = world.connect("google_drive", ANNA).await;
    let bot = world.connect_bot().await.unwrap();
    let chat = Chat {
        id: "-100".to_owned(),
        kind: ChatKind::Group,
        title: "Family".to_owned(),
        handle: None,
        known_since: Timestamp::UNIX_EPOCH,
    };
    world.core().store.chats().upsert(bot.id, &chat).unwrap();
    for request in [
        Request::RegisterClient {
            provider: "google".into(),
            kind: "desktop".to_owned(),
            client_id: OWN_CLIENT.to_owned(),
            client_secret: Some(SecretInput::new(OWN_SECRET)),
        },
        Request::SetPaused {
            connection: "google_drive".into(),
            paused: true,
        },
        Request::SetTokenAllowed {
            connection: gmail.id,
            allowed: true,
        },
        Request::SetSettings {
            settings: Settings {
                undo_window_s: 42,
                ..Settings::default()
            },
        },
        Request::AdmitCaller {
            caller: agent(),
            admit: true,
            writes: Effect::Ask,
        },
        Request::SetRules {
            caller: agent(),
            rules: vec![
                rule(Some(gmail.id), Capability::MailSend, "@example.org"),
                rule(Some(drive.id), Capability::FilesUpload, ""),
                rule(None, Capability::MessageSend, "-100"),
            ],
            writes: Effect::Ask,
            budget: Budget {
                per_minute: 7,
                writes_per_day: 9,
            },
        },
        Request::AdmitCaller {
            caller: Caller::Program {
                executable: "/usr/bin/unwelcome".to_owned(),
            },
            admit: false,
            writes: Effect::Ask,
        },
    ] {
        world.ask(request).await.unwrap();
    }
    world
}

/// A rule's folders are absolute, which is another thing on each system.
const SHARE: &str = if cfg!(windows) {
    r"C:\Users\anna\share"
} else {
    "/home/anna/share"
};

fn rule(connection: Option<model::ConnectionId>, capability: Capability, to: &str) -> Rule {
    Rule {
        connection,
        capability: Some(capability),
        effect: Effect::Allow,
        limits: Limits {
            recipients: Some(to.to_owned())
                .filter(|to| !to.is_empty())
                .into_iter()
                .collect(),
            per_day: Some(3),
            folders: vec![SHARE.to_owned()],
        },
    }
}

pub(super) async fn export(world: &World, passphrase: Option<&str>) -> PathBuf {
    let name = if passphrase.is_some() {
        "moving.age"
    } else {
        "moving.json"
    };
    let path = world.folder.path().join(name);
    match world.ask(export_request(&path, passphrase)).await.unwrap() {
        Response::Exported(exported) => {
            let connections = u32::try_from(world.connections().await.len()).unwrap();
            let expected = Exported {
                path: path.display().to_string(),
                with_secrets: passphrase.is_some(),
                connections,
                without_sign_in: Vec::new(),
            };
            assert_eq!(exported, expected);
        }
        other => panic!("{other:?}"),
    }
    path
}

pub(super) fn export_request(path: &std::path::Path, passphrase: Option<&str>) -> Request {
    Request::ExportTo {
        path: path.display().to_string(),
        passphrase: passphrase.map(SecretInput::new),
        replace: false,
    }
}

pub(super) async fn preview(
    world: &World,
    path: &std::path::Path,
    passphrase: Option<&str>,
) -> Result<ImportPreview, model::Error> {
    let request = Request::PreviewImport {
        path: path.display().to_string(),
        passphrase: passphrase.map(SecretInput::new),
    };
    match world.ask(request).await? {
        Response::Import(preview) => Ok(*preview),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn import(
    world: &World,
    preview: &ImportPreview,
) -> Result<Imported, model::Error> {
    match world.ask(Request::Import { id: preview.id }).await? {
        Response::Imported(imported) => Ok(imported),
        other => panic!("{other:?}"),
    }
}

/// What a profile is, without what differs between two: ids and times.
fn likeness(world: &World) -> Value {
    let core = world.core();
    let names: BTreeMap<_, _> = core
        .roster
        .all()
        .into_iter()
        .map(|row| (row.id, format!("{} {}", row.integration, row.identity.id)))
        .collect();
    let mut connections: Vec<Value> = core
        .roster
        .all()
        .iter()
        .map(|row| {
            let chats = core.store.chats().of(row.id).unwrap();
            serde_json::json!([
                names[&row.id],
                row.identity,
                row.asked,
                row.paused,
                row.token_allowed,
                chats
            ])
        })
        .collect();
    connections.sort_by_key(ToString::to_string);
    let callers: Vec<Value> = core
        .store
        .callers()
        .all()
        .unwrap()
        .iter()
        .map(|row| {
            let rules: Vec<Value> = row
                .rules
                .iter()
                .map(|rule| {
                    let of = rule.connection.map(|id| names[&id].clone());
                    serde_json::json!([of, rule.capability, rule.effect, rule.limits])
                })
                .collect();
            let admitted = matches!(row.admission, Admission::Admitted { .. });
            serde_json::json!([row.caller, admitted, rules, row.writes, row.budget])
        })
        .collect();
    serde_json::json!([connections, callers, core.settings.get()])
}

async fn ledger_says(world: &World, result: &str) -> usize {
    let request = Request::ListLedger {
        filter: model::LedgerFilter::default(),
    };
    let Response::Ledger(lines) = world.ask(request).await.unwrap() else {
        panic!()
    };
    lines
        .iter()
        .filter(|line| {
            // Of the profile itself, not of one connection or caller in it.
            line.result == result
                && line.kind == model::EntryKind::Connection
                && line.connection.is_none()
        })
        .count()
}

#[tokio::test]
async fn with_its_sign_ins_a_profile_arrives_working() {
    let from = lived_in().await;
    let path = export(&from, Some(PASSPHRASE)).await;
    let to = from.next_door().await;
    let shown = preview(&to, &path, Some(PASSPHRASE)).await.unwrap();
    assert!(shown.with_secrets);
    assert!(
        shown
            .connections
            .iter()
            .all(|one| one.fate == ConnectionFate::SignedIn)
    );
    assert_eq!(shown.clients[0].fate, ClientFate::Added);
    let imported = import(&to, &shown).await.unwrap();
    assert_eq!(imported.connections.len(), 3);
    assert_eq!(imported.reconnect, []);
    assert_eq!(likeness(&to), likeness(&from));
    assert_eq!(to.core().settings.get().undo_window_s, 42);
    // Proven by a real call, nobody signing in.
    for integration in ["gmail", "telegram"] {
        to.until("the connection to be proven", || {
            let row = to.core().roster.resolve(&integration.into()).ok()?;
            matches!(row.status, Status::Connected { .. }).then_some(())
        })
        .await;
    }
    let client = to
        .core()
        .vault
        .read::<ClientSecret>(&Item::Client {
            provider: "google".into(),
            kind: "desktop".to_owned(),
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(client.secret.unwrap().expose(), OWN_SECRET);
    assert_eq!(ledger_says(&from, "exported_with_secrets").await, 1);
    assert_eq!(ledger_says(&to, "imported").await, 1);
    assert!(to.core().store.imports().all::<Value>().unwrap().is_empty());
    // And it stays so.
    let to = to.crash_and_reopen().await;
    assert_eq!(likeness(&to), likeness(&from));
}

#[tokio::test]
async fn without_them_the_same_profile_waits_for_its_sign_ins() {
    let from = lived_in().await;
    let path = export(&from, None).await;
    let to = from.next_door().await;
    let shown = preview(&to, &path, None).await.unwrap();
    let fates: Vec<_> = shown.connections.iter().map(|one| one.fate).collect();
    assert_eq!(fates, [ConnectionFate::NeedsSignIn; 3]);
    // Its secret isn't in the file, so that it would be half a registration.
    assert_eq!(shown.clients[0].fate, ClientFate::NeedsSecret);
    let imported = import(&to, &shown).await.unwrap();
    assert_eq!(imported.reconnect.len(), 3);
    assert_eq!(likeness(&to), likeness(&from));
    for row in to.core().roster.all() {
        let cause = match row.status {
            Status::NeedsSignIn { cause, .. } => cause,
            other => panic!("{other:?}"),
        };
        assert_eq!(cause, Cause::Imported);
    }
    // Signing in once is all it takes, and what was set before stays.
    let gmail = to.core().roster.resolve(&"gmail".into()).unwrap();
    let again = to.connect("gmail", ANNA).await;
    assert_eq!(again.id, gmail.id);
    assert!(again.token_allowed);
    assert!(matches!(again.status, Status::Connected { .. }));
}

#[tokio::test]
async fn what_waits_for_a_sign_in_gets_it_from_a_later_import() {
    let from = lived_in().await;
    let (plain, sealed) = (
        export(&from, None).await,
        export(&from, Some(PASSPHRASE)).await,
    );
    let to = from.next_door().await;
    let shown = preview(&to, &plain, None).await.unwrap();
    import(&to, &shown).await.unwrap();
    let shown = preview(&to, &sealed, Some(PASSPHRASE)).await.unwrap();
    assert!(
        shown
            .connections
            .iter()
            .all(|one| one.fate == ConnectionFate::SignedIn)
    );
    assert!(shown.callers.iter().all(|one| !one.added));
    import(&to, &shown).await.unwrap();
    assert_eq!(likeness(&to), likeness(&from));
    to.until("the connection to be proven", || {
        let row = to.core().roster.resolve(&"gmail".into()).ok()?;
        matches!(row.status, Status::Connected { .. }).then_some(())
    })
    .await;
    // A third time there is nothing left to do.
    let shown = preview(&to, &sealed, Some(PASSPHRASE)).await.unwrap();
    assert!(
        shown
            .connections
            .iter()
            .all(|one| one.fate == ConnectionFate::Stays)
    );
    assert!(import(&to, &shown).await.unwrap().connections.is_empty());
    assert_eq!(likeness(&to), likeness(&from));
}

#[tokio::test]
async fn what_a_person_decided_here_is_not_changed_by_a_file() {
    let from = lived_in().await;
    let path = export(&from, None).await;
    let to = from.next_door().await;
    let refused = Request::AdmitCaller {
        caller: agent(),
        admit: false,
        writes: Effect::Deny,
    };
    to.ask(refused).await.unwrap();
    let stop = Request::SetSettings {
        settings: Settings {
            agents_paused: true,
            ..Settings::default()
        },
    };
    to.ask(stop).await.unwrap();
    let here = to.core().store.callers().get(&agent()).unwrap();
    let shown = preview(&to, &path, None).await.unwrap();
    let one = shown
        .callers
        .iter()
        .find(|one| one.caller == agent())
        .unwrap();
    assert!(!one.added);
    assert!(shown.settings_then.agents_paused);
    import(&to, &shown).await.unwrap();
    assert_eq!(to.core().store.callers().get(&agent()).unwrap(), here);
    assert!(to.core().settings.get().agents_paused);
}

#[tokio::test]
async fn only_what_was_shown_is_done() {
    let from = lived_in().await;
    let path = export(&from, None).await;
    let to = from.next_door().await;
    let shown = preview(&to, &path, None).await.unwrap();
    // Meanwhile the person connects one of them.
    to.connect("gmail", ANNA).await;
    let refused = import(&to, &shown).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ImportRefused);
    assert_eq!(to.connections().await.len(), 1);
    // Nor is it there for a second try, or after it was taken back.
    assert_eq!(
        import(&to, &shown).await.unwrap_err().code,
        ErrorCode::ImportRefused
    );
    let shown = preview(&to, &path, None).await.unwrap();
    to.ask(Request::CancelImport { id: shown.id })
        .await
        .unwrap();
    assert_eq!(
        import(&to, &shown).await.unwrap_err().code,
        ErrorCode::ImportRefused
    );
}

#[tokio::test]
async fn what_is_decided_while_an_import_runs_is_not_undone_by_it() {
    let from = lived_in().await;
    let path = export(&from, None).await;
    let to = from.next_door().await;
    let shown = preview(&to, &path, None).await.unwrap();
    // Somebody changes a caller; the refusal is next, and the import, which is under way, comes after it.
    let turn = to.core().policy.turn().await;
    let refuse = to.ask(Request::AdmitCaller {
        caller: agent(),
        admit: false,
        writes: Effect::Ask,
    });
    let begun = async {
        to.until("the import to be under way", || {
            let journal = to.core().store.imports().all::<Value>().unwrap();
            (!journal.is_empty()).then_some(())
        })
        .await;
        drop(turn);
    };
    let (refused, imported, ()) = tokio::join!(refuse, import(&to, &shown), begun);
    refused.unwrap();
    assert_eq!(imported.unwrap_err().code, ErrorCode::ImportRefused);
    let row = to.core().store.callers().get(&agent()).unwrap().unwrap();
    assert!(matches!(row.admission, Admission::Refused { .. }));
    assert_eq!(to.connections().await.len(), 0);
}

#[tokio::test]
async fn a_plain_export_holds_no_secret_and_no_content() {
    let world = lived_in().await;
    let path = export(&world, None).await;
    let text = std::fs::read_to_string(path).unwrap();
    let program = Caller::Program {
        executable: "/usr/bin/cat".to_owned(),
    };
    let told = match world.ask_as(&program, Request::Export).await.unwrap() {
        Response::Export(text) => text,
        other => panic!("{other:?}"),
    };
    let mut secrets = vec![BOT.to_owned(), OWN_SECRET.to_owned()];
    for row in world.core().roster.all() {
        let grant: Grant = world
            .core()
            .vault
            .read(&Item::Grant(row.id))
            .await
            .unwrap()
            .unwrap();
        if let Credential::Oauth(oauth) = grant.credential {
            secrets.push(oauth.access_token.expose().to_owned());
            secrets.push(oauth.refresh_token.unwrap().expose().to_owned());
        }
    }
    assert_eq!(secrets.len(), 6);
    for secret in secrets {
        assert!(!text.contains(&secret) && !told.contains(&secret));
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["format"], "autopilot-export");
    assert_eq!(document["version"], 1);
    assert_eq!(document["connections"].as_array().unwrap().len(), 3);
    assert_eq!(document["clients"][0]["client_id"], OWN_CLIENT);
}

#[tokio::test]
async fn a_sealed_export_shows_nothing_and_overwrites_nothing() {
    let world = lived_in().await;
    let path = export(&world, Some(PASSPHRASE)).await;
    let bytes = std::fs::read(&path).unwrap();
    for word in [ANNA, BOT, OWN_CLIENT, "/opt/agent"] {
        assert!(
            !bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        );
    }
    let refused = world
        .ask(export_request(&path, Some(PASSPHRASE)))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::FileExists);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn secrets_leave_and_anything_comes_in_through_the_window_alone() {
    let world = lived_in().await;
    let path = world.folder.path().join("x.age");
    let program = Caller::Program {
        executable: "/usr/bin/cat".to_owned(),
    };
    for request in [
        export_request(&path, Some(PASSPHRASE)),
        export_request(&path, None),
        Request::PreviewImport {
            path: path.display().to_string(),
            passphrase: None,
        },
        Request::Import {
            id: model::ImportId::generate(),
        },
    ] {
        for caller in [&program, &agent()] {
            let refused = world.ask_as(caller, request.clone()).await.unwrap_err();
            assert_eq!(refused.code, ErrorCode::RefusedCaller);
        }
    }
    let refused = world.ask_as(&agent(), Request::Export).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RefusedCaller);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_hub_without_a_window_says_so() {
    let world = World::new().await;
    let path = export(&world, None).await;
    let refused = preview(&world, &path, None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WindowNeeded);
}

#[tokio::test]
async fn a_sign_in_made_with_another_registration_is_not_taken_over() {
    let from = lived_in().await;
    // What gmail was signed in with is taken for the person's own registration here, and another one there.
    let kind = Request::RegisterClient {
        provider: "google".into(),
        kind: "ios".to_owned(),
        client_id: "77-other.apps.googleusercontent.com".to_owned(),
        client_secret: None,
    };
    let path = export(&from, Some(PASSPHRASE)).await;
    let to = from.next_door().await;
    to.ask(kind).await.unwrap();
    let shown = preview(&to, &path, Some(PASSPHRASE)).await.unwrap();
    let fate = |name: &str| {
        let of = shown
            .connections
            .iter()
            .find(|one| one.integration.as_str() == name);
        of.unwrap().fate
    };
    assert_eq!(fate("gmail"), ConnectionFate::OtherClient);
    assert_eq!(fate("telegram"), ConnectionFate::SignedIn);
    let imported = import(&to, &shown).await.unwrap();
    assert_eq!(imported.reconnect.len(), 2);
}

/// Ends the process, as far as one can from within, after each step of an import in turn.
#[tokio::test]
async fn an_import_that_is_cut_off_anywhere_happened_or_did_not() {
    let from = lived_in().await;
    let path = export(&from, Some(PASSPHRASE)).await;
    let (mut before_seen, mut after_seen) = (0, 0);
    for steps in 0.. {
        let to = from.next_door().await;
        let before = (likeness(&to), super::moving_refused::vault_items(&to));
        let shown = preview(&to, &path, Some(PASSPHRASE)).await.unwrap();
        *to.core().moving.steps_left.lock().unwrap() = Some(steps);
        let hub = to.hub.clone();
        let id = shown.id;
        let running = tokio::spawn(async move {
            use model::Door;
            hub.handle(Caller::Window, Request::Import { id }).await
        });
        let core = Arc::clone(to.core());
        let was_cut_off = tokio::select! {
            () = core.moving.stopped.notified() => true,
            done = running => {
                done.unwrap().unwrap();
                false
            }
        };
        let to = to.crash_and_reopen().await;
        to.until("what was cut off to be mended", || {
            let left = to.core().store.imports().all::<Value>().unwrap();
            left.is_empty().then_some(())
        })
        .await;
        let items = super::moving_refused::vault_items(&to);
        if likeness(&to) == before.0 {
            assert_eq!(
                items, before.1,
                "after {steps} steps something was left in the vault"
            );
            before_seen += 1;
        } else {
            assert_eq!(likeness(&to), likeness(&from), "after {steps} steps");
            // Three grants and a registration.
            assert_eq!(items.len(), before.1.len() + 4, "after {steps} steps");
            assert_eq!(ledger_says(&to, "imported").await, 1);
            after_seen += 1;
        }
        if !was_cut_off {
            break;
        }
    }
    assert!(before_seen >= 5, "{before_seen}");
    assert!(after_seen >= 2, "{after_seen}");
}
