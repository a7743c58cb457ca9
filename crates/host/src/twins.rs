//! `autopilot sandbox`: serves the twins of the services by themselves, for tests and for trying things out.

use cli::hosting::{Failure, SandboxAnswer, SandboxArguments, Terminal};
use sandbox::{Options, Sandbox};

pub(crate) async fn serve(terminal: &Terminal, arguments: SandboxArguments) -> Result<(), Failure> {
    let options = Options {
        port: arguments.port,
        state_file: arguments.state,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.map_err(|error| {
        Failure::usage(
            format!("{}.", capitalised(&error.to_string())),
            "Choose another --port or --state.",
        )
    })?;
    let (base_url, endpoints_toml) = (sandbox.base_url(), sandbox.endpoints_toml());
    if terminal.out.json() {
        terminal.out.object(&SandboxAnswer {
            base_url: base_url.as_str(),
            endpoints_toml: &endpoints_toml,
        });
    }
    // A comment, so that the whole output can be saved and given to --endpoints.
    terminal.out.line(&format!(
        "# The sandbox answers at {base_url} until Ctrl-C."
    ));
    terminal.out.line(endpoints_toml.trim_end());
    terminal.ending.asked().await;
    sandbox.stop().await;
    Ok(())
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
