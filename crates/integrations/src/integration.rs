//! What every service can be asked, whatever it is. The hub calls these and nothing else of a folder.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use model::{Identity, Language, Secret, Texts};

use crate::{
    CallError, Facts, Files, Folder, Mail, Messages, Sentence, Session, TokenError, TokenVerdict,
};

#[async_trait]
pub trait Integration: Send + Sync + fmt::Debug {
    /// Its folder's facts, words and icon.
    fn folder(&self) -> &'static Folder;

    fn facts(&self) -> &'static Facts {
        &self.folder().facts
    }

    fn texts(&self, language: Language) -> &'static Texts {
        self.folder().words.of(language)
    }

    fn icon_svg(&self) -> &'static str {
        self.folder().icon_svg
    }

    /// The cheapest real call that answers both "is it alive?" and "whose account is it?".
    async fn probe(&self, session: &Session) -> Result<Probe, CallError>;

    /// Of a service that has mail.
    fn mail(&self) -> Option<&dyn Mail> {
        None
    }

    /// Of a service that has files.
    fn files(&self) -> Option<&dyn Files> {
        None
    }

    /// Of a service that has chats.
    fn messages(&self) -> Option<&dyn Messages> {
        None
    }

    /// The service's refusal, by its own code, in words for people; `None` = only the code is known.
    fn explain_refusal(&self, reason: &str, language: Language) -> Option<String> {
        let (key, texts) = (format!("refusal_{reason}"), self.texts(language));
        texts.has(&key).then(|| texts.plain(&key))
    }

    /// What was typed into the form, turned into the key. Everything that can be said before any network is.
    fn read_form(&self, _fields: &BTreeMap<String, Secret>) -> Result<Secret, FieldError> {
        Err(FieldError {
            field: String::new(),
            reason: Sentence::shared("form_unsupported"),
        })
    }

    /// What the service's answer means for a key just typed; `None` when it isn't about the key.
    fn explain_rejected_form(&self, _error: &CallError) -> Option<FieldError> {
        None
    }

    /// A client registration as typed, before it is kept.
    fn read_client(
        &self,
        kind: &str,
        client_id: &str,
        client_secret: Option<&Secret>,
    ) -> Result<ClientFile, FieldError> {
        read_typed_client(self.facts(), kind, client_id, client_secret)
    }

    /// The provider's own client file, as it downloads it.
    fn read_client_file(&self, _contents: &Secret) -> Result<ClientFile, FieldError> {
        Err(FieldError {
            field: String::new(),
            reason: Sentence::shared("client_file_unsupported"),
        })
    }

    /// The provider's project that a client belongs to, where its id says so.
    fn project_of(&self, _client_id: &str) -> Option<String> {
        None
    }

    /// What a token endpoint's error means for the grant.
    fn judge_token_error(&self, error: &TokenError) -> TokenVerdict {
        TokenVerdict::of(error)
    }
}

/// What can be said of a typed registration by the facts alone.
pub(crate) fn read_typed_client(
    facts: &Facts,
    kind: &str,
    client_id: &str,
    client_secret: Option<&Secret>,
) -> Result<ClientFile, FieldError> {
    let wrong = |field: &str, what: &str| FieldError {
        field: field.to_owned(),
        reason: Sentence::shared(what),
    };
    let known = facts
        .auth
        .as_oauth()
        .and_then(|oauth| oauth.clients.get(kind));
    let client = known.ok_or_else(|| wrong("kind", "client_kind_unknown"))?;
    let client_id = client_id.trim();
    if client_id.is_empty() {
        return Err(wrong("client_id", "client_id_missing"));
    }
    if !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong("client_id", "client_id_odd"));
    }
    let secret = client_secret
        .map(|secret| secret.expose().trim())
        .filter(|secret| !secret.is_empty());
    if client.needs_secret && secret.is_none() {
        return Err(wrong("client_secret", "client_secret_missing"));
    }
    Ok(ClientFile {
        kind: kind.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
        project: None,
    })
}

/// What a probe found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probe {
    pub identity: Identity,
    /// Sentences to be shown beside the connection.
    pub remarks: Vec<Sentence>,
}

/// What is wrong with something typed or dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// The form's field, or `kind`, `client_id`, `client_secret` of a registration; empty when it is about the whole.
    pub field: String,
    /// Never the thing typed.
    pub reason: Sentence,
}

/// A client registration, as the provider's file states it or as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientFile {
    /// One of the integration's client kinds.
    pub kind: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    /// The provider's project it belongs to, where the file names it.
    pub project: Option<String>,
}
