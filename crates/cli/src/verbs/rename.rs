//! `autopilot rename`: what the person calls a connection. The hub says which names won't do.

use model::Request;

use crate::{
    args::RenameArguments,
    failure::Failure,
    schema::{ConnectionAnswer, ConnectionShape},
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: RenameArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let request = Request::RenameConnection {
        connection: arguments.connection,
        name: arguments.name,
    };
    let view = answer!(session.ask(request).await?, Connection)?;
    if terminal.out.json() {
        let connection = ConnectionShape::new(&terminal.texts, &view);
        terminal.out.object(&ConnectionAnswer { connection });
        return Ok(());
    }
    let (service, account) = (&view.integration_name, &view.account);
    terminal.out.line(&match &view.name {
        Some(name) => terminal.words(
            "cli_rename_named",
            &[("account", account), ("service", service), ("name", name)],
        ),
        None => terminal.words(
            "cli_rename_unnamed",
            &[("account", account), ("service", service)],
        ),
    });
    Ok(())
}
