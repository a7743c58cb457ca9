//! Everything that can be said against a file before anything is touched. Pure: the file, the facts of the integrations,
//! and where this profile's services are.
//!
//! What doesn't fit refuses the whole file. Half an import would be one that nobody looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use integrations::{Auth, Integration};
use model::{ConnectionId, IntegrationId, Secret, Settings};
use vault::{Credential, Grant, MovedSecrets};

use super::{
    document::{self, Document},
    refusal::Refusal,
};

const MOST_CONNECTIONS: usize = 500;
const MOST_CALLERS: usize = 1000;
const MOST_CHATS: usize = 10_000;
const MOST_SCOPES: usize = 100;
const LONGEST_TEXT: usize = 1024;
const LONGEST_PATH: usize = 4096;
/// Tokens of the services are a few kilobytes at most.
const LONGEST_TOKEN: usize = 16 * 1024;
/// Counts are kept in 63 bits; nobody honest renews as often.
const HIGHEST_GENERATION: u64 = 1 << 53;

/// Where this profile's services are: what was overridden, and the whole of each integration.
pub(super) struct Places {
    pub(super) overridden: BTreeMap<IntegrationId, BTreeMap<String, String>>,
    pub(super) all: BTreeMap<IntegrationId, BTreeMap<String, String>>,
}

/// A file nothing can be said against.
pub(super) struct Checked {
    pub(super) document: Document,
    pub(super) settings: Settings,
    /// Of an encrypted file.
    pub(super) secrets: Option<MovedSecrets>,
    /// By caller, in the document's order: folders that can't be on this system, taken out of its rules.
    pub(super) folders_left_out: Vec<u32>,
}

pub(super) fn check(
    mut document: Document,
    secrets: Option<MovedSecrets>,
    places: &Places,
) -> Result<Checked, Refusal> {
    if document.endpoints != places.overridden {
        return Err(Refusal::new("reason_import_endpoints"));
    }
    connections(&document)?;
    let folders_left_out = callers(&mut document)?;
    let settings = settings(&document)?;
    clients(&document, secrets.as_ref())?;
    if let Some(secrets) = &secrets {
        grants(&document, secrets, places)?;
    }
    Ok(Checked {
        document,
        settings,
        secrets,
        folders_left_out,
    })
}

