//! A client registration of the user's own, as their provider issued it (RFC 6749 §2.2, §2.3.1).

use model::Secret;
use serde::{Deserialize, Serialize};

use super::{exposed, sheet::stored_as};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSecret {
    pub client_id: String,
    /// Not every kind of client has one.
    pub secret: Option<Secret>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientSecret")]
pub(super) struct ClientSecretText {
    client_id: String,
    #[serde(with = "exposed::optional")]
    secret: Option<Secret>,
}

stored_as!(ClientSecret, ClientSecretText, "client", 1);
