//! Starting a sign-in: the attempt is kept before the browser opens, so that its answer may start the app cold.

use std::{net::Ipv4Addr, sync::Arc};

use base64::Engine as _;
use integrations::{Auth, Integration, OauthFacts, PickFacts};
use model::{
    AttemptId, ConnectionId, Error, ErrorCode, Event, IntegrationId, RedirectKind, Secret,
    SignInState, SignInView, Texts,
};
use store::{AttemptOutcome, AttemptRow, ConnectionRow};
use tokio::net::TcpListener;
use vault::{Item, PendingSignIn};

use super::{DEEP_LINK, LIFE_S, loopback, state_hash};
use crate::{
    core::{Core, endpoints_to_keep, integration, vault_error},
    oauth::{self, AuthorizeAddress},
};

pub(crate) struct Wanted {
    pub(crate) integration: IntegrationId,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) redirect: Option<RedirectKind>,
    /// To hand over things on the service's own page, rather than to change what is permitted.
    pub(crate) pick: bool,
}

impl Core {
    pub(crate) async fn begin_sign_in(
        self: &Arc<Self>,
        wanted: Wanted,
    ) -> Result<SignInView, Error> {
        let service = integration(&wanted.integration)?;
        let facts = service.facts();
        let Auth::Oauth(oauth) = &facts.auth else {
            let args = [("service".to_owned(), facts.name.clone())].into();
            let reason = self.words().say("reason_connected_with_key", &args);
            return Err(Error::new(ErrorCode::InvalidInput).with("reason", reason));
        };
        let again = self.signing_in_again(&wanted)?;
        let pick = picking(service, &wanted, &self.words())?;
        let asked = match pick {
            Some(pick) => pick.scopes.clone(),
            None => asked_scopes(service, &wanted, again.as_ref(), &self.words())?,
        };
        let (base_scopes, params) = match pick {
            Some(pick) => (&[][..], overlaid(params(oauth, again.as_ref()), pick)),
            None => (&oauth.base_scopes[..], params(oauth, again.as_ref())),
        };
        let (client, redirect) = self.choose_client(service, wanted.redirect).await?;
        let listener = match redirect {
            RedirectKind::Loopback => Some(bind().await?),
            RedirectKind::DeepLink => None,
        };
        let redirect_uri = match &listener {
            Some(listener) => {
                let address = listener
                    .local_addr()
                    .map_err(|_| Error::new(ErrorCode::LoopbackBlocked))?;
                format!("http://{address}/")
            }
            None => DEEP_LINK.to_owned(),
        };
        let endpoints = self.endpoints(service);
        let (challenge, verifier) = oauth::fresh_pkce();
        let state = self.fresh_state()?;
        let url = oauth::authorize_url(AuthorizeAddress {
            client: &client,
            endpoints: &endpoints,
            redirect_uri: &redirect_uri,
            scopes: &[base_scopes, &asked[..]].concat(),
            state: &state,
            challenge,
            params,
        })
        .ok_or_else(|| Error::new(ErrorCode::NotConfigured).with("service", &facts.name))?;

        let now = self.clock.now();
        let expires_at = now
            .checked_add(jiff::SignedDuration::from_secs(LIFE_S))
            .unwrap_or(now);
        let id = AttemptId::generate();
        let target = again
            .as_ref()
            .map_or_else(ConnectionId::generate, |row| row.id);
        let hash = state_hash(state.expose());
        let pending = PendingSignIn {
            attempt: id,
            integration: facts.id.clone(),
            connection: again.as_ref().map(|row| row.id),
            target,
            client: client.name.clone(),
            redirect,
            redirect_uri,
            verifier,
            state,
            expected_account: again.as_ref().map(|row| row.identity.id.clone()),
            asked,
            endpoints: endpoints_to_keep(&endpoints),
            expires_at,
        };
        let row = AttemptRow {
            id,
            state_hash: hash.clone(),
            integration: facts.id.clone(),
            connection: pending.connection,
            target,
            redirect,
            created_at: now,
            expires_at,
            outcome: AttemptOutcome::Pending,
        };
        // The row first: an item without a row could never be found again.
        self.db(move |store| store.attempts().insert(&row)).await?;
        self.vault
            .write(&Item::Attempt(hash), &pending)
            .await
            .map_err(|error| vault_error(&error))?;

        let view = SignInView {
            id,
            integration: facts.id.clone(),
            connection: pending.connection,
            url,
            redirect,
            expires_at,
            state: SignInState::Waiting,
        };
        let over = self.attempts.insert(view.clone());
        if let Some(listener) = listener {
            loopback::listen(Arc::clone(self), listener, id, over.clone());
        }
        self.expire_later(id, over);
        self.emit(Event::SignIn {
            sign_in: view.clone(),
        });
        Ok(view)
    }

