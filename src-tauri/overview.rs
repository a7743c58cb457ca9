//! What the desktop shows without the window: the tray's icon and lines, and the number on the app's own icon. Kept up to
//! date by the hub's events; counts, and decides nothing.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use model::{
    ActionId, ActionState, ActionView, Admission, Caller, CallerView, ConnectionId, ConnectionView,
    Settings, Status, Texts,
};
use tauri::{AppHandle, Manager};

use crate::tray::Tray;
use crate::window;

/// What is counted, and what the person chose that the shell itself obeys.
pub struct Overview(Mutex<Seen>);

struct Seen {
    connections: HashMap<ConnectionId, Health>,
    writes: HashSet<ActionId>,
    callers: HashSet<Caller>,
    settings: Settings,
    /// What the system speaks.
    usual: Texts,
    /// `None` = nothing was chosen or looked up yet.
    texts: Option<Texts>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    Up,
    Down,
    /// Paused, or not looked at yet.
    Neither,
}

impl Health {
    fn of(status: &Status) -> Self {
        match status {
            status if status.is_up() => Self::Up,
            status if status.is_down() => Self::Down,
            _ => Self::Neither,
        }
    }
}

/// All that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub up: usize,
    pub down: usize,
    pub writes: usize,
    pub callers: usize,
    pub agents_paused: bool,
}

/// The one thing the icon says. What waits for a person comes first: it is the only one that ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    Waiting,
    Trouble,
    Paused,
    Well,
}

impl Summary {
    pub fn waiting(&self) -> usize {
        self.writes + self.callers
    }

    pub fn mood(&self) -> Mood {
        match self {
            _ if self.waiting() > 0 => Mood::Waiting,
            Self { down: 1.., .. } => Mood::Trouble,
            Self {
                agents_paused: true,
                ..
            } => Mood::Paused,
            _ => Mood::Well,
        }
    }

    /// One line: what is up, and what isn't as it should be.
    pub fn line(&self, texts: &Texts) -> String {
        let say = |key: &str, count: usize| {
            texts.say(key, &[("count".to_owned(), count.to_string())].into())
        };
        let mut parts = vec![match self.up {
            0 if self.down == 0 => say("tray_none_connected", 0),
            up => say("tray_connected", up),
        }];
        if self.down > 0 {
            parts.push(say("tray_trouble", self.down));
        }
        if self.waiting() > 0 {
            parts.push(say("tray_to_approve", self.waiting()));
        }
        if self.agents_paused {
            parts.push(say("tray_agents_paused", 0));
        }
        parts.join(" · ")
    }
}

impl Seen {
    fn new(usual: Texts) -> Self {
        Self {
            connections: HashMap::new(),
            writes: HashSet::new(),
            callers: HashSet::new(),
            settings: Settings::default(),
            usual,
            texts: None,
        }
    }

    fn summary(&self) -> Summary {
        let count = |wanted| {
            let all = self.connections.values();
            all.filter(|health| **health == wanted).count()
        };
        Summary {
            up: count(Health::Up),
            down: count(Health::Down),
            writes: self.writes.len(),
            callers: self.callers.len(),
            agents_paused: self.settings.agents_paused,
        }
    }

    fn act(&mut self, action: &ActionView) {
        match action.state {
            ActionState::AwaitingApproval { .. } => self.writes.insert(action.id),
            _ => self.writes.remove(&action.id),
        };
    }

    fn call(&mut self, caller: &CallerView) {
        match caller.admission {
            Admission::Waiting { .. } => self.callers.insert(caller.caller.clone()),
            _ => self.callers.remove(&caller.caller),
        };
    }

    /// True where the words become others.
    fn choose(&mut self, settings: &Settings) -> bool {
        let is_another = self.settings.language != settings.language || self.texts.is_none();
        if is_another {
            let spoken = settings.language.as_deref().and_then(Texts::in_language);
            self.texts = Some(spoken.unwrap_or_else(|| self.usual.clone()));
        }
        self.settings = settings.clone();
        is_another
    }

    fn texts(&self) -> Texts {
        self.texts.clone().unwrap_or_else(|| self.usual.clone())
    }
}

impl Overview {
    pub fn new(usual: Texts) -> Self {
        Self(Mutex::new(Seen::new(usual)))
    }

    /// The words of the language the window speaks.
    pub fn texts(&self) -> Texts {
        self.with(|seen| seen.texts())
    }

