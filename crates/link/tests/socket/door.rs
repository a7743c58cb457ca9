//! A hub behind the socket that answers what its tests need, and a profile to hold it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use link::{Client, ProfilePaths, Server};
use model::{
    Caller, Door, Error, ErrorCode, Event, ProfileName, Request, Response, doctor::Diagnosis,
    door::EventStream,
};
use tempfile::TempDir;
use tokio::sync::{Semaphore, broadcast};

/// For waits that end as soon as what they wait for is there.
pub const SOON: Duration = Duration::from_secs(30);

pub struct FakeHub {
    events: broadcast::Sender<Event>,
    /// One permit lets one slow request finish.
    pub go: Semaphore,
    /// One permit for each slow request that has begun.
    pub begun: Semaphore,
}

impl FakeHub {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            events: broadcast::channel(1000).0,
            go: Semaphore::new(0),
            begun: Semaphore::new(0),
        })
    }

    pub fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    async fn answer(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        let Request::GetConnection { connection } = request else {
            return Ok(Response::Done);
        };
        match connection.as_str() {
            "slow" => {
                self.begun.add_permits(1);
                self.go.acquire().await.unwrap().forget();
                Ok(Response::Done)
            }
            "defect" => panic!("a defect behind the door"),
            "who" => Ok(said(serde_json::to_string(&caller).unwrap())),
            "huge" => Ok(said("x".repeat(link::MAX_FRAME))),
            "long" => Ok(said("x".repeat(link::MAX_FRAME / 2))),
            "page" => Ok(said("x".repeat(64 * 1024))),
            "none" => Err(ErrorCode::UnknownConnection.into()),
            echo => Ok(said(echo.to_owned())),
        }
    }
}

impl Door for FakeHub {
    fn handle(&self, caller: Caller, request: Request) -> BoxFuture<'_, Result<Response, Error>> {
        Box::pin(self.answer(caller, request))
    }

    fn events(&self, _caller: Caller) -> EventStream {
        let heard = self.events.subscribe();
        Box::pin(futures_util::stream::unfold(heard, |mut heard| async {
            Some((heard.recv().await.ok()?, heard))
        }))
    }
}

fn said(sentence: String) -> Response {
    Response::Diagnosis(Diagnosis {
        findings: Vec::new(),
        report: sentence,
    })
}

pub fn sentence(response: Response) -> String {
    match response {
        Response::Diagnosis(diagnosis) => diagnosis.report,
        other => panic!("not a sentence: {other:?}"),
    }
}

/// `name` is what [`FakeHub::answer`] knows, or any text to have it said back.
pub fn get(name: &str) -> Request {
    Request::GetConnection {
        connection: name.into(),
    }
}

/// A profile in a folder that goes with it.
pub struct Home {
    pub paths: ProfilePaths,
    _folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            paths: paths_in(folder.path().to_owned()),
            _folder: folder,
        }
    }

    pub fn serve(&self, hub: &Arc<FakeHub>) -> Server {
        Server::bind(&self.paths, hub.clone()).unwrap()
    }

    pub async fn connect(&self) -> Client {
        Client::connect(&self.paths).await.unwrap()
    }
}

pub fn paths_in(root: PathBuf) -> ProfilePaths {
    ProfilePaths::for_profile(&ProfileName::personal(), Some(root)).unwrap()
}
