//! Opens a hub for a profile and serves it: what `autopilot-hub` and the desktop have in common.
//!
//! The order is: which services ([`plan`]), the sandbox if it is one of them, the hub (which takes the
//! profile's lock), the socket. A headless hub in the way is asked to hand over ([`takeover`]).
//!
//! [`program`] is the whole of `autopilot-hub`, which the terminal program becomes where it is to hold a profile: so
//! that what asks and leaves again carries no hub around. Only this crate and the window may know hub and sandbox.

mod clients;
mod log;
mod plan;
pub mod program;
mod redact;
mod surroundings;
mod takeover;
#[cfg(test)]
mod tests;
mod twins;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use hub::{Hub, HubOptions, OpenError, Played};
use link::{ProfilePaths, Server};
use model::{Door, Error, ErrorCode, ProfileName, Texts};
use sandbox::Sandbox;

use plan::Plan;
use takeover::Takeover;

#[derive(Clone, Debug)]
pub struct HostOptions {
    pub profile: ProfileName,
    /// Against the sandbox, which then runs in this process. A profile made so stays so without being told again.
    pub sandbox: bool,
    /// TOML that says where the services are; accepted when the profile is created, or when it says the same.
    pub endpoints_file: Option<PathBuf>,
    /// No window: another host with one may take the profile over.
    pub headless: bool,
    /// Instead of the platform's data folder.
    pub data_root: Option<PathBuf>,
}

/// A hub that answers on its socket.
pub struct Hosted {
    pub hub: Hub,
    pub server: Server,
    pub sandbox: Option<Sandbox>,
    /// Writes what is still to be logged when it goes.
    _log: Option<log::Log>,
}

/// Why a host came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// Ctrl-C, or a polite kill.
    Asked,
    /// A desktop takes the profile over.
    HandedOver,
}

impl Hosted {
    /// Waits until this process is asked to end, or a desktop takes over; then stops.
    pub async fn run_until_stopped(self) -> Stopped {
        self.run_until(cli::hosting::asked_to_end()).await
    }

    /// [`Hosted::run_until_stopped`], with another way of being asked to end.
    pub(crate) async fn run_until(self, asked: impl Future<Output = ()>) -> Stopped {
        let stopped = tokio::select! {
            () = asked => Stopped::Asked,
            () = self.hub.handed_over() => Stopped::HandedOver,
        };
        self.stop().await;
        stopped
    }

    /// Stops taking requests, lets go of the profile, and only then of the services it talks to.
    pub async fn stop(self) {
        self.server.shutdown().await;
        self.hub.close().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// Opens the profile's hub and serves it.
///
/// Errors: `endpoints_fixed`, `invalid_input` (the endpoints file, or another hub that holds the profile),
/// `store_failed`, `hub_unreachable` (the holder neither answers nor lets go).
pub async fn start(options: HostOptions) -> Result<Hosted, Error> {
    start_as(options, Played::default(), false).await
}

/// [`start`], against stand-ins that differ from the services. No program of ours does this; tests have one that does.
pub async fn start_played(options: HostOptions, played: Played) -> Result<Hosted, Error> {
    start_as(options, played, false).await
}

/// [`start`], with the log on standard error too where `verbose`.
pub(crate) async fn start_telling(options: HostOptions, verbose: bool) -> Result<Hosted, Error> {
    start_as(options, Played::default(), verbose).await
}

async fn start_as(options: HostOptions, played: Played, verbose: bool) -> Result<Hosted, Error> {
    let paths = paths(&options.profile, options.data_root.clone())?;
    let plan = Plan::read(
        &paths.data_dir,
        options.sandbox,
        options.endpoints_file.as_deref(),
    )?;
    paths.create_data_dir().map_err(folder_failed)?;
    let log = log::start(&paths.data_dir.join("logs"), verbose);
    let mut takeover = Takeover::new(&paths, &options.profile, options.headless);
    loop {
        match open(&options, &paths, &plan, &played).await {
            Ok((hub, server, sandbox)) => {
                return Ok(Hosted {
                    hub,
                    server,
                    sandbox,
                    _log: log,
                });
            }
            Err(Refusal::Held(why)) => takeover.step(&why).await?,
            Err(Refusal::Final(error)) => return Err(error),
        }
    }
}

/// Where a profile keeps its folder and its socket.
fn paths(profile: &ProfileName, data_root: Option<PathBuf>) -> Result<ProfilePaths, Error> {
    Ok(ProfilePaths::for_profile(profile, data_root)?)
}

/// Refuses `--endpoints` and `--sandbox` where the profile was created otherwise; touches nothing.
pub fn check_endpoints(
    profile: &ProfileName,
    sandbox: bool,
    file: Option<&Path>,
) -> Result<(), Error> {
    let paths = paths(profile, None)?;
    Plan::read(&paths.data_dir, sandbox, file).map(drop)
}

enum Refusal {
    /// Somebody has it now; waiting may help.
    Held(String),
    Final(Error),
}

async fn open(
    options: &HostOptions,
    paths: &ProfilePaths,
    plan: &Plan,
    played: &Played,
) -> Result<(Hub, Server, Option<Sandbox>), Refusal> {
    // Two hosts at once would each start a sandbox and write its file before the profile's lock decides.
    let _opening = opening(&paths.data_dir)?;
    let sandbox = plan.start_sandbox(&paths.data_dir).await?;
    let opened = Hub::open(HubOptions {
        profile: options.profile.clone(),
        data_dir: paths.data_dir.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        headless: options.headless,
        sandbox: sandbox.is_some(),
        endpoints: plan.endpoints(sandbox.as_ref()).map_err(Refusal::Final)?,
        built_in_clients: plan.clients(),
        surroundings: surroundings::look(),
        texts: Texts::english(),
        played: played.clone(),
    });
    let hub = match opened.await {
        Ok(hub) => hub,
        Err(OpenError::Held) => {
            return Err(Refusal::Held(
                "another process holds this profile".to_owned(),
            ));
        }
        Err(error) => return Err(Refusal::Final(error.into())),
    };
    let served = match plan.keep(&paths.data_dir, sandbox.as_ref()) {
        Ok(()) => serve(paths, &hub),
        Err(error) => Err(folder_failed(error)),
    };
    match served {
        Ok(server) => Ok((hub, server, sandbox)),
        Err(error) => {
            hub.close().await;
            Err(Refusal::Final(error))
        }
    }
}

fn serve(paths: &ProfilePaths, hub: &Hub) -> Result<Server, Error> {
    let door: Arc<dyn Door> = Arc::new(hub.clone());
    Server::bind(paths, door).map_err(|error| Error::new(ErrorCode::HubUnreachable).detail(error))
}

fn opening(data_dir: &Path) -> Result<File, Refusal> {
    let failed = |error| Refusal::Final(folder_failed(error));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_dir.join("opening"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Refusal::Held(
            "another process is opening this profile".to_owned(),
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn folder_failed(error: io::Error) -> Error {
    Error::new(ErrorCode::StoreFailed).detail(error)
}
