//! Sign-ins: whatever comes back, how often, how late and in which order, an attempt ends once.

use model::{ErrorCode, RedirectKind, Request, SignInState, SignInView};
use proptest::prelude::*;
use url::Url;

use super::{hold, runtime};
use crate::tests::world::World;

const ANNA: &str = "anna@example.org";

#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    /// To one of those begun, counted from the last.
    Answer(usize, Answer),
    Cancel(usize),
    /// Ten minutes pass.
    Late,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    /// What the browser really ends on.
    Right,
    Denied,
    WithoutCode,
    /// Somebody else's state.
    Foreign,
    /// The right state, at an address it wasn't for.
    Elsewhere,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    Waiting,
    Used,
    Cancelled,
    Expired,
}

struct Begun {
    view: SignInView,
    state: String,
    stands: Stands,
    late: bool,
}

/// What an answer brings, and what it makes of the attempt. `Ok` is a connection.
fn expected(of: &Begun, answer: Answer) -> (Result<(), ErrorCode>, Stands) {
    if answer == Answer::Foreign {
        return (Err(ErrorCode::SignInUnknown), of.stands);
    }
    match of.stands {
        Stands::Used => (Err(ErrorCode::SignInUsed), of.stands),
        Stands::Cancelled => (Err(ErrorCode::SignInCancelled), of.stands),
        Stands::Expired => (Err(ErrorCode::SignInExpired), of.stands),
        Stands::Waiting if of.late => (Err(ErrorCode::SignInExpired), Stands::Expired),
        Stands::Waiting => match answer {
            Answer::Right => (Ok(()), Stands::Used),
            Answer::Denied => (Err(ErrorCode::SignInDenied), Stands::Used),
            Answer::WithoutCode => (Err(ErrorCode::SignInRefused), Stands::Used),
            Answer::Foreign | Answer::Elsewhere => (Err(ErrorCode::SignInUnknown), of.stands),
        },
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![
        2 => Just(Answer::Right),
        1 => Just(Answer::Denied),
        1 => Just(Answer::WithoutCode),
        2 => Just(Answer::Foreign),
        2 => Just(Answer::Elsewhere),
    ];
    prop_oneof![
        4 => Just(Step::Begin),
        8 => (0..3_usize, answer).prop_map(|(which, answer)| Step::Answer(which, answer)),
        2 => (0..3_usize).prop_map(Step::Cancel),
        1 => Just(Step::Late),
    ]
}

async fn address(world: &World, begun: &Begun, answer: Answer) -> String {
    let state = &begun.state;
    let place = "app.autopilot.desktop:/oauth/callback";
    match answer {
        Answer::Right => world.consent(&begun.view.url, ANNA, None).await,
        Answer::Denied => format!("{place}?error=access_denied&state={state}"),
        Answer::WithoutCode => format!("{place}?state={state}"),
        Answer::Foreign => format!("{place}?code=c&state={state}x"),
        Answer::Elsewhere => format!("app.autopilot.desktop:/oauth/other?code=c&state={state}"),
    }
}

#[test]
fn a_sign_in_ends_once_whatever_comes_back() {
    let runtime = runtime();
    let world = runtime.block_on(World::new());
    hold(200, &runtime, steps(), async |steps: Vec<Step>| {
        let mut all: Vec<Begun> = Vec::new();
        let mut connected = !world.connections().await.is_empty();
        for step in steps {
            let place = |which: usize, all: &[Begun]| all.len().checked_sub(which + 1);
            match step {
                Step::Begin => {
                    let view = world.begin("gmail", RedirectKind::DeepLink).await;
                    let url = Url::parse(&view.url).unwrap();
                    let state = url.query_pairs().find(|(name, _)| name == "state");
                    all.push(Begun {
                        state: state.unwrap().1.into_owned(),
                        view,
                        stands: Stands::Waiting,
                        late: false,
                    });
                }
                Step::Answer(which, answer) => {
                    let Some(at) = place(which, &all) else {
                        continue;
                    };
                    let address = address(&world, &all[at], answer).await;
                    let (brings, stands) = expected(&all[at], answer);
                    let brought = world.deliver(&address).await;
                    match brings {
                        Ok(()) => {
                            let state = brought.unwrap().state;
                            assert!(matches!(state, SignInState::Connected { .. }), "{state:?}");
                            connected = true;
                        }
                        Err(code) => assert_eq!(brought.unwrap_err().code, code),
                    }
                    all[at].stands = stands;
                }
                Step::Cancel(which) => {
                    // What is late may be found to be so at any moment.
                    let Some(at) = place(which, &all).filter(|at| !all[*at].late) else {
                        continue;
                    };
                    let attempt = all[at].view.id;
                    // Of what is over, that is said again.
                    let _ = world.ask(Request::CancelSignIn { attempt }).await;
                    if all[at].stands == Stands::Waiting {
                        all[at].stands = Stands::Cancelled;
                    }
                }
                Step::Late => {
                    world.core().clock.advance(601);
                    all.iter_mut().for_each(|begun| begun.late = true);
                }
            }
        }
        let connections = world.connections().await;
        assert_eq!(connections.len(), usize::from(connected), "one account");
    });
}
