//! What strangers may bring this crate, and what must hold whatever it is. Compiled for tests and for `fuzz/` alone:
//! `cargo xtask fuzz` feeds it for as long as asked, and the tests below feed it what that has kept in `fuzz/corpus`.
//!
//! A feeder panics when a promise is broken and says nothing otherwise. Nothing here does any input or output.

use std::time::Duration;

use model::{Language, Secret};

use crate::{
    CallError, Endpoints, Facts, TokenError,
    call::{Answer, retry_after},
    gmail, google, google_drive, role, telegram,
};

/// The statuses an answer may come with.
const STATUSES: [u16; 14] = [
    200, 200, 200, 200, 204, 302, 400, 401, 403, 404, 409, 429, 503, 511,
];

const READERS: [fn(&Answer); 14] = [
    gmail::hostile::profile,
    gmail::hostile::list,
    gmail::hostile::message,
    gmail::hostile::attachment,
    gmail::hostile::many,
    gmail::hostile::refusal,
    google_drive::hostile::about,
    google_drive::hostile::page,
    google_drive::hostile::file,
    telegram::hostile::me,
    telegram::hostile::sent,
    telegram::hostile::updates,
    client_file,
    pause,
];

/// An answer of a service: which call it answers, its status, whether it asks for a pause, and its body.
pub fn provider_json(bytes: &[u8]) {
    let &[reader, status, pause, ref body @ ..] = bytes else {
        return;
    };
    let answer = Answer {
        status: STATUSES[usize::from(status) % STATUSES.len()],
        retry_after: (pause % 2 == 1).then(|| Duration::from_secs(u64::from(pause))),
        body: body.to_vec(),
    };
    READERS[usize::from(reader) % READERS.len()](&answer);
}

/// A mail, as Gmail hands it out.
pub fn mime(bytes: &[u8]) {
    gmail::hostile::mail(bytes);
}

/// An `integration.toml`, and what is asked of its facts.
pub fn integration_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(facts) = Facts::read(text) else {
        return;
    };
    for (_, url) in facts.endpoints.iter() {
        assert_eq!(Endpoints::check(url), Ok(()), "{url}");
    }
    for role in role::ALL {
        let climbing = ["..", ".", "a/b", "%2e%2e", "?x=1", "#", "\\..", ""];
        if let (Ok(base), Ok(below)) = (
            facts.endpoints.get(role),
            facts.endpoints.at(role, &climbing),
        ) {
            assert_eq!(base.origin(), below.origin());
            assert!(below.path().starts_with(base.path().trim_end_matches('/')));
            assert!(below.query().is_none() && below.fragment().is_none());
        }
    }
    let granted: Vec<String> = facts.scopes.iter().map(|one| one.scope.clone()).collect();
    for scope in &facts.scopes {
        assert!(scope.is_granted(&granted));
        assert!(!scope.is_granted(&[]));
    }
    if let Some(pick) = &facts.pick {
        let picked = pick.picked([(pick.answer.as_str(), "a,a, ../b,c/d,e")]);
        assert_eq!(picked, ["a", "e"]);
    }
}

/// A file dropped as a client registration.
fn client_file(answer: &Answer) {
    let contents = Secret::new(String::from_utf8_lossy(&answer.body).into_owned());
    match google::read_client_file(&contents) {
        Ok(file) => assert!(file.client_id.bytes().all(|byte| byte.is_ascii_graphic())),
        Err(wrong) => assert!(!wrong.reason.say(Language::English).is_empty()),
    }
}

/// A `Retry-After`, and the error codes of a token endpoint.
fn pause(answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if let Some(wait) = retry_after(&text, model::Timestamp::UNIX_EPOCH) {
        is_at_most_a_day(wait);
    }
    let (error, subtype) = text.split_once(' ').unwrap_or((&text, ""));
    let heard = TokenError {
        status: answer.status,
        error: error.to_owned(),
        subtype: Some(subtype.to_owned()),
    };
    let ended = matches!(
        google::judge_token_error(&heard),
        crate::TokenVerdict::GrantEnded(_)
    );
    assert!(!ended || (error == "invalid_grant" && (400..500).contains(&answer.status)));
}

