//! `autopilot mail read`: the text of one mail; its HTML only with `--json`.

use model::{Capability, ConnectionRef, Email, Request};

use crate::{
    args::ReadMailArguments,
    choose,
    failure::Failure,
    local,
    output::Style,
    progress::bytes,
    schema::EmailAnswer,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: ReadMailArguments) -> Result<(), Failure> {
    let folder = arguments.save.as_deref().map(local::folder).transpose()?;
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::MailRead).await?;
    let request = Request::ReadEmail {
        connection: ConnectionRef::new(connection.id.to_string()),
        id: arguments.id,
        save_attachments_to: folder,
    };
    let email = answer!(session.ask(request).await?, Email)?;
    if terminal.out.json() {
        terminal.out.object(&EmailAnswer { email });
    } else {
        say(terminal, &email);
    }
    Ok(())
}

fn say(terminal: &Terminal, email: &Email) {
    let summary = &email.summary;
    let date = summary
        .date
        .map_or_else(String::new, |date| date.to_string());
    let headers = [
        ("cli_mail_from", summary.from.as_str()),
        ("cli_mail_to", &summary.to),
        ("cli_mail_cc", &email.cc),
        ("cli_mail_date", &date),
        ("cli_mail_subject", &summary.subject),
    ]
    .map(|(name, value)| (terminal.words(name, &[]), value));
    let widths = headers.iter().map(|(name, _)| name.chars().count());
    let width = widths.max().unwrap_or_default();
    for (name, value) in headers {
        // A header is one line, whatever its sender thought: nothing in it may look like another header.
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            let name = format!("{name:<width$} ");
            terminal
                .out
                .styled(&[(Style::Quiet, &name), (Style::Strong, &value)]);
        }
    }
    terminal.out.line("");
    // Line ends of the wire are CR LF.
    terminal.out.line(&email.text.replace("\r\n", "\n"));
    for attachment in &email.attachments {
        let size = bytes(attachment.size);
        let line = match &attachment.saved_as {
            Some(path) => terminal.words("cli_mail_saved", &[("path", path), ("size", &size)]),
            None => terminal.words(
                "cli_mail_attached",
                &[
                    ("name", &attachment.name),
                    ("type", &attachment.media_type),
                    ("size", &size),
                ],
            ),
        };
        terminal.out.line(&line.replace('\n', " "));
    }
}
