//! Follows the hub's events for the parts of the shell that are not the page: notifications, what the desktop shows
//! without the window, and the wish to come forward. Ends with the hub.

use futures_util::StreamExt as _;
use hub::Hub;
use model::{ActionFilter, Caller, Door as _, Error, Event, Request, Response};
use tauri::{AppHandle, Manager};

use crate::engine::Engine;
use crate::{front, notify, overview};

/// Begins as soon as the hub is open.
pub fn start(app: &AppHandle) {
    let app = app.clone();
    let engine = app.state::<Engine>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let Some(hub) = engine.opened().await else {
            return;
        };
        let mut events = hub.events(Caller::Window);
        look_around(&app, &hub).await;
        while let Some(event) = events.next().await {
            take(&app, event);
        }
    });
}

/// What there is before the first event. What can't be told now is told by events.
async fn look_around(app: &AppHandle, hub: &Hub) {
    if let Ok(Response::Settings(settings)) = ask(hub, Request::GetSettings).await {
        overview::chosen(app, &settings);
    }
    let filter = ActionFilter {
        open_only: true,
        ..ActionFilter::default()
    };
    let connections = match ask(hub, Request::ListConnections).await {
        Ok(Response::Connections(connections)) => connections,
        _ => Vec::new(),
    };
    let actions = match ask(hub, Request::ListActions { filter }).await {
        Ok(Response::Actions(actions)) => actions,
        _ => Vec::new(),
    };
    let callers = match ask(hub, Request::ListCallers).await {
        Ok(Response::Callers(callers)) => callers,
        _ => Vec::new(),
    };
    overview::all(app, &connections, &actions, &callers);
}

async fn ask(hub: &Hub, request: Request) -> Result<Response, Error> {
    hub.handle(Caller::Window, request).await
}

fn take(app: &AppHandle, event: Event) {
    match event {
        Event::Notice { notice } => notify::show(app, &notice),
        Event::Open { target } => front::open(app, target),
        Event::ConnectionChanged { connection } => overview::changed(app, &connection),
        Event::ConnectionRemoved { id } => overview::removed(app, id),
        Event::Action { action } => overview::acted(app, &action),
        Event::CallerChanged { caller } => overview::called(app, &caller),
        Event::CallerRemoved { caller } => overview::forgotten(app, &caller),
        Event::Settings { settings } => overview::chosen(app, &settings),
        _ => {}
    }
}
