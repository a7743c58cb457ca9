//! The part of the door that leads to what connections can do: reads, writes, chats.

use std::sync::Arc;

use futures_util::FutureExt;
use model::{ActionId, Caller, Error, ErrorCode, Request, Response};
use store::OutboxRow;

use crate::core::Core;

impl Core {
    pub(super) async fn answer_about_actions(
        self: &Arc<Self>,
        caller: &Caller,
        request: Request,
    ) -> Result<Response, Error> {
        match request {
            Request::ListEmails { connection, query } => self
                .list_emails(caller, &connection, query)
                .boxed()
                .await
                .map(Response::Emails),
            Request::ReadEmail {
                connection,
                id,
                save_attachments_to,
            } => self
                .read_email(caller, &connection, id, save_attachments_to)
                .boxed()
                .await
                .map(Response::Email),
            Request::ListFiles { connection, query } => self
                .list_files(caller, &connection, query)
                .boxed()
                .await
                .map(Response::Files),
            Request::DownloadFile {
                id,
                connection,
                file,
                folder,
                name,
            } => self
                .download_file(caller, id, &connection, file, (folder, name))
                .boxed()
                .await
                .map(Response::Downloaded),
            Request::ListChats { connection } => self
                .chats(caller, &connection)
                .boxed()
                .await
                .map(Response::Chats),
            Request::ForgetChat { connection, chat } => {
                self.db(move |store| store.chats().remove(connection, &chat))
                    .await?;
                Ok(Response::Done)
            }
            Request::BeginClaim { connection } => self
                .begin_claim(&connection)
                .boxed()
                .await
                .map(Response::Claim),
            Request::CancelClaim { connection } => {
                self.claims.cancel(connection);
                Ok(Response::Done)
            }
            Request::ListActions { filter } => {
                self.actions(filter).boxed().await.map(Response::Actions)
            }
            Request::GetAction { id } => {
                let row = self.their_row(caller, id).await?;
                Ok(Response::Action(self.action_view(&row)))
            }
            Request::Act {
                id,
                connection,
                action,
                undo_s,
            } => self
                .act((caller, caller), id, &connection, action, undo_s)
                .boxed()
                .await
                .map(Response::Action),
            Request::CancelAction { id } => {
                self.their_row(caller, id).await?;
                self.cancel_action(id).boxed().await.map(Response::Action)
            }
            Request::SendNow { id } => self.send_now(id).boxed().await.map(Response::Action),
            Request::ResolveAction { id, resolution } => self
                .resolve_action(id, resolution)
                .boxed()
                .await
                .map(Response::Action),
            Request::GetSettings => Ok(Response::Settings(self.settings.get())),
            Request::SetSettings { settings } => self
                .set_settings(settings)
                .boxed()
                .await
                .map(Response::Settings),
            about @ (Request::ListLedger { .. }
            | Request::VerifyLedger
            | Request::Usage { .. }
            | Request::Health { .. }) => self.answer_about_ledger(about).boxed().await,
            Request::ReadToken { connection } => self
                .read_token(caller, &connection)
                .boxed()
                .await
                .map(Response::Token),
            about @ (Request::ListCallers
            | Request::AdmitCaller { .. }
            | Request::SetRules { .. }
            | Request::ClearTaint { .. }
            | Request::ForgetCaller { .. }
            | Request::Decide { .. }
            | Request::SetTokenAllowed { .. }) => self.answer_about_callers(about).boxed().await,
            about @ (Request::Export
            | Request::ExportTo { .. }
            | Request::PreviewImport { .. }
            | Request::Import { .. }
            | Request::CancelImport { .. }) => {
                self.answer_about_moving(caller, about).boxed().await
            }
            other => self.answer_about_secrets(other).boxed().await,
        }
    }

    /// An agent looks at and takes back what it asked for itself; to it, nothing else is there.
    async fn their_row(&self, caller: &Caller, id: ActionId) -> Result<OutboxRow, Error> {
        let row = self.outbox_row(id).await?;
        if matches!(caller, Caller::Agent { .. }) && row.caller != *caller {
            return Err(Error::new(ErrorCode::UnknownAction).with("action", id));
        }
        Ok(row)
    }
}
