//! Follows the hub's events for the parts of the shell that are not the page: notifications, tray, and the wish to
//! come forward. Ends with the hub.

use futures_util::StreamExt as _;
use hub::Hub;
use model::{ActionFilter, ActionView, Caller, Door as _, Event, Request, Response};
use tauri::{AppHandle, Manager};

use crate::engine::Engine;
use crate::tray::Tray;
use crate::{front, notify};

/// Begins as soon as the hub is open.
pub fn start(app: &AppHandle) {
    let app = app.clone();
    let engine = app.state::<Engine>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let Ok(hub) = engine.hub().await else {
            return;
        };
        let mut events = hub.events(Caller::Window);
        if let Ok(Response::Connections(connections)) =
            hub.handle(Caller::Window, Request::ListConnections).await
            && let Some(tray) = tray(&app)
        {
            tray.all(&app, &connections, &under_way(&hub).await);
        }
        while let Some(event) = events.next().await {
            take(&app, event);
        }
    });
}

/// Actions that aren't over.
async fn under_way(hub: &Hub) -> Vec<ActionView> {
    let filter = ActionFilter {
        open_only: true,
        ..ActionFilter::default()
    };
    match hub
        .handle(Caller::Window, Request::ListActions { filter })
        .await
    {
        Ok(Response::Actions(actions)) => actions,
        _ => Vec::new(),
    }
}

fn take(app: &AppHandle, event: Event) {
    match event {
        Event::Notice { notice } => notify::show(app, &notice),
        Event::Open { target } => front::open(app, target),
        Event::ConnectionChanged { connection } => {
            if let Some(tray) = tray(app) {
                tray.changed(app, &connection);
            }
        }
        Event::Action { action } => {
            if let Some(tray) = tray(app) {
                tray.acted(app, &action);
            }
        }
        Event::ConnectionRemoved { id } => {
            if let Some(tray) = tray(app) {
                tray.removed(app, id);
            }
        }
        _ => {}
    }
}

fn tray(app: &AppHandle) -> Option<&Tray> {
    app.try_state::<Tray>().map(|tray| tray.inner())
}
