//! The people and bots that exist in a sandbox. Only facts; what happens to them later is in `state`.

/// Telegram's own documentation example, known to no real bot.
pub const DEMO_BOT_TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4";
/// Well formed, and revoked before the sandbox starts.
pub const REVOKED_BOT_TOKEN: &str = "110201544:AAHrevoked1vGWJxfSeofSAs0K5PALDsaw4";

/// Who exists when a sandbox starts.
#[derive(Clone)]
pub struct Seed {
    pub google_accounts: Vec<GoogleAccount>,
    pub bots: Vec<Bot>,
}

/// A Google account.
#[derive(Clone, Debug)]
pub struct GoogleAccount {
    pub email: String,
    /// Given and family name, separated by a space.
    pub name: String,
    /// Google's stable account id: 21 decimal digits, too large for an f64.
    pub sub: String,
}

/// A Telegram bot. Has no `Debug`, since its token is a secret.
#[derive(Clone)]
pub struct Bot {
    pub token: String,
    pub username: String,
    pub name: String,
    pub revoked: bool,
}

impl Bot {
    /// The number before the colon; 0 when the token has none.
    pub fn id(&self) -> i64 {
        self.token
            .split(':')
            .next()
            .and_then(|id| id.parse().ok())
            .unwrap_or(0)
    }
}

impl Seed {
    pub(crate) fn google_account(&self, email: &str) -> Option<&GoogleAccount> {
        self.google_accounts
            .iter()
            .find(|account| account.email.eq_ignore_ascii_case(email))
    }
}

impl Default for Seed {
    fn default() -> Self {
        let account = |email: &str, name: &str, sub: &str| GoogleAccount {
            email: email.into(),
            name: name.into(),
            sub: sub.into(),
        };
        let bot = |token: &str, username: &str, name: &str, revoked| Bot {
            token: token.into(),
            username: username.into(),
            name: name.into(),
            revoked,
        };
        Seed {
            google_accounts: vec![
                account("anna@example.org", "Anna Berg", "104729000000000000017"),
                account("ben@example.org", "Ben Okoro", "104729000000000000023"),
            ],
            bots: vec![
                bot(
                    DEMO_BOT_TOKEN,
                    "autopilot_demo_bot",
                    "Autopilot Demo",
                    false,
                ),
                bot(
                    REVOKED_BOT_TOKEN,
                    "autopilot_gone_bot",
                    "Autopilot Gone",
                    true,
                ),
            ],
        }
    }
}
