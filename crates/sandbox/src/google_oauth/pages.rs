//! The HTML a person sees. Everything that came from outside goes through [`Piece::Text`] and is escaped.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::authorize::{Asked, Refused};
use super::scopes;
use crate::google_drive::disk::Item;
use crate::seed::GoogleAccount;

/// No script, nothing from elsewhere. `form-action` is left out on purpose: Chromium applies it to the redirect that
/// follows a form too, and would block the custom scheme.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

enum Piece<'a> {
    Text(&'a str),
    Html(String),
}

/// Replaces `{{name}}`; what is put in is not looked at again.
fn fill(template: &str, pieces: &[(&str, Piece<'_>)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        match pieces.iter().find(|(known, _)| *known == name) {
            Some((_, Piece::Text(text))) => page.push_str(&escape(text)),
            Some((_, Piece::Html(html))) => page.push_str(html),
            None => {}
        }
        page.push_str(rest);
    }
    page
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn layout(title: &str, body: String) -> String {
    fill(
        include_str!("layout.html"),
        &[
            ("title", Piece::Text(title)),
            ("style", Piece::Html(include_str!("style.css").into())),
            ("body", Piece::Html(body)),
        ],
    )
}

pub(crate) fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

/// A stable id for automation: the local part of the address, in letters and digits.
fn element_id(account: &GoogleAccount) -> String {
    let local = account.email.split('@').next().unwrap_or_default();
    let plain = local.chars().map(|letter| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '-'
        }
    });
    format!("account-{}", plain.collect::<String>())
}

fn initial(account: &GoogleAccount) -> String {
    account
        .name
        .chars()
        .next()
        .map(String::from)
        .unwrap_or_default()
}

/// Which account? One the app hinted at comes first and has the focus.
pub(crate) fn accounts(accounts: &[GoogleAccount], request: &str, hint: Option<&str>) -> String {
    let hinted = |account: &GoogleAccount| {
        hint.is_some_and(|hint| account.email.eq_ignore_ascii_case(hint) || account.sub == hint)
    };
    let (first, others): (Vec<_>, Vec<_>) = accounts.iter().partition(|account| hinted(account));
    let row = |account: &&GoogleAccount| {
        fill(
            include_str!("account.html"),
            &[
                ("id", Piece::Text(&element_id(account))),
                ("request", Piece::Text(request)),
                ("email", Piece::Text(&account.email)),
                ("name", Piece::Text(&account.name)),
                ("initial", Piece::Text(&initial(account))),
                (
                    "focus",
                    Piece::Html(if hinted(account) { " autofocus" } else { "" }.into()),
                ),
                (
                    "note",
                    Piece::Text(if hinted(account) { "Suggested" } else { "" }),
                ),
            ],
        )
    };
    let rows = first.iter().chain(&others).map(row).collect();
    let body = fill(
        include_str!("accounts.html"),
        &[
            ("accounts", Piece::Html(rows)),
            ("request", Piece::Text(request)),
        ],
    );
    layout("Choose an account", body)
}

/// What may the app do? One ticked box per permission, and one for each file that it may be given.
pub(crate) fn permissions(
    account: &GoogleAccount,
    request: &str,
    asked: &Asked,
    files: &[Item],
) -> String {
    let boxes = asked
        .scopes
        .iter()
        .filter(|scope| !scopes::is_sign_in(scope));
    let boxes: String = boxes
        .map(|scope| {
            fill(
                include_str!("permission.html"),
                &[
                    ("short", Piece::Text(scopes::short(scope))),
                    ("scope", Piece::Text(scope)),
                    ("words", Piece::Text(scopes::in_words(scope))),
                ],
            )
        })
        .collect();
    let sign_in: String = asked
        .scopes
        .iter()
        .filter(|scope| scopes::is_sign_in(scope))
        .map(|scope| format!("<li>{}</li>", escape(scopes::in_words(scope))))
        .collect();
    let group = if boxes.is_empty() {
        String::new()
    } else {
        fill(
            include_str!("permission_group.html"),
            &[("boxes", Piece::Html(boxes))],
        )
    };
    let files: String = files
        .iter()
        .map(|item| {
            fill(
                include_str!("pick.html"),
                &[
                    ("id", Piece::Text(&item.id)),
                    ("name", Piece::Text(&item.name)),
                    ("kind", Piece::Text(&item.mime_type)),
                ],
            )
        })
        .collect();
    let files = if files.is_empty() {
        String::new()
    } else {
        fill(
            include_str!("pick_group.html"),
            &[("files", Piece::Html(files))],
        )
    };
    let sign_in = if sign_in.is_empty() {
        String::new()
    } else {
        format!("<p>Signing in lets it:</p><ul class=\"plain\">{sign_in}</ul>")
    };
    let body = fill(
        include_str!("permissions.html"),
        &[
            ("app", Piece::Text(asked.client.name)),
            ("email", Piece::Text(&account.email)),
            ("initial", Piece::Text(&initial(account))),
            ("request", Piece::Text(request)),
            ("sign_in", Piece::Html(sign_in)),
            ("group", Piece::Html(group)),
            ("files", Piece::Html(files)),
        ],
    );
    layout("Allow access", body)
}

pub(crate) fn refused(refused: &Refused) -> String {
    let body = fill(
        include_str!("refused.html"),
        &[
            ("status", Piece::Text(refused.status.as_str())),
            ("error", Piece::Text(refused.error)),
            ("description", Piece::Text(&refused.description)),
        ],
    );
    layout("Access blocked", body)
}

pub(crate) fn outage(status: u16, reason: &str) -> String {
    format!(
        "<!doctype html><title>Error {status}</title><p>{status}. That is an error: {}.</p>",
        escape(reason)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_cannot_become_markup_or_a_placeholder() {
        let page = fill(
            "<p title=\"{{a}}\">{{b}}</p>",
            &[
                ("a", Piece::Text("\"><script>")),
                ("b", Piece::Text("{{a}} & 'x'")),
            ],
        );
        assert_eq!(
            page,
            "<p title=\"&quot;&gt;&lt;script&gt;\">{{a}} &amp; &#39;x&#39;</p>"
        );
    }
}
