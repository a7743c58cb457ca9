//! What to do about a process that holds the profile already: ask it to go, wait for it, or leave it alone.

use std::time::Duration;

use link::{Client, ProfilePaths};
use model::{Error, ErrorCode, ProfileName, Request, Response};
use tokio::time::{Instant, sleep};

/// Long enough for a hub to finish what is on the wire, short enough for somebody who waits for a window.
const WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) struct Takeover<'a> {
    paths: &'a ProfilePaths,
    profile: &'a ProfileName,
    headless: bool,
    until: Option<Instant>,
}

impl<'a> Takeover<'a> {
    pub(super) const fn new(
        paths: &'a ProfilePaths,
        profile: &'a ProfileName,
        headless: bool,
    ) -> Self {
        Self {
            paths,
            profile,
            headless,
            until: None,
        }
    }

    /// One step towards having the profile; an error once there is no way.
    pub(super) async fn step(&mut self, why: &str) -> Result<(), Error> {
        let until = *self.until.get_or_insert_with(|| Instant::now() + WITHIN);
        // One that doesn't answer is starting or ending: either way it is soon clear.
        if let Some(holder) = Holder::look(self.paths).await {
            match holder.next(self.headless) {
                Next::AskForIt => holder.ask_for_it().await?,
                Next::LeaveIt => return Err(holder.refusal(self.profile)),
            }
        }
        if Instant::now() >= until {
            return Err(Error::new(ErrorCode::HubUnreachable).detail(why));
        }
        sleep(LOOK_EVERY).await;
        Ok(())
    }
}

struct Holder {
    client: Client,
    headless: bool,
}

#[derive(PartialEq, Eq, Debug)]
enum Next {
    AskForIt,
    LeaveIt,
}

/// A window outranks a hub without one; nothing outranks a window.
const fn next(holder_headless: bool, we_headless: bool) -> Next {
    if holder_headless && !we_headless {
        Next::AskForIt
    } else {
        Next::LeaveIt
    }
}

impl Holder {
    async fn look(paths: &ProfilePaths) -> Option<Self> {
        let client = Client::connect(paths).await.ok()?;
        match client.ask(Request::Hub).await {
            Ok(Response::Hub(view)) => Some(Self {
                client,
                headless: view.headless,
            }),
            _ => None,
        }
    }

    const fn next(&self, we_headless: bool) -> Next {
        next(self.headless, we_headless)
    }

    async fn ask_for_it(&self) -> Result<(), Error> {
        match self.client.ask(Request::HandOver).await {
            Ok(_) => Ok(()),
            // It is going already, or gone.
            Err(error)
                if matches!(
                    error.code,
                    ErrorCode::HandingOver | ErrorCode::HubUnreachable
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn refusal(&self, profile: &ProfileName) -> Error {
        let how = if self.headless {
            "without a window"
        } else {
            "with its window"
        };
        Error::new(ErrorCode::AlreadyRunning)
            .with("profile", profile)
            .detail(how)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_takes_over_and_only_from_a_hub_without_one() {
        assert_eq!(next(true, false), Next::AskForIt);
        assert_eq!(next(true, true), Next::LeaveIt);
        assert_eq!(next(false, false), Next::LeaveIt);
        assert_eq!(next(false, true), Next::LeaveIt);
    }
}
