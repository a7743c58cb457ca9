//! What Google remembers: codes, grants, access tokens. Tokens are kept as their SHA-256 only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clients::{Client, DESKTOP_CLIENT_ID, IOS_CLIENT_ID};
use crate::clock::Millis;
use crate::state::{Section, fingerprint, fresh_token};

/// "100 refresh tokens per Google Account per OAuth client"; the oldest goes without a word.
const REFRESH_TOKENS_PER_CLIENT: usize = 100;
/// Google publishes no figure; RFC 6749 §4.1.2 recommends at most 10 minutes.
const CODE_LIFE_MS: Millis = 10 * 60 * 1000;
/// How long a dead code or access token is still recognised before it is forgotten.
const RECOGNISED_MS: Millis = 24 * 60 * 60 * 1000;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Google {
    pub settings: Settings,
    codes: BTreeMap<String, Code>,
    grants: BTreeMap<u64, Grant>,
    access: BTreeMap<String, Access>,
    last_grant: u64,
}

impl Section for Google {
    const NAME: &'static str = "google";
}

/// What `POST /control/oauth` turns.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub access_token_life_s: i64,
    /// Clients whose refresh tokens rotate. Google rotates none today.
    pub rotating: Vec<String>,
    /// Those of them that may come back with a spent one, until they use its successor.
    #[serde(default)]
    pub graceful: Vec<String>,
    /// The `iss` parameter of RFC 9207, when it is sent.
    pub iss: Option<String>,
    /// As if the user granted access for a limited time.
    pub refresh_token_expires_in: Option<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            access_token_life_s: 3599,
            rotating: Vec::new(),
            graceful: Vec::new(),
            iss: None,
            refresh_token_expires_in: None,
        }
    }
}

impl Settings {
    pub fn set_rotation(&mut self, client: Option<&str>, rotating: bool, graceful: bool) {
        let all = [DESKTOP_CLIENT_ID, IOS_CLIENT_ID];
        for id in all
            .into_iter()
            .filter(|id| client.is_none_or(|client| client == *id))
        {
            for (list, wanted) in [
                (&mut self.rotating, rotating),
                (&mut self.graceful, graceful),
            ] {
                list.retain(|known| known != id);
                if wanted {
                    list.push(id.into());
                }
            }
        }
    }
}

