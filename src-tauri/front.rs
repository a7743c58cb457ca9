//! Brings the window forward at a given place, whether its page is there already or still loading. Knows nothing
//! about what the places mean.

use std::sync::{Mutex, PoisonError};

use model::{Event, OpenTarget};
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::window;

/// What the shell itself has to tell the page, beside the hub's events.
#[derive(Default)]
pub struct Front(Mutex<State>);

#[derive(Default)]
struct State {
    page: Option<UnboundedSender<Event>>,
    /// Where to go once the page listens. Only the last wish counts.
    waiting: Option<OpenTarget>,
}

impl Front {
    /// The page listens from now on; a former page no longer does.
    pub fn listen(&self) -> UnboundedReceiver<Event> {
        let (page, events) = unbounded_channel();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = state.waiting.take() {
            let _ = page.send(Event::Open { target });
        }
        state.page = Some(page);
        events
    }

    fn go_to(&self, target: OpenTarget) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event::Open {
            target: target.clone(),
        };
        let told = state
            .page
            .as_ref()
            .is_some_and(|page| page.send(event).is_ok());
        if !told {
            state.waiting = Some(target);
        }
    }
}

/// Shows the window at this place. The list of connections is where the page is anyway: for that it isn't told to go
/// anywhere, and a dialog with something half typed stays as it is.
pub fn open(app: &AppHandle, target: OpenTarget) {
    if target != OpenTarget::Connections {
        app.state::<Front>().go_to(target);
    }
    window::show(app);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_asked_for_before_the_page_listens_is_not_lost() {
        let front = Front::default();
        front.go_to(OpenTarget::Connections);
        front.go_to(OpenTarget::Vault);
        let mut events = front.listen();
        let first = events.try_recv().unwrap();
        assert_eq!(
            first,
            Event::Open {
                target: OpenTarget::Vault
            }
        );
        assert!(events.try_recv().is_err());
    }

    #[test]
    fn a_reloaded_page_takes_over_and_the_former_one_ends() {
        let front = Front::default();
        let mut former = front.listen();
        let mut page = front.listen();
        front.go_to(OpenTarget::Connections);
        assert!(page.try_recv().is_ok());
        assert!(former.blocking_recv().is_none());
    }

    #[test]
    fn a_page_that_went_away_leaves_the_wish_to_the_next() {
        let front = Front::default();
        drop(front.listen());
        front.go_to(OpenTarget::Connections);
        assert!(front.listen().try_recv().is_ok());
    }
}
