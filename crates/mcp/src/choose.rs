//! Which connection does it: the one named among those that can, or the only one that can.

use model::{Capability, ConnectionView, Error, ErrorCode};

use crate::reach::Reach;

/// The connection to use, or an error that names the choices.
pub(crate) async fn connection(
    reach: &Reach,
    named: Option<&str>,
    capability: Option<Capability>,
) -> Result<ConnectionView, Error> {
    let known = reach.seen().await.connections;
    if let Some(known) = &known
        && let Ok(chosen) = choose(known, named, capability)
    {
        return Ok(chosen);
    }
    // What is known may be a moment old, and why nothing is known the hub says best.
    choose(&reach.connections().await?, named, capability)
}

fn choose(
    connections: &[ConnectionView],
    named: Option<&str>,
    capability: Option<Capability>,
) -> Result<ConnectionView, Error> {
    let named = named.map(str::trim).filter(|name| !name.is_empty());
    let is_meant = |view: &&ConnectionView| {
        named.is_none_or(|name| {
            view.id.to_string() == name
                || view.account == name
                || view.name.as_deref() == Some(name)
                || view.integration.as_str() == name.to_lowercase().replace([' ', '-'], "_")
        })
    };
    let meant: Vec<&ConnectionView> = connections.iter().filter(is_meant).collect();
    let able: Vec<&ConnectionView> = meant
        .iter()
        .copied()
        .filter(|view| capability.is_none_or(|one| view.capabilities.contains(&one)))
        .collect();
    let asked = named.unwrap_or_else(|| capability.map_or("connection", Capability::name));
    match (&able[..], &meant[..], named) {
        ([only], _, _) => Ok((*only).clone()),
        ([], [unable, ..], Some(_)) => Err(Error::new(ErrorCode::CapabilityMissing)
            .with("service", &unable.integration_name)
            .with("account", &unable.account)
            .with("capability", capability.map_or("", Capability::name))),
        ([], _, Some(name)) => {
            Err(Error::new(ErrorCode::UnknownConnection).with("connection", name))
        }
        ([], _, None) => Err(Error::new(ErrorCode::NotConnected)
            .with("service", format!("A service for {asked}"))
            .with("integration", asked)),
        (several, _, _) => Err(ambiguous(asked, several)),
    }
}

fn ambiguous(asked: &str, several: &[&ConnectionView]) -> Error {
    let choices: Vec<String> = several
        .iter()
        .map(|view| format!("{} ({}, {})", view.account, view.integration, view.id))
        .collect();
    Error::new(ErrorCode::AmbiguousConnection)
        .with("connection", asked)
        .with("choices", choices.join("; "))
}

#[cfg(test)]
mod tests {
    use model::{ConnectionId, Status, Timestamp};

    use super::*;

    fn view(account: &str, capabilities: &[Capability]) -> ConnectionView {
        ConnectionView {
            id: ConnectionId::generate(),
            integration: "gmail".into(),
            integration_name: "Gmail".to_owned(),
            account: account.to_owned(),
            display_name: None,
            name: None,
            status: Status::Unproven,
            proven_at: None,
            checked_at: None,
            connected_at: Timestamp::UNIX_EPOCH,
            scopes: Vec::new(),
            capabilities: capabilities.to_vec(),
            token_allowed: false,
            remarks: Vec::new(),
        }
    }

    const SEND: Option<Capability> = Some(Capability::MailSend);

    #[test]
    fn the_only_one_that_can_needs_no_name() {
        let all = [
            view("anna@example.org", &[Capability::MailSend]),
            view("ben@example.org", &[Capability::MailRead]),
        ];
        assert_eq!(choose(&all, None, SEND).unwrap().id, all[0].id);
    }

    #[test]
    fn several_that_can_are_listed_rather_than_guessed() {
        let all = [
            view("anna@example.org", &[Capability::MailSend]),
            view("ben@example.org", &[Capability::MailSend]),
        ];
        let refused = choose(&all, None, SEND).unwrap_err();
        assert_eq!(refused.code, ErrorCode::AmbiguousConnection);
        for account in ["anna@example.org", "ben@example.org"] {
            assert!(refused.args["choices"].contains(account));
        }
        let ben = choose(&all, Some("ben@example.org"), SEND).unwrap();
        assert_eq!(ben.id, all[1].id);
    }

    #[test]
    fn a_name_that_fits_nothing_or_nothing_able_says_which_of_the_two() {
        let all = [view("anna@example.org", &[Capability::MailRead])];
        let code = |named| choose(&all, named, SEND).unwrap_err().code;
        assert_eq!(code(Some("zoe@example.org")), ErrorCode::UnknownConnection);
        assert_eq!(code(Some("gmail")), ErrorCode::CapabilityMissing);
        assert_eq!(code(None), ErrorCode::NotConnected);
    }
}
