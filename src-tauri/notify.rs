//! Notices of the hub as notifications of the operating system. A click or the button only ever opens a place in our
//! window: anyone on the bus can forge one, so nothing may be decided here.

use model::event::{NoticeAction, NoticeKind};
use model::{Notice, OpenTarget};
use tauri::AppHandle;
use tauri_plugin_notification::{Action, ActionPerformed, ActionType, NotificationExt as _};

use crate::front;

/// The button; a click beside it is reported as `tap`.
const BUTTON: &str = "open";
const TAP: &str = "tap";

/// Under which name a notification carries the place it leads to.
const TARGET: &str = "target";

/// Must run before the first notification: buttons are only sent when somebody listens.
pub fn install(app: &AppHandle) {
    let handle = app.clone();
    let listening = app.notification().on_action(move |action| {
        if let Some(target) = target_of(action) {
            front::open(&handle, target);
        }
    });
    if let Err(error) = listening {
        tracing::warn!(%error, "notifications will have no buttons");
    }
}

fn target_of(action: &ActionPerformed) -> Option<OpenTarget> {
    if ![BUTTON, TAP].contains(&action.action_id()) {
        return None;
    }
    let target = action
        .notification()
        .and_then(|shown| shown.extra().get(TARGET));
    // A platform that doesn't return the place still brings the window forward.
    let target = target.and_then(|target| serde_json::from_value(target.clone()).ok());
    Some(target.unwrap_or(OpenTarget::Connections))
}

pub fn show(app: &AppHandle, notice: &Notice) {
    say(app, &notice.title, &notice.body, place_of(notice).as_ref());
}

/// Where a notice leads. One that asks for approval always leads somewhere: to what waits.
fn place_of(notice: &Notice) -> Option<NoticeAction> {
    let led = notice.action.clone();
    led.or_else(|| {
        (notice.kind == NoticeKind::Approval).then(|| NoticeAction {
            label: notice.title.clone(),
            target: OpenTarget::Approvals,
        })
    })
}

/// One notification. Also succeeds where nobody shows it; what matters is on the cards as well.
pub fn say(app: &AppHandle, title: &str, body: &str, action: Option<&NoticeAction>) {
    let notifications = app.notification();
    let mut notification = notifications.builder().title(title).body(body);
    if let Some(NoticeAction { label, target }) = action {
        let button = Action::builder(BUTTON, label.as_str()).build();
        let kind = ActionType::builder(label.as_str())
            .actions(vec![button])
            .build();
        // One kind a label; registering it again replaces it by the same.
        let _ = notifications.register_action_types(vec![kind]);
        notification = notification.action_type_id(label.as_str());
        if let Ok(target) = serde_json::to_value(target) {
            notification = notification.extra(TARGET, target);
        }
    }
    if let Err(error) = notification.show() {
        tracing::warn!(%error, "a notification couldn't be shown");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: NoticeKind, target: Option<OpenTarget>) -> Notice {
        let label = "Look at it".to_owned();
        Notice {
            kind,
            title: "Something waits".to_owned(),
            body: String::new(),
            action: target.map(|target| NoticeAction { label, target }),
        }
    }

    #[test]
    fn a_notice_leads_where_it_says_and_an_approval_to_what_waits() {
        let led = |notice: &Notice| place_of(notice).map(|place| place.target);
        let agents = OpenTarget::Agents { caller: None };
        let said = notice(NoticeKind::Approval, Some(agents.clone()));
        assert_eq!(led(&said), Some(agents));
        let unsaid = notice(NoticeKind::Approval, None);
        assert_eq!(led(&unsaid), Some(OpenTarget::Approvals));
        assert_eq!(led(&notice(NoticeKind::Back, None)), None);
    }
}
