//! The one receiver: what the browser came back with, whichever way it came.
//!
//! Everything here is hostile until its state matched: unmatched, repeated and late answers are refused
//! (RFC 8252 §8.9, RFC 9700 §4.2), and an attempt is used up by one atomic step.

use std::sync::Arc;

use integrations::{Auth, TokenError, TokenVerdict, code_word};
use model::{Error, ErrorCode, Secret, SignInState, SignInView, Texts};
use store::{AttemptOutcome, AttemptRow};
use url::Url;
use vault::{Item, PendingSignIn};

use super::state_hash;
use crate::core::{Core, integration, kept_endpoints, vault_error};

/// Longer addresses are nobody's callback.
const MAX_ADDRESS: usize = 16 * 1024;

/// The parts of a callback that matter; anything doubled is refused.
pub(super) struct Callback {
    pub(super) address: Url,
    pub(super) state: Secret,
    pub(super) code: Option<Secret>,
    error: Option<String>,
    issuer: Option<String>,
}

impl Core {
    /// Takes an address, checks it, and starts the exchange. Answers once the attempt is being checked;
    /// how it ends is told by events and by the attempt's view.
    pub(crate) async fn deliver(self: &Arc<Self>, address: Secret) -> Result<SignInView, Error> {
        let callback = read(&address, &self.words())?;
        let hash = state_hash(callback.state.expose());
        let wanted = hash.clone();
        let row = self
            .db(move |store| store.attempts().by_state_hash(&wanted))
            .await?
            .ok_or_else(|| Error::new(ErrorCode::SignInUnknown))?;
        let service = integration(&row.integration)?;
        let about = |code| Error::new(code).with("service", &service.facts().name);
        match row.outcome {
            AttemptOutcome::Pending => {}
            AttemptOutcome::Used => return Err(about(ErrorCode::SignInUsed)),
            AttemptOutcome::Cancelled => return Err(about(ErrorCode::SignInCancelled)),
            AttemptOutcome::Expired => return Err(about(ErrorCode::SignInExpired)),
        }
        if row.expires_at <= self.clock.now() {
            self.end_attempt(row.id, AttemptOutcome::Expired, ErrorCode::SignInExpired)
                .await?;
            return Err(about(ErrorCode::SignInExpired));
        }
        let item = Item::Attempt(hash);
        let pending: PendingSignIn = self
            .vault
            .read(&item)
            .await
            .map_err(|error| vault_error(&error))?
            .ok_or_else(|| about(ErrorCode::SignInExpired))?;
        if pending.state != callback.state || !same_place(&callback.address, &pending.redirect_uri)
        {
            return Err(Error::new(ErrorCode::SignInUnknown));
        }
        let core = Arc::clone(self);
        // A code works once: a browser that closes its page, or a program that leaves the socket, must not take it
        // along.
        self.finish(async move { core.use_up(row, callback, pending).await })
            .await?
    }

    /// Uses the attempt up and has its code exchanged, whether or not anybody waits for that any more.
    async fn use_up(
        self: &Arc<Self>,
        row: AttemptRow,
        callback: Callback,
        pending: PendingSignIn,
    ) -> Result<SignInView, Error> {
        let id = row.id;
        if !self
            .db(move |store| store.attempts().finish(id, AttemptOutcome::Used))
            .await?
        {
            let service = integration(&row.integration)?;
            return Err(Error::new(ErrorCode::SignInUsed).with("service", &service.facts().name));
        }
        self.revive(&row);
        let judged = self.judge(&callback, &pending);
        // Before the vault, which may take its time: an attempt that is used up and still waits looks as if it hung.
        let view = match &judged {
            Ok(_) => self.move_on(id, SignInState::Checking),
            Err(error) => self.fail(id, error.clone()),
        };
        // On use the verifier is deleted; a vault that fails here leaves an item nothing accepts any more.
        let _ = self.vault.delete(&Item::Attempt(row.state_hash)).await;
        let code = judged?;
        let core = Arc::clone(self);
        self.flights
            .spawn(async move { core.complete(pending, code).await });
        view.ok_or_else(|| Error::new(ErrorCode::Internal))
    }

