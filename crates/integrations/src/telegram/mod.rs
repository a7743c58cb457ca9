//! Telegram: a bot that sends messages, with the token its owner got from BotFather.
//!
//! The token is part of every address the Bot API is called at, so no address and no error that may hold one
//! leaves `api`. An existing webhook belongs to somebody else's service: it is told about and never touched.

mod api;
mod errors;
#[cfg(test)]
mod tests;
mod token;

use std::{collections::BTreeMap, sync::LazyLock};

use async_trait::async_trait;
use model::{Identity, Secret};

use crate::{CallError, FieldError, Folder, Integration, Probe, Session};

pub static INTEGRATION: Telegram = Telegram;

#[derive(Debug)]
pub struct Telegram;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| {
    Folder::read(
        include_str!("integration.toml"),
        include_str!("texts/en.json"),
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
        let remark = elsewhere.map(|host| {
            self.texts().say(
                "remark_webhook",
                &BTreeMap::from([("host".to_owned(), host)]),
            )
        });
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

    fn read_form(&self, fields: &BTreeMap<String, Secret>) -> Result<Secret, FieldError> {
        let typed = fields.get(FIELD).map_or("", Secret::expose);
        token::read(typed).map_err(|fault| self.about_token(fault.text_key()))
    }

    fn explain_rejected_form(&self, error: &CallError) -> Option<FieldError> {
        (*error == CallError::TokenRejected).then(|| self.about_token("token_unknown"))
    }
}

impl Telegram {
    fn about_token(&self, text_key: &str) -> FieldError {
        FieldError {
            field: FIELD.to_owned(),
            reason: self.texts().plain(text_key),
        }
    }
}
