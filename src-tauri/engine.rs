//! The hub beside the window. It opens while the window does; whoever needs it waits here until it answers. Where it
//! can't be opened, the person is told why and can have it tried again. Holds no state of its own about connections,
//! and asks always as the window.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use host::HostOptions;
use hub::Hub;
use model::{Caller, Door, Error, ErrorCode, Request, Response};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};
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
    start: watch::Sender<Start>,
    again: Arc<Notify>,
    /// The page was told that it failed.
    told: Arc<AtomicBool>,
    running: Arc<Mutex<Option<Running>>>,
    runtime: Handle,
}

struct Running {
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<()>,
}

/// Whoever waits is told, should opening end in a defect.
struct Ended(watch::Sender<Start>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send_if_modified(|start| {
            let is_opening = matches!(start, Start::Opening);
            if is_opening {
                let error = Error::new(ErrorCode::Internal);
                *start = Start::Failed(error.detail("the engine ended while opening"));
            }
            is_opening
        });
    }
}

impl Engine {
    /// Begins to open the profile; returns at once.
    pub fn start(runtime: &Handle, options: HostOptions) -> Self {
        let start = watch::Sender::new(Start::Opening);
        let again = Arc::new(Notify::new());
        let (stop, mut asked_to_stop) = oneshot::channel();
        let (started, tried_again) = (start.clone(), Arc::clone(&again));
        let stopped = runtime.spawn(async move {
            let _ended = Ended(started.clone());
            loop {
                match host::start(options.clone()).await {
                    Ok(hosted) => {
                        started.send_replace(Start::Open(hosted.hub.clone()));
                        // An error here means that the window is gone without a word, which is a reason to stop too.
                        let _ = asked_to_stop.await;
                        return hosted.stop().await;
                    }
                    Err(error) => {
                        tracing::error!(code = error.code.name(), "the profile can't be opened");
                        started.send_replace(Start::Failed(error));
                    }
                }
                tokio::select! {
                    () = tried_again.notified() => {}
                    _ = &mut asked_to_stop => return,
                }
            }
        });
        Self {
            start,
            again,
            told: Arc::default(),
            running: Arc::new(Mutex::new(Some(Running { stop, stopped }))),
            runtime: runtime.clone(),
        }
    }

    /// The hub, once it is open; or why it can't be opened.
    pub async fn hub(&self) -> Result<Hub, Error> {
        let mut start = self.start.subscribe();
        let start = start
            .wait_for(|start| !matches!(start, Start::Opening))
            .await
            .map_err(|_| Error::new(ErrorCode::Internal))?;
        match &*start {
            Start::Open(hub) => Ok(hub.clone()),
            Start::Failed(error) => Err(error.clone()),
            Start::Opening => Err(Error::new(ErrorCode::Internal)),
        }
    }

    /// [`Self::hub`] for the page, which asks again when the person does: what it was told of is then tried anew.
    pub async fn hub_for_page(&self) -> Result<Hub, Error> {
        if self.told.swap(false, Ordering::SeqCst) {
            self.try_again();
        }
        let hub = self.hub().await;
        self.told.store(hub.is_err(), Ordering::SeqCst);
        hub
    }

    fn try_again(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running
            .as_ref()
            .is_none_or(|running| running.stopped.is_finished())
        {
            return;
        }
        let had_failed = self.start.send_if_modified(|start| {
            let failed = matches!(start, Start::Failed(_));
            if failed {
                *start = Start::Opening;
            }
            failed
        });
        if had_failed {
            self.again.notify_one();
        }
    }

    /// The hub, however often opening it fails before.
    pub async fn opened(&self) -> Option<Hub> {
        let mut start = self.start.subscribe();
        let open = start.wait_for(|start| matches!(start, Start::Open(_)));
        match &*open.await.ok()? {
            Start::Open(hub) => Some(hub.clone()),
            Start::Opening | Start::Failed(_) => None,
        }
    }

    /// Nothing is kept alive here.
    pub fn has_failed(&self) -> bool {
        matches!(*self.start.borrow(), Start::Failed(_))
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

#[cfg(test)]
mod tests {
    use model::{ProfileName, Texts};

    use super::*;

    #[test]
    fn a_defect_while_opening_leaves_nobody_waiting() {
        let start = watch::Sender::new(Start::Opening);
        drop(Ended(start.clone()));
        assert!(matches!(*start.borrow(), Start::Failed(_)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_could_not_be_opened_is_opened_once_the_person_has_mended_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::write(&root, "a file where the folder should be").unwrap();
        let options = HostOptions {
            profile: ProfileName::new("mended").unwrap(),
            sandbox: true,
            endpoints_file: None,
            headless: false,
            data_root: Some(root.clone()),
            texts: Texts::english(),
        };
        let engine = Engine::start(&Handle::current(), options);
        assert!(engine.hub_for_page().await.is_err());
        assert!(engine.has_failed());
        assert!(engine.hub_for_page().await.is_err(), "nothing was mended");

        std::fs::remove_file(&root).unwrap();
        assert!(engine.hub_for_page().await.is_ok());
        assert!(!engine.has_failed());
        assert!(engine.opened().await.is_some());
        let stopping = engine.clone();
        tokio::task::spawn_blocking(move || stopping.stop())
            .await
            .unwrap();
    }
}
