//! `autopilot message send`

use model::{Action, Capability, SendMessage, TextFormat};

use crate::{
    args::SendMessageArguments, choose, failure::Failure, follow, local, session::Session,
    terminal::Terminal,
};

pub(super) async fn run(
    terminal: &Terminal,
    arguments: SendMessageArguments,
) -> Result<(), Failure> {
    let file = arguments.file.as_deref().map(local::file).transpose()?;
    let text = local::words(
        terminal,
        arguments.text,
        arguments.text_file.as_deref(),
        file.is_none(),
    )
    .await?;
    if text.is_none() && file.is_none() {
        return Err(Failure::usage(
            terminal.words("cli_nothing_to_send", &[]),
            terminal.words("cli_message_nothing_next", &[]),
        ));
    }
    let message = SendMessage {
        chat: arguments.chat,
        text: text.unwrap_or_default(),
        format: if arguments.markdown {
            TextFormat::Markdown
        } else {
            TextFormat::Plain
        },
        file,
        as_picture: arguments.picture,
        reply_to: arguments.reply_to,
    };
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::MessageSend).await?;
    follow::write(
        terminal,
        &mut session,
        &connection,
        Action::SendMessage(message),
        arguments.keeping,
    )
    .await
}
