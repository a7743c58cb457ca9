//! Files somebody hands over as an export, and what must hold whatever is in them. See [`crate::hostile`].

use std::{collections::BTreeMap, sync::LazyLock};

use model::Secret;

use super::{
    Checked, Places, Unread,
    document::{self, Document},
    read_bytes,
};
use crate::core::endpoints_to_keep;

const PASSPHRASE: &str = "correct horse";

/// Where the services really are.
static PLACES: LazyLock<Places> = LazyLock::new(|| Places {
    overridden: BTreeMap::new(),
    all: integrations::all()
        .iter()
        .map(|service| {
            let facts = service.facts();
            (facts.id.clone(), endpoints_to_keep(&facts.endpoints))
        })
        .collect(),
});

/// A file that isn't sealed, or only says that it is.
pub fn import_plain(bytes: &[u8]) {
    let passphrase = Secret::new(PASSPHRASE.to_owned());
    if let Ok(checked) = read_bytes(bytes, Some(&passphrase), &PLACES) {
        if checked.secrets.is_none() {
            holds(&checked.document);
        }
        // Only what somebody sealed by this passphrase may bring any.
        assert!(checked.secrets.is_none() || bytes.starts_with(b"age-encryption.org/"));
    }
    let without = read_bytes(bytes, None, &PLACES);
    assert!(without.is_err() || !bytes.starts_with(b"age-encryption.org/"));
}

/// What is inside a sealed file.
pub fn import_sealed(bytes: &[u8]) {
    match opened(bytes) {
        Ok(checked) => {
            holds(&checked.document);
            let Some(secrets) = checked.secrets else {
                panic!("a sealed file without secrets was taken");
            };
            for moved in secrets.grants {
                let of = |one: &&document::Connection| one.id == moved.connection;
                let Some(of) = checked.document.connections.iter().find(of) else {
                    panic!("a grant of no connection was taken");
                };
                assert_eq!(moved.grant.identity.id, of.account_id);
                for (role, address) in &moved.grant.endpoints {
                    // A grant goes to where it was made, and nowhere a file says.
                    assert_eq!(Some(address), PLACES.all[&of.integration].get(role));
                }
            }
        }
        Err(Unread::PassphraseNeeded | Unread::WrongPassphrase) => panic!("it was the passphrase"),
        Err(Unread::Trouble(_)) => {}
    }
}

/// Really sealed, as `age` itself would, and opened by the passphrase.
fn opened(bytes: &[u8]) -> Result<Checked, Unread> {
    thread_local! {
        // age measures the machine's speed for each of these.
        static RECIPIENT: age::scrypt::Recipient = {
            let mut recipient = age::scrypt::Recipient::new(PASSPHRASE.to_owned().into());
            recipient.set_work_factor(1);
            recipient
        };
    }
    let Ok(sealed) = RECIPIENT.with(|recipient| age::encrypt(recipient, bytes)) else {
        panic!("age seals anything");
    };
    let wrong = Secret::new("battery staple".to_owned());
    let refused = read_bytes(&sealed, Some(&wrong), &PLACES);
    assert!(matches!(refused, Err(Unread::WrongPassphrase)));
    let passphrase = Secret::new(PASSPHRASE.to_owned());
    read_bytes(&sealed, Some(&passphrase), &PLACES)
}

fn holds(document: &Document) {
    assert_eq!(document.format, document::FORMAT);
    assert_eq!(document.version, document::VERSION);
    assert!(document.endpoints.is_empty());
    for connection in &document.connections {
        assert!(integrations::find(&connection.integration).is_some());
    }
}
