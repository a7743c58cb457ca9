//! Moving house under kills: whatever end of an import the hub is killed at, either everything of the file is here and
//! works, or nothing is. What was here before stays, each time.

use std::time::{Duration, Instant};

use autopilot_tests::{ANNA, BEN, Face, PipedHub, World, keychain, sandbox};
use model::{
    Caller, ConnectionRef, ConnectionView, Effect, Request, Response, SecretInput, Settings,
};

use super::{
    Share,
    agreement::{self, Used},
    asked_for,
    sign_in::{self, Came},
    tally::Tally,
};

const PASSPHRASE: &str = "four words that nobody else says";
/// What distinguishes the file's settings from the usual ones.
const UNDO_S: u32 = 37;
/// A sign-in each that the file brings.
const COMING: usize = 2;

#[test]
fn an_import_that_is_killed_anywhere_happened_as_a_whole_or_not_at_all() {
    let (kills, mut dice) = asked_for("importing", Share::Importing);
    let world = World::sandbox("importing");
    let file = pack(&world);
    let mut tally = Tally::default();

    // How long one takes that nobody disturbs.
    let mut house = House::new(&world, 0);
    let mut hub = house.world.piped_hub("none");
    let shown = house.preview(&mut hub, &file);
    let began = Instant::now();
    assert!(hub.ask(&shown).is_ok());
    let takes = began.elapsed();
    assert!(house.is_full(&mut hub), "an import brings everything");
    hub.kill9();
    house = house.next(&world);

    let (mut before, mut after) = (0, 0);
    let mut hub = house.world.piped_hub("none");
    for _ in 0..kills {
        let shown = house.preview(&mut hub, &file);
        let wait = dice.below(u64::try_from(takes.as_micros()).unwrap() * 4 / 3);
        hub.begin(&shown);
        std::thread::sleep(Duration::from_micros(wait));
        hub.kill9();
        hub = house.world.piped_hub("none");
        agreement::reached(&house.world, Used::NotYet);
        tally.kills += 1;
        tally.recovered += 1;
        if house.is_full(&mut hub) {
            after += 1;
            hub.kill9();
            house = house.next(&world);
            hub = house.world.piped_hub("none");
        } else {
            before += 1;
        }
    }
    hub.stop();
    println!("importing: {before} times nothing had happened, {after} times everything");
    tally.tell("importing");
}

/// Two sign-ins, a caller and a choice, as one file.
fn pack(world: &World) -> String {
    let mut hub = world.piped_hub("none");
    let face = world.face();
    for account in [ANNA, BEN] {
        let came = sign_in::sign_in(world, &face, account, None);
        assert!(matches!(came, Came::Connected(_)), "{came:?}");
    }
    done(hub.ask(&Request::AdmitCaller {
        caller: mover(),
        admit: true,
        writes: Effect::Ask,
    }));
    let settings = Settings {
        undo_window_s: UNDO_S,
        ..settings(&mut hub)
    };
    done(hub.ask(&Request::SetSettings { settings }));
    let path = world.root().join("house.age").display().to_string();
    done(hub.ask(&Request::ExportTo {
        path: path.clone(),
        passphrase: Some(SecretInput::new(PASSPHRASE)),
        replace: false,
    }));
    hub.stop();
    path
}

/// A profile that a file is brought to. Something is in it already.
struct House {
    world: World,
    number: u32,
}

impl House {
    fn new(beside: &World, number: u32) -> Self {
        let world = beside.beside(&format!("to{number}"));
        let mut hub = world.piped_hub("none");
        let fields = [(
            "token".to_owned(),
            SecretInput::new(sandbox::DEMO_BOT_TOKEN),
        )];
        done(hub.ask(&Request::ConnectWithForm {
            integration: "telegram".into(),
            connection: None,
            fields: fields.into(),
        }));
        hub.stop();
        Self { world, number }
    }

    /// The next one; what this one had in the keychain goes, so that looking things up there stays quick.
    fn next(self, beside: &World) -> Self {
        keychain::clear(self.world.profile());
        Self::new(beside, self.number + 1)
    }

    /// Shows the file; what is returned does it.
    fn preview(&self, hub: &mut PipedHub, file: &str) -> Request {
        let shown = hub.ask(&Request::PreviewImport {
            path: file.to_owned(),
            passphrase: Some(SecretInput::new(PASSPHRASE)),
        });
        match shown {
            Ok(Response::Import(preview)) => Request::Import { id: preview.id },
            other => panic!("{}: {other:?}", self.world.profile()),
        }
    }

    /// Is all of the file here? If not, nothing may be.
    fn is_full(&self, hub: &mut PipedHub) -> bool {
        let face = self.world.face();
        let all = connections(&face);
        let brought: Vec<_> = all
            .iter()
            .filter(|one| one.integration.as_str() == "gmail")
            .collect();
        assert_eq!(all.len(), brought.len() + 1, "what was here stays: {all:?}");
        let grants = keychain::names(self.world.profile())
            .iter()
            .filter(|name| name.starts_with("grant/"))
            .count();
        let knows = match hub.ask(&Request::ListCallers) {
            Ok(Response::Callers(all)) => all.iter().any(|one| one.caller == mover()),
            other => panic!("{other:?}"),
        };
        let chosen = settings(hub).undo_window_s == UNDO_S;
        let is_full = match (brought.len(), grants, knows, chosen) {
            (0, 1, false, false) => false,
            (COMING, grants, true, true) if grants == COMING + 1 => true,
            half => panic!("a half of an import: {half:?}"),
        };
        for one in &all {
            let connection = ConnectionRef::new(one.id.to_string());
            match face.ask(Request::Test { connection }) {
                Ok(Response::Test(report)) if report.error.is_none() => {}
                other => panic!("{other:?}"),
            }
        }
        is_full
    }
}

fn mover() -> Caller {
    Caller::Program {
        executable: "/opt/mover".to_owned(),
    }
}

fn connections(face: &Face) -> Vec<ConnectionView> {
    match face.ask(Request::ListConnections) {
        Ok(Response::Connections(all)) => all,
        other => panic!("{other:?}"),
    }
}

fn settings(hub: &mut PipedHub) -> Settings {
    match hub.ask(&Request::GetSettings) {
        Ok(Response::Settings(settings)) => settings,
        other => panic!("{other:?}"),
    }
}

fn done(answer: Result<Response, model::Error>) {
    assert!(answer.is_ok(), "{answer:?}");
}
