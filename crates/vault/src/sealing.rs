//! age by passphrase: how slow a guess is made, and what we are still willing to compute for a file that isn't ours.
//!
//! Knows no record and no file system.

use std::{io::Read, iter, rc::Rc};

use age::{DecryptError, Decryptor, EncryptError, scrypt, secrecy::SecretString};
use model::Secret;
use zeroize::Zeroizing;

/// scrypt's log2(N). 17 takes 128 MiB and about half a second, once per run; fixed rather than measured,
/// so that a busy machine doesn't end up with a weak file.
const WORK: u8 = 17;

pub(crate) fn recipient(passphrase: &Secret) -> scrypt::Recipient {
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose()));
    recipient.set_work_factor(WORK);
    recipient
}

/// `most_work` is log2(N) of the most that is computed before a file is refused. age measures the machine's speed for
/// each of these, which takes milliseconds.
#[cfg(not(fuzzing))]
pub(crate) fn identity(passphrase: &Secret, most_work: u8) -> Rc<scrypt::Identity> {
    Rc::new(new_identity(passphrase, most_work))
}

/// A million files are opened in `fuzz/`: each is made once there.
#[cfg(fuzzing)]
pub(crate) fn identity(passphrase: &Secret, most_work: u8) -> Rc<scrypt::Identity> {
    use std::{cell::RefCell, collections::HashMap};
    thread_local! {
        static MADE: RefCell<HashMap<String, Rc<scrypt::Identity>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        let new = || Rc::new(new_identity(passphrase, most_work));
        Rc::clone(
            made.entry(passphrase.expose().to_owned())
                .or_insert_with(new),
        )
    })
}

fn new_identity(passphrase: &Secret, most_work: u8) -> scrypt::Identity {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose()));
    identity.set_max_work_factor(most_work);
    identity
}

pub(crate) fn seal(recipient: &impl age::Recipient, text: &[u8]) -> Result<Vec<u8>, EncryptError> {
    age::encrypt(recipient, text)
}

pub(crate) fn open(
    identity: &dyn age::Identity,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    // The plain text is always shorter than the sealed one, so this never grows and leaves no copy.
    let mut text = Zeroizing::new(Vec::with_capacity(sealed.len()));
    Decryptor::new_buffered(sealed)?
        .decrypt(iter::once(identity))?
        .read_to_end(&mut text)?;
    Ok(text)
}

/// Is a passphrase all that this was sealed with? The header is read, nothing is computed.
pub(crate) fn is_by_passphrase(sealed: &[u8]) -> Result<bool, DecryptError> {
    Decryptor::new_buffered(sealed).map(|decryptor| decryptor.is_scrypt())
}

pub(crate) const fn is_wrong_passphrase(error: &DecryptError) -> bool {
    matches!(
        error,
        DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed
            | DecryptError::NoMatchingKeys
    )
}

/// What every age file begins with, whatever its version.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"age-encryption.org/")
}
