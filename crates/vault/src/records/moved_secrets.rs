//! Every secret of a profile that moves house: grants and client secrets, written into a sealed parcel only.

use model::{ConnectionId, ProviderId};
use serde::{Deserialize, Serialize};

use super::{ClientSecret, Grant, client_secret::ClientSecretText, grant::GrantText};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MovedSecrets {
    pub grants: Vec<MovedGrant>,
    pub clients: Vec<MovedClient>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovedGrant {
    /// As the document beside it calls it.
    pub connection: ConnectionId,
    pub grant: Grant,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MovedClient {
    pub provider: ProviderId,
    pub kind: String,
    pub client: ClientSecret,
}

/// How they are written: the only form of them that knows serde, and private to this crate.
#[derive(Serialize, Deserialize)]
pub(crate) struct MovedSecretsText {
    grants: Vec<GrantEntry>,
    clients: Vec<ClientEntry>,
}

#[derive(Serialize, Deserialize)]
struct GrantEntry {
    connection: ConnectionId,
    #[serde(with = "GrantText")]
    grant: Grant,
}

#[derive(Serialize, Deserialize)]
struct ClientEntry {
    provider: ProviderId,
    kind: String,
    #[serde(with = "ClientSecretText")]
    client: ClientSecret,
}

impl From<MovedSecrets> for MovedSecretsText {
    fn from(secrets: MovedSecrets) -> Self {
        let grants = secrets.grants.into_iter().map(|one| GrantEntry {
            connection: one.connection,
            grant: one.grant,
        });
        let clients = secrets.clients.into_iter().map(|one| ClientEntry {
            provider: one.provider,
            kind: one.kind,
            client: one.client,
        });
        Self {
            grants: grants.collect(),
            clients: clients.collect(),
        }
    }
}

impl From<MovedSecretsText> for MovedSecrets {
    fn from(text: MovedSecretsText) -> Self {
        let grants = text.grants.into_iter().map(|one| MovedGrant {
            connection: one.connection,
            grant: one.grant,
        });
        let clients = text.clients.into_iter().map(|one| MovedClient {
            provider: one.provider,
            kind: one.kind,
            client: one.client,
        });
        Self {
            grants: grants.collect(),
            clients: clients.collect(),
        }
    }
}
