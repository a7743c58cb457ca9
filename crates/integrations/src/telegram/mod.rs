//! Telegram: a bot that sends messages, with the token its owner got from BotFather.
//!
//! The token is part of every address the Bot API is called at, so no address and no error that may hold one
//! leaves `api`. An existing webhook belongs to somebody else's service: it is told about and never touched.

mod api;
mod claims;
mod errors;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod markup;
mod sending;
mod splitting;
#[cfg(test)]
mod tests;
mod token;

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use async_trait::async_trait;
use model::{Identity, Secret};

use crate::{
    CallError, ClaimLinks, Claimed, FieldError, Folder, Integration, Journal, Messages,
    OutgoingMessage, Probe, SentMessage, Sentence, Session, Words,
};

pub static INTEGRATION: Telegram = Telegram;

#[derive(Debug)]
pub struct Telegram;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        Words::read(include_str!("texts/en.json"), include_str!("texts/de.json")),
        include_str!("icon.svg"),
    )
});

/// The form's one field.
const FIELD: &str = "token";

#[async_trait]
impl Integration for Telegram {
    fn folder(&self) -> &'static Folder {
        &FOLDER
    }

    async fn probe(&self, session: &Session) -> Result<Probe, CallError> {
        let bot = api::me(session).await?;
        // The bot has answered by now; that nothing can be said about a webhook doesn't make it less alive.
        let elsewhere = api::webhook_host(session).await.unwrap_or_default();
        let remark =
            elsewhere.map(|host| Sentence::new(&FOLDER.words, "remark_webhook").with("host", host));
        let name = [Some(bot.first_name), bot.last_name]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let identity = Identity {
            id: bot.id.to_string(),
            account: bot
                .username
                .map_or_else(|| name.clone(), |username| format!("@{username}")),
            display_name: Some(name).filter(|name| !name.is_empty()),
        };
        Ok(Probe {
            identity,
            remarks: remark.into_iter().collect(),
        })
    }

    fn messages(&self) -> Option<&dyn Messages> {
        Some(self)
    }

    fn read_form(&self, fields: &BTreeMap<String, Secret>) -> Result<Secret, FieldError> {
        let typed = fields.get(FIELD).map_or("", Secret::expose);
        token::read(typed).map_err(|fault| self.about_token(fault.text_key()))
    }

    fn explain_rejected_form(&self, error: &CallError) -> Option<FieldError> {
        (*error == CallError::TokenRejected).then(|| self.about_token("token_unknown"))
    }
}

#[async_trait]
impl Messages for Telegram {
    fn check(&self, message: &OutgoingMessage) -> Result<(), CallError> {
        sending::check(message)
    }

    fn is_chat_id(&self, text: &str) -> bool {
        sending::recipient(text).is_some()
    }

    async fn send(
        &self,
        session: &Session,
        message: &OutgoingMessage,
        journal: &dyn Journal,
    ) -> Result<SentMessage, CallError> {
        sending::send(self.facts(), session, message, journal).await
    }

    fn claim_links(&self, account: &str, payload: &str) -> ClaimLinks {
        claims::links(account, payload)
    }

    async fn listen_for_claim(
        &self,
        session: &Session,
        payload: &str,
        position: &mut Option<i64>,
        wait: Duration,
    ) -> Result<Option<Claimed>, CallError> {
        session.pace(self.facts(), "chats.list", 1, None).await;
        claims::listen(session, payload, position, wait).await
    }
}

impl Telegram {
    fn about_token(&self, text_key: &str) -> FieldError {
        FieldError {
            field: FIELD.to_owned(),
            reason: Sentence::new(&FOLDER.words, text_key),
        }
    }
}
