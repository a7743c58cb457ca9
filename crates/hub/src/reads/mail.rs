//! Listing and reading mail.

use std::sync::Arc;

use integrations::{Mail, ReadMail, Session};
use model::{Caller, Capability, ConnectionRef, Email, EmailPage, EmailQuery, Error, ErrorCode};
use store::ConnectionRow;
use tokio::io::AsyncWriteExt;

use super::saving::{self, Saving};
use crate::core::{Core, integration};

const LONGEST_PAGE: u32 = 500;

impl Core {
    pub(crate) async fn list_emails(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &ConnectionRef,
        query: EmailQuery,
    ) -> Result<EmailPage, Error> {
        if query
            .limit
            .is_some_and(|limit| !(1..=LONGEST_PAGE).contains(&limit))
        {
            return Err(self.no_such_page(LONGEST_PAGE));
        }
        let row = self.able(wanted, Capability::MailRead)?;
        let mail = mail_of(&row)?;
        let call = move |session: Session| {
            let query = query.clone();
            boxed(async move { mail.list(&session, &query).await })
        };
        self.read(caller, &row, Capability::MailRead, &call).await
    }

    pub(crate) async fn read_email(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &ConnectionRef,
        id: String,
        save_to: Option<String>,
    ) -> Result<Email, Error> {
        let row = self.able(wanted, Capability::MailRead)?;
        if let Some(folder) = &save_to {
            self.may_use_folder(caller, &row, Capability::MailRead, folder)?;
        }
        let folder = save_to.as_deref().map(saving::folder).transpose()?;
        let mail = mail_of(&row)?;
        let wanted_id = id.clone();
        let call = move |session: Session| {
            let id = wanted_id.clone();
            boxed(async move { mail.read(&session, &id).await })
        };
        let ReadMail { mut email, handles } =
            self.read(caller, &row, Capability::MailRead, &call).await?;
        let Some(folder) = folder else {
            return Ok(email);
        };
        for (attachment, handle) in email.attachments.iter_mut().zip(handles) {
            let id = id.clone();
            let call = move |session: Session| {
                let (id, handle) = (id.clone(), handle.clone());
                boxed(async move { mail.attachment(&session, &id, &handle).await })
            };
            let bytes = self.read(caller, &row, Capability::MailRead, &call).await?;
            let mut saving = Saving::begin(&folder, &attachment.name).await?;
            saving
                .file()
                .write_all(&bytes)
                .await
                .map_err(|_| saving::unwritable(&folder))?;
            attachment.saved_as = Some(saving.finish().await?);
        }
        Ok(email)
    }
}

fn mail_of(row: &ConnectionRow) -> Result<&'static dyn Mail, Error> {
    integration(&row.integration)?
        .mail()
        .ok_or_else(|| Error::new(ErrorCode::Internal))
}

fn boxed<'c, T>(
    call: impl Future<Output = Result<T, integrations::CallError>> + Send + 'c,
) -> futures_core::future::BoxFuture<'c, Result<T, integrations::CallError>> {
    Box::pin(call)
}
