//! `autopilot connect`: connects an account, or signs an existing connection in again.
//!
//! With `--json` every end of it is one line: `connected` or `failed`, whatever kind of service it is.

mod browser;
mod form;
mod scopes;

use model::{
    ConnectionId, ConnectionView, Error, ErrorCode,
    integration::{AuthView, IntegrationView},
};

use super::interruptible;
use crate::{
    args::ConnectArguments,
    failure::Failure,
    schema::{ConnectEvent, ConnectionShape},
    session::Session,
    terminal::Terminal,
};

/// What a connect ended with.
struct Connected {
    connection: ConnectionView,
    /// Permissions left unticked, in plain words.
    missing: Vec<String>,
}

pub(super) async fn run(terminal: &Terminal, arguments: ConnectArguments) -> Result<(), Failure> {
    match connect(terminal, &arguments).await {
        Ok(connected) => {
            tell(terminal, connected);
            Ok(())
        }
        Err(failure) if terminal.out.json() => {
            if let Some(error) = terminal.shape(&failure) {
                terminal.out.object(&ConnectEvent::Failed {
                    code: error.code,
                    error,
                });
            }
            Err(Failure::Told(failure.exit()))
        }
        Err(failure) => Err(failure),
    }
}

async fn connect(terminal: &Terminal, arguments: &ConnectArguments) -> Result<Connected, Failure> {
    let (mut session, integration, connection) =
        interruptible(terminal, prepare(terminal, arguments)).await?;
    match &integration.auth {
        AuthView::Oauth { .. } => {
            if arguments.token_stdin {
                return Err(Failure::usage(
                    terminal.words("cli_connect_no_key", &[("service", &integration.name)]),
                    terminal.words("cli_connect_no_key_next", &[]),
                ));
            }
            let wish = browser::Wish {
                integration: integration.id.clone(),
                service: &integration.name,
                connection,
                scopes: scopes::resolve(&terminal.texts, &integration.scopes, &arguments.scopes)?,
                redirect: arguments.redirect.map(Into::into),
                browser: !arguments.no_browser,
            };
            browser::sign_in(terminal, &mut session, wish).await
        }
        AuthView::Form { steps, fields } => {
            let form = form::Form {
                integration: &integration,
                steps,
                fields,
                connection,
            };
            interruptible(
                terminal,
                form.connect(terminal, &mut session, arguments.token_stdin),
            )
            .await
        }
    }
}

async fn prepare(
    terminal: &Terminal,
    arguments: &ConnectArguments,
) -> Result<(Session, IntegrationView, Option<ConnectionId>), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let integration = find(session.integrations().await?, &arguments.integration)?;
    let connection = match &arguments.connection {
        None => None,
        Some(named) => Some(session.connection(named.clone()).await?),
    };
    match connection {
        Some(view) if view.integration != integration.id => {
            Err(elsewhere(terminal, &view, &integration.name))
        }
        connection => Ok((session, integration, connection.map(|view| view.id))),
    }
}

/// The connection to sign in again belongs to another service than the one named.
fn elsewhere(terminal: &Terminal, view: &ConnectionView, wanted: &str) -> Failure {
    let words = format!("connect {} --connection {}", view.integration, view.account);
    let command = terminal.command(&words);
    Failure::usage(
        terminal.words(
            "cli_connect_elsewhere",
            &[
                ("account", &view.account),
                ("service", &view.integration_name),
                ("wanted", &wanted),
            ],
        ),
        terminal.words("cli_connect_elsewhere_next", &[("command", &command)]),
    )
}

/// By its id, however its words are joined: `google-drive` and `Google Drive` are `google_drive`.
fn find(integrations: Vec<IntegrationView>, typed: &str) -> Result<IntegrationView, Error> {
    let wanted = typed.trim().to_lowercase().replace([' ', '-'], "_");
    let known: Vec<String> = integrations
        .iter()
        .map(|view| view.id.to_string())
        .collect();
    integrations
        .into_iter()
        .find(|view| view.id.as_str() == wanted)
        .ok_or_else(|| {
            Error::new(ErrorCode::UnknownIntegration)
                .with("integration", typed)
                .with("known", known.join(", "))
        })
}

fn tell(terminal: &Terminal, connected: Connected) {
    let Connected {
        connection: view,
        missing,
    } = connected;
    terminal.out.line(&terminal.words(
        "cli_connect_connected",
        &[
            ("service", &view.integration_name),
            ("account", &view.account),
        ],
    ));
    for permission in &missing {
        let said = terminal.words("cli_connect_unticked", &[("permission", permission)]);
        terminal.out.note(&said);
    }
    for remark in &view.remarks {
        terminal.out.note(remark);
    }
    if terminal.out.json() {
        let connection = Box::new(ConnectionShape::new(&terminal.texts, &view));
        terminal.out.object(&ConnectEvent::Connected {
            connection,
            missing,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integration(id: &str) -> IntegrationView {
        IntegrationView {
            id: id.into(),
            name: id.to_owned(),
            tagline: String::new(),
            icon_svg: String::new(),
            auth: AuthView::Form {
                steps: Vec::new(),
                fields: Vec::new(),
            },
            scopes: Vec::new(),
            capabilities: Vec::new(),
            can_pick: false,
            setup: Vec::new(),
        }
    }

    #[test]
    fn an_integration_is_found_however_its_words_are_joined() {
        for typed in ["google_drive", "google-drive", "Google Drive"] {
            let all = vec![integration("gmail"), integration("google_drive")];
            assert_eq!(find(all, typed).unwrap().id.as_str(), "google_drive");
        }
    }

    #[test]
    fn an_unknown_integration_is_answered_with_the_known_ones() {
        let refused = find(vec![integration("gmail"), integration("telegram")], "fax").unwrap_err();
        assert_eq!(refused.code, ErrorCode::UnknownIntegration);
        assert_eq!(refused.args["known"], "gmail, telegram");
    }
}
