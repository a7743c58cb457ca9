//! What the person is told by the system: once down, once back, and one word for many.
//!
//! Transitions of a round are gathered and said at its end; those outside a round after a short wait, so
//! that what fails together is told together. Whether it is told at all, and when, is decided in `manners`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use model::{
    ConnectionId, ConnectionView, Event, Notice, NoticeKind, OpenTarget, Status, Texts,
    event::NoticeAction,
};
use store::ConnectionRow;

use super::{
    manners::{Held, When},
    settle::needs_person,
};
use crate::core::Core;

const GATHER: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<Gathered>, Mutex<Held>);

#[derive(Debug, Default)]
struct Gathered {
    /// By connection: the last word wins.
    news: BTreeMap<ConnectionId, (News, ConnectionView)>,
    /// Connections through which something wasn't sent.
    not_sent: BTreeMap<ConnectionId, ConnectionView>,
    rounds: u32,
    timer: bool,
}

impl Notices {
    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner)
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
                say_of(&core, News::NotSent, &views);
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
        let Some(news) = news_of(&before.status, after) else {
            return;
        };
        if before.paused {
            return;
        }
        let start_timer = {
            let mut gathered = self.lock();
            gathered.news.insert(view.id, (news, view.clone()));
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
            say_of(core, News::SignedIn, &[view]);
        }
    }
}

/// What there is to say of a connection. Finer than the kinds the person chooses among: what is wanted together isn't
/// always said alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum News {
    NeedsSignIn,
    /// It was reached and refuses, or there is no registration left to ask it with: waiting mends neither.
    NeedsPerson,
    Expiring,
    Down,
    Back,
    VaultLocked,
    NoKeychain,
    SignedIn,
    NotSent,
}

impl News {
    /// What a status can be, in the order in which it is told.
    const OF_STATUS: [Self; 7] = [
        Self::NeedsSignIn,
        Self::NeedsPerson,
        Self::Expiring,
        Self::Down,
        Self::Back,
        Self::VaultLocked,
        Self::NoKeychain,
    ];

    const fn kind(self) -> NoticeKind {
        match self {
            Self::NeedsSignIn => NoticeKind::NeedsSignIn,
            Self::NeedsPerson | Self::Down => NoticeKind::Down,
            Self::Expiring => NoticeKind::Expiring,
            Self::Back => NoticeKind::Back,
            Self::VaultLocked | Self::NoKeychain => NoticeKind::Vault,
            Self::SignedIn => NoticeKind::SignedIn,
            Self::NotSent => NoticeKind::Action,
        }
    }

    /// What the names of its messages begin with.
    const fn stem(self) -> &'static str {
        match self {
            Self::NeedsSignIn => "notice_needs_sign_in",
            Self::NeedsPerson => "notice_needs_person",
            Self::Expiring => "notice_expiring",
            Self::Down => "notice_down",
            Self::Back => "notice_back",
            Self::VaultLocked => "notice_vault",
            Self::NoKeychain => "notice_no_keychain",
            Self::SignedIn => "notice_signed_in",
            Self::NotSent => "notice_action",
        }
    }

    /// Where it leads when it is about no single connection.
    const fn place(self) -> OpenTarget {
        match self {
            Self::VaultLocked | Self::NoKeychain => OpenTarget::Vault,
            Self::NotSent => OpenTarget::Activity { action: None },
            _ => OpenTarget::Connections,
        }
    }
}

/// What a change of status is to the person, if anything.
fn news_of(before: &Status, after: &Status) -> Option<News> {
    let down = |status: &Status| status.is_down();
    let vault = |status: &Status| matches!(status, Status::VaultLocked | Status::NoKeychain);
    if needs_person(after) {
        return (!needs_person(before)).then_some(News::NeedsSignIn);
    }
    match (vault(before), vault(after)) {
        (false, true) => return still(after),
        // The person just unlocked it: no news.
        (true, false) if !down(after) => return None,
        (true, true) => return None,
        _ => {}
    }
    let ends_soon = |status: &Status| matches!(status, Status::Expiring { .. });
    if ends_soon(after) && !ends_soon(before) && !down(before) {
        return Some(News::Expiring);
    }
    match (down(before), down(after)) {
        (false, true) => still(after),
        (true, false) if after.is_up() => Some(News::Back),
        _ => None,
    }
}

/// What a status is to the person who was told nothing of it when it began.
pub(super) fn still(status: &Status) -> Option<News> {
    match status {
        Status::VaultLocked => Some(News::VaultLocked),
        Status::NoKeychain => Some(News::NoKeychain),
        Status::Expiring { .. } => Some(News::Expiring),
        Status::Refused { .. } | Status::NotConfigured => Some(News::NeedsPerson),
        status if needs_person(status) => Some(News::NeedsSignIn),
        status => status.is_down().then_some(News::Down),
    }
}

