//! What can be said about a bot token before Telegram is asked: `<bot id>:<secret>`, and which part is wrong.
//!
//! The rules are those of the published Bot API server; where it is more lenient than any token ever issued
//! (the secret's length) so are we, except that a secret cut in half is said to be one.

use model::Secret;

/// 2^54: the server refuses ids from here on.
const ID_LIMIT: u64 = 1 << 54;

/// Within other text, fewer digits are more likely a time or a list's number than a bot.
const SHORTEST_ID: usize = 5;

/// Issued ones have 35 characters; far fewer means that some were lost while copying.
const SHORTEST_SECRET: usize = 30;

/// The server's own limit for the whole.
const LONGEST_TOKEN: usize = 80;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    Empty,
    NoColon,
    /// Nothing stands before the colon.
    NoId,
    /// What stands before the colon is not a bot's number.
    OddId,
    /// Nothing stands after the colon.
    NoSecret,
    /// The part after the colon holds a character no token has.
    OddSecret,
    ShortSecret,
    Long,
    /// A text with more than one token in it.
    Several,
}

impl Fault {
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::Empty => "token_empty",
            Self::NoColon => "token_no_colon",
            Self::NoId => "token_no_id",
            Self::OddId => "token_odd_id",
            Self::NoSecret => "token_no_secret",
            Self::OddSecret => "token_odd_secret",
            Self::ShortSecret => "token_short_secret",
            Self::Long => "token_long",
            Self::Several => "token_several",
        }
    }
}

/// The token in what was typed: by itself, or anywhere in a pasted message of BotFather's.
pub(super) fn read(typed: &str) -> Result<Secret, Fault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Fault::Empty);
    }
    let fault = match check(typed) {
        Ok(()) => return Ok(Secret::new(typed.to_owned())),
        Err(fault) => fault,
    };
    let mut found = find(typed);
    found.dedup();
    match found.as_slice() {
        [token] => Ok(Secret::new((*token).to_owned())),
        [] => Err(fault),
        _ => Err(Fault::Several),
    }
}

fn check(token: &str) -> Result<(), Fault> {
    let (id, secret) = token.split_once(':').ok_or(Fault::NoColon)?;
    if id.is_empty() {
        return Err(Fault::NoId);
    }
    if !is_id(id) {
        return Err(Fault::OddId);
    }
    if secret.is_empty() {
        return Err(Fault::NoSecret);
    }
    if !secret.bytes().all(in_secret) {
        return Err(Fault::OddSecret);
    }
    if secret.len() < SHORTEST_SECRET {
        return Err(Fault::ShortSecret);
    }
    if token.len() > LONGEST_TOKEN {
        return Err(Fault::Long);
    }
    Ok(())
}

fn is_id(id: &str) -> bool {
    !id.starts_with('0')
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && id.parse::<u64>().is_ok_and(|id| id < ID_LIMIT)
}

const fn in_secret(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whatever passes for a token within a longer text: digits, a colon, and all that can follow.
fn find(text: &str) -> Vec<&str> {
    text.match_indices(':')
        .filter_map(|(colon, _)| {
            let digits = text[..colon]
                .bytes()
                .rev()
                .take_while(u8::is_ascii_digit)
                .count();
            let secret = text[colon + 1..]
                .bytes()
                .take_while(|byte| in_secret(*byte))
                .count();
            let token = &text[colon - digits..colon + 1 + secret];
            (digits >= SHORTEST_ID && check(token).is_ok()).then_some(token)
        })
        .collect()
}
