//! What the person is told by the system: once down, once back, and one word for many.
//!
//! Transitions of a round are gathered and said at its end; those outside a round after a short wait, so
//! that what fails together is told together.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use model::{
    ConnectionId, ConnectionView, Event, Notice, NoticeKind, OpenTarget, Status,
    event::NoticeAction,
};
use store::ConnectionRow;

use super::settle::needs_person;
use crate::core::Core;

const GATHER: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    /// By connection: the last word wins.
    news: BTreeMap<ConnectionId, (NoticeKind, ConnectionView)>,
    /// Connections through which something wasn't sent.
    not_sent: BTreeMap<ConnectionId, ConnectionView>,
    rounds: u32,
    timer: bool,
}

impl Notices {
    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn round_begins(&self) {
        self.lock().rounds += 1;
    }

    pub(crate) fn round_ends(&self, core: &Core) {
        let news = {
            let mut gathered = self.lock();
            gathered.rounds = gathered.rounds.saturating_sub(1);
            if gathered.rounds > 0 {
                return;
            }
            std::mem::take(&mut gathered.news)
        };
        say(core, news);
    }

    /// Something failed, expired, or waits for a decision: told once for all that happens together.
    pub(crate) fn not_sent(&self, core: &Arc<Core>, view: ConnectionView) {
        let is_first = {
            let mut gathered = self.lock();
            gathered.not_sent.insert(view.id, view);
            gathered.not_sent.len() == 1
        };
        if is_first {
            let core = Arc::clone(core);
            tokio::spawn(async move {
                tokio::time::sleep(GATHER).await;
                let views = std::mem::take(&mut core.notices.lock().not_sent);
                let views: Vec<&ConnectionView> = views.values().collect();
                say_of(&core, NoticeKind::Action, &views);
            });
        }
    }

    /// Takes note of a transition worth telling.
    pub(crate) fn note(
        &self,
        core: &Arc<Core>,
        before: &ConnectionRow,
        after: &Status,
        view: &ConnectionView,
    ) {
        let Some(kind) = kind(&before.status, after) else {
            return;
        };
        if before.paused {
            return;
        }
        let start_timer = {
            let mut gathered = self.lock();
            gathered.news.insert(view.id, (kind, view.clone()));
            let start = gathered.rounds == 0 && !gathered.timer;
            gathered.timer |= start;
            start
        };
        if start_timer {
            let core = Arc::clone(core);
            tokio::spawn(async move {
                tokio::time::sleep(GATHER).await;
                let news = {
                    let mut gathered = core.notices.lock();
                    gathered.timer = false;
                    if gathered.rounds > 0 {
                        return;
                    }
                    std::mem::take(&mut gathered.news)
                };
                say(&core, news);
            });
        }
    }

    /// A sign-in that came back by link: told by the system only when nobody looks at the window.
    pub(crate) fn signed_in(&self, core: &Core, view: &ConnectionView) {
        if !core.visible.load(Ordering::Relaxed) {
            core.emit(Event::Notice {
                notice: one(core, NoticeKind::SignedIn, view),
            });
        }
    }
}

/// What a change of status is to the person, if anything.
fn kind(before: &Status, after: &Status) -> Option<NoticeKind> {
    let down = |status: &Status| status.is_down();
    let vault = |status: &Status| matches!(status, Status::VaultLocked | Status::NoKeychain);
    if needs_person(after) {
        return (!needs_person(before)).then_some(NoticeKind::NeedsSignIn);
    }
    match (vault(before), vault(after)) {
        (false, true) => return Some(NoticeKind::Vault),
        // The person just unlocked it: no news.
        (true, false) if !down(after) => return None,
        (true, true) => return None,
        _ => {}
    }
    match (down(before), down(after)) {
        (false, true) => Some(NoticeKind::Down),
        (true, false) if after.is_up() => Some(NoticeKind::Back),
        _ => None,
    }
}

