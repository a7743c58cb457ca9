//! The hub's end of the socket: accepts, checks who it is, and gives each connection a task of its own.
//! What a connection does is in `session`; what may be asked is behind the door.

use std::{sync::Arc, time::Duration};

use model::{Door, ProfileName};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout_at},
};

use crate::{
    ProfilePaths, ServeError,
    session::{self, Stop},
    socket::Listener,
};

/// Faces at a time; further ones wait in the system's queue.
const SESSIONS: usize = 256;

/// How long requests under way may still take once the hub lets go.
const GRACE: Duration = Duration::from_secs(5);

/// For the goodbyes of peers that don't read, after that.
const GOODBYES: Duration = Duration::from_secs(2);

/// A pause after the system refused a connection (no file descriptors left), so as not to spin.
const BREATH: Duration = Duration::from_millis(100);

/// The open socket. Dropping it without [`Server::shutdown`] cuts every connection off.
#[derive(Debug)]
pub struct Server {
    stop: watch::Sender<Stop>,
    task: Option<JoinHandle<()>>,
}

/// What every session shares.
pub(crate) struct Hub {
    pub profile: ProfileName,
    pub door: Arc<dyn Door>,
}

impl Server {
    /// Opens the profile's socket. Only under the profile's lock: what lies there is removed as stale.
    /// Must be called on a Tokio runtime.
    pub fn bind(paths: &ProfilePaths, door: Arc<dyn Door>) -> Result<Self, ServeError> {
        let listener = Listener::bind(&paths.socket)?;
        let hub = Arc::new(Hub {
            profile: paths.profile.clone(),
            door,
        });
        let (stop, stopped) = watch::channel(Stop::No);
        Ok(Self {
            stop,
            task: Some(tokio::spawn(accept_all(listener, hub, stopped))),
        })
    }

    /// Stops accepting and reading, lets requests under way finish within five seconds, says goodbye and
    /// removes the socket. A request that was not begun is told so; one cut off is not told it can be repeated.
    ///
    /// Called from inside a request it would wait for itself: answer first, then shut down.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(Stop::By(Instant::now() + GRACE));
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn accept_all(mut listener: Listener, hub: Arc<Hub>, mut stop: watch::Receiver<Stop>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = sessions.join_next(), if !sessions.is_empty() => {}
            accepted = listener.accept(), if sessions.len() < SESSIONS => match accepted {
                Ok((stream, peer)) if peer.same_user => {
                    sessions.spawn(session::serve(stream, peer, hub.clone(), stop.clone()));
                }
                Ok((_, peer)) => {
                    tracing::warn!(pid = ?peer.pid, "refused a process of another user");
                }
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
    // New faces look for the next hub from here on.
    drop(listener);
    let deadline = Instant::now() + GRACE + GOODBYES;
    let all_gone = async { while sessions.join_next().await.is_some() {} };
    if timeout_at(deadline, all_gone).await.is_err() {
        tracing::warn!("cut off a face that didn't take its goodbye");
    }
}