/// What a person agreed to, before it is redeemed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub account: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub scopes: Vec<String>,
    pub nonce: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Code {
    consent: Consent,
    expires_at: Millis,
    /// The grant it was spent on.
    spent: Option<u64>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub account: String,
    pub client_id: String,
    pub scopes: Vec<String>,
    pub revoked: bool,
    pub nonce: Option<String>,
    refresh: String,
    /// Refresh tokens that rotation replaced. Seeing one again means that somebody stole a copy.
    spent: Vec<String>,
    /// With grace, the spent ones from here on are still honoured: none of their successors was seen yet.
    #[serde(default)]
    honoured_from: usize,
    expires_at: Option<Millis>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Access {
    grant: u64,
    expires_at: Millis,
}

/// Tokens as they leave the token endpoint. Has no `Debug`.
pub(crate) struct Issued {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_in: i64,
    pub refresh_token_expires_in: Option<i64>,
    pub grant: Grant,
}

/// Why a code is refused.
#[derive(Debug, PartialEq)]
pub(crate) enum CodeRefused {
    Unknown,
    Expired,
    /// A second use: what the first use gave is dead from now on (RFC 6749 §4.1.2).
    Reused,
}

/// Why a refresh token is refused.
#[derive(Debug, PartialEq)]
pub(crate) enum RefreshRefused {
    Dead,
    OtherClient,
}

impl Google {
    pub fn issue_code(&mut self, consent: Consent, now: Millis) -> String {
        self.codes
            .retain(|_, code| now - code.expires_at < RECOGNISED_MS);
        self.access
            .retain(|_, access| now - access.expires_at < RECOGNISED_MS);
        let code = fresh_token("4/0sbx-");
        self.codes.insert(
            fingerprint(&code),
            Code {
                consent,
                expires_at: now + CODE_LIFE_MS,
                spent: None,
            },
        );
        code
    }

    /// The consent behind a code that can still be redeemed; spends nothing.
    pub fn consent_of(&mut self, code: &str, now: Millis) -> Result<Consent, CodeRefused> {
        let code = self
            .codes
            .get(&fingerprint(code))
            .ok_or(CodeRefused::Unknown)?;
        if let Some(grant) = code.spent {
            self.revoke_grant(grant);
            return Err(CodeRefused::Reused);
        }
        if now >= code.expires_at {
            Err(CodeRefused::Expired)
        } else {
            Ok(code.consent.clone())
        }
    }

    /// Spends a code. The caller has checked it with [`Google::consent_of`] under the same lock.
    pub fn redeem(&mut self, code: &str, consent: Consent, now: Millis) -> Issued {
        self.drop_oldest(&consent.account, &consent.client_id);
        let refresh_token = fresh_token("1//0sbx-");
        let life = self.settings.refresh_token_expires_in;
        self.last_grant += 1;
        let id = self.last_grant;
        let grant = Grant {
            account: consent.account,
            client_id: consent.client_id,
            scopes: consent.scopes,
            revoked: false,
            nonce: consent.nonce,
            refresh: fingerprint(&refresh_token),
            spent: Vec::new(),
            honoured_from: 0,
            expires_at: life.map(|life| now + life * 1000),
        };
        self.grants.insert(id, grant.clone());
        if let Some(code) = self.codes.get_mut(&fingerprint(code)) {
            code.spent = Some(id);
        }
        let (access_token, expires_in) = self.issue_access(id, now);
        Issued {
            access_token,
            refresh_token: Some(refresh_token),
            expires_in,
            refresh_token_expires_in: life,
            grant,
        }
    }

    pub fn refresh(
        &mut self,
        token: &str,
        client: &Client,
        now: Millis,
    ) -> Result<Issued, RefreshRefused> {
        let print = fingerprint(token);
        let graceful = self.settings.graceful.iter().any(|id| id == client.id);
        let (&id, grant) = self
            .grants
            .iter_mut()
            .find(|(_, grant)| grant.refresh == print || grant.spent.contains(&print))
            .ok_or(RefreshRefused::Dead)?;
        if grant.client_id != client.id {
            return Err(RefreshRefused::OtherClient);
        }
        let place = grant.spent.iter().position(|spent| *spent == print);
        if place.is_some_and(|place| !graceful || place < grant.honoured_from) {
            self.revoke_grant(id);
            return Err(RefreshRefused::Dead);
        }
        if grant.revoked || grant.expires_at.is_some_and(|end| now >= end) {
            return Err(RefreshRefused::Dead);
        }
        let refresh_token = self
            .settings
            .rotating
            .iter()
            .any(|id| id == client.id)
            .then(|| {
                let next = fresh_token("1//0sbx-");
                grant.honoured_from = place.unwrap_or(grant.spent.len());
                grant
                    .spent
                    .push(std::mem::replace(&mut grant.refresh, fingerprint(&next)));
                next
            });
        let refresh_token_expires_in = grant.expires_at.map(|end| (end - now) / 1000);
        let grant = grant.clone();
        let (access_token, expires_in) = self.issue_access(id, now);
        Ok(Issued {
            access_token,
            refresh_token,
            expires_in,
            refresh_token_expires_in,
            grant,
        })
    }

    /// The grant behind an access token that is alive.
    pub fn grant_of(&self, access_token: &str, now: Millis) -> Option<&Grant> {
        let access = self.access.get(&fingerprint(access_token))?;
        let grant = self.grants.get(&access.grant)?;
        (now < access.expires_at && !grant.revoked).then_some(grant)
    }

    /// Kills everything the owner of this token granted to the project. `false` when the token was dead already.
    pub fn revoke_token(&mut self, token: &str, now: Millis) -> bool {
        let print = fingerprint(token);
        let by_refresh = self
            .grants
            .values()
            .find(|grant| grant.refresh == print && !grant.revoked);
        let Some(account) = by_refresh
            .or_else(|| self.grant_of(token, now))
            .map(|grant| grant.account.clone())
        else {
            return false;
        };
        self.revoke_account(&account);
        true
    }

    /// All clients belong to one Cloud project, and Google revokes a whole project at once. Returns how many died.
    pub fn revoke_account(&mut self, account: &str) -> usize {
        let alive: Vec<u64> = self
            .grants
            .iter()
            .filter(|(_, grant)| grant.account == account && !grant.revoked)
            .map(|(id, _)| *id)
            .collect();
        for id in &alive {
            self.revoke_grant(*id);
        }
        alive.len()
    }

    /// Every scope this account has granted to the project and not taken back.
    pub fn granted_scopes(&self, account: &str) -> Vec<String> {
        let alive = self
            .grants
            .values()
            .filter(|grant| grant.account == account && !grant.revoked);
        alive.flat_map(|grant| grant.scopes.clone()).collect()
    }

    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    pub fn expire_access_tokens(&mut self) -> usize {
        let count = self.access.len();
        self.access.clear();
        count
    }

    fn issue_access(&mut self, grant: u64, now: Millis) -> (String, i64) {
        let life = self.settings.access_token_life_s;
        let token = fresh_token("ya29.sbx-");
        self.access.insert(
            fingerprint(&token),
            Access {
                grant,
                expires_at: now + life * 1000,
            },
        );
        (token, life)
    }

    fn revoke_grant(&mut self, id: u64) {
        if let Some(grant) = self.grants.get_mut(&id) {
            grant.revoked = true;
        }
        self.access.retain(|_, access| access.grant != id);
    }

    fn drop_oldest(&mut self, account: &str, client_id: &str) {
        let alive: Vec<u64> = self
            .grants
            .iter()
            .filter(|(_, grant)| {
                grant.account == account && grant.client_id == client_id && !grant.revoked
            })
            .map(|(id, _)| *id)
            .collect();
        if alive.len() >= REFRESH_TOKENS_PER_CLIENT {
            self.revoke_grant(alive[0]);
        }
    }
}
