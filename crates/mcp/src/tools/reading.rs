//! Reads: mail, files, chats. Everything here brings back text of other people, and says so.

use model::{
    ActionId, Capability, ConnectionRef, ConnectionView, Downloaded, EmailQuery, FileQuery, Request,
};
use rmcp::model::CallToolResponse;
use tokio::sync::broadcast::error::RecvError;

use super::{Call, answer};
use crate::{answers, arguments, choose, following::Telling, refusal::Refusal};

pub(super) async fn list_emails(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::ListEmails = call.arguments()?;
    let view = chosen(call, given.connection.as_deref(), Capability::MailRead).await?;
    let request = Request::ListEmails {
        connection: named(&view),
        query: EmailQuery {
            search: given.search,
            limit: given.limit,
            page: given.page,
        },
    };
    let page = answer!(call.ask(request).await?, Emails)?;
    Ok(call.tell(&answers::Emails {
        connection: (&view).into(),
        next_page: page.next,
        notice: call.notice(),
        untrusted: answers::UntrustedEmails {
            emails: page.emails.iter().map(Into::into).collect(),
        },
    }))
}

pub(super) async fn read_email(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::ReadEmail = call.arguments()?;
    let folder = given
        .save_attachments_to
        .as_deref()
        .map(arguments::folder)
        .transpose()?;
    let view = chosen(call, given.connection.as_deref(), Capability::MailRead).await?;
    let request = Request::ReadEmail {
        connection: named(&view),
        id: given.id,
        save_attachments_to: folder,
    };
    let mail = answer!(call.ask(request).await?, Email)?;
    Ok(call.tell(&answers::Mail {
        connection: (&view).into(),
        notice: call.notice(),
        untrusted: (&mail).into(),
    }))
}

pub(super) async fn list_files(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::ListFiles = call.arguments()?;
    let view = chosen(call, given.connection.as_deref(), Capability::FilesList).await?;
    let request = Request::ListFiles {
        connection: named(&view),
        query: FileQuery {
            folder: given.folder,
            search: given.search,
            order: given.order.into(),
            limit: given.limit,
            page: given.page,
        },
    };
    let page = answer!(call.ask(request).await?, Files)?;
    Ok(call.tell(&answers::Files {
        connection: (&view).into(),
        next_page: page.next,
        notice: call.notice(),
        untrusted: answers::UntrustedFiles {
            files: page.files.iter().map(Into::into).collect(),
        },
    }))
}

pub(super) async fn list_chats(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::ListChats = call.arguments()?;
    let view = chosen(call, given.connection.as_deref(), Capability::ChatsList).await?;
    let request = Request::ListChats {
        connection: named(&view),
    };
    let chats = answer!(call.ask(request).await?, Chats)?;
    Ok(call.tell(&answers::Chats {
        connection: (&view).into(),
        notice: call.notice(),
        untrusted: answers::UntrustedChats {
            chats: chats.iter().map(Into::into).collect(),
        },
    }))
}

pub(super) async fn download_file(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::DownloadFile = call.arguments()?;
    let folder = arguments::folder(&given.folder)?;
    let view = chosen(call, given.connection.as_deref(), Capability::FilesDownload).await?;
    let id = ActionId::generate();
    let request = Request::DownloadFile {
        id,
        connection: named(&view),
        file: given.file,
        folder,
        name: given.name,
    };
    let Downloaded { path, size, sha256 } = downloaded(call, id, request).await?;
    Ok(call.tell(&answers::Saved {
        connection: (&view).into(),
        notice: call.notice(),
        size,
        sha256,
        untrusted: answers::UntrustedPath { path },
    }))
}

/// Asks, and tells how far it is meanwhile.
async fn downloaded(
    call: &Call<'_>,
    id: ActionId,
    request: Request,
) -> Result<Downloaded, Refusal> {
    let mut heard = call.reach.downloads();
    let mut telling = Telling::new(call.context);
    let asked = call.ask(request);
    tokio::pin!(asked);
    loop {
        tokio::select! {
            answered = &mut asked => return Ok(answer!(answered?, Downloaded)?),
            event = heard.recv() => match event {
                Ok((of, progress)) if of == id => telling.bytes(progress).await,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(answer!(asked.await?, Downloaded)?),
            },
        }
    }
}

async fn chosen(
    call: &Call<'_>,
    named: Option<&str>,
    capability: Capability,
) -> Result<ConnectionView, Refusal> {
    Ok(choose::connection(call.reach, named, Some(capability)).await?)
}

fn named(view: &ConnectionView) -> ConnectionRef {
    ConnectionRef::new(view.id.to_string())
}
