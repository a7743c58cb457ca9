//! Permissions by the short names people type: `send` for `https://…/auth/gmail.send`.

use model::{Texts, integration::ScopeView};

use crate::{failure::Failure, words::words};

/// The whole scopes that were meant; `None` = all the integration offers.
pub(super) fn resolve(
    texts: &Texts,
    offered: &[ScopeView],
    wanted: &[String],
) -> Result<Option<Vec<String>>, Failure> {
    let named: Vec<&str> = wanted
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .collect();
    if named.is_empty() {
        return Ok(None);
    }
    named
        .into_iter()
        .map(|name| one(texts, offered, name))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn one(texts: &Texts, offered: &[ScopeView], name: &str) -> Result<String, Failure> {
    let mut meant = offered.iter().filter(|scope| means(name, &scope.scope));
    match (meant.next(), meant.next()) {
        (Some(scope), None) => Ok(scope.scope.clone()),
        (found, _) => {
            let short: Vec<&str> = offered
                .iter()
                .map(|scope| last_part(&scope.scope))
                .collect();
            let trouble = if found.is_some() {
                "cli_connect_permissions_alike"
            } else {
                "cli_connect_permission_unknown"
            };
            Err(Failure::usage(
                words(texts, trouble, &[("name", &name)]),
                words(
                    texts,
                    "cli_connect_permission_next",
                    &[("known", &short.join(", "))],
                ),
            ))
        }
    }
}

/// The whole scope, or its end from a separator on.
fn means(name: &str, scope: &str) -> bool {
    scope
        .strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with(['/', '.']))
}

fn last_part(scope: &str) -> &str {
    scope.rsplit('/').next().unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
    const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";

    fn offered() -> Vec<ScopeView> {
        let view = |scope: &str| ScopeView {
            scope: scope.to_owned(),
            title: String::new(),
            explanation: String::new(),
            capabilities: Vec::new(),
        };
        vec![view(SEND), view(READ)]
    }

    fn resolved(names: &[&str]) -> Result<Option<Vec<String>>, Failure> {
        resolve(
            &Texts::english(),
            &offered(),
            &names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_permission_has_a_short_name_and_a_whole_one() {
        for name in ["send", "gmail.send", SEND] {
            assert_eq!(resolved(&[name]).unwrap().unwrap(), [SEND]);
        }
        assert_eq!(
            resolved(&["readonly", "send"]).unwrap().unwrap(),
            [READ, SEND]
        );
        assert!(resolved(&[]).unwrap().is_none());
    }

    #[test]
    fn half_a_word_is_not_a_permission() {
        let refused = resolved(&["nly"]).unwrap_err();
        let Failure::Usage { next_step, .. } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(next_step, "Choose from: gmail.send, gmail.readonly.");
    }
}