/// What was read; of an error, only that it can be acted on.
pub(crate) fn sane<T>(read: Result<T, CallError>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(CallError::RateLimited {
            retry_after: Some(wait),
        }) => {
            is_at_most_a_day(wait);
            None
        }
        Err(CallError::Refused { reason, .. }) => {
            // Shown and logged: a code, and no text of somebody else's.
            let is_word = reason.bytes().all(|byte| byte.is_ascii_graphic());
            assert!((1..=64).contains(&reason.len()) && is_word, "{reason:?}");
            None
        }
        Err(_) => None,
    }
}

fn is_at_most_a_day(wait: Duration) {
    assert!(wait <= Duration::from_secs(24 * 60 * 60), "{wait:?}");
}

pub(crate) fn is_on_one_line(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// Elements that run, fetch or ask.
const NEVER: [&str; 26] = [
    "area", "audio", "base", "button", "embed", "form", "frame", "iframe", "image", "img", "input",
    "link", "map", "math", "meta", "noscript", "object", "script", "select", "source", "style",
    "svg", "template", "textarea", "title", "video",
];

/// Reads every tag of made-safe HTML by itself, apart from the library that made it.
pub(crate) fn nothing_runs(html: &str) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let inside = rest.strip_prefix('/').unwrap_or(rest);
        let end = inside
            .find(|letter: char| !letter.is_ascii_alphanumeric())
            .unwrap_or(inside.len());
        let (name, mut attributes) = inside.split_at(end);
        assert!(!name.is_empty(), "neither element nor text: {html:?}");
        assert!(!NEVER.contains(&name), "<{name}> in {html:?}");
        while let Some(next) = attributes.strip_prefix(' ') {
            let (name, value) = next.split_once("=\"").unwrap_or((next, ""));
            let (value, after) = value.split_once('"').unwrap_or((value, ""));
            is_idle(name, value, html);
            attributes = after;
        }
        assert!(attributes.starts_with('>'), "{attributes:?} in {html:?}");
        rest = &attributes[1..];
    }
}

fn is_idle(name: &str, value: &str, html: &str) {
    let lower = name.to_ascii_lowercase();
    let loads = ["style", "src", "srcset", "action", "background", "poster"];
    assert!(
        !lower.starts_with("on") && !loads.contains(&lower.as_str()) && !lower.contains(':'),
        "{name} in {html:?}"
    );
    if matches!(lower.as_str(), "href" | "cite") {
        // As a browser reads an address: around it and within it nothing of these counts.
        let address: String = value
            .chars()
            .filter(|letter| !letter.is_control() && !letter.is_whitespace())
            .collect();
        let scheme = address.split(':').next().unwrap_or_default();
        assert!(
            matches!(
                scheme.to_ascii_lowercase().as_str(),
                "http" | "https" | "mailto" | "tel"
            ),
            "{value:?} in {html:?}"
        );
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::{replay::replay, *};

    #[test]
    fn no_answer_of_a_service_ever_found_is_more_than_an_error() {
        replay("provider_json", provider_json);
    }

    #[test]
    fn no_mail_ever_found_runs_anything() {
        replay("mime", mime);
    }

    #[test]
    fn no_facts_ever_found_lead_elsewhere() {
        replay("integration_toml", integration_toml);
    }

    #[test]
    fn what_would_run_is_seen() {
        for html in [
            "<script>x</script>",
            "<p onclick=\"x\">",
            "<a href=\"java\nscript:x\">",
            "<a title=\"a\" href=\"data:x\">",
            "<b>x</b><img src=\"x\">",
            "a < b",
            "<!-- x -->",
        ] {
            let seen = std::panic::catch_unwind(|| nothing_runs(html));
            assert!(seen.is_err(), "{html}");
        }
        nothing_runs("<p>a <a href=\"https://example.org/?a=1&amp;b\" rel=\"noopener\">b</a></p>");
    }
}