fn say(core: &Core, news: BTreeMap<ConnectionId, (NoticeKind, ConnectionView)>) {
    let kinds = [
        NoticeKind::NeedsSignIn,
        NoticeKind::Down,
        NoticeKind::Back,
        NoticeKind::Vault,
    ];
    for kind in kinds {
        let views: Vec<&ConnectionView> = news
            .values()
            .filter(|(of, _)| *of == kind)
            .map(|(_, view)| view)
            .collect();
        say_of(core, kind, &views);
    }
}

fn say_of(core: &Core, kind: NoticeKind, views: &[&ConnectionView]) {
    let notice = match views {
        [] => return,
        [view] => one(core, kind, view),
        many => several(core, kind, many),
    };
    core.emit(Event::Notice { notice });
}

fn one(core: &Core, kind: NoticeKind, view: &ConnectionView) -> Notice {
    let args: BTreeMap<String, String> = [
        ("service".to_owned(), view.integration_name.clone()),
        ("account".to_owned(), view.account.clone()),
    ]
    .into();
    let (sentence, next) = core
        .texts
        .status(&view.status, &view.integration_name, &view.account);
    let reason = format!("{sentence} {next}");
    let say = |key: &str| core.texts.say(key, &args);
    let (title, body, action) = match kind {
        NoticeKind::Down => (say("notice_down_title"), reason, show(core, view.id)),
        NoticeKind::Back => (
            say("notice_back_title"),
            say("notice_back_body"),
            show(core, view.id),
        ),
        NoticeKind::NeedsSignIn => (
            say("notice_needs_sign_in_title"),
            reason,
            reconnect(core, view),
        ),
        NoticeKind::SignedIn => (
            say("notice_signed_in_title"),
            say("notice_signed_in_body"),
            show(core, view.id),
        ),
        NoticeKind::Action => (
            say("notice_action_title"),
            say("notice_action_body"),
            open(core, OpenTarget::Activity { action: None }),
        ),
        NoticeKind::Approval => (
            say("notice_approval_title"),
            say("notice_approval_body"),
            open(core, OpenTarget::Approvals),
        ),
        NoticeKind::Vault | NoticeKind::Revocation => (
            say("notice_vault_title"),
            say("notice_vault_body"),
            open(core, OpenTarget::Vault),
        ),
    };
    Notice {
        kind,
        title,
        body,
        action: Some(action),
    }
}

fn several(core: &Core, kind: NoticeKind, views: &[&ConnectionView]) -> Notice {
    let accounts: Vec<String> = views
        .iter()
        .map(|view| format!("{} ({})", view.integration_name, view.account))
        .collect();
    let args: BTreeMap<String, String> = [
        ("count".to_owned(), views.len().to_string()),
        ("accounts".to_owned(), accounts.join(", ")),
    ]
    .into();
    let stem = match kind {
        NoticeKind::Down => "notice_down_many",
        NoticeKind::Back => "notice_back_many",
        NoticeKind::NeedsSignIn => "notice_needs_sign_in_many",
        NoticeKind::Action => "notice_action_many",
        NoticeKind::Approval => "notice_approval",
        NoticeKind::SignedIn | NoticeKind::Vault | NoticeKind::Revocation => "notice_vault",
    };
    let target = match kind {
        NoticeKind::Vault => OpenTarget::Vault,
        NoticeKind::Action => OpenTarget::Activity { action: None },
        NoticeKind::Approval => OpenTarget::Approvals,
        _ => OpenTarget::Connections,
    };
    Notice {
        kind,
        title: core.texts.say(&format!("{stem}_title"), &args),
        body: core.texts.say(&format!("{stem}_body"), &args),
        action: Some(open(core, target)),
    }
}

fn show(core: &Core, id: ConnectionId) -> NoticeAction {
    open(core, OpenTarget::Connection { id })
}

fn open(core: &Core, target: OpenTarget) -> NoticeAction {
    NoticeAction {
        label: core.texts.plain("notice_action_show"),
        target,
    }
}

fn reconnect(core: &Core, view: &ConnectionView) -> NoticeAction {
    NoticeAction {
        label: core.texts.plain("notice_action_reconnect"),
        target: OpenTarget::SignIn {
            integration: view.integration.clone(),
            connection: Some(view.id),
        },
    }
}
