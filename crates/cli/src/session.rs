//! This program's side of one hub: finds it, starts it when none runs, and finds it again after a takeover.

use std::{process::Command, time::Duration};

use link::{Client, ProfilePaths};
use model::{
    ActionId, ActionView, ConnectionRef, ConnectionView, Error, ErrorCode, Request, Response,
    SignInView, door::EventStream, integration::IntegrationView,
};

use crate::{args::Globals, failure::Failure, host};

/// A hub that is handing over has its successor already: give that one time before starting another.
const SUCCESSOR_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Takeovers one request may live through.
const TAKEOVERS: usize = 3;

pub(crate) struct Session {
    paths: ProfilePaths,
    globals: Globals,
    client: Client,
}

/// Takes the part of an answer that belongs to the request, or says that the hub mixed something up.
macro_rules! answer {
    ($response:expr, $kind:ident) => {
        match $response {
            model::Response::$kind(value) => Ok(value),
            _ => Err($crate::failure::Failure::unexpected_answer()),
        }
    };
}
pub(crate) use answer;

impl Session {
    pub(crate) async fn open(globals: &Globals) -> Result<Self, Failure> {
        let paths = host::paths(&globals.profile(), None)?;
        host::check_endpoints(&paths, globals.sandbox, globals.endpoints.as_deref())?;
        let client = link::connect_or_start(&paths, hub_command(globals)?).await?;
        Ok(Self {
            paths,
            globals: globals.clone(),
            client,
        })
    }

    /// Asks, and asks again where the hub changed hands before it took the request.
    pub(crate) async fn ask(&mut self, request: Request) -> Result<Response, Failure> {
        for _ in 0..TAKEOVERS {
            match self.client.ask(request.clone()).await {
                Err(error) if moved(&error, &request) => self.reopen().await?,
                answer => return Ok(answer?),
            }
        }
        Ok(self.client.ask(request).await?)
    }

    /// Connects again: to the hub that took over, or to one started now.
    pub(crate) async fn reopen(&mut self) -> Result<(), Failure> {
        let until = tokio::time::Instant::now() + SUCCESSOR_WITHIN;
        while tokio::time::Instant::now() < until {
            if let Ok(client) = Client::connect(&self.paths).await {
                self.client = client;
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        self.client = link::connect_or_start(&self.paths, hub_command(&self.globals)?).await?;
        Ok(())
    }

    /// Everything that happens from the moment this returns; ends when the hub does.
    pub(crate) async fn events(&mut self) -> Result<EventStream, Failure> {
        for _ in 0..TAKEOVERS {
            match self.client.events().await {
                Err(error) if moved(&error, &Request::ListSignIns) => self.reopen().await?,
                events => return Ok(events?),
            }
        }
        Ok(self.client.events().await?)
    }

    pub(crate) async fn connections(&mut self) -> Result<Vec<ConnectionView>, Failure> {
        answer!(self.ask(Request::ListConnections).await?, Connections)
    }

    pub(crate) async fn connection(
        &mut self,
        connection: ConnectionRef,
    ) -> Result<ConnectionView, Failure> {
        answer!(
            self.ask(Request::GetConnection { connection }).await?,
            Connection
        )
    }

    pub(crate) async fn integrations(&mut self) -> Result<Vec<IntegrationView>, Failure> {
        answer!(self.ask(Request::ListIntegrations).await?, Integrations)
    }

    pub(crate) async fn action(&mut self, id: ActionId) -> Result<ActionView, Failure> {
        answer!(self.ask(Request::GetAction { id }).await?, Action)
    }

    pub(crate) async fn sign_ins(&mut self) -> Result<Vec<SignInView>, Failure> {
        answer!(self.ask(Request::ListSignIns).await?, SignIns)
    }
}

/// Did the hub go away without taking the request? A change that may have been taken is never repeated, but for
/// those that carry a name of our own: the hub knows them again.
fn moved(error: &Error, request: &Request) -> bool {
    match error.code {
        ErrorCode::HandingOver => true,
        ErrorCode::HubUnreachable => {
            request.access() == model::Access::Query
                || matches!(request, Request::Act { .. } | Request::RunWorkflow { .. })
        }
        _ => false,
    }
}

/// This very program, holding the same profile.
fn hub_command(globals: &Globals) -> Result<Command, Error> {
    let program = std::env::current_exe()
        .map_err(|error| Error::new(ErrorCode::HubUnreachable).detail(error))?;
    let mut command = Command::new(program);
    command.args(["hub", "--profile", globals.profile().as_str()]);
    if globals.sandbox {
        command.arg("--sandbox");
    }
    if let Some(file) = &globals.endpoints {
        // It may be started from another folder.
        command
            .arg("--endpoints")
            .arg(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hub_is_started_for_the_same_profile_and_the_same_services() {
        let globals = Globals {
            sandbox: true,
            json: true,
            ..Globals::default()
        };
        let command = hub_command(&globals).unwrap();
        let said: Vec<_> = command
            .get_args()
            .map(|one| one.to_string_lossy().into_owned())
            .collect();
        assert_eq!(said, ["hub", "--profile", "sandbox", "--sandbox"]);
    }

    #[test]
    fn a_write_with_a_name_of_ours_may_be_asked_again() {
        let send = Request::Act {
            id: model::ActionId::generate(),
            connection: "telegram".into(),
            action: model::Action::SendMessage(model::SendMessage::default()),
            undo_s: None,
        };
        assert!(moved(&ErrorCode::HubUnreachable.into(), &send));
    }

    #[test]
    fn a_change_that_may_have_been_taken_is_not_repeated() {
        let disconnect = Request::Disconnect {
            connection: "telegram".into(),
            revoke: true,
        };
        assert!(!moved(&ErrorCode::HubUnreachable.into(), &disconnect));
        assert!(moved(&ErrorCode::HandingOver.into(), &disconnect));
        assert!(moved(
            &ErrorCode::HubUnreachable.into(),
            &Request::ListConnections
        ));
    }
}
