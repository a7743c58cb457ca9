//! The page the browser ends on after a loopback sign-in: what happened, in our words, with nothing from
//! elsewhere on it. No script, no link but our own, everything escaped.

use std::collections::BTreeMap;

use axum::response::Html;
use model::{ConnectionView, Error, Texts};

/// Style by its hash would change with every edit; the page has no user content outside escaped text.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("landing.html");

pub(super) fn connected(
    texts: &Texts,
    connection: &ConnectionView,
    missing: &[String],
    again: &str,
) -> Html<String> {
    let args = args(&[
        ("service", connection.integration_name.as_str()),
        ("account", connection.account.as_str()),
        ("missing", missing.join(", ").as_str()),
    ]);
    if missing.is_empty() {
        return page(
            texts,
            "good",
            &texts.plain("landing_connected_title"),
            &texts.say("landing_connected_body", &args),
            "",
        );
    }
    let link = format!(
        "<a class=\"again\" href=\"{}\">{}</a>",
        escape(again),
        escape(&texts.plain("landing_choose_again"))
    );
    page(
        texts,
        "partly",
        &texts.plain("landing_missing_title"),
        &texts.say("landing_missing_body", &args),
        &link,
    )
}

pub(super) fn failed(texts: &Texts, error: &Error) -> Html<String> {
    let (sentence, next) = texts.error(error);
    let body = format!("{sentence} {next} {}", texts.plain("landing_back"));
    page(
        texts,
        "bad",
        &texts.plain("landing_failed_title"),
        &body,
        "",
    )
}

/// `extra` is markup of ours; everything else is escaped here.
fn page(texts: &Texts, mood: &str, title: &str, body: &str, extra: &str) -> Html<String> {
    Html(
        // A screen reader reads the page aloud in the language it says it is in (WCAG 3.1.1).
        PAGE.replace("%LANG%", texts.language().tag())
            .replace("%MOOD%", mood)
            .replace("%EXTRA%", extra)
            .replace("%TITLE%", &escape(title))
            .replace("%BODY%", &escape(body)),
    )
}

fn args(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Keeps a text from standing in for one of the page's own slots.
            '%' => safe.push_str("&#37;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_elsewhere_becomes_markup() {
        let error = Error::new(model::ErrorCode::InvalidInput)
            .with("reason", "<script>alert('%EXTRA%')</script>");
        let Html(page) = failed(&Texts::english(), &error);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    }

    #[test]
    fn the_page_says_which_language_it_is_in() {
        for tag in ["en", "de"] {
            let texts = Texts::in_language(tag).unwrap();
            let Html(page) = failed(&texts, &model::ErrorCode::Internal.into());
            assert!(page.contains(&format!("<html lang=\"{tag}\">")), "{page}");
        }
    }
}
