//! What was shown as a notification of the operating system. dunst shows them; this listens on the bus beside it, so
//! each one is counted, however soon another replaces it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::desktop::{Desktop, end};
use crate::patience::have;

/// How dbus-monitor begins what a call of this kind carries.
const CALL: &str = "method call";
const CALLS: &str = "type='method_call',interface='org.freedesktop.Notifications',member='Notify'";

/// Where title, body and buttons stand among the strings of the call: name of the program, icon, title, body, then key
/// and words of each button. What comes after the array of buttons is not for people.
const TITLE: usize = 2;
const BODY: usize = 3;
const END_OF_BUTTONS: &str = "   ]";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    pub title: String,
    pub body: String,
    /// The words on its buttons.
    pub buttons: Vec<String>,
}

/// One call, as far as it has been heard.
#[derive(Default)]
struct Call {
    strings: Vec<String>,
    whole: bool,
}

impl Call {
    fn hear(&mut self, line: &str) {
        if line == END_OF_BUTTONS {
            self.whole = true;
        } else if !self.whole {
            self.strings.extend(string_of(line));
        }
    }

    /// `None` while it is still being read.
    fn shown(&self) -> Option<Shown> {
        let [title, body] = [TITLE, BODY].map(|place| self.strings.get(place).cloned());
        let buttons = self.strings.get(BODY + 1..).unwrap_or_default().chunks(2);
        // What a click beside all buttons does is announced like a button, but isn't drawn as one.
        let drawn = buttons.filter(|pair| pair[0] != "default");
        let buttons = drawn.filter_map(|pair| pair.get(1).cloned()).collect();
        self.whole.then_some(Shown {
            title: title?,
            body: body?,
            buttons,
        })
    }
}

/// Listens from when it is made.
pub struct Notices {
    monitor: Child,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Notices {
    pub fn listen(desktop: &Desktop) -> Self {
        let mut command = Command::new("dbus-monitor");
        command
            .args(["--session", CALLS])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut monitor = desktop.apply(&mut command).spawn().unwrap();
        let lines = BufReader::new(monitor.stdout.take().unwrap()).lines();
        let calls = Arc::new(Mutex::new(Vec::<Call>::new()));
        let (heard, listening) = (Arc::clone(&calls), Arc::new(Mutex::new(false)));
        let began = Arc::clone(&listening);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // It first tells of its own arrival on the bus.
                *began.lock().unwrap_or_else(PoisonError::into_inner) = true;
                let mut calls = heard.lock().unwrap_or_else(PoisonError::into_inner);
                if line.starts_with(CALL) {
                    calls.push(Call::default());
                } else if let Some(call) = calls.last_mut() {
                    call.hear(&line);
                }
            }
        });
        have("dbus-monitor to listen", || {
            listening
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .then_some(())
        });
        Self { monitor, calls }
    }

    /// All so far, the first one first.
    pub fn all(&self) -> Vec<Shown> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().filter_map(Call::shown).collect()
    }

    /// Those with this title.
    pub fn titled(&self, title: &str) -> Vec<Shown> {
        self.all()
            .into_iter()
            .filter(|shown| shown.title == title)
            .collect()
    }

    /// Waits for one with this title.
    pub fn await_titled(&self, title: &str) -> Shown {
        have(&format!("a notification \"{title}\""), || {
            self.titled(title).into_iter().next()
        })
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        end(&mut self.monitor);
    }
}

/// How dunst is told to offer buttons: in a menu, from which this takes the line with the chosen words.
const MENU: &str = "menu.sh";
const CHOICE: &str = "menu-choice";

/// The daemon's configuration. Beside the menu, notifications stay until somebody closes them.
pub fn daemon_settings(desktop: &Desktop) -> PathBuf {
    let choice = desktop.root().join(CHOICE);
    let menu = desktop.write(
        MENU,
        &format!("exec grep -m1 -F -f '{}'\n", choice.display()),
    );
    let settings = format!(
        "[global]\n    dmenu = /bin/sh {}\n    timeout = 0\n",
        menu.display()
    );
    desktop.write("dunstrc", &settings)
}

/// Presses the button with these words on the notification that is shown.
pub fn press_button(desktop: &Desktop, words: &str) {
    let _ = desktop.write(CHOICE, &format!("{words}\n"));
    desktop.output("dunstctl", &["context"]);
}

/// The text in a line like `   string "text"`; a text of several lines keeps only its first.
fn string_of(line: &str) -> Option<String> {
    let quoted = line.trim_start().strip_prefix("string \"")?;
    Some(quoted.strip_suffix('"').unwrap_or(quoted).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_body_and_buttons_are_read_from_the_monitors_words() {
        let lines = [
            "   string \"Autopilot\"",
            "   uint32 0",
            "   string \"\"",
            "   string \"Gmail needs you\"",
            "   string \"Sign in again.\"",
            "   array [",
            "      string \"open\"",
            "      string \"Reconnect\"",
            "      string \"default\"",
            "      string \"\"",
            "   ]",
            "   array [",
            "      dict entry(",
            "         string \"desktop-entry\"",
            "         variant             string \"autopilot\"",
        ];
        let mut call = Call::default();
        lines.iter().for_each(|line| call.hear(line));
        let shown = call.shown().unwrap();
        assert_eq!(shown.title, "Gmail needs you");
        assert_eq!(shown.body, "Sign in again.");
        assert_eq!(shown.buttons, ["Reconnect"]);
    }
}
