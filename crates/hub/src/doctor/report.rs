//! The findings as a text to be shown to anybody: made of what is typed, and searched once more for what may not be in it.
//!
//! Connections are told by their service and status alone. Always English, since it is read by whoever helps.

use std::fmt::Write as _;

use model::{
    Texts,
    doctor::{DoctorCause, Finding},
};

use crate::core::Core;

const ADDRESS: &str = "[address]";
const ACCOUNT: &str = "[account]";
const HOME: &str = "~";

impl Core {
    pub(super) fn report(&self, findings: &[Finding]) -> String {
        let mut text = String::new();
        let profile = match (self.sandbox, self.overrides.0.is_empty()) {
            (true, _) => "sandbox",
            (false, true) => "the real services",
            (false, false) => "stand-ins for the services",
        };
        let place = if self.headless {
            "without a window"
        } else {
            "with its window"
        };
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "Autopilot {}, {place}, against {profile}\nSystem: {}\n\nChecks\n",
            self.version, self.surroundings.system
        );
        let english = Texts::english();
        for finding in findings {
            let (sentence, _) = english.finding(&told(&finding.cause));
            let _ = writeln!(
                text,
                "  {:8} {}: {} - {sentence}",
                finding.verdict.name(),
                finding.check,
                finding.cause.kind(),
            );
        }
        text.push_str("\nConnections\n");
        let rows = self.roster.all();
        for row in &rows {
            let view = self.view(row);
            let (key, _) = view.status.message_keys();
            let status = key.trim_start_matches("status_");
            let status = status.trim_end_matches("_sentence");
            let _ = writeln!(text, "  {}: {status}", view.integration);
        }
        if rows.is_empty() {
            text.push_str("  none\n");
        }
        let accounts = rows.iter().flat_map(|row| {
            let identity = &row.identity;
            [identity.id.clone(), identity.account.clone()]
                .into_iter()
                .chain(identity.display_name.clone())
        });
        let mut words: Vec<(String, &str)> = accounts.map(|word| (word, ACCOUNT)).collect();
        let folders = [
            (self.surroundings.home.as_ref(), HOME),
            (Some(&self.data_dir), "[profile]"),
        ];
        words.extend(
            folders
                .into_iter()
                .filter_map(|(folder, to)| Some((folder?.to_str()?.to_owned(), to))),
        );
        redact(&text, words)
    }
}

/// Without what a company or a person named.
fn told(cause: &DoctorCause) -> DoctorCause {
    let proxy = || "[proxy]".to_owned();
    match cause {
        DoctorCause::ProxyAnswers { .. } => DoctorCause::ProxyAnswers { proxy: proxy() },
        DoctorCause::ProxyRefuses { .. } => DoctorCause::ProxyRefuses { proxy: proxy() },
        DoctorCause::ProxySilent { .. } => DoctorCause::ProxySilent { proxy: proxy() },
        DoctorCause::ProxyNotFound { .. } => DoctorCause::ProxyNotFound { proxy: proxy() },
        DoctorCause::ProxyWantsSignIn { .. } => DoctorCause::ProxyWantsSignIn { proxy: proxy() },
        other => other.clone(),
    }
}

/// Longest first, so that a name in an address doesn't leave the rest of it.
fn redact(text: &str, mut words: Vec<(String, &str)>) -> String {
    words.retain(|(word, _)| is_telling(word));
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    let mut text = text.to_owned();
    for (word, to) in words {
        text = text.replace(&word, to);
    }
    text.split_inclusive(char::is_whitespace)
        .map(|word| match is_address(word) {
            true => word.replace(word.trim_end(), ADDRESS),
            false => word.to_owned(),
        })
        .collect()
}

/// A home at "/", or a letter, is in every text and tells nothing.
fn is_telling(word: &str) -> bool {
    word.chars().count() >= 3
}

fn is_address(word: &str) -> bool {
    word.trim()
        .split_once('@')
        .is_some_and(|(who, place)| !who.is_empty() && place.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_folders_are_taken_out_wherever_they_stand() {
        let words = vec![
            ("Anna Adams".to_owned(), ACCOUNT),
            ("/home/anna".to_owned(), HOME),
        ];
        let text = "a (ben@example.org) in /home/anna/x\nAnna Adams, @bot, anna@example.org.\n";
        let redacted = redact(text, words);
        assert_eq!(redacted, "a [address] in ~/x\n[account], @bot, [address]\n");
    }

    #[test]
    fn what_is_in_every_text_stays() {
        let words = vec![("/".to_owned(), HOME)];
        assert_eq!(redact("the one / other", words), "the one / other");
    }

    #[test]
    fn where_a_proxy_is_stays_here() {
        let cause = DoctorCause::ProxyRefuses {
            proxy: "proxy.corp.example:8080".to_owned(),
        };
        let (sentence, _) = Texts::english().finding(&told(&cause));
        assert!(!sentence.contains("corp"), "{sentence}");
    }
}
