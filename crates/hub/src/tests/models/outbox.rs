//! Writes: whatever is asked of one, and however it goes on the wire, it ends once, arrives as often as a person wanted,
//! and leaves nothing of itself behind.

use model::{ActionId, ActionState, ActionView, ConnectionView, ErrorCode, Request, Resolution};
use proptest::prelude::*;
use serde_json::json;

use super::{hold, runtime};
use crate::tests::{outbox::mail, world::World};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Goes at once, or waits until it is told to.
    Ask {
        waits: bool,
        wire: Wire,
    },
    /// Of one of those asked, counted from the last.
    Again(usize),
    SendNow(usize, Wire),
    Cancel(usize),
    Resolve(usize, Resolution, Wire),
}

/// How it goes for the next request on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wire {
    Fine,
    Refused,
    /// It arrives, and nobody hears of it.
    Lost,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    Waiting,
    Sent,
    Failed,
    Unknown,
    Cancelled,
}

struct Asked {
    id: ActionId,
    subject: String,
    stands: Stands,
    arrived: usize,
}

impl Asked {
    fn goes(&mut self, wire: Wire) {
        self.stands = match wire {
            Wire::Fine => Stands::Sent,
            Wire::Refused => Stands::Failed,
            Wire::Lost => Stands::Unknown,
        };
        self.arrived += usize::from(wire != Wire::Refused);
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let wire = || {
        prop_oneof![
            2 => Just(Wire::Fine),
            1 => Just(Wire::Refused),
            2 => Just(Wire::Lost),
        ]
    };
    let which = || 0..3_usize;
    let resolution = prop_oneof![Just(Resolution::SendAgain), Just(Resolution::Discard)];
    prop_oneof![
        4 => (any::<bool>(), wire()).prop_map(|(waits, wire)| Step::Ask { waits, wire }),
        2 => which().prop_map(Step::Again),
        2 => (which(), wire()).prop_map(|(which, wire)| Step::SendNow(which, wire)),
        2 => which().prop_map(Step::Cancel),
        3 => (which(), resolution, wire())
            .prop_map(|(which, resolution, wire)| Step::Resolve(which, resolution, wire)),
    ]
}

async fn prepare(world: &World, wire: Wire) {
    let fault = match wire {
        Wire::Fine => return,
        Wire::Refused => {
            let body = json!({"error": {"code": 400, "errors": [{"reason": "invalidArgument"}]}});
            json!({"kind": "status", "status": 400, "body": body})
        }
        Wire::Lost => json!({"kind": "drop_after"}),
    };
    world.fault_once("gmail", "/send", fault).await;
}

/// What was asked of a write that stands like this, and what it was told.
fn told(answer: Result<ActionView, model::Error>, may: bool) {
    match answer {
        Ok(_) => assert!(may, "it was too late for that"),
        Err(error) => {
            assert_eq!(error.code, ErrorCode::TooLate);
            assert!(!may, "it was in time");
        }
    }
}

async fn ask(world: &World, from: &ConnectionView, id: ActionId, subject: &str, waits: bool) {
    let undo = if waits { 3600 } else { 0 };
    let view = world.act_as(id, from, mail(subject), Some(undo)).await;
    assert_eq!(view.id, id);
}

#[test]
fn a_write_ends_once_and_arrives_as_often_as_was_wanted() {
    let runtime = runtime();
    let (world, from) = runtime.block_on(async {
        let world = World::new().await;
        let from = world.sender_only().await;
        (world, from)
    });
    hold(120, &runtime, steps(), async |steps: Vec<Step>| {
        world.no_faults().await;
        // The limits of the service aren't what this is about.
        world.core().paces.forget(from.id);
        let mut all: Vec<Asked> = Vec::new();
        for step in steps {
            let place = |which: usize, all: &[Asked]| all.len().checked_sub(which + 1);
            match step {
                Step::Ask { waits, wire } => {
                    let id = ActionId::generate();
                    let mut asked = Asked {
                        id,
                        subject: format!("model {id}"),
                        stands: Stands::Waiting,
                        arrived: 0,
                    };
                    if !waits {
                        prepare(&world, wire).await;
                    }
                    ask(&world, &from, id, &asked.subject, waits).await;
                    if !waits {
                        world.over(id).await;
                        asked.goes(wire);
                    }
                    all.push(asked);
                }
                Step::Again(which) => {
                    if let Some(at) = place(which, &all) {
                        ask(&world, &from, all[at].id, "another", false).await;
                    }
                }
                Step::SendNow(which, wire) => {
                    let Some(at) = place(which, &all) else {
                        continue;
                    };
                    let (id, may) = (all[at].id, all[at].stands == Stands::Waiting);
                    if may {
                        prepare(&world, wire).await;
                    }
                    told(world.action_of(Request::SendNow { id }).await, may);
                    if may {
                        world.over(id).await;
                        all[at].goes(wire);
                    }
                }
                Step::Cancel(which) => {
                    let Some(at) = place(which, &all) else {
                        continue;
                    };
                    let id = all[at].id;
                    let may = matches!(all[at].stands, Stands::Waiting | Stands::Cancelled);
                    told(world.action_of(Request::CancelAction { id }).await, may);
                    if may {
                        all[at].stands = Stands::Cancelled;
                    }
                }
                Step::Resolve(which, resolution, wire) => {
                    let Some(at) = place(which, &all) else {
                        continue;
                    };
                    let (id, may) = (all[at].id, all[at].stands == Stands::Unknown);
                    let again = matches!(resolution, Resolution::SendAgain);
                    if may && again {
                        prepare(&world, wire).await;
                    }
                    let request = Request::ResolveAction { id, resolution };
                    told(world.action_of(request).await, may);
                    if may && again {
                        world.over(id).await;
                        all[at].goes(wire);
                    } else if may {
                        all[at].stands = Stands::Failed;
                    }
                }
            }
        }
        let arrived = world.mails().await;
        for asked in &all {
            let request = Request::GetAction { id: asked.id };
            let view = world.action_of(request).await.unwrap();
            assert_eq!(stands(&view.state), asked.stands, "{}", asked.subject);
            let needed = matches!(asked.stands, Stands::Waiting | Stands::Unknown);
            assert_eq!(view.content.is_some(), needed, "{}", asked.subject);
            let count = arrived.iter().filter(|one| **one == asked.subject).count();
            assert_eq!(count, asked.arrived, "{}", asked.subject);
        }
        // What still waits isn't the next sequence's.
        for asked in all.iter().filter(|asked| asked.stands == Stands::Waiting) {
            let _ = world
                .action_of(Request::CancelAction { id: asked.id })
                .await;
        }
    });
}

fn stands(state: &ActionState) -> Stands {
    match state {
        ActionState::Queued { .. } => Stands::Waiting,
        ActionState::Sent { .. } => Stands::Sent,
        ActionState::Failed { .. } => Stands::Failed,
        ActionState::OutcomeUnknown { .. } => Stands::Unknown,
        ActionState::Cancelled { .. } => Stands::Cancelled,
        other => panic!("{other:?}"),
    }
}
