//! `autopilot mail list`

use model::{Capability, ConnectionRef, EmailQuery, EmailSummary, Request, Texts, Timestamp};

use crate::{
    args::ListMailArguments,
    choose,
    failure::Failure,
    moments,
    output::{Style, short},
    schema::EmailsAnswer,
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: ListMailArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::MailRead).await?;
    let request = Request::ListEmails {
        connection: ConnectionRef::new(connection.id.to_string()),
        query: EmailQuery {
            search: arguments.search.join(" "),
            limit: Some(arguments.limit),
            page: arguments.page,
        },
    };
    let page = answer!(session.ask(request).await?, Emails)?;
    if terminal.out.json() {
        terminal.out.object(&EmailsAnswer {
            emails: page.emails,
            next: page.next,
        });
        return Ok(());
    }
    if page.emails.is_empty() {
        terminal.out.line(&terminal.words("cli_mail_none", &[]));
    }
    table(&terminal.texts, &page.emails, Timestamp::now()).print(terminal.out);
    if let Some(next) = page.next {
        terminal
            .out
            .note(&terminal.words("cli_more_pages", &[("next", &next)]));
    }
    Ok(())
}

fn table(texts: &Texts, emails: &[EmailSummary], now: Timestamp) -> Table {
    let mut table = Table::default();
    for email in emails {
        let date = email
            .date
            .map_or_else(String::new, |date| moments::ago(texts, now, date));
        let cells = vec![
            Cell::new(short(&email.id, 40)).styled(Style::Quiet),
            Cell::new(date),
            Cell::new(short(&email.from, 32)),
            Cell::new(short(&email.subject, 60)).styled(Style::Strong),
        ];
        table.row(cells, Vec::new());
    }
    table
}
