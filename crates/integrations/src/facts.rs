//! What `integration.toml` says: plain facts, read once. No behaviour; quirks are Rust in the folder.

use std::collections::BTreeMap;

use model::{Capability, ErrorCode, IntegrationId, ProviderId};
use serde::Deserialize;
use url::Url;

use crate::{Auth, Endpoints};

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The folder's name.
    pub id: IntegrationId,
    /// The service's own name, the same in every language.
    pub name: String,
    pub provider: ProviderId,
    /// Everything a connection may be able to do, in the order it is shown.
    pub capabilities: Vec<Capability>,
    pub auth: Auth,
    pub endpoints: Endpoints,
    /// A path below `api` that is answered in JSON whoever asks, if only with a refusal: is the service reached?
    pub reach: String,
    /// The permissions a person can tick; none where a form lets people in.
    #[serde(default)]
    pub scopes: Vec<ScopeFact>,
    /// How fast we may go, to be kept ahead of time.
    pub rate_limits: Vec<RateLimit>,
    /// Units a call takes from those limits, by `probe` or capability.
    pub costs: BTreeMap<String, u32>,
    /// May a write be repeated when its answer was lost? Stated for every write.
    pub idempotency: BTreeMap<Capability, Idempotency>,
    /// Where the facts come from, and where a person sets things up.
    pub links: BTreeMap<String, Url>,
    /// A sign-in at which a person hands over things that are theirs already, where there is one.
    #[serde(default)]
    pub pick: Option<PickFacts>,
    /// What a person does once to get a registration of their own, in order.
    #[serde(default)]
    pub setup: Vec<SetupStep>,
}

/// One step in the provider's console. Its words are `setup_KEY_title`, `setup_KEY_1`, `setup_KEY_2` …
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupStep {
    pub key: String,
    /// The page of the console where it is done.
    pub link: Url,
    /// The parameter by which the link leads into one project, which a registration gives away.
    #[serde(default)]
    pub project_param: Option<String>,
    /// What the console says there and we can't see: `setup_KEY_answer_ANSWER`, and where an answer has a price,
    /// `setup_KEY_answer_ANSWER_warning`.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The error that says that this was left out.
    #[serde(default)]
    pub mends: Option<ErrorCode>,
    /// Left out, sign-ins end after the provider's time for trials (`trial_days`).
    #[serde(default)]
    pub ends_trial: bool,
    /// Here the registration itself is made, and handed to us.
    #[serde(default)]
    pub brings_client: bool,
}

/// How a person hands over things of theirs on the service's own page, while signing in once more.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickFacts {
    /// Asked for instead of everything else, base scopes too.
    pub scopes: Vec<String>,
    /// Sent with the authorization request, over those of `auth.oauth`.
    pub authorize_params: BTreeMap<String, String>,
    /// The parameter of the redirect that names what was chosen, parted by commas.
    pub answer: String,
}

impl PickFacts {
    /// The ids of what was chosen, from the redirect's parameters. They come from outside: whatever couldn't be an id
    /// is left out, and nothing is believed of the rest before the service has been asked for it.
    #[must_use]
    pub fn picked<'a>(
        &self,
        redirect: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Vec<String> {
        const LONGEST_ID: usize = 256;
        let is_id = |id: &&str| {
            (1..=LONGEST_ID).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let mut picked: Vec<String> = Vec::new();
        for (_, ids) in redirect
            .into_iter()
            .filter(|(name, _)| *name == self.answer)
        {
            for id in ids.split(',').map(str::trim).filter(is_id) {
                if !picked.iter().any(|known| known == id) {
                    picked.push(id.to_owned());
                }
            }
        }
        picked
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeFact {
    /// As sent to the provider.
    pub scope: String,
    /// Its name in the texts: `scope_KEY_title`, `scope_KEY_explanation`.
    pub key: String,
    pub capabilities: Vec<Capability>,
    /// Wider scopes that open the same, when one of them was granted instead.
    #[serde(default)]
    pub covered_by: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    pub shared: Shared,
    /// Only targets of this kind; `None` = all of them.
    #[serde(default)]
    pub kind: Option<String>,
    pub units: u32,
    /// Seconds over which the units are counted.
    pub window_s: u32,
}

/// Who draws on the same limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// All calls of one connection.
    Connection,
    /// All calls to one chat, folder or other target within a connection.
    Target,
    /// All connections made with one client registration.
    Registration,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idempotency {
    /// A repeat may happen twice: when the answer is lost, the person decides.
    None,
    /// The caller names the thing beforehand, so that a repeat is recognised.
    NamedAhead,
}

impl Facts {
    /// Reads an `integration.toml`.
    pub fn read(toml: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(toml)
    }

    #[must_use]
    pub fn scope(&self, scope: &str) -> Option<&ScopeFact> {
        self.scopes.iter().find(|fact| fact.scope == scope)
    }
}

impl ScopeFact {
    /// Is it, or a wider one, among the granted?
    #[must_use]
    pub fn is_granted(&self, granted: &[String]) -> bool {
        granted
            .iter()
            .any(|scope| *scope == self.scope || self.covered_by.contains(scope))
    }
}
