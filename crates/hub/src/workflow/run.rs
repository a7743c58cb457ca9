//! One pass over the steps. Each waits for the end of the one before; the first that doesn't end well is the last.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use futures_core::future::BoxFuture;
use model::{
    ActionId, ActionState, ActionView, Caller, ConnectionRef, Error, ErrorCode, Event, Request,
    Response,
};
use serde_json::Value;
use tokio::{
    sync::broadcast,
    time::{MissedTickBehavior, interval},
};

use super::{
    invalid,
    parse::{Workflow, parse},
    plan,
    template::Scope,
};
use crate::core::Core;

/// An event can be missed by whoever falls behind; looking now and then finds the end all the same.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A workflow with everything it needs.
#[derive(Debug)]
struct Run {
    id: ActionId,
    caller: Caller,
    /// Whose rules hold: whoever ran it.
    asked_by: Caller,
    workflow: Workflow,
    folder: PathBuf,
    input: Value,
}

impl Core {
    /// Runs it once. It goes on when whoever asked goes away; asking again with the same id joins it.
    pub(crate) async fn run_workflow(
        self: &Arc<Self>,
        asked_by: &Caller,
        id: ActionId,
        source: &str,
        folder: String,
        input: &str,
    ) -> Result<Vec<ActionView>, Error> {
        let workflow = parse(source)?;
        let folder = PathBuf::from(folder);
        if !folder.is_absolute() {
            return Err(invalid("its folder must be an absolute path."));
        }
        let run = Run {
            id,
            caller: Caller::Workflow {
                name: workflow.name.clone(),
            },
            asked_by: asked_by.clone(),
            input: plan::input(&workflow, input)?,
            workflow,
            folder,
        };
        let core = self.clone();
        self.finish(async move {
            core.check(&run).await?;
            core.go_through(&run).await
        })
        .await?
    }

    /// Everything that can be known before the first step.
    async fn check(self: &Arc<Self>, run: &Run) -> Result<(), Error> {
        let mut scope = Scope {
            input: &run.input,
            steps: BTreeMap::new(),
        };
        for (number, step) in (1..).zip(&run.workflow.steps) {
            let action = plan::action(step, &scope, &run.folder)?;
            // A step that was begun needs neither files nor connection again.
            if self.begun(run, number).await?.is_none() {
                self.step_connection(step, &scope)?;
                plan::check_files(&action).await?;
            }
            scope.steps.insert(&step.id, None);
        }
        Ok(())
    }

    async fn go_through(self: &Arc<Self>, run: &Run) -> Result<Vec<ActionView>, Error> {
        let mut scope = Scope {
            input: &run.input,
            steps: BTreeMap::new(),
        };
        let mut views = Vec::new();
        for (number, step) in (1..).zip(&run.workflow.steps) {
            // Before it begins: an end that comes at once must not be missed.
            let events = self.events.subscribe();
            let begun = match self.begun(run, number).await? {
                Some(view) => view,
                None => {
                    let connection = self.step_connection(step, &scope)?;
                    let connection = ConnectionRef::new(connection.to_string());
                    let action = plan::action(step, &scope, &run.folder)?;
                    let who = (&run.caller, &run.asked_by);
                    let begun = self
                        .act(who, run.id.step(number), &connection, action, None)
                        .await;
                    begun.map_err(|error| error.with("step", &step.id))?
                }
            };
            let ended = self.until_over(&run.caller, events, begun).await?;
            let made = match &ended.state {
                ActionState::Sent { results, .. } => results.first().cloned(),
                _ => {
                    views.push(ended);
                    return Ok(views);
                }
            };
            views.push(ended);
            scope
                .steps
                .insert(&step.id, Some(made.unwrap_or_else(nothing)));
        }
        Ok(views)
    }

    /// The step's action, where an earlier run of the same id came that far.
    async fn begun(self: &Arc<Self>, run: &Run, number: u32) -> Result<Option<ActionView>, Error> {
        let id = run.id.step(number);
        match self
            .ask_for_action(&run.caller, Request::GetAction { id })
            .await
        {
            Ok(view) => Ok(Some(view)),
            Err(error) if error.code == ErrorCode::UnknownAction => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn until_over(
        self: &Arc<Self>,
        caller: &Caller,
        mut events: broadcast::Receiver<Event>,
        begun: ActionView,
    ) -> Result<ActionView, Error> {
        let id = begun.id;
        let mut now = begun;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.reset();
        while !now.state.is_over() {
            let missed = tokio::select! {
                heard = events.recv() => match heard {
                    Ok(Event::Action { action }) if action.id == id => {
                        now = *action;
                        false
                    }
                    Ok(_) => false,
                    Err(broadcast::error::RecvError::Lagged(_)) => true,
                    Err(broadcast::error::RecvError::Closed) => return Err(handing_over()),
                },
                _ = look.tick() => true,
                // The steps begun are kept; whoever asks again goes on from there.
                () = self.closing.cancelled() => return Err(handing_over()),
            };
            if missed {
                now = self
                    .ask_for_action(caller, Request::GetAction { id })
                    .await?;
            }
        }
        Ok(now)
    }

    /// Through the door like anybody else.
    async fn ask_for_action(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
    ) -> Result<ActionView, Error> {
        match self.through_the_door(caller, request).await? {
            Response::Action(view) => Ok(view),
            _ => Err(ErrorCode::Internal.into()),
        }
    }

    /// Boxed, because the door leads here too.
    fn through_the_door<'a>(
        self: &'a Arc<Self>,
        caller: &'a Caller,
        request: Request,
    ) -> BoxFuture<'a, Result<Response, Error>> {
        Box::pin(self.answer(caller, request))
    }
}

fn handing_over() -> Error {
    Error::new(ErrorCode::HandingOver).retry_after(1)
}

/// A step whose service named nothing.
fn nothing() -> model::RemoteRef {
    model::RemoteRef {
        id: String::new(),
        within: None,
        link: None,
    }
}