fn connections(document: &Document) -> Result<(), Refusal> {
    if document.connections.len() > MOST_CONNECTIONS {
        return Err(damaged("connections"));
    }
    let (mut ids, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    for one in &document.connections {
        let service = service(&one.integration)?;
        let texts = [
            Some(&one.account_id),
            Some(&one.account),
            one.display_name.as_ref(),
            one.name.as_ref(),
        ];
        if !ids.insert(one.id)
            || !accounts.insert((&one.integration, &one.account_id))
            || !texts.into_iter().flatten().all(|text| is_plain(text))
            || one.wanted_scopes.len() > MOST_SCOPES
            || one.chats.len() > MOST_CHATS
        {
            return Err(damaged("connections"));
        }
        if let Some(scope) = one
            .wanted_scopes
            .iter()
            .find(|scope| !knows(service, scope))
        {
            return Err(Refusal::new("reason_import_scope").with("scope", scope));
        }
        let mut chats = BTreeSet::new();
        let fits = |chat: &document::Chat| {
            is_plain(&chat.id)
                && chat.title.len() <= LONGEST_TEXT
                && chat
                    .handle
                    .as_ref()
                    .is_none_or(|handle| handle.len() <= LONGEST_TEXT)
        };
        if !one
            .chats
            .iter()
            .all(|chat| fits(chat) && chats.insert(&chat.id))
        {
            return Err(damaged("chats"));
        }
    }
    Ok(())
}

fn callers(document: &mut Document) -> Result<Vec<u32>, Refusal> {
    if document.callers.len() > MOST_CALLERS {
        return Err(damaged("callers"));
    }
    let ids: BTreeSet<ConnectionId> = document.connections.iter().map(|one| one.id).collect();
    let mut names = BTreeSet::new();
    let mut left_out = Vec::new();
    for caller in &mut document.callers {
        let named = is_plain_within(&caller.name, LONGEST_PATH) && !caller.name.trim().is_empty();
        if !named || !names.insert((caller.kind, caller.name.clone())) {
            return Err(damaged("callers"));
        }
        let before = folders(caller);
        for rule in &mut caller.rules {
            rule.folders
                .retain(|folder| Path::new(folder).is_absolute());
        }
        left_out.push(before - folders(caller));
        let rules: Vec<model::Rule> = caller.rules.iter().map(Into::into).collect();
        crate::policy::rules_fit(&rules, (&caller.budget).into())
            .map_err(|_| Refusal::new("reason_import_rules").with("caller", &caller.name))?;
        let mut about = caller.rules.iter().filter_map(|rule| rule.connection);
        if about.any(|id| !ids.contains(&id)) {
            return Err(damaged("callers"));
        }
    }
    Ok(left_out)
}

fn folders(caller: &document::Caller) -> u32 {
    let all: usize = caller.rules.iter().map(|rule| rule.folders.len()).sum();
    u32::try_from(all).unwrap_or(u32::MAX)
}

fn settings(document: &Document) -> Result<Settings, Refusal> {
    let known = super::moved_settings(&Settings::default()).map_err(|_| damaged("settings"))?;
    if let Some(name) = document
        .settings
        .keys()
        .find(|name| !known.contains_key(*name))
    {
        return Err(Refusal::new("reason_import_setting").with("name", name));
    }
    let settings: Settings =
        serde_json::from_value(serde_json::Value::Object(document.settings.clone()))
            .map_err(|_| damaged("settings"))?;
    crate::settings::fits(&settings)
        .map_err(|name| Refusal::new("reason_import_setting").with("name", name))?;
    Ok(settings)
}

fn clients(document: &Document, secrets: Option<&MovedSecrets>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for client in &document.clients {
        let odd = || {
            Refusal::new("reason_import_client")
                .with("provider", &client.provider)
                .with("kind", &client.kind)
        };
        let reader = crate::clients::reader(&client.provider).map_err(|_| odd())?;
        if !seen.insert((&client.provider, &client.kind)) {
            return Err(odd());
        }
        // Whether the secret is there is told in the preview; here only whether the rest can be a registration.
        let stand_in = || {
            client
                .has_secret
                .then(|| Secret::new("elsewhere".to_owned()))
        };
        let secret = secret_of(secrets, client).or_else(stand_in);
        let read = reader.read_client(&client.kind, &client.client_id, secret.as_ref());
        match read {
            Ok(read) if read.client_id == client.client_id => {}
            _ => return Err(odd()),
        }
    }
    for one in secrets.iter().flat_map(|secrets| &secrets.clients) {
        let is_named = |client: &&document::Client| {
            client.provider == one.provider
                && client.kind == one.kind
                && client.client_id == one.client.client_id
                && client.has_secret
        };
        if !document.clients.iter().any(|client| is_named(&client)) {
            return Err(damaged("clients"));
        }
    }
    Ok(())
}

/// The secret of a registration, where the file has it.
pub(super) fn secret_of(
    secrets: Option<&MovedSecrets>,
    client: &document::Client,
) -> Option<Secret> {
    let clients = secrets.iter().flat_map(|secrets| &secrets.clients);
    clients
        .filter(|one| one.provider == client.provider && one.kind == client.kind)
        .find_map(|one| one.client.secret.clone())
}

/// A grant is taken only for the very account it is for, and only where it would be sent to the same addresses.
fn grants(document: &Document, secrets: &MovedSecrets, places: &Places) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for moved in &secrets.grants {
        let of = document
            .connections
            .iter()
            .find(|one| one.id == moved.connection)
            .filter(|_| seen.insert(moved.connection))
            .ok_or_else(|| damaged("sign-ins"))?;
        let grant = &moved.grant;
        let service = service(&of.integration)?;
        if grant.integration != of.integration
            || grant.identity.id != of.account_id
            || grant.asked.len() > MOST_SCOPES
            || !(1..HIGHEST_GENERATION).contains(&grant.generation)
            || !is_usable(grant, service)
        {
            return Err(damaged("sign-ins"));
        }
        let here = places.all.get(&of.integration);
        let is_here = |(role, address): (&String, &String)| {
            here.and_then(|here| here.get(role)) == Some(address)
        };
        if grant.endpoints.is_empty() || !grant.endpoints.iter().all(is_here) {
            return Err(Refusal::new("reason_import_endpoints"));
        }
    }
    Ok(())
}

/// Is it a credential of the kind this service gives out, and of a size that it could?
fn is_usable(grant: &Grant, service: &dyn Integration) -> bool {
    let fits = |secret: &Secret| {
        let text = secret.expose();
        (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let facts = service.facts();
    match (&grant.credential, &facts.auth) {
        (Credential::Key(key), Auth::Form(_)) => fits(key),
        (Credential::Oauth(oauth), Auth::Oauth(auth)) => {
            fits(&oauth.access_token)
                && oauth.refresh_token.as_ref().is_none_or(fits)
                && !oauth.spent
                && oauth.client.provider == facts.provider
                && auth.clients.contains_key(&oauth.client.kind)
                && is_plain(&oauth.client.client_id)
                && oauth.granted.len() <= MOST_SCOPES
                && oauth.granted.iter().all(|scope| is_plain(scope))
        }
        _ => false,
    }
}

fn service(id: &IntegrationId) -> Result<&'static dyn Integration, Refusal> {
    integrations::find(id)
        .ok_or_else(|| Refusal::new("reason_import_integration").with("integration", id))
}

/// May this scope be asked for at this service at all?
fn knows(service: &dyn Integration, scope: &str) -> bool {
    let facts = service.facts();
    let base = facts.auth.as_oauth().map(|oauth| &oauth.base_scopes);
    let picked = facts.pick.as_ref().map(|pick| &pick.scopes);
    facts.scope(scope).is_some()
        || [base, picked]
            .into_iter()
            .flatten()
            .any(|scopes| scopes.iter().any(|one| one == scope))
}

fn is_plain(text: &str) -> bool {
    is_plain_within(text, LONGEST_TEXT)
}

/// Reads as what it is: no control characters, and none that turn the reading direction.
fn is_plain_within(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && !text
            .chars()
            .any(|c| c.is_control() || crate::policy::is_direction(c))
}

fn damaged(part: &str) -> Refusal {
    Refusal::new("reason_import_damaged").with("part", part)
}