    fn fail(&self, id: model::AttemptId, error: Error) -> Option<SignInView> {
        self.move_on(id, SignInState::Failed { error })
    }

    /// An attempt of a former run has no view yet: a cold start by link.
    fn revive(&self, row: &AttemptRow) {
        if self.attempts.get(row.id).is_none() {
            self.attempts.insert(SignInView {
                id: row.id,
                integration: row.integration.clone(),
                connection: row.connection,
                url: String::new(),
                redirect: row.redirect,
                expires_at: row.expires_at,
                state: SignInState::Checking,
            });
        }
    }

    /// What the server said: a code, or why not.
    fn judge(&self, callback: &Callback, pending: &PendingSignIn) -> Result<Secret, Error> {
        let service = integration(&pending.integration)?;
        let about = |code| Error::new(code).with("service", &service.facts().name);
        self.check_issuer(callback, pending)?;
        if let Some(error) = &callback.error {
            if error == "access_denied" {
                return Err(about(ErrorCode::SignInDenied));
            }
            let heard = TokenError {
                status: 400,
                error: error.clone(),
                subtype: None,
            };
            let code = match service.judge_token_error(&heard) {
                TokenVerdict::BlockedByAdmin => ErrorCode::BlockedByAdmin,
                _ => ErrorCode::SignInRefused,
            };
            return Err(about(code).detail(code_word(error)));
        }
        callback
            .code
            .clone()
            .ok_or_else(|| about(ErrorCode::SignInRefused).detail("the answer had no code"))
    }

    /// RFC 9207 §2.4: compared exactly where it is sent, and required where the server announces it.
    fn check_issuer(&self, callback: &Callback, pending: &PendingSignIn) -> Result<(), Error> {
        let service = integration(&pending.integration)?;
        let Auth::Oauth(facts) = &service.facts().auth else {
            return Ok(());
        };
        let wrong =
            || Error::new(ErrorCode::SignInWrongIssuer).with("service", &service.facts().name);
        if self.is_overridden(&pending.integration) {
            // A stand-in's issuer isn't in our facts: it must at least be where we sent the browser.
            let endpoints = kept_endpoints(&pending.endpoints);
            let asked = endpoints.get("authorize").ok().map(Url::origin);
            return match &callback.issuer {
                None => Ok(()),
                Some(issuer) if Url::parse(issuer).ok().map(|url| url.origin()) == asked => Ok(()),
                Some(_) => Err(wrong()),
            };
        }
        match (&callback.issuer, &facts.issuer) {
            (Some(sent), Some(known)) if sent == known => Ok(()),
            (Some(_), Some(_)) => Err(wrong()),
            (None, Some(_)) if facts.announces_iss => Err(wrong()),
            _ => Ok(()),
        }
    }
}

pub(super) fn read(address: &Secret, words: &Texts) -> Result<Callback, Error> {
    let unknown = || Error::new(ErrorCode::SignInUnknown);
    let text = address.expose().trim();
    if text.len() > MAX_ADDRESS {
        return Err(unknown());
    }
    let url = Url::parse(text).map_err(|_| {
        Error::new(ErrorCode::InvalidInput)
            .with("field", "url")
            .with("reason", words.plain("reason_not_an_address"))
    })?;
    let once = |name: &str| -> Result<Option<String>, Error> {
        let mut found = url
            .query_pairs()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned());
        match (found.next(), found.next()) {
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(unknown()),
        }
    };
    let state = Secret::new(once("state")?.ok_or_else(unknown)?);
    let code = once("code")?.map(Secret::new);
    let (error, issuer) = (once("error")?, once("iss")?);
    Ok(Callback {
        state,
        code,
        error,
        issuer,
        address: url,
    })
}

/// Scheme, host, port and path as registered; only the query differs.
pub(super) fn same_place(address: &Url, redirect_uri: &str) -> bool {
    let mut bare = address.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    Url::parse(redirect_uri).is_ok_and(|registered| registered == bare)
}