    pub fn summary(&self) -> Summary {
        self.with(|seen| seen.summary())
    }

    /// Does closing the window leave us in the tray?
    pub fn closes_to_tray(&self) -> bool {
        self.with(|seen| seen.settings.close_to_tray)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub fn changed(app: &AppHandle, connection: &ConnectionView) {
    update(app, |seen| {
        let health = Health::of(&connection.status);
        seen.connections.insert(connection.id, health);
        false
    });
}

pub fn removed(app: &AppHandle, id: ConnectionId) {
    update(app, |seen| {
        seen.connections.remove(&id);
        false
    });
}

pub fn acted(app: &AppHandle, action: &ActionView) {
    update(app, |seen| {
        seen.act(action);
        false
    });
}

pub fn called(app: &AppHandle, caller: &CallerView) {
    update(app, |seen| {
        seen.call(caller);
        false
    });
}

pub fn forgotten(app: &AppHandle, caller: &Caller) {
    update(app, |seen| {
        seen.callers.remove(caller);
        false
    });
}

pub fn chosen(app: &AppHandle, settings: &Settings) {
    update(app, |seen| seen.choose(settings));
}

/// Everything, once the hub is open.
pub fn all(
    app: &AppHandle,
    connections: &[ConnectionView],
    actions: &[ActionView],
    callers: &[CallerView],
) {
    update(app, |seen| {
        seen.connections = connections
            .iter()
            .map(|one| (one.id, Health::of(&one.status)))
            .collect();
        seen.writes.clear();
        actions.iter().for_each(|action| seen.act(action));
        seen.callers.clear();
        callers.iter().for_each(|caller| seen.call(caller));
        false
    });
}

/// Shows what `change` changed; it says whether the words are others.
fn update(app: &AppHandle, change: impl FnOnce(&mut Seen) -> bool) {
    let overview = app.state::<Overview>();
    let (before, now, reworded, texts) = overview.with(|seen| {
        let before = seen.summary();
        let reworded = change(seen);
        (before, seen.summary(), reworded, seen.texts())
    });
    if before == now && !reworded {
        return;
    }
    if let Some(tray) = app.try_state::<Tray>() {
        tray.show(&now, &texts);
    }
    if before.waiting() != now.waiting() {
        window::badge(app, now.waiting());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(up: usize, down: usize, writes: usize, agents_paused: bool) -> Summary {
        Summary {
            up,
            down,
            writes,
            callers: 0,
            agents_paused,
        }
    }

    #[test]
    fn the_line_names_only_what_is_not_as_usual() {
        let texts = Texts::english();
        assert_eq!(Summary::default().line(&texts), "Nothing connected");
        assert_eq!(summary(2, 0, 0, false).line(&texts), "2 connected");
        assert_eq!(
            summary(2, 1, 3, true).line(&texts),
            "2 connected · 1 with trouble · 3 to approve · agents paused"
        );
        assert_eq!(
            summary(0, 1, 0, false).line(&texts),
            "0 connected · 1 with trouble"
        );
        let german = Texts::in_language("de").unwrap();
        assert_eq!(
            summary(2, 0, 1, false).line(&german),
            "2 verbunden · 1 freizugeben"
        );
    }

    #[test]
    fn the_icon_says_what_ends_by_itself_first() {
        assert_eq!(summary(1, 1, 1, true).mood(), Mood::Waiting);
        assert_eq!(summary(1, 1, 0, true).mood(), Mood::Trouble);
        assert_eq!(summary(1, 0, 0, true).mood(), Mood::Paused);
        assert_eq!(summary(1, 0, 0, false).mood(), Mood::Well);
        let caller = Summary {
            callers: 1,
            ..Summary::default()
        };
        assert_eq!(caller.mood(), Mood::Waiting);
    }

    #[test]
    fn the_words_follow_the_language_of_the_window() {
        let mut seen = Seen::new(Texts::english());
        let speaking = |language: Option<&str>| Settings {
            language: language.map(str::to_owned),
            ..Settings::default()
        };
        assert!(seen.choose(&speaking(None)));
        assert!(!seen.choose(&speaking(None)));
        assert!(seen.choose(&speaking(Some("de"))));
        assert_eq!(seen.texts().plain("tray_quit"), "Beenden");
        assert!(seen.choose(&speaking(Some("tlh"))));
        assert_eq!(seen.texts().plain("tray_quit"), "Quit");
    }
}
