//! Making a chat known: a link that works once, and listening until somebody opens it.
//!
//! The service is listened to only while somebody waits for this. One claim a connection at a time; a new one ends the
//! former.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_core::future::BoxFuture;
use integrations::{CallError, Claimed, Messages, Meter, Session};
use model::{
    Caller, Capability, Chat, ClaimState, ClaimView, ConnectionId, ConnectionRef, Error, ErrorCode,
    Event,
};
use store::ConnectionRow;
use tokio_util::sync::CancellationToken;

use crate::{
    calls::{CallFailure, Whose},
    core::{Core, integration},
    retry,
};

/// Long enough to find the telephone.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// Shorter than the client's own deadline for a whole call.
const LISTEN_FOR: Duration = Duration::from_secs(20);
/// 128 bits and more: nobody guesses it.
const PAYLOAD_BYTES: usize = 18;

#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<ConnectionId, CancellationToken>>);

impl Claims {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a claim that waits; true if one did.
    pub(crate) fn cancel(&self, id: ConnectionId) -> bool {
        let cancelled = self.lock().remove(&id);
        cancelled.inspect(CancellationToken::cancel).is_some()
    }
}

impl Core {
    pub(crate) async fn chats(
        &self,
        caller: &Caller,
        wanted: &ConnectionRef,
    ) -> Result<Vec<Chat>, Error> {
        let row = self.able(wanted, Capability::ChatsList)?;
        self.may_read(caller, &row, Capability::ChatsList)?;
        self.db(move |store| store.chats().of(row.id)).await
    }

    pub(crate) async fn begin_claim(
        self: &Arc<Self>,
        wanted: &ConnectionRef,
    ) -> Result<ClaimView, Error> {
        let row = self.able(wanted, Capability::ChatsList)?;
        let messages = integration(&row.integration)?
            .messages()
            .ok_or_else(|| Error::new(ErrorCode::Internal))?;
        let payload = payload()?;
        let links = messages.claim_links(&row.identity.account, &payload);
        let now = self.clock.now();
        let view = ClaimView {
            connection: row.id,
            qr_svg: qr_svg(&links.link)?,
            link: links.link,
            group_link: links.group_link,
            expires_at: now
                .checked_add(jiff::SignedDuration::try_from(LIFE).unwrap_or_default())
                .unwrap_or(now),
            state: ClaimState::Waiting,
        };
        let ended = CancellationToken::new();
        if let Some(former) = self.claims.lock().insert(row.id, ended.clone()) {
            former.cancel();
        }
        let core = Arc::clone(self);
        let shown = view.clone();
        tokio::spawn(async move {
            let state = tokio::select! {
                state = core.listen(&row, messages, &payload) => state,
                () = tokio::time::sleep(LIFE) => ClaimState::Expired,
                () = ended.cancelled() => ClaimState::Cancelled,
                () = core.closing.cancelled() => ClaimState::Cancelled,
            };
            core.emit(Event::Claim {
                claim: ClaimView { state, ..shown },
            });
            // A newer claim of this connection has another token by now, and stays.
            if !ended.is_cancelled() {
                core.claims.lock().remove(&row.id);
            }
        });
        Ok(view)
    }

    async fn listen(
        self: &Arc<Self>,
        row: &ConnectionRow,
        messages: &'static dyn Messages,
        payload: &str,
    ) -> ClaimState {
        let mut position = None;
        let mut tries = 0;
        loop {
            match self.listen_once(row, messages, payload, position).await {
                Ok((Some(claimed), _)) => return self.claimed(row, claimed).await,
                Ok((None, next)) => {
                    position = next;
                    tries = 0;
                }
                Err(CallFailure::Call(error)) if error.may_pass() => {
                    tries += 1;
                    let asked = match error {
                        CallError::RateLimited { retry_after } => retry_after,
                        _ => None,
                    };
                    tokio::time::sleep(retry::pause(tries, asked)).await;
                }
                Err(failure) => {
                    let error = self.listening_failed(row, &failure);
                    return ClaimState::Failed { error };
                }
            }
        }
    }

    async fn listen_once(
        self: &Arc<Self>,
        row: &ConnectionRow,
        messages: &'static dyn Messages,
        payload: &str,
        position: Option<i64>,
    ) -> Result<(Option<Claimed>, Option<i64>), CallFailure> {
        let fresh = self.fresh_token(row.id).await.map_err(CallFailure::Token)?;
        let payload = payload.to_owned();
        let call = move |session: Session| {
            let payload = payload.clone();
            let future: BoxFuture<'_, Result<_, CallError>> = Box::pin(async move {
                let mut position = position;
                let claimed = messages
                    .listen_for_claim(&session, &payload, &mut position, LISTEN_FOR)
                    .await?;
                Ok((claimed, position))
            });
            future
        };
        self.once(
            &Caller::Window,
            row,
            &fresh,
            &Arc::new(Meter::default()),
            &call,
        )
        .await
    }

    fn listening_failed(&self, row: &ConnectionRow, failure: &CallFailure) -> Error {
        let error = self.call_error(failure, &Whose::from(row));
        match failure {
            // Only one may listen; the service says 409 to the other.
            CallFailure::Call(CallError::Refused {
                status: 409,
                reason,
            }) => {
                let who = integrations::find(&row.integration)
                    .and_then(|service| service.explain_refusal(reason, self.language()));
                Error {
                    code: ErrorCode::ListenedElsewhere,
                    ..error
                }
                .with("who", who.unwrap_or_default())
            }
            _ => error,
        }
    }

    async fn claimed(self: &Arc<Self>, row: &ConnectionRow, claimed: Claimed) -> ClaimState {
        let chat = Chat {
            id: claimed.id,
            kind: claimed.kind,
            title: claimed.title,
            handle: claimed.handle,
            known_since: self.clock.now(),
        };
        let (id, kept) = (row.id, chat.clone());
        match self.db(move |store| store.chats().upsert(id, &kept)).await {
            Ok(()) => ClaimState::Claimed { chat },
            Err(error) => ClaimState::Failed { error },
        }
    }
}

fn payload() -> Result<String, Error> {
    let mut bytes = [0; PAYLOAD_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| Error::new(ErrorCode::Internal))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn qr_svg(link: &str) -> Result<String, Error> {
    use qrcode::{QrCode, render::svg};
    let code = QrCode::new(link).map_err(|_| Error::new(ErrorCode::Internal))?;
    Ok(code
        .render::<svg::Color<'_>>()
        .min_dimensions(220, 220)
        .build())
}
