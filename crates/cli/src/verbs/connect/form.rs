//! Connecting with a key the person brings. The key comes on standard input, never as an argument.

use std::collections::BTreeMap;

use model::{
    ConnectionId, Request, SecretInput,
    integration::{FieldView, IntegrationView},
};

use super::Connected;
use crate::{
    failure::Failure,
    input,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) struct Form<'a> {
    pub(super) integration: &'a IntegrationView,
    pub(super) steps: &'a [String],
    pub(super) fields: &'a [FieldView],
    pub(super) connection: Option<ConnectionId>,
}

impl Form<'_> {
    pub(super) async fn connect(
        &self,
        terminal: &Terminal,
        session: &mut Session,
        token_stdin: bool,
    ) -> Result<Connected, Failure> {
        if !token_stdin && !input::is_terminal() {
            return Err(Failure::usage(
                terminal.words(
                    "cli_connect_nobody_to_ask",
                    &[("service", &self.integration.name)],
                ),
                self.instead(terminal),
            ));
        }
        if !token_stdin {
            for (number, step) in (1..).zip(self.steps) {
                terminal.out.note(&format!("{number}. {step}"));
            }
        }
        let request = Request::ConnectWithForm {
            integration: self.integration.id.clone(),
            connection: self.connection,
            fields: self.fill_in(terminal).await?,
        };
        let connection = answer!(session.ask(request).await?, Connection)?;
        Ok(Connected {
            connection,
            missing: Vec::new(),
        })
    }

    /// One line of standard input a field, in their order.
    async fn fill_in(&self, terminal: &Terminal) -> Result<BTreeMap<String, SecretInput>, Failure> {
        let mut filled = BTreeMap::new();
        for field in self.fields {
            let line = if field.secret {
                input::secret(terminal, &field.label, &self.instead(terminal)).await?
            } else {
                input::plain(terminal, &field.label).await?
            };
            // What is copied from a chat or a file often brings a space or two along.
            filled.insert(
                field.id.clone(),
                SecretInput::new(line.into_secret().expose().trim()),
            );
        }
        Ok(filled)
    }

    fn instead(&self, terminal: &Terminal) -> String {
        let command = terminal.command(&format!("connect {} --token-stdin", self.integration.id));
        terminal.words("cli_connect_pipe", &[("command", &command)])
    }
}
