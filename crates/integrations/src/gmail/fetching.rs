//! The headers of many mails: in batches, a few at once, within the limits; what Gmail puts off is asked for again,
//! ever later. Reading twice does no harm, so everything that may pass is waited out here.

use std::{
    hash::{BuildHasher, RandomState},
    panic::resume_unwind,
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, future::BoxFuture, stream};

use super::{
    FOLDER,
    api::{self, Batched},
    batch, errors,
    wire::{Headers, Message},
};
use crate::{CallError, Session, call::Answer};

/// Batches on the way at the same time. Gmail counts what is inside them as concurrent too, and limits that.
const AT_ONCE: usize = 2;

/// The same for single calls, where there are no batches.
const SINGLE_AT_ONCE: usize = 4;

/// With the pauses between them this is half a minute at a limit, which is sure to pass, and some seconds at a
/// trouble, which isn't; who waits longer is better told.
const ROUNDS_AT_LIMIT: u32 = 6;
const ROUNDS_IN_TROUBLE: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// What became of one question.
enum Outcome<T> {
    Found(T),
    /// It was deleted since it was listed.
    Gone,
    Later(CallError),
}

/// What is made of them, in no order; mails that are gone meanwhile are left out.
pub(super) async fn headers<T: Send + 'static>(
    session: &Session,
    ids: &[&str],
    wanted: Headers,
    make: fn(Message) -> T,
) -> Result<Vec<T>, CallError> {
    let mut found = Vec::with_capacity(ids.len());
    let mut open: Vec<&str> = ids.iter().copied().filter(|id| api::is_id(id)).collect();
    let mut round = 0;
    while !open.is_empty() {
        let Some(outcomes) = ask(session, &open, wanted, make).await? else {
            let one_by_one = singly(session, &open, wanted).await?;
            found.extend(one_by_one.into_iter().map(make));
            break;
        };
        let mut later = Vec::new();
        let mut why = None;
        for (id, outcome) in open.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Found(made) => found.push(made),
                Outcome::Gone => {}
                Outcome::Later(error) => {
                    later.push(id);
                    why = Some(longer(why, error));
                }
            }
        }
        if let Some(why) = why {
            round += 1;
            wait(round, why).await?;
        }
        open = later;
    }
    Ok(found)
}

/// One outcome an id, in their order. `None`: there are no batches here.
async fn ask<T: Send + 'static>(
    session: &Session,
    ids: &[&str],
    wanted: Headers,
    make: fn(Message) -> T,
) -> Result<Option<Vec<Outcome<T>>>, CallError> {
    let mut asked: Vec<BoxFuture<'_, _>> = Vec::new();
    for ids in ids.chunks(batch::MOST) {
        asked.push(ask_batch(session, ids, wanted, make).boxed());
    }
    let batches: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    Ok(batches
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .map(|batches| batches.into_iter().flatten().collect()))
}

async fn ask_batch<T: Send + 'static>(
    session: &Session,
    ids: &[&str],
    wanted: Headers,
    make: fn(Message) -> T,
) -> Result<Option<Vec<Outcome<T>>>, CallError> {
    let times = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    session.pace(&FOLDER.facts, "mail.get", times, None).await;
    let batched = match api::batch(session, ids, wanted).await {
        Ok(batched) => batched,
        Err(
            CallError::Refused {
                status: 404 | 405, ..
            }
            | CallError::NotUnderstood { status: 404 | 405 },
        ) => return Ok(None),
        Err(error) if is_worth_waiting(&error) => {
            return Ok(Some(
                ids.iter().map(|_| Outcome::Later(error.clone())).collect(),
            ));
        }
        Err(error) => return Err(error),
    };
    // Fifty mails take long enough to read for the next batch to be asked for and answered meanwhile.
    let asked = ids.len();
    let reading = tokio::spawn(async move { take_apart(&batched, asked, make) });
    match reading.await {
        Ok(outcomes) => outcomes.map(Some),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only a runtime that ends ends it, and us with it.
            Err(_) => Err(CallError::NotUnderstood { status: 0 }),
        },
    }
}

