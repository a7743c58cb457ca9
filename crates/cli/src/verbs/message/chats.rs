//! `autopilot message chats`: the chats that messages can be sent to.

use model::{Capability, Chat, ChatKind, ConnectionRef, Request, Timestamp};

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
};

pub(super) async fn run(terminal: &Terminal, through: Through) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let named = through.connection;
    let connection = choose::connection(&mut session, named, Capability::ChatsList).await?;
    let request = Request::ListChats {
        connection: ConnectionRef::new(connection.id.to_string()),
    };
    let chats = answer!(session.ask(request).await?, Chats)?;
    if terminal.out.json() {
        terminal.out.object(&ChatsAnswer { chats });
        return Ok(());
    }
    if chats.is_empty() {
        terminal.out.line("No chat is known yet.");
        let claim = terminal.command("message claim");
        terminal.out.note(&format!("Make one known: {claim}"));
    }
    table(&chats, Timestamp::now()).print(terminal.out);
    Ok(())
}

fn table(chats: &[Chat], now: Timestamp) -> Table {
    let mut table = Table::default();
    for chat in chats {
        let cells = vec![
            Cell::new(&chat.id).styled(Style::Quiet),
            Cell::new(short(&chat.title, 48)).styled(Style::Strong),
            Cell::new(kind(chat.kind)),
            Cell::new(
                chat.handle
                    .as_deref()
                    .map_or_else(String::new, |handle| short(handle, 40)),
            ),
            Cell::new(format!(
                "known since {}",
                moments::ago(now, chat.known_since)
            ))
            .styled(Style::Quiet),
        ];
        table.row(cells, Vec::new());
    }
    table
}

pub(super) const fn kind(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Person => "person",
        ChatKind::Group => "group",
        ChatKind::Channel => "channel",
    }
}
