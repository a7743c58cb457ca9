//! The hub beside the window. It opens while the window does; whoever needs it waits here until it answers. Holds no
//! state of its own about connections, and asks always as the window.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use host::HostOptions;
use hub::Hub;
use model::{Caller, Door, Error, ErrorCode, Request, Response};
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Closing vault and database takes milliseconds; a provider that never answers must not keep us from leaving.
const LEAVING: Duration = Duration::from_secs(5);

#[derive(Clone)]
enum Start {
    Opening,
    Open(Hub),
    Failed(Error),
}

#[derive(Clone)]
pub struct Engine {
    start: watch::Receiver<Start>,
    running: Arc<Mutex<Option<Running>>>,
    runtime: Handle,
}

struct Running {
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<()>,
}

impl Engine {
    /// Begins to open the profile; returns at once.
    pub fn start(runtime: &Handle, options: HostOptions) -> Self {
        let (started, start) = watch::channel(Start::Opening);
        let (stop, asked_to_stop) = oneshot::channel();
        let stopped = runtime.spawn(async move {
            match host::start(options).await {
                Ok(hosted) => {
                    started.send_replace(Start::Open(hosted.hub.clone()));
                    // An error here means that the window is gone without a word, which is a reason to stop too.
                    let _ = asked_to_stop.await;
                    hosted.stop().await;
                }
                Err(error) => {
                    tracing::error!(code = error.code.name(), "the profile can't be opened");
                    started.send_replace(Start::Failed(error));
                }
            }
        });
        Self {
            start,
            running: Arc::new(Mutex::new(Some(Running { stop, stopped }))),
            runtime: runtime.clone(),
        }
    }

    /// The hub, once it is open; or why it can't be opened.
    pub async fn hub(&self) -> Result<Hub, Error> {
        let mut start = self.start.clone();
        let start = start
            .wait_for(|start| !matches!(start, Start::Opening))
            .await
            .map_err(|_| {
                Error::new(ErrorCode::Internal).detail("the engine ended while opening")
            })?;
        match &*start {
            Start::Open(hub) => Ok(hub.clone()),
            Start::Failed(error) => Err(error.clone()),
            Start::Opening => Err(Error::new(ErrorCode::Internal)),
        }
    }

    /// Carries one request through the door, as the window.
    pub async fn ask(&self, request: Request) -> Result<Response, Error> {
        self.hub().await?.handle(Caller::Window, request).await
    }

    /// Lets go of the profile: parks what is under way, closes vault and database. Waits for it, within limits.
    /// Must not be called from the runtime itself.
    pub fn stop(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Running { stop, stopped }) = running else {
            return;
        };
        let _ = stop.send(());
        // Not the runtime's own clock: should all of it be stuck, we leave all the same.
        let (left, has_left) = std::sync::mpsc::channel();
        self.runtime.spawn(async move {
            let _ = stopped.await;
            let _ = left.send(());
        });
        if has_left.recv_timeout(LEAVING).is_err() {
            tracing::warn!("the engine took too long to close; leaving without it");
        }
    }
}
