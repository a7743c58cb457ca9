//! What the person calls a connection. A name only helps them tell accounts apart: it is never sent anywhere, the
//! account is shown beside it, and it may not pass for another connection.

use std::sync::Arc;

use model::{ConnectionRef, ConnectionView, Error, ErrorCode, IntegrationId};
use store::ConnectionRow;

use crate::{core::Core, policy::is_direction};

/// As many letters as fit on a card. `reason_name_long` says it too.
const LONGEST: usize = 40;

impl Core {
    pub(crate) async fn rename(
        self: &Arc<Self>,
        wanted: &ConnectionRef,
        name: Option<String>,
    ) -> Result<ConnectionView, Error> {
        let row = self.roster.resolve(wanted)?;
        let name = checked(name, row.id, &self.roster.all()).map_err(|reason| {
            Error::new(ErrorCode::InvalidInput)
                .with("field", "name")
                .with("reason", self.words().plain(reason))
        })?;
        self.change(row.id, |row| row.name = name).await?;
        let row = self.roster.get(row.id);
        row.map(|row| self.view(&row)).ok_or_else(|| {
            Error::new(ErrorCode::UnknownConnection).with("connection", wanted.as_str())
        })
    }
}

/// The name as it is to be kept; else why it doesn't fit, as a key of `messages/LANG.json`.
pub(crate) fn checked(
    name: Option<String>,
    own: model::ConnectionId,
    all: &[ConnectionRow],
) -> Result<Option<String>, &'static str> {
    let name = name.unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    if name.chars().count() > LONGEST {
        return Err("reason_name_long");
    }
    if name.contains(|c: char| c.is_control() || is_direction(c)) {
        return Err("reason_name_plain");
    }
    let same = |other: &str| other.to_lowercase() == name.to_lowercase();
    let taken = all
        .iter()
        .filter(|row| row.id != own)
        .any(|row| same(&row.identity.account) || row.name.as_deref().is_some_and(same));
    if taken {
        return Err("reason_name_taken");
    }
    let is_service = integrations::find(&IntegrationId::from(name.to_lowercase().as_str()));
    if is_service.is_some() || name.parse::<model::ConnectionId>().is_ok() {
        return Err("reason_name_of_service");
    }
    Ok(Some(name.to_owned()))
}
