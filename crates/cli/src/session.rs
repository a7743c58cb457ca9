//! This program's side of one hub, and what its answers are for. Finding, starting and finding again is [`link::Session`]'s.

use std::process::Command;

use model::{
    ActionId, ActionView, ConnectionRef, ConnectionView, Error, Request, Response, SignInView,
    door::EventStream, integration::IntegrationView,
};

use crate::{args::Globals, beside, failure::Failure};

pub(crate) struct Session(link::Session);

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

/// The way to the profile's hub, as one of our faces. Nothing is opened yet.
pub(crate) fn link_as(face: &'static str, globals: &Globals) -> Result<link::Session, Failure> {
    let paths = link::ProfilePaths::for_profile(&globals.profile(), None).map_err(Error::from)?;
    beside::check_services(globals)?;
    let globals = globals.clone();
    Ok(link::Session::new(paths, face, move || {
        beside::hub_commands(&globals)
    }))
}

impl Session {
    pub(crate) async fn open(globals: &Globals) -> Result<Self, Failure> {
        let link = link_as("cli", globals)?;
        link.connect().await?;
        Ok(Self(link))
    }

    /// Asks, and asks again where the hub changed hands before it took the request.
    pub(crate) async fn ask(&mut self, request: Request) -> Result<Response, Failure> {
        Ok(self.0.ask(request).await?)
    }

    /// Connects again: to the hub that took over, or to one started now.
    pub(crate) async fn reopen(&mut self) -> Result<(), Failure> {
        Ok(self.0.connect().await?)
    }

    /// Everything that happens from the moment this returns; ends when the hub does.
    pub(crate) async fn events(&mut self) -> Result<EventStream, Failure> {
        Ok(self.0.events().await?)
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

/// Has a program of ours work for the same profile.
pub(crate) fn same_profile(command: &mut Command, globals: &Globals) {
    command.args(["--profile", globals.profile().as_str()]);
    if globals.sandbox {
        command.arg("--sandbox");
    }
    if let Some(file) = &globals.endpoints {
        // It may be started from another folder.
        command
            .arg("--endpoints")
            .arg(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    }
}