fn take_apart<T>(
    batched: &Batched,
    asked: usize,
    make: fn(Message) -> T,
) -> Result<Vec<Outcome<T>>, CallError> {
    let Batched { answer, boundary } = batched;
    batch::read(&answer.body, boundary.as_deref(), asked)
        .ok_or_else(|| answer.not_understood())?
        .iter()
        .map(|answer| judge(answer.as_ref(), make))
        .collect()
}

/// A part that is missing is asked for again; one that says no to the caller says it to the whole.
fn judge<T>(answer: Option<&Answer>, make: fn(Message) -> T) -> Result<Outcome<T>, CallError> {
    let Some(answer) = answer else {
        return Ok(Outcome::Later(CallError::NotUnderstood { status: 200 }));
    };
    match errors::judge(answer).and_then(|()| answer.json()) {
        Ok(message) => Ok(Outcome::Found(make(message))),
        Err(CallError::Refused { status: 404, .. }) => Ok(Outcome::Gone),
        Err(error) if is_worth_waiting(&error) => Ok(Outcome::Later(error)),
        Err(error) => Err(error),
    }
}

async fn singly(
    session: &Session,
    ids: &[&str],
    wanted: Headers,
) -> Result<Vec<Message>, CallError> {
    let mut asked: Vec<BoxFuture<'_, _>> = Vec::new();
    for id in ids {
        asked.push(one(session, id, wanted).boxed());
    }
    let asked: Vec<Option<Message>> = stream::iter(asked)
        .buffer_unordered(SINGLE_AT_ONCE)
        .try_collect()
        .await?;
    Ok(asked.into_iter().flatten().collect())
}

/// One mail's headers, by itself; `None` if it is gone.
pub(super) async fn one(
    session: &Session,
    id: &str,
    wanted: Headers,
) -> Result<Option<Message>, CallError> {
    let mut round = 0;
    loop {
        session.pace(&FOLDER.facts, "mail.get", 1, None).await;
        match api::headers(session, id, wanted).await {
            Ok(message) => return Ok(Some(message)),
            Err(CallError::Refused { status: 404, .. }) => return Ok(None),
            Err(error) if is_worth_waiting(&error) => {
                round += 1;
                wait(round, error).await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// A service that answers is asked again here; one that can't be reached is the hub's to judge.
const fn is_worth_waiting(error: &CallError) -> bool {
    matches!(
        error,
        CallError::RateLimited { .. } | CallError::ServiceDown { .. }
    )
}

/// Of two reasons to wait, the one that says how long, and of those the longer.
fn longer(so_far: Option<CallError>, error: CallError) -> CallError {
    match so_far {
        Some(so_far) if pause_of(&so_far) >= pause_of(&error) => so_far,
        _ => error,
    }
}

const fn pause_of(error: &CallError) -> Option<Duration> {
    match error {
        CallError::RateLimited { retry_after } => *retry_after,
        _ => None,
    }
}

/// Waits before that round, or gives the reason back when there is no use in waiting.
async fn wait(round: u32, why: CallError) -> Result<(), CallError> {
    let stated = pause_of(&why);
    let rounds = match why {
        CallError::RateLimited { .. } => ROUNDS_AT_LIMIT,
        _ => ROUNDS_IN_TROUBLE,
    };
    if round >= rounds || stated.is_some_and(|pause| pause > LONGEST_PAUSE) {
        return Err(why);
    }
    let ceiling = FIRST_PAUSE
        .saturating_mul(1 << (round - 1).min(10))
        .min(LONGEST_PAUSE);
    // At least half of it, so that a limit counted in seconds has moved on.
    let pause = ceiling.mul_f64(0.5 + chance() / 2.0);
    tokio::time::sleep(pause.max(stated.unwrap_or_default())).await;
    Ok(())
}

/// From 0 to 1. Nothing secret hangs on it: it only keeps callers from coming back all at once.
fn chance() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
