//! Opens the system browser at a step on the way to a registration of one's own: the page names the step, and the
//! address is the one its integration's facts state.

use model::integration::IntegrationView;
use model::{Error, ErrorCode, IntegrationId, Request, Response};
use tauri::{AppHandle, State};

use crate::commands::open_sign_in::{is_for_a_browser, open_address};
use crate::engine::Engine;

#[tauri::command]
pub async fn open_setup(
    app: AppHandle,
    engine: State<'_, Engine>,
    integration: IntegrationId,
    step: String,
) -> Result<(), Error> {
    let Response::Integrations(all) = engine.ask(Request::ListIntegrations).await? else {
        return Err(Error::new(ErrorCode::Internal));
    };
    open_address(&app, address(&all, &integration, &step)?).await
}

fn address(
    all: &[IntegrationView],
    integration: &IntegrationId,
    step: &str,
) -> Result<String, Error> {
    let mut steps = all
        .iter()
        .filter(|one| one.id == *integration)
        .flat_map(|one| &one.setup);
    steps
        .find(|one| one.key == step)
        .map(|one| one.link.clone())
        .filter(|link| is_for_a_browser(link))
        .ok_or_else(|| Error::new(ErrorCode::UnknownIntegration).with("integration", integration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_step_that_the_facts_state_is_opened() {
        let all = two_services();
        let at = |id: &str, step: &str| address(&all, &id.into(), step);
        assert_eq!(
            at("gmail", "project").unwrap(),
            "https://console.cloud.google.com/projectcreate"
        );
        assert!(at("gmail", "https://elsewhere.example").is_err());
        assert!(at("telegram", "project").is_err());
    }

    fn two_services() -> Vec<IntegrationView> {
        let step = model::integration::SetupStepView {
            key: "project".to_owned(),
            title: String::new(),
            steps: Vec::new(),
            link: "https://console.cloud.google.com/projectcreate".to_owned(),
            answers: Vec::new(),
            mends: None,
            ends_trial: false,
            brings_client: false,
        };
        let view = |id: &str, setup| IntegrationView {
            id: id.into(),
            name: id.to_owned(),
            tagline: String::new(),
            icon_svg: String::new(),
            auth: model::integration::AuthView::Form {
                steps: Vec::new(),
                fields: Vec::new(),
            },
            scopes: Vec::new(),
            capabilities: Vec::new(),
            can_pick: false,
            setup,
        };
        vec![view("gmail", vec![step]), view("telegram", Vec::new())]
    }
}
