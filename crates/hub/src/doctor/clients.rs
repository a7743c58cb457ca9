//! Client registrations: without one nobody signs in.

use std::sync::Arc;

use integrations::Auth;
use model::{ProviderId, doctor::DoctorCause};

use super::{Check, DEADLINE};
use crate::core::Core;

pub(super) fn checks(core: &Arc<Core>) -> Vec<Check> {
    let mut providers: Vec<&ProviderId> = Vec::new();
    for integration in integrations::all() {
        let facts = integration.facts();
        if matches!(facts.auth, Auth::Oauth(_)) && !providers.contains(&&facts.provider) {
            providers.push(&facts.provider);
        }
    }
    providers
        .into_iter()
        .map(|provider| check(core, provider.clone()))
        .collect()
}

fn check(core: &Arc<Core>, provider: ProviderId) -> Check {
    let core = Arc::clone(core);
    Check::new(format!("client_{provider}"), DEADLINE, async move {
        let services = services_of(&provider);
        match core.registered(&provider).await {
            Ok(clients) if !clients.is_empty() => DoctorCause::ClientRegistered { services },
            _ => DoctorCause::ClientMissing { provider, services },
        }
    })
}

fn services_of(provider: &ProviderId) -> Vec<String> {
    integrations::all()
        .iter()
        .map(|one| one.facts())
        .filter(|facts| &facts.provider == provider)
        .map(|facts| facts.name.clone())
        .collect()
}
