//! `autopilot message chats`: the chats that messages can be sent to.

use model::{Capability, Chat, ChatKind, ConnectionRef, Request, Texts, Timestamp};

use crate::{
    args::Through,
    choose,
    failure::Failure,
    moments,
    output::{Style, short},
    schema::ChatsAnswer,
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
    words::words,
};

pub(super) async fn run(terminal: &Terminal, through: Through) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let named = through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::ChatsList).await?;
    let request = Request::ListChats {
        connection: ConnectionRef::new(connection.id.to_string()),
    };
    let chats = answer!(session.ask(request).await?, Chats)?;
    if terminal.out.json() {
        terminal.out.object(&ChatsAnswer { chats });
        return Ok(());
    }
    if chats.is_empty() {
        terminal.out.line(&terminal.words("cli_chats_none", &[]));
        let claim = terminal.command("message claim");
        terminal
            .out
            .note(&terminal.words("cli_chats_none_next", &[("command", &claim)]));
    }
    table(&terminal.texts, &chats, Timestamp::now()).print(terminal.out);
    Ok(())
}

fn table(texts: &Texts, chats: &[Chat], now: Timestamp) -> Table {
    let mut table = Table::default();
    for chat in chats {
        let known = moments::ago(texts, now, chat.known_since);
        let cells = vec![
            Cell::new(&chat.id).styled(Style::Quiet),
            Cell::new(short(&chat.title, 48)).styled(Style::Strong),
            Cell::new(kind(texts, chat.kind)),
            Cell::new(
                chat.handle
                    .as_deref()
                    .map_or_else(String::new, |handle| short(handle, 40)),
            ),
            Cell::new(words(texts, "cli_chats_known", &[("when", &known)])).styled(Style::Quiet),
        ];
        table.row(cells, Vec::new());
    }
    table
}

pub(super) fn kind(texts: &Texts, kind: ChatKind) -> String {
    let key = match kind {
        ChatKind::Person => "cli_chat_person",
        ChatKind::Group => "cli_chat_group",
        ChatKind::Channel => "cli_chat_channel",
    };
    words(texts, key, &[])
}
