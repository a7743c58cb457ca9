//! Moving house leaves no secret lying about: not in a file without sign-ins, not around one with them, and not where it
//! was brought to.

use autopilot_tests::{ANNA, World, sandbox::DEMO_BOT_TOKEN};
use model::{Request, Response, SecretInput};

use super::{Canaries, PASSPHRASE, files};
use crate::torture::sign_in::{self, Came};

/// Of a registration that is the person's own. Its id is one that the twins know.
const OWN_SECRET: &str = "GOCSPX-own-registration-4711";

#[test]
fn an_export_from_the_terminal_holds_no_secret() {
    let (world, mut canaries) = furnished("moved-open");
    let hub = world.hub();
    let file = world.root().join("home/house.json");
    let path = file.display().to_string();
    let ran = world.run(&["export", &path]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    canaries.nowhere_in("what it said", (ran.stdout + &ran.stderr).as_bytes());
    let text = std::fs::read(&file).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(document["connections"].as_array().unwrap().len(), 2);
    canaries.nowhere_in("the file", &text);
    hub.stop();

    // Elsewhere it becomes a list of accounts to sign in to.
    let there = world.beside("to");
    let mut hub = there.piped_hub("none");
    let imported = import(&mut hub, &path, None);
    assert_eq!(
        (imported.connections.len(), imported.reconnect.len()),
        (2, 2)
    );
    hub.stop();
    canaries.add("passphrase", PASSPHRASE);
    nowhere_on_disk(&world, &canaries);
}

#[test]
fn around_an_export_with_sign_ins_no_secret_touches_the_disk() {
    let (world, mut canaries) = furnished("moved-shut");
    canaries.add("passphrase", PASSPHRASE);
    let path = world.root().join("home/house.age").display().to_string();
    let mut hub = world.piped_hub("none");
    let exported = hub.ask(&Request::ExportTo {
        path: path.clone(),
        passphrase: Some(SecretInput::new(PASSPHRASE)),
        replace: false,
    });
    assert!(matches!(exported, Ok(Response::Exported(told)) if told.with_secrets));
    hub.stop();
    nowhere_on_disk(&world, &canaries);

    // Brought elsewhere, everything works at once, and the keychain alone has it.
    let there = world.beside("to");
    let mut hub = there.piped_hub("none");
    let imported = import(&mut hub, &path, Some(PASSPHRASE));
    assert_eq!(
        (imported.connections.len(), imported.reconnect.len()),
        (2, 0)
    );
    for one in imported.connections {
        assert_eq!(there.run(&["test", &one.id.to_string()]).code, Some(0));
    }
    // As it was left: with the database's log.
    hub.kill9();
    nowhere_on_disk(&world, &canaries);
}

/// A mail account, a bot and a registration with its secret.
fn furnished(promise: &str) -> (World, Canaries) {
    let world = World::sandbox(promise);
    let mut canaries = Canaries::default();
    canaries.add("token of the bot", DEMO_BOT_TOKEN);
    canaries.add("secret of the registration", OWN_SECRET);
    let mut hub = world.piped_hub("none");
    let face = world.face();
    let came = sign_in::sign_in(&world, &face, ANNA, None);
    let Came::Connected(gmail) = came else {
        panic!("{came:?}");
    };
    canaries.add_grant("gmail", &world, &gmail.id.to_string());
    let fields = [("token".to_owned(), SecretInput::new(DEMO_BOT_TOKEN))];
    for request in [
        Request::ConnectWithForm {
            integration: "telegram".into(),
            connection: None,
            fields: fields.into(),
        },
        Request::RegisterClient {
            provider: "google".into(),
            kind: "desktop".to_owned(),
            client_id: autopilot_tests::sandbox::DESKTOP_CLIENT_ID.to_owned(),
            client_secret: Some(SecretInput::new(OWN_SECRET)),
        },
    ] {
        let answer = hub.ask(&request);
        assert!(answer.is_ok(), "{answer:?}");
    }
    hub.stop();
    (world, canaries)
}

fn import(
    hub: &mut autopilot_tests::PipedHub,
    path: &str,
    passphrase: Option<&str>,
) -> model::Imported {
    let shown = hub.ask(&Request::PreviewImport {
        path: path.to_owned(),
        passphrase: passphrase.map(SecretInput::new),
    });
    let Ok(Response::Import(preview)) = shown else {
        panic!("{shown:?}");
    };
    match hub.ask(&Request::Import { id: preview.id }) {
        Ok(Response::Imported(imported)) => imported,
        other => panic!("{other:?}"),
    }
}

/// The exported file, both profiles, their logs, and whatever a program may have left.
fn nowhere_on_disk(world: &World, canaries: &Canaries) {
    let all: Vec<_> = ["home", "run"]
        .iter()
        .flat_map(|folder| files(&world.root().join(folder)))
        .collect();
    assert!(all.iter().any(|file| file.ends_with("autopilot.db")));
    assert!(
        all.iter()
            .any(|file| file.file_stem().is_some_and(|stem| stem == "house"))
    );
    for file in &all {
        canaries.nowhere_in(&file.display().to_string(), &std::fs::read(file).unwrap());
    }
}
