//! What can be looked at from inside: vault, database, loopback port, client registrations.
//!
//! Only looks. Each finding has its sentence in `messages/LANG.json`, and a remedy when something is wrong.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use integrations::Auth;
use model::{
    VaultPlace, VaultState,
    doctor::{Finding, Verdict},
};

use crate::core::Core;

impl Core {
    pub(crate) async fn doctor(self: &Arc<Self>) -> Vec<Finding> {
        let mut findings = vec![
            self.look_into_vault().await,
            self.look_into_database().await,
            self.look_at_loopback().await,
        ];
        findings.extend(self.look_at_clients().await);
        findings
    }

    fn finding(
        &self,
        check: &str,
        verdict: Verdict,
        stem: &str,
        args: &BTreeMap<String, String>,
    ) -> Finding {
        let remedy =
            (verdict != Verdict::Good).then(|| self.texts.say(&format!("{stem}_remedy"), args));
        Finding {
            check: check.to_owned(),
            verdict,
            sentence: self.texts.say(stem, args),
            remedy,
        }
    }

    async fn look_into_vault(&self) -> Finding {
        let (verdict, stem) = match self.vault.check().await {
            VaultState::Unlocked {
                place: VaultPlace::Keychain,
            } => (Verdict::Good, "doctor_vault_good"),
            VaultState::Unlocked {
                place: VaultPlace::File,
            } => (Verdict::Good, "doctor_vault_file_good"),
            VaultState::Opening | VaultState::Locked { .. } => {
                (Verdict::Bad, "doctor_vault_locked")
            }
            VaultState::NoKeychain => (Verdict::Bad, "doctor_vault_none"),
            VaultState::Failing { .. } => (Verdict::Bad, "doctor_vault_failing"),
        };
        self.finding("vault", verdict, stem, &BTreeMap::new())
    }

    async fn look_into_database(&self) -> Finding {
        let (verdict, stem) = match self.db(store::Store::check).await {
            Ok(true) => (Verdict::Good, "doctor_database_good"),
            Ok(false) | Err(_) => (Verdict::Bad, "doctor_database_bad"),
        };
        self.finding("database", verdict, stem, &BTreeMap::new())
    }

    async fn look_at_loopback(&self) -> Finding {
        let (verdict, stem) = match tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
            Ok(_) => (Verdict::Good, "doctor_loopback_good"),
            Err(_) => (Verdict::Bad, "doctor_loopback_bad"),
        };
        self.finding("loopback", verdict, stem, &BTreeMap::new())
    }

    async fn look_at_clients(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut seen = Vec::new();
        for integration in integrations::all() {
            let facts = integration.facts();
            if !matches!(facts.auth, Auth::Oauth(_)) || seen.contains(&&facts.provider) {
                continue;
            }
            seen.push(&facts.provider);
            let (verdict, stem) = match self.registered(&facts.provider).await {
                Ok(clients) if !clients.is_empty() => (Verdict::Good, "doctor_client_good"),
                _ => (Verdict::Doubtful, "doctor_client_missing"),
            };
            let services: Vec<&str> = integrations::all()
                .iter()
                .map(|one| one.facts())
                .filter(|other| other.provider == facts.provider)
                .map(|other| other.name.as_str())
                .collect();
            let args = [("services".to_owned(), services.join(", "))].into();
            findings.push(self.finding(
                &format!("client_{}", facts.provider),
                verdict,
                stem,
                &args,
            ));
        }
        findings
    }
}
