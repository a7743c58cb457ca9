//! Grants under kills: renewed, replaced by a new sign-in, brought by a first one, ended. Once for each way in which a
//! service may treat a refresh token that is used.
//!
//! The services only delay; they never fail. So whatever is broken after a kill was broken by the kill, and the one thing
//! that may be: a strict rotation whose answer nobody kept. It is named as that, and a new sign-in mends it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use autopilot_tests::{Face, World, eventually, sandbox};
use model::{
    Cause, ConnectionId, ConnectionRef, ConnectionView, Request, Response, Status,
    test_report::TestReport,
};
use serde_json::json;

use super::{
    Share,
    agreement::{self, Used},
    asked_for,
    dice::Dice,
    sign_in::{self, Came},
    tally::Tally,
};

/// Between asking and killing; a little longer than the longest of these steps takes with the delays below.
const LONGEST_WAIT_MS: u64 = 450;
/// A service answered; what the hub does about it takes about as long.
const AFTER_AN_ANSWER_MS: u64 = 40;
const WITHIN: Duration = Duration::from_secs(30);

/// Their grants are renewed.
const RENEWED: [&str; 2] = ["renewed.1@example.org", "renewed.2@example.org"];
/// Is signed in again and again.
const AGAIN: &str = "again@example.org";
/// Comes and goes.
const GUEST: &str = "guest@example.org";

#[test]
fn a_grant_survives_kills_where_refresh_tokens_stay() {
    torture("grants-none", "none", "none");
}

#[test]
fn a_grant_survives_kills_where_spent_refresh_tokens_work_a_while() {
    torture("grants-grace", "grace", "grace");
}

#[test]
fn a_grant_survives_kills_or_says_so_where_a_spent_refresh_token_ends_everything() {
    torture("grants-strict", "strict", "rotating");
}

struct Scene {
    world: World,
    /// As the hub is told, of which the twin knows its part.
    rotation: &'static str,
    renewed: Vec<ConnectionId>,
    again: ConnectionId,
    tally: Tally,
}

/// What was under way when the hub was killed, and how far it came.
enum Step {
    Renewing,
    Again(Came),
    Coming(Came),
    /// Was its end promised?
    Going(bool),
}

fn torture(scenario: &'static str, rotation: &'static str, twin: &str) {
    let (kills, mut dice) = asked_for(scenario, Share::Grants);
    let mut scene = Scene::open(scenario, rotation, twin);
    let mut hub = scene.world.piped_hub(rotation);
    for _ in 0..kills {
        let face = scene.world.face();
        scene.slow_down(&mut dice);
        let step = scene.killed_while(hub, &face, &mut dice);
        scene.world.peer().heal();
        hub = scene.world.piped_hub(rotation);
        agreement::reached(&scene.world, Used::NotYet);
        let face = scene.world.face();
        let was_named = scene.look(&face, step);
        agreement::reached(&scene.world, Used::Yes);
        scene.tally.kills += 1;
        scene.tally.named += u64::from(was_named);
        scene.tally.recovered += u64::from(!was_named);
    }
    hub.stop();
    scene.tally.tell(scenario);
}

impl Scene {
    fn open(scenario: &str, rotation: &'static str, twin: &str) -> Self {
        let seed = sandbox::Seed {
            google_accounts: RENEWED
                .into_iter()
                .chain([AGAIN, GUEST])
                .zip(1_u32..)
                .map(|(email, n)| sandbox::GoogleAccount {
                    email: email.to_owned(),
                    name: format!("Number {n}"),
                    sub: format!("10472900000000000010{n}"),
                })
                .collect(),
            ..sandbox::Seed::default()
        };
        let world = World::sandbox_with(scenario, seed);
        world.peer().oauth(&json!({"rotation": twin}));
        let hub = world.piped_hub(rotation);
        let face = world.face();
        let connect = |account| match sign_in::sign_in(&world, &face, account, None) {
            Came::Connected(view) => view.id,
            other => panic!("{account}: {other:?}"),
        };
        let renewed = RENEWED.map(connect).to_vec();
        let again = connect(AGAIN);
        hub.stop();
        Self {
            world,
            rotation,
            renewed,
            again,
            tally: Tally::default(),
        }
    }

    /// Either the service acts late, or it has acted and answers late.
    fn slow_down(&self, dice: &mut Dice) {
        for path in ["token", "revoke"] {
            let kind = ["delay", "delay_after"][usize::from(dice.below(2) == 0)];
            let fault = json!({"kind": kind, "ms": dice.below(150)});
            self.world
                .peer()
                .fault("google_oauth", Some(path), &fault, None);
        }
    }

