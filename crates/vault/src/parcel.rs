//! What moves house with its secrets: a document of the hub's, and beside it everything the vault holds for it, sealed
//! by a passphrase as a plain age file (`age -d` opens it without us).
//!
//! A parcel that comes in is somebody else's file until its passphrase opened it: how much is computed for it is limited
//! before anything is. The plain text never leaves this module but as records, or as the document without its secrets.

use model::Secret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    error::{Unreadable, VaultError},
    paper,
    records::{MovedSecrets, MovedSecretsText},
    sealing,
};

/// 256 MiB and a second: twice ours, and what `age -p` itself writes. A file that asks for more is refused unread.
const MOST_WORK: u8 = if cfg!(fuzzing) {
    // A million files are opened there.
    4
} else {
    18
};

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParcelError {
    #[error("that isn't the passphrase it was sealed with")]
    WrongPassphrase,
    /// Opening it would take more memory and time than any file of ours.
    #[error("opening it would take too much work")]
    TooMuchWork,
    /// Sealed, but to a key.
    #[error("it wasn't sealed by a passphrase")]
    NotByPassphrase,
    /// Cut short, changed, or of another kind.
    #[error("it is damaged")]
    Damaged,
}

/// An opened parcel: wiped when dropped.
pub struct Parcel(Zeroizing<Vec<u8>>);

#[derive(Serialize)]
struct Whole<'a, D> {
    #[serde(flatten)]
    document: &'a D,
    secrets: MovedSecretsText,
}

#[derive(Deserialize)]
struct Inside {
    secrets: MovedSecretsText,
}

impl Parcel {
    /// Does this begin like a parcel? A document without secrets doesn't.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        sealing::is_sealed(bytes)
    }

    /// The bytes of the file. Takes half a second and 128 MiB: not for async threads.
    ///
    /// # Errors
    /// If it can't be sealed, or what was written can't be read back.
    pub fn seal<D: Serialize>(
        passphrase: &Secret,
        document: &D,
        secrets: MovedSecrets,
    ) -> Result<Vec<u8>, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::Failed(
                "an empty passphrase protects nothing".to_owned(),
            ));
        }
        let parcel = Self(paper::write(&Whole {
            document,
            secrets: secrets.clone().into(),
        }));
        if parcel.secrets()? != secrets {
            return Err(VaultError::Unreadable);
        }
        sealing::seal(&sealing::recipient(passphrase), &parcel.0)
            .map_err(|error| VaultError::Failed(format!("the file couldn't be sealed: {error}")))
    }

    /// # Errors
    /// Says which way it doesn't open; nothing of it is known then. As slow as [`Self::seal`].
    pub fn open(passphrase: &Secret, sealed: &[u8]) -> Result<Self, ParcelError> {
        if !sealing::is_by_passphrase(sealed).map_err(|_| ParcelError::Damaged)? {
            return Err(ParcelError::NotByPassphrase);
        }
        let identity = sealing::identity(passphrase, MOST_WORK);
        sealing::open(&*identity, sealed)
            .map(Self)
            .map_err(|error| match error {
                age::DecryptError::ExcessiveWork { .. } => ParcelError::TooMuchWork,
                error if sealing::is_wrong_passphrase(&error) => ParcelError::WrongPassphrase,
                _ => ParcelError::Damaged,
            })
    }

    /// What the document says; `D` has no place for a secret.
    ///
    /// # Errors
    /// Without detail: a parser's message can quote what it read.
    pub fn document<D: DeserializeOwned>(&self) -> Result<D, Unreadable> {
        paper::read(&self.0)
    }

    /// # Errors
    /// If there are none, or of another shape.
    pub fn secrets(&self) -> Result<MovedSecrets, Unreadable> {
        paper::read::<Inside>(&self.0).map(|inside| inside.secrets.into())
    }
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parcel(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::{ConnectionId, Identity, Timestamp};

    use super::*;
    use crate::{ClientSecret, Credential, Grant, MovedClient, MovedGrant};

    fn secrets() -> MovedSecrets {
        MovedSecrets {
            grants: vec![MovedGrant {
                connection: ConnectionId::generate(),
                grant: Grant {
                    generation: 3,
                    integration: "telegram".into(),
                    identity: Identity {
                        id: "7".to_owned(),
                        account: "@bot".to_owned(),
                        display_name: None,
                    },
                    endpoints: BTreeMap::new(),
                    credential: Credential::Key(Secret::new("7:canary".to_owned())),
                    asked: Vec::new(),
                    connected_at: Timestamp::UNIX_EPOCH,
                },
            }],
            clients: vec![MovedClient {
                provider: "google".into(),
                kind: "desktop".to_owned(),
                client: ClientSecret {
                    client_id: "id".to_owned(),
                    secret: Some(Secret::new("canary too".to_owned())),
                },
            }],
        }
    }

    fn passphrase() -> Secret {
        Secret::new("correct horse".to_owned())
    }

    #[test]
    fn a_parcel_comes_out_as_it_went_in_and_shows_nothing_outside() {
        let document = BTreeMap::from([("version", 1)]);
        let sealed = Parcel::seal(&passphrase(), &document, secrets()).unwrap();
        assert!(Parcel::is_one(&sealed));
        assert!(!sealed.windows(6).any(|part| part == b"canary"));
        let opened = Parcel::open(&passphrase(), &sealed).unwrap();
        assert_eq!(
            opened.secrets().unwrap().grants[0].grant,
            secrets().grants[0].grant
        );
        assert_eq!(opened.secrets().unwrap().clients, secrets().clients);
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        assert_eq!(opened.document::<Version>().unwrap().version, 1);
        assert_eq!(format!("{opened:?}"), "Parcel(…)");
    }

    #[test]
    fn a_parcel_that_was_touched_says_which_way() {
        let document = BTreeMap::from([("version", 1)]);
        let sealed = Parcel::seal(&passphrase(), &document, secrets()).unwrap();
        let refused = |bytes: &[u8]| Parcel::open(&passphrase(), bytes).unwrap_err();
        assert_eq!(
            Parcel::open(&Secret::new("wrong".to_owned()), &sealed).unwrap_err(),
            ParcelError::WrongPassphrase
        );
        assert_eq!(refused(&sealed[..sealed.len() - 1]), ParcelError::Damaged);
        assert_eq!(refused(&sealed[..40]), ParcelError::Damaged);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(refused(&changed), ParcelError::Damaged);
        // A hostile header: 2^40 rounds would take a terabyte.
        let text = String::from_utf8_lossy(&sealed[..200]).into_owned();
        let at = text.find(" 17\n").unwrap();
        let mut bomb = sealed.clone();
        bomb[at..at + 4].copy_from_slice(b" 40\n");
        assert_eq!(refused(&bomb), ParcelError::TooMuchWork);
        let key = age::x25519::Identity::generate();
        let to_key = age::encrypt(&key.to_public(), b"{}").unwrap();
        assert_eq!(refused(&to_key), ParcelError::NotByPassphrase);
    }
}
