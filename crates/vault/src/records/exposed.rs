//! Secrets to text and back, for the mirror types of this folder only (`#[serde(with = "…")]`).

use model::{Secret, SecretInput};
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    SecretInput::deserialize(from).map(SecretInput::into_secret)
}

pub(super) mod optional {
    use super::{Deserialize, Deserializer, Secret, SecretInput, Serializer};

    pub(in crate::records) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => to.serialize_some(secret.expose()),
            None => to.serialize_none(),
        }
    }

    pub(in crate::records) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Secret>, D::Error> {
        let secret = Option::<SecretInput>::deserialize(from)?;
        Ok(secret.map(SecretInput::into_secret))
    }
}

pub(super) mod by_number {
    use std::collections::BTreeMap;

    use super::{Deserialize, Deserializer, Secret, SecretInput, Serializer};

    pub(in crate::records) fn serialize<S: Serializer>(
        secrets: &BTreeMap<u32, Secret>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(secrets.iter().map(|(n, secret)| (n, secret.expose())))
    }

    pub(in crate::records) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<u32, Secret>, D::Error> {
        let secrets = BTreeMap::<u32, SecretInput>::deserialize(from)?;
        Ok(secrets
            .into_iter()
            .map(|(n, secret)| (n, secret.into_secret()))
            .collect())
    }
}