    fn killed_while(&self, hub: autopilot_tests::PipedHub, face: &Face, dice: &mut Dice) -> Step {
        let peer = self.world.peer();
        let what = dice.below(6);
        let guest = self.guest(face);
        if what < 3 {
            peer.expire_access_tokens();
        }
        peer.clear_log();
        let wait = Duration::from_millis(dice.below(LONGEST_WAIT_MS));
        let after_an_answer = dice.below(2) == 0;
        let a_little = Duration::from_micros(dice.below(AFTER_AN_ANSWER_MS * 1000));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let doing = scope.spawn(|| {
                let step = match what {
                    0..3 => {
                        self.renew_all(face);
                        Step::Renewing
                    }
                    3 => Step::Again(sign_in::sign_in(&self.world, face, AGAIN, Some(self.again))),
                    _ => match &guest {
                        None => Step::Coming(sign_in::sign_in(&self.world, face, GUEST, None)),
                        Some(guest) => {
                            let connection = ConnectionRef::new(guest.id.to_string());
                            let revoke = true;
                            let ended = face.ask(Request::Disconnect { connection, revoke });
                            Step::Going(ended.is_ok())
                        }
                    },
                };
                is_over.store(true, Ordering::Relaxed);
                step
            });
            if after_an_answer {
                let until = Instant::now() + Duration::from_millis(LONGEST_WAIT_MS);
                while Instant::now() < until
                    && !is_over.load(Ordering::Relaxed)
                    && !peer.log().iter().any(answered)
                {
                    std::thread::sleep(Duration::from_millis(2));
                }
                std::thread::sleep(a_little);
            } else {
                std::thread::sleep(wait);
            }
            hub.kill9();
            doing.join().unwrap()
        })
    }

    fn renew_all(&self, face: &Face) {
        let asked: Vec<_> = self
            .renewed
            .iter()
            .map(|id| {
                let client = face.client().clone();
                let connection = ConnectionRef::new(id.to_string());
                face.runtime()
                    .spawn(async move { client.ask(Request::Test { connection }).await })
            })
            .collect();
        for answer in asked {
            let _ = face.runtime().block_on(answer);
        }
    }

    /// Does everything work, or is it said why not and what to do? True where something had to be said.
    fn look(&mut self, face: &Face, step: Step) -> bool {
        let mut named = false;
        for id in self.renewed.clone() {
            named |= self.works_or_is_named(face, id);
        }
        named |= self.works_or_is_named(face, self.again);
        self.once_each(face);
        match step {
            Step::Renewing => named,
            Step::Again(came) => named | self.told(face, came, Some(self.again)),
            Step::Coming(came) => {
                if matches!(came, Came::Connected(_)) && self.guest(face).is_none() {
                    println!("{GUEST} was connected, and is lost");
                    self.tally.lost += 1;
                }
                named |= self.told(face, came, None);
                if let Some(guest) = self.guest(face) {
                    named |= self.works_or_is_named(face, guest.id);
                }
                named
            }
            Step::Going(promised) => {
                match self.guest(face) {
                    Some(_) if promised => {
                        println!("{GUEST} was disconnected, and is back");
                        self.tally.lost += 1;
                    }
                    Some(guest) => named |= self.works_or_is_named(face, guest.id),
                    None => self.is_gone_at_the_provider(face),
                }
                named
            }
        }
    }

    /// A sign-in that was cut: the address the browser ended on is handed over once more, as a person would. It is
    /// taken, or refused with the reason, and then signing in anew works.
    fn told(&mut self, face: &Face, came: Came, again: Option<ConnectionId>) -> bool {
        let account = if again.is_some() { AGAIN } else { GUEST };
        let address = match came {
            Came::Connected(_) | Came::Cut(None) => return false,
            Came::Refused(error) => panic!("{account} was refused before the kill: {error:?}"),
            Came::Cut(Some(address)) => address,
        };
        match sign_in::deliver(face, address) {
            Came::Connected(_) => false,
            Came::Refused(_) => {
                let anew = sign_in::sign_in(&self.world, face, account, again);
                if !matches!(anew, Came::Connected(_)) {
                    println!("{account} can't sign in any more: {anew:?}");
                    self.tally.lost += 1;
                }
                true
            }
            other => panic!("nobody killed the hub: {other:?}"),
        }
    }

    /// A real call works, or the status names the one thing a kill may break; then signing in again mends it.
    fn works_or_is_named(&mut self, face: &Face, id: ConnectionId) -> bool {
        let report = test(face, id);
        let Some(error) = &report.error else {
            return false;
        };
        let may_be = matches!(
            report.connection.status,
            Status::NeedsSignIn {
                cause: Cause::InterruptedRotation,
                ..
            }
        );
        if self.rotation != "strict" || !may_be {
            println!(
                "{id} is neither mended nor named: {error:?}, {:?}",
                report.connection.status
            );
            self.tally.lost += 1;
        }
        let account = report.connection.account.clone();
        let mended = sign_in::sign_in(&self.world, face, &account, Some(id));
        let works = matches!(mended, Came::Connected(_)) && test(face, id).error.is_none();
        if !works {
            println!("{id} can't be mended: {mended:?}");
            self.tally.lost += 1;
        }
        true
    }

    fn once_each(&mut self, face: &Face) {
        let all = connections(face);
        for account in RENEWED.into_iter().chain([AGAIN, GUEST]) {
            let times = all.iter().filter(|one| one.account == account).count();
            if times > 1 {
                println!("{account} is there {times} times");
                self.tally.doubled += 1;
            }
            if times == 0 && account != GUEST {
                println!("{account} is gone");
                self.tally.lost += 1;
            }
        }
    }

    fn guest(&self, face: &Face) -> Option<ConnectionView> {
        connections(face)
            .into_iter()
            .find(|one| one.account == GUEST)
    }

    fn is_gone_at_the_provider(&self, face: &Face) {
        eventually(WITHIN, "the provider is told", || {
            let _ = face.ask(Request::Refresh);
            let alive = self
                .world
                .peer()
                .grants()
                .iter()
                .any(|grant| grant["account"] == GUEST && grant["revoked"] == json!(false));
            (!alive).then_some(())
        });
    }
}

/// A token or a revocation left the provider.
fn answered(entry: &serde_json::Value) -> bool {
    entry["service"] == "google_oauth" && entry["method"] == "POST" && entry["status"].is_u64()
}

fn connections(face: &Face) -> Vec<ConnectionView> {
    match face.ask(Request::ListConnections) {
        Ok(Response::Connections(all)) => all,
        other => panic!("{other:?}"),
    }
}

fn test(face: &Face, id: ConnectionId) -> TestReport {
    let connection = ConnectionRef::new(id.to_string());
    match face.ask(Request::Test { connection }) {
        Ok(Response::Test(report)) => report,
        other => panic!("{other:?}"),
    }
}
