//! `autopilot sandbox`: serves the twins of the services by themselves, for tests and for trying things out.

use cli::hosting::{Failure, SandboxAnswer, SandboxArguments, Terminal};
use sandbox::{Options, Sandbox, StartError};

pub(crate) async fn serve(terminal: &Terminal, arguments: SandboxArguments) -> Result<(), Failure> {
    let options = Options {
        port: arguments.port,
        state_file: arguments.state,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.map_err(|error| {
        Failure::usage(
            why(terminal, &error),
            terminal.words("cli_sandbox_choose_another", &[]),
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
    let answers = terminal.words("cli_sandbox_answers", &[("address", &base_url)]);
    terminal.out.line(&format!("# {answers}"));
    terminal.out.line(endpoints_toml.trim_end());
    terminal.ending.asked().await;
    sandbox.stop().await;
    Ok(())
}

fn why(terminal: &Terminal, error: &StartError) -> String {
    match error {
        StartError::Listen { port, .. } => {
            terminal.words("cli_sandbox_cannot_listen", &[("port", port)])
        }
        StartError::State { path, .. } => {
            terminal.words("cli_sandbox_state_unusable", &[("path", &path.display())])
        }
        StartError::Address(_) => terminal.words("cli_sandbox_no_address", &[]),
    }
}
