//! Giving a raw token out: to programs alone, for connections where the person allowed it, and on record.

use std::sync::Arc;

use model::{
    Caller, ConnectionId, ConnectionRef, ConnectionView, Effect, Error, ErrorCode, ReleasedToken,
};

use crate::{
    calls::{CallFailure, Whose},
    core::Core,
    ledger::NewEntry,
};

impl Core {
    pub(crate) async fn read_token(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: &ConnectionRef,
    ) -> Result<ReleasedToken, Error> {
        let row = self.roster.resolve(wanted)?;
        if !row.token_allowed {
            return Err(Error::new(ErrorCode::TokenNotAllowed)
                .with("service", Self::service_name(&row))
                .with("account", &row.identity.account));
        }
        let standing = self.rules_for(caller, &row);
        // A token can do whatever the grant allows, so whoever is kept from a part of it doesn't get the whole.
        let is_kept_from_a_part = standing.writes == Effect::Deny
            || standing.rules.iter().any(|rule| {
                rule.effect == Effect::Deny && rule.connection.is_none_or(|id| id == row.id)
            });
        if is_kept_from_a_part {
            return Err(Error::new(ErrorCode::DeniedByPolicy)
                .with("caller", super::name_of(caller))
                .with("capability", "token"));
        }
        let fresh = self
            .fresh_token(row.id)
            .await
            .map_err(|none| self.call_error(&CallFailure::Token(none), &Whose::from(&row)))?;
        // On record before it is out.
        self.record_quickly(NewEntry::token(&row, caller)).await?;
        Ok(ReleasedToken::new(&fresh.token))
    }

    pub(super) async fn set_token_allowed(
        self: &Arc<Self>,
        id: ConnectionId,
        allowed: bool,
    ) -> Result<ConnectionView, Error> {
        let unknown = || Error::new(ErrorCode::UnknownConnection).with("connection", id);
        let row = self.roster.get(id).ok_or_else(unknown)?;
        let what = if allowed {
            "token_allowed"
        } else {
            "token_forbidden"
        };
        self.record(NewEntry::connection(&row, what).by(&Caller::Window))
            .await?;
        self.change(id, |row| row.token_allowed = allowed).await?;
        self.roster
            .get(id)
            .map(|row| self.view(&row))
            .ok_or_else(unknown)
    }
}
