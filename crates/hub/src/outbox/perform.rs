//! From a row to what an integration is asked to do: one arm per kind of write, and no service by name.

use std::sync::Arc;

use integrations::{
    CallError, Integration, LocalError, OutgoingFile, OutgoingMail, OutgoingMessage, Session,
};
use model::Action;
use store::{ConnectionRow, OutboxRow};

use super::{journal::FlightJournal, queue::outgoing};

/// What can be said before anything is queued; `chat` as for [`perform`].
pub(super) fn check(
    service: &'static dyn Integration,
    connection: &ConnectionRow,
    row: &OutboxRow,
    chat: Option<String>,
) -> Result<(), CallError> {
    match row.content.as_ref() {
        Some(Action::SendEmail(_)) => {
            let mail = mail(connection, row)?;
            service.mail().ok_or_else(unable)?.check(&mail)
        }
        Some(Action::UploadFiles(_)) => {
            let files = service.files().ok_or_else(unable)?;
            uploads(row)?.iter().try_for_each(|file| files.check(file))
        }
        Some(Action::SendMessage(_)) => {
            let message = message(row, chat.ok_or_else(unable)?)?;
            service.messages().ok_or_else(unable)?.check(&message)
        }
        None => Err(unable()),
    }
}

/// The write itself. `chat` is the message's chat by the service's own id, and the new one where it moved.
pub(super) async fn perform(
    service: &'static dyn Integration,
    connection: &ConnectionRow,
    row: &OutboxRow,
    chat: Option<String>,
    session: &Session,
    journal: &Arc<FlightJournal>,
) -> Result<Option<String>, CallError> {
    match row.content.as_ref() {
        Some(Action::SendEmail(_)) => {
            let mail = mail(connection, row)?;
            let part = journal.part(0);
            let made = service
                .mail()
                .ok_or_else(unable)?
                .send(session, &mail, &part)
                .await?;
            part.settle(made).await?;
        }
        Some(Action::UploadFiles(_)) => {
            let files = service.files().ok_or_else(unable)?;
            for (number, file) in (0_u32..).zip(uploads(row)?) {
                if journal.is_done(number) {
                    continue;
                }
                let part = journal.part(number);
                let made = files.upload(session, &file, &part).await?;
                part.settle(made).await?;
            }
        }
        Some(Action::SendMessage(_)) => {
            let message = message(row, chat.ok_or_else(unable)?)?;
            let part = journal.part(0);
            let sent = service
                .messages()
                .ok_or_else(unable)?
                .send(session, &message, &part)
                .await?;
            part.settle_all(sent.pieces).await?;
            return Ok(sent.moved_to);
        }
        None => return Err(unable()),
    }
    Ok(None)
}

fn mail(connection: &ConnectionRow, row: &OutboxRow) -> Result<OutgoingMail, CallError> {
    let Some(Action::SendEmail(content)) = &row.content else {
        return Err(unable());
    };
    Ok(OutgoingMail {
        action: row.id,
        from: connection.identity.account.clone(),
        from_name: connection.identity.display_name.clone(),
        content: content.clone(),
        attachments: outgoing(row),
    })
}

fn uploads(row: &OutboxRow) -> Result<Vec<OutgoingFile>, CallError> {
    let Some(Action::UploadFiles(content)) = &row.content else {
        return Err(unable());
    };
    Ok(outgoing(row)
        .into_iter()
        .map(|file| OutgoingFile {
            file,
            folder: content.folder.clone(),
        })
        .collect())
}

fn message(row: &OutboxRow, chat: String) -> Result<OutgoingMessage, CallError> {
    let Some(Action::SendMessage(content)) = &row.content else {
        return Err(unable());
    };
    Ok(OutgoingMessage {
        chat,
        content: content.clone(),
        file: outgoing(row).pop(),
    })
}

/// The table says what can't be, or this version has forgotten how to do it.
fn unable() -> CallError {
    LocalError::NotKept.into()
}