    /// A sign-in of an existing connection at which things are handed over.
    pub(crate) async fn begin_pick(
        self: &Arc<Self>,
        connection: ConnectionId,
        redirect: Option<RedirectKind>,
    ) -> Result<SignInView, Error> {
        let row = self.roster.get(connection).ok_or_else(|| {
            Error::new(ErrorCode::UnknownConnection).with("connection", connection)
        })?;
        self.begin_sign_in(Wanted {
            integration: row.integration,
            connection: Some(connection),
            scopes: None,
            redirect,
            pick: true,
        })
        .await
    }

    fn signing_in_again(&self, wanted: &Wanted) -> Result<Option<ConnectionRow>, Error> {
        let Some(id) = wanted.connection else {
            return Ok(None);
        };
        let row = self
            .roster
            .get(id)
            .filter(|row| row.integration == wanted.integration);
        row.map(Some)
            .ok_or_else(|| Error::new(ErrorCode::UnknownConnection).with("connection", id))
    }

    /// `PROFILE.RANDOM`: the tag leads a cold start to its profile, 256 random bits tell attempts apart.
    fn fresh_state(&self) -> Result<Secret, Error> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random)
            .map_err(|_| Error::new(ErrorCode::Internal).detail("the system has no randomness"))?;
        let random = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random);
        Ok(Secret::new(format!("{}.{random}", self.profile)))
    }

    fn expire_later(self: &Arc<Self>, id: AttemptId, over: tokio_util::sync::CancellationToken) {
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let life = std::time::Duration::from_secs(LIFE_S.unsigned_abs());
            tokio::select! {
                () = tokio::time::sleep(life) => {
                    let _ = core.end_attempt(id, AttemptOutcome::Expired, ErrorCode::SignInExpired).await;
                }
                () = over.cancelled() => {}
                () = core.closing.cancelled() => {}
            }
        });
    }
}

/// Port 0, bound before the address is made (RFC 8252 §7.3); IPv6 where there is no IPv4.
async fn bind() -> Result<TcpListener, Error> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, 0))
            .await
            .map_err(|error| Error::new(ErrorCode::LoopbackBlocked).detail(error)),
    }
}

/// What to ask for: what was chosen, else what the connection had, else all the integration offers.
fn asked_scopes(
    service: &dyn Integration,
    wanted: &Wanted,
    again: Option<&ConnectionRow>,
    words: &Texts,
) -> Result<Vec<String>, Error> {
    let facts = service.facts();
    let offered: Vec<String> = facts.scopes.iter().map(|one| one.scope.clone()).collect();
    let Some(chosen) = &wanted.scopes else {
        return Ok(again
            .map(|row| row.asked.clone())
            .filter(|asked| !asked.is_empty())
            .unwrap_or(offered));
    };
    let refuse = |reason: String| {
        Error::new(ErrorCode::InvalidInput)
            .with("field", "scopes")
            .with("reason", reason)
    };
    if chosen.is_empty() {
        return Err(refuse(words.plain("reason_no_permission")));
    }
    chosen
        .iter()
        .map(|name| {
            let known = facts
                .scopes
                .iter()
                .find(|one| &one.scope == name || &one.key == name);
            known.map(|one| one.scope.clone()).ok_or_else(|| {
                let keys: Vec<&str> = facts.scopes.iter().map(|one| one.key.as_str()).collect();
                let args = [
                    ("service".to_owned(), facts.name.clone()),
                    ("permissions".to_owned(), keys.join(", ")),
                ];
                refuse(words.say("reason_permissions", &args.into()))
            })
        })
        .collect()
}

/// How things are handed over at this service, where that is what is wanted.
fn picking<'f>(
    service: &'f dyn Integration,
    wanted: &Wanted,
    words: &Texts,
) -> Result<Option<&'f PickFacts>, Error> {
    if !wanted.pick {
        return Ok(None);
    }
    let facts = service.facts();
    facts.pick.as_ref().map(Some).ok_or_else(|| {
        let args = [("service".to_owned(), facts.name.clone())].into();
        Error::new(ErrorCode::InvalidInput)
            .with("reason", words.say("reason_no_page_to_pick", &args))
    })
}

/// The parameters of the choice take the place of the usual ones.
fn overlaid(params: Vec<(String, String)>, pick: &PickFacts) -> Vec<(String, String)> {
    let own = pick.authorize_params.iter();
    params
        .into_iter()
        .filter(|(name, _)| !pick.authorize_params.contains_key(name))
        .chain(own.map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

fn params(oauth: &OauthFacts, again: Option<&ConnectionRow>) -> Vec<(String, String)> {
    let mut params: Vec<(String, String)> = oauth
        .authorize_params
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let (true, Some(row)) = (oauth.login_hint, again) {
        params.push(("login_hint".to_owned(), row.identity.account.clone()));
    }
    params
}
