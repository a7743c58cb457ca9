//! `autopilot disconnect`: says what ends, asks, and ends it.

use model::{ConnectionRef, ConnectionView, DisconnectPreview, Request};

use crate::{
    args::DisconnectArguments,
    failure::Failure,
    input,
    schema::{DisconnectAnswer, PreviewAnswer, PreviewShape},
    session::{Session, answer},
    terminal::Terminal,
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
        terminal.out.line("Nothing was changed.");
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
    terminal.out.line(&format!(
        "{} is disconnected from {}.",
        view.account, view.integration_name
    ));
    Ok(())
}

fn say_first(
    terminal: &Terminal,
    view: &ConnectionView,
    preview: &DisconnectPreview,
    revoke: bool,
) {
    for line in what_ends(view, preview, revoke) {
        terminal.out.line(&line);
    }
}

fn what_ends(view: &ConnectionView, preview: &DisconnectPreview, revoke: bool) -> Vec<String> {
    let (service, account) = (&view.integration_name, &view.account);
    if !revoke {
        return vec![format!(
            "This removes {account} from Autopilot only. {service} goes on accepting the old sign-in."
        )];
    }
    let mut lines = vec![if preview.revocable {
        format!("This ends Autopilot's access to {service} as {account}, here and at {service}.")
    } else {
        format!(
            "This removes {account} from Autopilot. Only its owner can end the key at {service}."
        )
    }];
    lines.extend(preview.also_ends.iter().map(|other| {
        format!(
            "It also ends {} as {}.",
            other.integration_name, other.account
        )
    }));
    lines.extend(preview.consequences.iter().cloned());
    lines
}

async fn agreed(terminal: &Terminal, view: &ConnectionView) -> Result<bool, Failure> {
    if terminal.out.json() || !input::is_terminal() {
        return Err(Failure::usage(
            format!(
                "Disconnecting {} has to be confirmed, and nobody can be asked here.",
                view.account
            ),
            "Add --yes, after looking with --preview.",
        ));
    }
    input::confirm(terminal, "Disconnect?").await
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
        let said = what_ends(&gmail, &preview(&gmail), true).join("\n");
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
        let said = what_ends(&gmail, &preview(&gmail), false).join("\n");
        assert!(!said.contains("Drive"), "{said}");
    }
}
