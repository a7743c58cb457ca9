//! Signing in through the browser: shows the address, then waits for the end of that very attempt.
//!
//! The end comes by event, by asking every few seconds (so that nothing is missed while the hub changes
//! hands), or by the address the browser ended on, pasted as a line. Ctrl-C cancels the attempt.

use std::{convert::Infallible, time::Duration};

use futures_util::StreamExt;
use model::{
    AttemptId, ConnectionId, Error, ErrorCode, Event, IntegrationId, RedirectKind, Request,
    SecretInput, SignInState, SignInView, Timestamp, door::EventStream,
};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Connected;
use crate::{
    failure::Failure,
    input::{self, Lines},
    platform,
    schema::ConnectEvent,
    session::{Session, answer},
    terminal::Terminal,
};

const ASK_EVERY: Duration = Duration::from_secs(2);
/// Whoever pressed Ctrl-C wants to be gone.
const CANCEL_WITHIN: Duration = Duration::from_secs(3);

/// What was asked for on the command line.
pub(super) struct Wish<'a> {
    pub(super) integration: IntegrationId,
    pub(super) service: &'a str,
    pub(super) connection: Option<ConnectionId>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) redirect: Option<RedirectKind>,
    pub(super) browser: bool,
}

pub(super) async fn sign_in(
    terminal: &Terminal,
    session: &mut Session,
    wish: Wish<'_>,
) -> Result<Connected, Failure> {
    // Before it begins: an end that comes at once must not be missed.
    let events = session.events().await?;
    let request = Request::BeginSignIn {
        integration: wish.integration,
        connection: wish.connection,
        scopes: wish.scopes,
        redirect: wish.redirect,
    };
    let begun = answer!(session.ask(request).await?, SignIn)?;
    announce(terminal, &begun, wish.service, wish.browser);
    let mut waiting = Waiting {
        terminal,
        session,
        attempt: begun.id,
        expires_at: begun.expires_at,
        events,
    };
    tokio::select! {
        state = waiting.until_over() => over(state?),
        never = open(terminal, &begun.url, wish.browser) => match never {},
    }
}

fn announce(terminal: &Terminal, begun: &SignInView, service: &str, browser: bool) {
    if terminal.out.json() {
        terminal.out.object(&ConnectEvent::Open {
            url: begun.url.clone(),
        });
    }
    let where_to = if browser {
        "cli_connect_in_browser"
    } else {
        "cli_connect_at_address"
    };
    terminal
        .out
        .note(&terminal.words(where_to, &[("service", &service)]));
    terminal.out.line(&begun.url);
    terminal.out.note(&terminal.words("cli_connect_paste", &[]));
}

/// Never over by itself: an opener may live as long as the browser does, and its end means nothing.
async fn open(terminal: &Terminal, url: &str, browser: bool) -> Infallible {
    if browser && platform::open_in_browser(url).await.is_err() {
        terminal
            .out
            .note(&terminal.words("cli_connect_no_browser", &[]));
    }
    std::future::pending().await
}

struct Waiting<'a> {
    terminal: &'a Terminal,
    session: &'a mut Session,
    attempt: AttemptId,
    expires_at: Timestamp,
    events: EventStream,
}

impl Waiting<'_> {
    async fn until_over(&mut self) -> Result<SignInState, Failure> {
        let mut lines = Lines::open();
        let mut may_paste = true;
        let mut look = interval(ASK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let news = tokio::select! {
                event = self.events.next() => match event {
                    Some(Event::SignIn { sign_in }) => self.if_ours(sign_in),
                    Some(_) => None,
                    None => {
                        self.find_hub_again().await?;
                        None
                    }
                },
                line = lines.next(), if may_paste => match line {
                    Some(line) => self.paste(line.trim()).await?,
                    None => {
                        may_paste = false;
                        None
                    }
                },
                _ = look.tick() => self.look().await?,
                () = self.terminal.ending.asked() => {
                    self.cancel().await;
                    return Err(Failure::Interrupted);
                }
            };
            if let Some(state) = news.filter(SignInState::is_over) {
                return Ok(state);
            }
        }
    }

    fn if_ours(&self, view: SignInView) -> Option<SignInState> {
        (view.id == self.attempt).then_some(view.state)
    }

    async fn look(&mut self) -> Result<Option<SignInState>, Failure> {
        let views = match self.session.sign_ins().await {
            Ok(views) => views,
            Err(Failure::Refused(error)) if error.code == ErrorCode::HubUnreachable => {
                return Err(error.into());
            }
            // Not to be had just now; the attempt outlives that, up to its own end.
            Err(_) if Timestamp::now() < self.expires_at => return Ok(None),
            Err(failure) => return Err(failure),
        };
        match views.into_iter().find(|view| view.id == self.attempt) {
            Some(view) => Ok(Some(view.state)),
            None if Timestamp::now() < self.expires_at => Ok(None),
            None => Ok(Some(SignInState::Failed {
                error: ErrorCode::SignInExpired.into(),
            })),
        }
    }

    /// Hands the pasted address to the hub. A person may paste another one; a script may not.
    async fn paste(&mut self, address: &str) -> Result<Option<SignInState>, Failure> {
        if address.is_empty() {
            return Ok(None);
        }
        let request = Request::DeliverRedirect {
            url: SecretInput::new(address),
        };
        match self.session.ask(request).await {
            Ok(response) => Ok(self.if_ours(answer!(response, SignIn)?)),
            Err(failure) => match self.look().await? {
                Some(state) if state.is_over() => Ok(Some(state)),
                _ if self.terminal.out.json() || !input::is_terminal() => {
                    self.cancel().await;
                    Err(failure)
                }
                _ => {
                    self.terminal.fail(&failure);
                    Ok(None)
                }
            },
        }
    }

    async fn cancel(&mut self) {
        let request = Request::CancelSignIn {
            attempt: self.attempt,
        };
        // Best effort: an attempt nobody ends expires by itself.
        let _ = timeout(CANCEL_WITHIN, self.session.ask(request)).await;
    }

    async fn find_hub_again(&mut self) -> Result<(), Failure> {
        self.session.reopen().await?;
        self.events = self.session.events().await?;
        Ok(())
    }
}

fn over(state: SignInState) -> Result<Connected, Failure> {
    match state {
        SignInState::Connected {
            connection,
            missing,
        } => Ok(Connected {
            connection: *connection,
            missing,
        }),
        SignInState::Failed { error } => Err(error.into()),
        SignInState::Waiting | SignInState::Checking => Err(Error::new(ErrorCode::Internal).into()),
    }
}
