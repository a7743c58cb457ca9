//! `autopilot mail send`: files are looked at here, everything else is the hub's to judge.

use model::{Action, Capability, SendEmail};

use crate::{
    args::SendMailArguments, choose, failure::Failure, follow, local, session::Session,
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: SendMailArguments) -> Result<(), Failure> {
    let keeping = arguments.keeping;
    let named = arguments.through.connection.clone();
    let mail = mail(terminal, arguments).await?;
    let mut session = Session::open(&terminal.globals).await?;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::MailSend).await?;
    follow::write(
        terminal,
        &mut session,
        &connection,
        Action::SendEmail(mail),
        keeping,
    )
    .await
}

async fn mail(terminal: &Terminal, arguments: SendMailArguments) -> Result<SendEmail, Failure> {
    if arguments.to.is_empty() && arguments.cc.is_empty() && arguments.bcc.is_empty() {
        return Err(Failure::usage(
            terminal.words("cli_mail_nobody", &[]),
            terminal.words("cli_mail_nobody_next", &[]),
        ));
    }
    let attachments = local::files(&arguments.attach)?;
    let html = match &arguments.html_file {
        Some(path) => Some(local::contents(terminal, path).await?),
        None => None,
    };
    let text = local::words(
        terminal,
        arguments.text,
        arguments.text_file.as_deref(),
        html.is_none(),
    )
    .await?;
    let text = match (text, &html) {
        (None, None) if attachments.is_empty() => {
            return Err(Failure::usage(
                terminal.words("cli_nothing_to_send", &[]),
                terminal.words("cli_mail_nothing_next", &[]),
            ));
        }
        // Files may speak for themselves.
        (None, None) => Some(String::new()),
        (text, _) => text,
    };
    Ok(SendEmail {
        to: arguments.to,
        cc: arguments.cc,
        bcc: arguments.bcc,
        subject: arguments.subject,
        text,
        html,
        attachments,
        reply_to: arguments.reply_to,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use model::ErrorCode;

    use super::*;
    use crate::{
        args::{Arguments, Globals, MailVerb, Verb, Word},
        output::Output,
        platform::Ending,
    };

    async fn read(line: &[&str]) -> Result<SendEmail, Failure> {
        let terminal = Terminal::new(Output::detect(true), Globals::default(), Ending::never());
        let line = ["autopilot", "mail", "send"].iter().chain(line);
        let Word::Asking(Verb::Mail(MailVerb::Send(arguments))) =
            Arguments::try_parse_from(line).unwrap().verb
        else {
            panic!("not mail send")
        };
        mail(&terminal, arguments).await
    }

    #[tokio::test]
    async fn everything_typed_reaches_the_mail() {
        let home = tempfile::tempdir().unwrap();
        let [one, two, page] = ["one.pdf", "two.pdf", "page.html"].map(|name| {
            let path = home.path().join(name);
            std::fs::write(&path, "<p>Hi</p>").unwrap();
            path.to_str().unwrap().to_owned()
        });
        let sent = read(&[
            "--to",
            "a@example.org",
            "--to",
            "b@example.org",
            "--cc",
            "c@example.org",
            "--bcc",
            "d@example.org",
            "--subject",
            "Hello",
            "--text",
            "Hi",
            "--html-file",
            &page,
            "--attach",
            &one,
            &two,
            "--reply-to",
            "18c2",
        ])
        .await
        .unwrap();
        assert_eq!(
            sent,
            SendEmail {
                to: vec!["a@example.org".to_owned(), "b@example.org".to_owned()],
                cc: vec!["c@example.org".to_owned()],
                bcc: vec!["d@example.org".to_owned()],
                subject: "Hello".to_owned(),
                text: Some("Hi".to_owned()),
                html: Some("<p>Hi</p>".to_owned()),
                attachments: vec![one, two],
                reply_to: Some("18c2".to_owned()),
            }
        );
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_told_before_the_hub_is_asked() {
        let refused = read(&[
            "--to",
            "a@example.org",
            "--text",
            "Hi",
            "--attach",
            "/nonexistent",
        ])
        .await;
        let Err(Failure::Refused(error)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(error.code, ErrorCode::FileUnreadable);
    }

    #[tokio::test]
    async fn mail_to_nobody_is_usage() {
        let refused = read(&["--text", "Hi"]).await;
        assert!(matches!(refused, Err(Failure::Usage { .. })), "{refused:?}");
    }
}
