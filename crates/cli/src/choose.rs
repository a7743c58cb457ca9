//! Which connection does it: the one named among those that can, or the only one that can.

use model::{Capability, ConnectionRef, ConnectionView, Error, ErrorCode, Texts};

use crate::{failure::Failure, session::Session, terminal::Terminal, words::words};

/// The connection to use for this. What the hub says about a name that fits none of those that can, holds.
pub(crate) async fn connection(
    terminal: &Terminal,
    session: &mut Session,
    named: Option<ConnectionRef>,
    capability: Capability,
) -> Result<ConnectionView, Failure> {
    let able: Vec<ConnectionView> = session
        .connections()
        .await?
        .into_iter()
        .filter(|view| view.capabilities.contains(&capability))
        .collect();
    let chosen = choose(&terminal.texts, &able, named.as_ref(), capability);
    match (chosen, named) {
        (Ok(view), _) => Ok(view),
        (Err(error), Some(named)) if error.code == ErrorCode::UnknownConnection => {
            session.connection(named).await
        }
        (Err(error), _) => Err(error.into()),
    }
}

/// By name as the hub knows connections, but only among those that can: one account may be connected to several
/// services, and just one of them sends mail.
fn choose(
    texts: &Texts,
    able: &[ConnectionView],
    named: Option<&ConnectionRef>,
    capability: Capability,
) -> Result<ConnectionView, Error> {
    let meant = |view: &&ConnectionView| {
        named.is_none_or(|named| {
            let name = named.as_str();
            view.id.to_string() == name
                || view.account == name
                || view.name.as_deref() == Some(name)
                || view.integration.as_str() == name.to_lowercase().replace([' ', '-'], "_")
        })
    };
    let matching: Vec<&ConnectionView> = able.iter().filter(meant).collect();
    let asked = named.map_or(capability.name(), ConnectionRef::as_str);
    match matching[..] {
        [only] => Ok(only.clone()),
        [] if named.is_some() => {
            Err(Error::new(ErrorCode::UnknownConnection).with("connection", asked))
        }
        [] => {
            let service = words(texts, "cli_choose_a_service_for", &[("what", &asked)]);
            Err(Error::new(ErrorCode::NotConnected)
                .with("service", service)
                .with("integration", asked))
        }
        _ => {
            let choices: Vec<String> = matching
                .iter()
                .map(|view| format!("{} ({}, {})", view.account, view.integration, view.id))
                .collect();
            Err(Error::new(ErrorCode::AmbiguousConnection)
                .with("connection", asked)
                .with("choices", choices.join("; ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ConnectionId, Status, Timestamp};

    use super::*;

    fn view(integration: &str, account: &str) -> ConnectionView {
        ConnectionView {
            id: ConnectionId::generate(),
            integration: integration.into(),
            integration_name: integration.to_owned(),
            account: account.to_owned(),
            display_name: None,
            name: None,
            status: Status::Unproven,
            proven_at: None,
            checked_at: None,
            connected_at: Timestamp::UNIX_EPOCH,
            scopes: Vec::new(),
            capabilities: vec![Capability::MailSend],
            token_allowed: false,
            remarks: Vec::new(),
        }
    }

    #[test]
    fn the_only_one_that_can_needs_no_name() {
        let able = [view("gmail", "anna@example.org")];
        let chosen = choose(&Texts::english(), &able, None, Capability::MailSend).unwrap();
        assert_eq!(chosen.id, able[0].id);
    }

    #[test]
    fn several_that_can_are_listed_rather_than_guessed() {
        let able = [
            view("gmail", "anna@example.org"),
            view("gmail", "ben@example.org"),
        ];
        let refused = choose(&Texts::english(), &able, None, Capability::MailSend).unwrap_err();
        assert_eq!(refused.code, ErrorCode::AmbiguousConnection);
        for account in ["anna@example.org", "ben@example.org"] {
            assert!(refused.args["choices"].contains(account));
        }
        let ben = choose(
            &Texts::english(),
            &able,
            Some(&"ben@example.org".into()),
            Capability::MailSend,
        )
        .unwrap();
        assert_eq!(ben.id, able[1].id);
    }

    #[test]
    fn nothing_that_can_says_what_is_missing() {
        let refused = choose(&Texts::english(), &[], None, Capability::FilesUpload).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotConnected);
        assert!(refused.args["service"].contains("files.upload"));
    }
}
