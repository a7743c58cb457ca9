//! Who hears which event. An agent hears what is its own business: its writes, its standing, and which connections
//! there are once it was let in.

use std::sync::Arc;

use futures_util::StreamExt;
use model::{Admission, Caller, Event, door::EventStream};
use tokio_stream::wrappers::BroadcastStream;

use crate::core::Core;

impl Core {
    /// A face that falls far behind misses events rather than holding everyone up; it reads the lists again.
    pub(crate) fn events_for(self: &Arc<Self>, caller: Caller) -> EventStream {
        let listening = Listening::begin(self, caller);
        let events = BroadcastStream::new(self.events.subscribe());
        Box::pin(events.filter_map(move |event| {
            let heard = event
                .ok()
                .filter(|event| listening.core.hears(&listening.caller, event));
            std::future::ready(heard)
        }))
    }

    fn hears(&self, caller: &Caller, event: &Event) -> bool {
        let own_standing = match event {
            Event::CallerChanged { caller: changed } => Some(changed.caller == *caller),
            Event::CallerRemoved { caller: removed } => Some(removed == caller),
            _ => None,
        };
        let is_admitted = || matches!(self.admission(caller), Some(Admission::Admitted { .. }));
        match (caller, own_standing) {
            (Caller::Window, _) => true,
            (_, Some(own)) => own,
            (Caller::Program { .. } | Caller::Workflow { .. }, None) => is_admitted(),
            (Caller::Agent { .. }, None) => match event {
                Event::Action { action } => action.caller == *caller,
                Event::Settings { .. } => true,
                Event::ConnectionChanged { .. }
                | Event::ConnectionRemoved { .. }
                | Event::Download { .. } => is_admitted(),
                _ => false,
            },
        }
    }
}

/// Counted as connected for as long as it listens.
struct Listening {
    core: Arc<Core>,
    caller: Caller,
}

impl Listening {
    fn begin(core: &Arc<Core>, caller: Caller) -> Self {
        let listening = Self {
            core: Arc::clone(core),
            caller,
        };
        listening.count(|listening| listening + 1);
        listening
    }

    fn count(&self, change: impl FnOnce(u32) -> u32) {
        if self.caller.is_window() {
            return;
        }
        {
            let mut present = self.core.policy.present();
            let presence = present.entry(self.caller.clone()).or_default();
            presence.listening = change(presence.listening);
        }
        self.core.show_caller(&self.caller);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.count(|listening| listening.saturating_sub(1));
    }
}
