//! A client of the hub in this process, for what the terminal program doesn't offer.

use link::{Client, ProfilePaths};
use model::{Error, ProfileName, Request, Response};
use tokio::runtime::Runtime;

use crate::{PATIENCE, World, eventually};

pub struct Face {
    runtime: Runtime,
    client: Client,
}

impl Face {
    /// As `cli` a program, as `mcp` an agent.
    pub(crate) fn connect_as(world: &World, face: &str) -> Self {
        let paths = paths(world);
        let runtime = Runtime::new().expect("a runtime can be had");
        let client = runtime
            .block_on(Client::connect_as(&paths, face))
            .expect("the hub answers");
        Self { runtime, client }
    }

    /// Asks, and waits for the answer.
    pub fn ask(&self, request: Request) -> Result<Response, Error> {
        self.runtime.block_on(self.client.ask(request))
    }

    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    #[must_use]
    pub const fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

/// Where a client finds the world's hub, once it runs.
#[must_use]
pub fn paths(world: &World) -> ProfilePaths {
    let socket = eventually(PATIENCE, "the hub's socket is there", || world.socket());
    ProfilePaths {
        profile: ProfileName::new(world.profile()).expect("worlds have proper names"),
        data_dir: world.data_dir(),
        socket,
        lock: world.data_dir().join("lock"),
    }
}
