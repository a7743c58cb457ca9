//! Opens the system browser at what an action made: the page names the action, and the address is the one the hub
//! keeps for it.

use model::{ActionId, ActionState, ActionView, Error, ErrorCode, Request, Response};
use tauri::{AppHandle, State};

use crate::commands::open_sign_in::{is_for_a_browser, open_address};
use crate::engine::Engine;

#[tauri::command]
pub async fn open_result(
    app: AppHandle,
    engine: State<'_, Engine>,
    action: ActionId,
    index: usize,
) -> Result<(), Error> {
    let Response::Action(action) = engine.ask(Request::GetAction { id: action }).await? else {
        return Err(Error::new(ErrorCode::Internal));
    };
    open_address(&app, address(&action, index)?).await
}

fn address(action: &ActionView, index: usize) -> Result<String, Error> {
    let ActionState::Sent { results, .. } = &action.state else {
        return Err(Error::new(ErrorCode::TooLate).with("state", action.state.kind()));
    };
    results
        .get(index)
        .and_then(|result| result.link.clone())
        .filter(|link| is_for_a_browser(link))
        .ok_or_else(|| Error::new(ErrorCode::Internal))
}

#[cfg(test)]
mod tests {
    use model::{Caller, Capability, ConnectionId, Outline, RemoteRef, Timestamp};

    use super::*;

    fn sent(link: Option<&str>) -> ActionView {
        let result = RemoteRef {
            id: "1".to_owned(),
            within: None,
            link: link.map(str::to_owned),
        };
        ActionView {
            id: ActionId::generate(),
            connection: ConnectionId::generate(),
            integration: "gmail".into(),
            integration_name: "Gmail".to_owned(),
            account: "anna@example.org".to_owned(),
            capability: Capability::MailSend,
            caller: Caller::Window,
            created_at: Timestamp::UNIX_EPOCH,
            state: ActionState::Sent {
                at: Timestamp::UNIX_EPOCH,
                results: vec![result],
            },
            outline: Outline::default(),
            content: None,
            files: Vec::new(),
            tries: 1,
            progress: None,
        }
    }

    #[test]
    fn only_a_web_address_that_the_hub_keeps_is_opened() {
        let action = sent(Some("https://service.example/1"));
        assert_eq!(address(&action, 0).unwrap(), "https://service.example/1");
        assert!(address(&action, 1).is_err());
        assert!(address(&sent(None), 0).is_err());
        assert!(address(&sent(Some("file:///etc/passwd")), 0).is_err());
    }

    #[test]
    fn what_was_not_sent_made_nothing_to_open() {
        let mut action = sent(None);
        action.state = ActionState::Cancelled {
            at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(address(&action, 0).unwrap_err().code, ErrorCode::TooLate);
    }
}
