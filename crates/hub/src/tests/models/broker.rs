//! Renewals: whatever the token endpoint does, a grant is in use, waits for a better moment, or has ended for a reason
//! that is named. None is ever lost in between, and none that may be spent is sent again.

use integrations::Rotation;
use model::{Cause, ConnectionId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{hold, runtime};
use crate::{broker::NoToken, calls::CallFailure, tests::world::World};

const ANNA: &str = "anna@example.org";

#[derive(Clone, Copy, Debug)]
enum Step {
    Call,
    /// Every access token ends at the service.
    Expire,
    /// From now on, the token endpoint does this.
    Fault(Fault),
    Heal,
    /// The person removes the app at the service.
    Revoke,
    SignIn,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Down,
    Busy,
    Bare,
    Page,
    Garbage,
    Gone,
    /// Nothing was done, and the line broke.
    Before,
    /// It was done, and the line broke.
    After,
}

impl Fault {
    fn played(self) -> Value {
        match self {
            Self::Down => {
                json!({"kind": "status", "status": 503, "body": {"error": "invalid_grant"}})
            }
            Self::Busy => {
                json!({"kind": "status", "status": 429, "body": {"error": "invalid_grant"}})
            }
            Self::Bare => json!({"kind": "status", "status": 403}),
            Self::Page => json!({"kind": "html"}),
            Self::Garbage => json!({"kind": "garbage"}),
            Self::Gone => json!({"kind": "status", "status": 404}),
            Self::Before => json!({"kind": "drop_before"}),
            Self::After => json!({"kind": "drop_after"}),
        }
    }

    /// Nobody can tell whether the refresh token was spent.
    const fn leaves_doubt(self) -> bool {
        matches!(self, Self::Before | Self::After)
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::Down),
        Just(Fault::Busy),
        Just(Fault::Bare),
        Just(Fault::Page),
        Just(Fault::Garbage),
        Just(Fault::Gone),
        Just(Fault::Before),
        Just(Fault::After),
    ];
    prop_oneof![
        6 => Just(Step::Call),
        4 => Just(Step::Expire),
        4 => fault.prop_map(Step::Fault),
        2 => Just(Step::Heal),
        1 => Just(Step::Revoke),
        1 => Just(Step::SignIn),
    ]
}

struct Model {
    rotation: Rotation,
    expired: bool,
    fault: Option<Fault>,
    revoked: bool,
    ended: Option<Cause>,
}

/// What a call brings: it worked, it can be tried again, or why not.
#[derive(PartialEq, Eq, Debug)]
enum Brought {
    Answer,
    Later,
    Ended(Cause),
}

impl Model {
    fn call(&mut self) -> Brought {
        if let Some(cause) = self.ended {
            return Brought::Ended(cause);
        }
        if !self.expired && !self.revoked {
            return Brought::Answer;
        }
        match self.fault {
            Some(fault) if fault.leaves_doubt() && self.rotation == Rotation::Strict => {
                self.ended = Some(Cause::InterruptedRotation);
                Brought::Ended(Cause::InterruptedRotation)
            }
            Some(_) => Brought::Later,
            // Asked again each time, and answered the same: nothing of it is kept.
            None if self.revoked => Brought::Ended(Cause::GrantRevoked),
            None => {
                self.expired = false;
                Brought::Answer
            }
        }
    }
}

async fn call(world: &World, id: ConnectionId) -> Brought {
    match world.core().probe(id).await {
        Ok(_) => Brought::Answer,
        Err(CallFailure::Token(NoToken::NeedsSignIn(cause))) => Brought::Ended(cause),
        Err(CallFailure::Token(NoToken::Transient(_))) => Brought::Later,
        Err(other) => panic!("{other:?}"),
    }
}

fn holds(rotation: Rotation, sandbox: &str) {
    let runtime = runtime();
    let (world, id) = runtime.block_on(async {
        let world = World::new().await;
        world.core().broker.rotate_as(rotation);
        world.control("oauth", json!({"rotation": sandbox})).await;
        let id = world.connect("gmail", ANNA).await.id;
        (world, id)
    });
    hold(150, &runtime, steps(), async |steps: Vec<Step>| {
        world.no_faults().await;
        assert_eq!(world.connect("gmail", ANNA).await.id, id);
        let mut model = Model {
            rotation,
            expired: false,
            fault: None,
            revoked: false,
            ended: None,
        };
        for step in steps {
            match step {
                Step::Call => {
                    if model.ended == Some(Cause::InterruptedRotation) {
                        let sent = world.renewals().await;
                        assert_eq!(call(&world, id).await, model.call());
                        assert_eq!(world.renewals().await, sent, "it was sent again");
                    } else {
                        assert_eq!(call(&world, id).await, model.call());
                    }
                }
                Step::Expire => {
                    world.control("expire_access_tokens", json!({})).await;
                    model.expired = true;
                }
                Step::Fault(fault) => {
                    world.no_faults().await;
                    world.fault("google_oauth", "/token", fault.played()).await;
                    model.fault = Some(fault);
                }
                Step::Heal => {
                    world.no_faults().await;
                    model.fault = None;
                }
                Step::Revoke => {
                    world.control("revoke", json!({"account": ANNA})).await;
                    model.revoked = true;
                }
                Step::SignIn => {
                    world.no_faults().await;
                    assert_eq!(world.connect("gmail", ANNA).await.id, id);
                    model = Model {
                        fault: None,
                        expired: false,
                        revoked: false,
                        ended: None,
                        ..model
                    };
                }
            }
        }
        // Where nothing was said about the grant, it still works.
        if model.ended.is_none() && !model.revoked {
            world.no_faults().await;
            assert_eq!(call(&world, id).await, Brought::Answer);
        }
    });
}

#[test]
fn a_grant_is_in_use_or_ended_for_a_reason_where_refresh_tokens_stay() {
    holds(Rotation::None, "none");
}

#[test]
fn a_grant_is_in_use_or_ended_for_a_reason_where_a_repeat_would_end_the_family() {
    holds(Rotation::Strict, "rotating");
}
