//! Certificates of an authority that the person trusts beside the system's: read from a file of theirs once, when it is
//! chosen, and kept, so that a file that moves away takes nothing with it.

use std::io::{ErrorKind, Read};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use integrations::open_ordinary;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use store::{Store, StoreError};

use super::fitting::Misfit;

const KEY: &str = "authority";
const FIELD: &str = "network.authority";
/// The system's whole collection is a quarter of this.
const LARGEST: u64 = 1024 * 1024;

/// Certificates in DER; empty = the system's alone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Authority(Vec<CertificateDer<'static>>);

/// How the label of every kind of private key ends (RFC 7468 §10).
const PRIVATE: &[u8] = b"PRIVATE KEY-----";

impl Authority {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads and checks a PEM file.
    pub(super) fn read(path: &str) -> Result<Self, Misfit> {
        let refuse = |reason| Misfit::new(FIELD, reason).with("path", path);
        if !std::path::Path::new(path).is_absolute() {
            return Err(refuse("reason_authority_unreadable"));
        }
        let unreadable = |_| refuse("reason_authority_unreadable");
        let file = open_ordinary(path.as_ref()).map_err(|error| match error.kind() {
            ErrorKind::InvalidInput => refuse("reason_authority_not_pem"),
            _ => unreadable(error),
        })?;
        if file.metadata().map_err(unreadable)?.len() > LARGEST {
            return Err(refuse("reason_authority_not_pem"));
        }
        let mut text = Vec::new();
        file.take(LARGEST)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        Self::of_pem(&text).map_err(refuse)
    }

    fn of_pem(text: &[u8]) -> Result<Self, &'static str> {
        // By its words, not by reading it: half a key is a key too much as well.
        if text.windows(PRIVATE.len()).any(|part| part == PRIVATE) {
            return Err("reason_authority_private");
        }
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(text)
            .collect::<Result<_, _>>()
            .map_err(|_| "reason_authority_not_pem")?;
        if certificates.is_empty() {
            return Err("reason_authority_not_pem");
        }
        let mut roots = rustls::RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.clone())
                .map_err(|_| "reason_authority_not_certificate")?;
        }
        Ok(Self(certificates))
    }

    /// # Errors
    /// As the database is.
    pub(crate) fn kept(store: &Store) -> Result<Self, StoreError> {
        let kept = store
            .settings()
            .get::<Vec<String>>(KEY)?
            .unwrap_or_default();
        let read = kept.iter().filter_map(|text| STANDARD.decode(text).ok());
        Ok(Self(read.map(CertificateDer::from).collect()))
    }

    pub(super) fn keep(&self, store: &Store) -> Result<(), StoreError> {
        if self.is_empty() {
            return store.settings().remove(KEY).map(|_| ());
        }
        let kept: Vec<String> = self.0.iter().map(|one| STANDARD.encode(one)).collect();
        store.settings().put(KEY, &kept)
    }

    pub(crate) fn certificates(&self) -> reqwest::Result<Vec<reqwest::Certificate>> {
        self.0
            .iter()
            .map(|one| reqwest::Certificate::from_der(one))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> &'static str {
        Authority::of_pem(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn only_certificates_are_taken_and_never_a_private_key() {
        let made = rcgen::generate_simple_self_signed(vec!["service.test".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        assert_eq!(
            Authority::of_pem(certificate.as_bytes()).unwrap().0.len(),
            1
        );
        let twice = format!("{certificate}\n# another\n{certificate}");
        assert_eq!(Authority::of_pem(twice.as_bytes()).unwrap().0.len(), 2);

        assert_eq!(
            why(&format!("{certificate}{key}")),
            "reason_authority_private"
        );
        for nothing in ["", "a letter", "-----BEGIN CERTIFICATE-----\nabc"] {
            assert_eq!(why(nothing), "reason_authority_not_pem", "{nothing}");
        }
        let noise =
            "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
        assert_eq!(why(noise), "reason_authority_not_certificate");
    }

    #[test]
    fn a_file_that_is_none_is_said_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.pem");
        let misfit = Authority::read(missing.to_str().unwrap()).unwrap_err();
        assert_eq!(misfit.reason, "reason_authority_unreadable");
        assert_eq!(misfit.args["path"], missing.to_str().unwrap());
        let misfit = Authority::read(folder.path().to_str().unwrap()).unwrap_err();
        assert_eq!(misfit.reason, "reason_authority_not_pem");
        assert!(Authority::read("relative.pem").is_err());
    }

    #[test]
    fn what_was_read_is_kept_and_what_was_given_up_is_gone() {
        let store = Store::in_memory().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["service.test".to_owned()]).unwrap();
        let authority = Authority::of_pem(made.cert.pem().as_bytes()).unwrap();
        authority.keep(&store).unwrap();
        assert_eq!(Authority::kept(&store).unwrap(), authority);
        Authority::default().keep(&store).unwrap();
        assert!(Authority::kept(&store).unwrap().is_empty());
    }
}
