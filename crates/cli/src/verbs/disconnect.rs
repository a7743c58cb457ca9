//! `autopilot disconnect`: says what ends, asks, and ends it.

use model::{ConnectionRef, ConnectionView, DisconnectPreview, Request, Texts};

use crate::{
    args::DisconnectArguments,
    failure::Failure,
    input,
    schema::{DisconnectAnswer, PreviewAnswer, PreviewShape},
    session::{Session, answer},
    terminal::Terminal,
    words::words,
};

pub(super) async fn run(
    terminal: &Terminal,
    arguments: DisconnectArguments,
) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let view = session.connection(arguments.connection).await?;
    // From here on by id: what was shown is what ends, whatever else is connected meanwhile.
    let connection = ConnectionRef::new(view.id.to_string());
    let request = Request::PreviewDisconnect {
        connection: connection.clone(),
    };
    let preview = answer!(session.ask(request).await?, DisconnectPreview)?;
    let revoke = !arguments.keep_remote;
    let shape = || PreviewShape::new(&terminal.texts, &view, &preview);

    say_first(terminal, &view, &preview, revoke);
    if arguments.preview {
        if terminal.out.json() {
            terminal.out.object(&PreviewAnswer { preview: shape() });
        }
        return Ok(());
    }
    if !arguments.yes && !agreed(terminal, &view).await? {
        terminal
            .out
            .line(&terminal.words("cli_disconnect_nothing_changed", &[]));
        return Ok(());
    }
    session
        .ask(Request::Disconnect { connection, revoke })
        .await?;
    if terminal.out.json() {
        terminal.out.object(&DisconnectAnswer {
            disconnected: shape(),
            revoke,
        });
    }
    terminal.out.line(&terminal.words(
        "cli_disconnect_done",
        &[
            ("account", &view.account),
            ("service", &view.integration_name),
        ],
    ));
    Ok(())
}

fn say_first(
    terminal: &Terminal,
    view: &ConnectionView,
    preview: &DisconnectPreview,
    revoke: bool,
) {
    for line in what_ends(&terminal.texts, view, preview, revoke) {
        terminal.out.line(&line);
    }
}

fn what_ends(
    texts: &Texts,
    view: &ConnectionView,
    preview: &DisconnectPreview,
    revoke: bool,
) -> Vec<String> {
    let about = |key, view: &ConnectionView| {
        let (service, account) = (&view.integration_name, &view.account);
        words(texts, key, &[("service", service), ("account", account)])
    };
    if !revoke {
        return vec![about("cli_disconnect_here_only", view)];
    }
    let first = if preview.revocable {
        "cli_disconnect_ends"
    } else {
        "cli_disconnect_removes"
    };
    let also = preview.also_ends.iter();
    let mut lines = vec![about(first, view)];
    lines.extend(also.map(|other| about("cli_disconnect_also_ends", other)));
    lines.extend(preview.consequences.iter().cloned());
    lines
}

async fn agreed(terminal: &Terminal, view: &ConnectionView) -> Result<bool, Failure> {
    if terminal.out.json() || !input::is_terminal() {
        return Err(Failure::usage(
            terminal.words("cli_disconnect_unconfirmed", &[("account", &view.account)]),
            terminal.words("cli_disconnect_unconfirmed_next", &[]),
        ));
    }
    input::confirm(terminal, &terminal.words("cli_disconnect_question", &[])).await
}

#[cfg(test)]
mod tests {
    use model::{ConnectionId, Status, Timestamp};

    use super::*;

    fn view(service: &str) -> ConnectionView {
        ConnectionView {
            id: ConnectionId::generate(),
            integration: service.to_lowercase().as_str().into(),
            integration_name: service.to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: None,
            name: None,
            status: Status::Paused,
            proven_at: None,
            checked_at: None,
            connected_at: Timestamp::UNIX_EPOCH,
            scopes: Vec::new(),
            capabilities: Vec::new(),
            token_allowed: false,
            remarks: Vec::new(),
        }
    }

    fn preview(of: &ConnectionView) -> DisconnectPreview {
        DisconnectPreview {
            connection: of.id,
            revocable: true,
            also_ends: vec![view("Drive")],
            consequences: vec!["Every sign-in of this app ends.".to_owned()],
        }
    }

    #[test]
    fn everything_that_dies_is_named_before_it_does() {
        let gmail = view("Gmail");
        let said = what_ends(&Texts::english(), &gmail, &preview(&gmail), true).join("\n");
        for part in [
            "Gmail as anna@example.org",
            "Drive as anna@example.org",
            "Every sign-in",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn removing_here_only_threatens_nothing_else() {
        let gmail = view("Gmail");
        let said = what_ends(&Texts::english(), &gmail, &preview(&gmail), false).join("\n");
        assert!(!said.contains("Drive"), "{said}");
    }
}
