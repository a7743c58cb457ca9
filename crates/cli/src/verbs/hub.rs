//! `autopilot hub`: holds the profile without a window, until stopped or until a desktop takes over.

use super::interruptible;
use crate::{
    failure::Failure,
    host::{self, HostOptions, Stopped},
    schema::HubEvent,
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let globals = &terminal.globals;
    let profile = globals.profile();
    let options = HostOptions {
        profile: profile.clone(),
        sandbox: globals.sandbox,
        endpoints_file: globals.endpoints.clone(),
        headless: true,
        data_root: None,
    };
    let start = async { Ok(host::start_telling(options, globals.verbose).await?) };
    let hosted = interruptible(terminal, start).await?;
    let sandbox = hosted.sandbox.is_some();
    if terminal.out.json() {
        terminal.out.object(&HubEvent::Ready {
            profile: profile.as_str(),
            sandbox,
        });
    }
    let against = if sandbox { ", against the sandbox" } else { "" };
    terminal.out.line(&format!(
        "Holding the profile \"{profile}\"{against}. Ctrl-C stops it."
    ));
    if hosted.run_until(terminal.ending.asked()).await == Stopped::HandedOver {
        terminal.out.line("The desktop has taken over.");
    }
    Ok(())
}
