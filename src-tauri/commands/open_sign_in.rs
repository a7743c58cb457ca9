//! Opens the system browser, and only ever at a sign-in that the hub itself has begun: the page names the attempt, and
//! never an address.

use model::{AttemptId, Error, ErrorCode, Request, Response, SignInState, SignInView};
use tauri::{AppHandle, State, Url};
use tauri_plugin_opener::OpenerExt as _;

use crate::engine::Engine;

#[tauri::command]
pub async fn open_sign_in(
    app: AppHandle,
    engine: State<'_, Engine>,
    attempt: AttemptId,
) -> Result<(), Error> {
    let Response::SignIns(sign_ins) = engine.ask(Request::ListSignIns).await? else {
        return Err(Error::new(ErrorCode::Internal));
    };
    open_address(&app, address(&sign_ins, attempt)?).await
}

/// Starting a browser can take a while.
pub async fn open_address(app: &AppHandle, url: String) -> Result<(), Error> {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || app.opener().open_url(url, None::<&str>))
        .await
        .map_err(|_| Error::new(ErrorCode::Internal))?
        .map_err(|error| Error::new(ErrorCode::Internal).detail(error))
}

fn address(sign_ins: &[SignInView], attempt: AttemptId) -> Result<String, Error> {
    let known = sign_ins.iter().find(|sign_in| sign_in.id == attempt);
    let sign_in = known.ok_or_else(|| Error::new(ErrorCode::SignInUnknown))?;
    match &sign_in.state {
        SignInState::Failed { error } => Err(error.clone()),
        SignInState::Checking | SignInState::Connected { .. } => {
            Err(Error::new(ErrorCode::SignInUsed))
        }
        SignInState::Waiting if is_for_a_browser(&sign_in.url) => Ok(sign_in.url.clone()),
        SignInState::Waiting => Err(Error::new(ErrorCode::Internal)),
    }
}

/// Whatever an integration's facts say: a browser gets web addresses only, and unencrypted ones only of this machine.
pub fn is_for_a_browser(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use model::{RedirectKind, Timestamp};

    use super::*;

    fn sign_in(url: &str, state: SignInState) -> SignInView {
        SignInView {
            id: AttemptId::generate(),
            integration: "gmail".into(),
            connection: None,
            url: url.to_owned(),
            redirect: RedirectKind::DeepLink,
            expires_at: Timestamp::UNIX_EPOCH,
            state,
        }
    }

    #[test]
    fn only_the_address_of_a_waiting_sign_in_is_opened() {
        let waiting = sign_in("https://accounts.example/", SignInState::Waiting);
        let checking = sign_in("https://accounts.example/", SignInState::Checking);
        let all = [waiting.clone(), checking.clone()];
        assert_eq!(address(&all, waiting.id).unwrap(), waiting.url);
        assert_eq!(
            address(&all, checking.id).unwrap_err().code,
            ErrorCode::SignInUsed
        );
        assert_eq!(
            address(&all, AttemptId::generate()).unwrap_err().code,
            ErrorCode::SignInUnknown
        );
    }

    #[test]
    fn nothing_but_a_web_address_reaches_the_browser() {
        for url in [
            "http://accounts.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "mailto:a@b",
            "no address",
        ] {
            let one = sign_in(url, SignInState::Waiting);
            assert!(
                address(std::slice::from_ref(&one), one.id).is_err(),
                "{url}"
            );
        }
    }
}