pub(super) fn say(core: &Core, gathered: BTreeMap<ConnectionId, (News, ConnectionView)>) {
    for news in News::OF_STATUS {
        let views: Vec<&ConnectionView> = gathered
            .values()
            .filter(|(of, _)| *of == news)
            .map(|(_, view)| view)
            .collect();
        say_of(core, news, &views);
    }
}

pub(super) fn say_of(core: &Core, news: News, views: &[&ConnectionView]) {
    match core.when_to_say(news.kind()) {
        When::Now => {}
        When::Never => return,
        When::Later => {
            let mut held = core.notices.held();
            let ids = views.iter().map(|view| view.id);
            match news {
                News::NotSent => held.not_sent.extend(ids),
                // What is back by then is looked at with the rest, and is no news.
                _ => held.connections.extend(ids),
            }
            return;
        }
    }
    let mut views = views.to_vec();
    if news == News::Back {
        // Nobody was told that it went away.
        let mut held = core.notices.held();
        views.retain(|view| !held.connections.remove(&view.id));
    }
    let words = Words(core.words());
    let notice = match &views[..] {
        [] => return,
        [view] => words.one(news, view),
        many => words.several(news, many),
    };
    core.emit(Event::Notice { notice });
}

/// Notices in the language of the window.
pub(super) struct Words(pub(super) Texts);

impl Words {
    fn one(&self, news: News, view: &ConnectionView) -> Notice {
        let args: BTreeMap<String, String> = [
            ("service".to_owned(), view.integration_name.clone()),
            ("account".to_owned(), view.account.clone()),
        ]
        .into();
        let stem = news.stem();
        let body = match news {
            News::NeedsSignIn | News::NeedsPerson | News::Expiring | News::Down => {
                let (sentence, next) =
                    self.0
                        .status(&view.status, &view.integration_name, &view.account);
                format!("{sentence} {next}")
            }
            _ => self.0.say(&format!("{stem}_body"), &args),
        };
        let action = match news {
            News::NeedsSignIn | News::Expiring => self.reconnect(view),
            News::NeedsPerson | News::Down | News::Back | News::SignedIn => {
                self.open(OpenTarget::Connection { id: view.id })
            }
            News::VaultLocked | News::NoKeychain | News::NotSent => self.open(news.place()),
        };
        Notice {
            kind: news.kind(),
            title: self.0.say(&format!("{stem}_title"), &args),
            body,
            action: Some(action),
        }
    }

    fn several(&self, news: News, views: &[&ConnectionView]) -> Notice {
        let accounts: Vec<String> = views
            .iter()
            .map(|view| format!("{} ({})", view.integration_name, view.account))
            .collect();
        let args: BTreeMap<String, String> = [
            ("count".to_owned(), views.len().to_string()),
            ("accounts".to_owned(), accounts.join(", ")),
        ]
        .into();
        // Where sign-ins are kept is the same for all of them, however many there are.
        let stem = match news {
            News::VaultLocked | News::NoKeychain => news.stem().to_owned(),
            _ => format!("{}_many", news.stem()),
        };
        Notice {
            kind: news.kind(),
            title: self.0.say(&format!("{stem}_title"), &args),
            body: self.0.say(&format!("{stem}_body"), &args),
            action: Some(self.open(news.place())),
        }
    }

    /// So many writes and callers wait for a person, after hours in which none of them was told.
    pub(super) fn waiting(&self, writes: usize, callers: usize) -> Notice {
        let all = writes + callers;
        let stem = if all == 1 {
            "notice_waiting_one_title"
        } else {
            "notice_waiting_title"
        };
        let target = match writes {
            0 => OpenTarget::Agents { caller: None },
            _ => OpenTarget::Approvals,
        };
        Notice {
            kind: NoticeKind::Approval,
            title: self
                .0
                .say(stem, &[("count".to_owned(), all.to_string())].into()),
            body: self.0.plain("notice_approval_body"),
            action: Some(self.open(target)),
        }
    }

    fn open(&self, target: OpenTarget) -> NoticeAction {
        NoticeAction {
            label: self.0.plain("notice_action_show"),
            target,
        }
    }

    fn reconnect(&self, view: &ConnectionView) -> NoticeAction {
        NoticeAction {
            label: self.0.plain("notice_action_reconnect"),
            target: OpenTarget::SignIn {
                integration: view.integration.clone(),
                connection: Some(view.id),
            },
        }
    }
}
