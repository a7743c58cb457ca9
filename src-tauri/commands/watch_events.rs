//! The hub's events and the shell's own wishes, as one stream for the page. Returns once nothing more can be missed.

use futures_util::StreamExt as _;
use model::{Caller, Door as _, Error, Event};
use tauri::State;
use tauri::ipc::Channel;

use crate::engine::Engine;
use crate::front::Front;

#[tauri::command]
pub async fn watch_events(
    engine: State<'_, Engine>,
    front: State<'_, Front>,
    channel: Channel<Event>,
) -> Result<(), Error> {
    let mut of_hub = engine.hub_for_page().await?.events(Caller::Window);
    let mut of_shell = front.listen();
    tauri::async_runtime::spawn(async move {
        loop {
            let event = tokio::select! {
                event = of_hub.next() => match event {
                    // Comes again by way of `front`, which also shows the window.
                    Some(Event::Open { .. }) => continue,
                    event => event,
                },
                event = of_shell.recv() => event,
            };
            let Some(event) = event else { return };
            if channel.send(event).is_err() {
                return;
            }
        }
    });
    Ok(())
}
