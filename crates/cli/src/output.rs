//! The only place that prints. Answers go to standard output, everything about them to standard error.
//!
//! A reader that went away (a closed pipe) is not a failure of ours, so write errors are passed over.

use std::io::{IsTerminal, Write};

use clap::builder::StyledStr;
use serde::Serialize;

/// How a piece of text looks on a terminal that shows colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Style {
    #[default]
    Plain,
    Strong,
    Quiet,
    Good,
    Doubtful,
    Bad,
    /// Bright on dark whatever the terminal's own colours are: a camera reads it.
    Picture,
}

impl Style {
    const fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Quiet => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Doubtful => "\x1b[33m",
            Self::Bad => "\x1b[31m",
            Self::Picture => "\x1b[97;40m",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    colour_out: bool,
    colour_err: bool,
}

impl Output {
    /// Colours only on a terminal, and never where the person asked for none (<https://no-color.org>).
    #[expect(
        clippy::disallowed_methods,
        reason = "a face may read how the person wants it to look"
    )]
    pub fn detect(json: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            json,
            colour_out: wanted && std::io::stdout().is_terminal(),
            colour_err: wanted && std::io::stderr().is_terminal(),
        }
    }

    pub const fn json(self) -> bool {
        self.json
    }

    /// A line of the answer, for people.
    pub fn line(self, text: &str) {
        if !self.json {
            let _ = writeln!(std::io::stdout(), "{}", tame(text));
        }
    }

    /// A line of the answer made of styled pieces.
    pub(crate) fn styled(self, pieces: &[(Style, &str)]) {
        if !self.json {
            let _ = writeln!(std::io::stdout(), "{}", paint(self.colour_out, pieces));
        }
    }

    /// A line of the answer that is the same for people and programs: a row of a table to be read elsewhere.
    pub(crate) fn row(self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// The answer, or one event of it, as one line of JSON.
    pub fn object(self, value: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(value) {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{text}");
            let _ = out.flush();
        }
    }

    /// Something about the answer, for people.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{}", tame(text));
        }
    }

    /// A question, answered on the same line.
    pub(crate) fn ask(self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "{} ", tame(text));
        let _ = err.flush();
    }

    /// What went wrong, for people. The detail is a whole line.
    pub(crate) fn trouble(self, sentence: &str, next_step: &str, detail: Option<&str>) {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{}", paint(self.colour_err, &[(Style::Bad, sentence)]));
        if !next_step.is_empty() {
            let _ = writeln!(err, "{}", tame(next_step));
        }
        if let Some(detail) = detail {
            let _ = writeln!(err, "{}", paint(self.colour_err, &[(Style::Quiet, detail)]));
        }
    }

    /// Help that was asked for.
    pub(crate) fn help(self, text: &StyledStr) {
        let _ = write!(std::io::stdout(), "{}", whole(self.colour_out, text));
    }

    /// What is wrong with the command line.
    pub(crate) fn misuse(self, text: &StyledStr) {
        let _ = write!(std::io::stderr(), "{}", whole(self.colour_err, text));
    }
}

fn whole(colour: bool, text: &StyledStr) -> String {
    if colour {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}

fn paint(colour: bool, pieces: &[(Style, &str)]) -> String {
    let mut painted = String::new();
    for (style, text) in pieces {
        let sequence = if colour { style.sequence() } else { "" };
        painted.push_str(sequence);
        painted.push_str(&tame(text));
        if !sequence.is_empty() {
            painted.push_str("\x1b[0m");
        }
    }
    painted.truncate(painted.trim_end().len());
    painted
}

/// Names come from services: none may move the cursor, recolour the terminal, or turn the reading direction.
pub(crate) fn tame(text: &str) -> String {
    text.chars()
        .map(|c| {
            if (c.is_control() && c != '\n') || turns_direction(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// Marks that make text read as something else than it is (UAX #9, explicit formatting).
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name or subject on one line of a list, cut where it would push everything else away.
pub(crate) fn short(text: &str, width: usize) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > width {
        words = words.chars().take(width.saturating_sub(1)).collect();
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_service_cannot_steer_the_terminal() {
        assert!(!paint(false, &[(Style::Plain, "a\x1b]0;title\x07b")]).contains('\x1b'));
        assert!(!tame("a\r\x1b[2Jb").contains(['\r', '\x1b']));
    }

    #[test]
    fn a_name_cannot_read_backwards() {
        assert!(!tame("invoice\u{202e}fdp.exe").contains('\u{202e}'));
    }

    #[test]
    fn a_long_subject_is_cut_and_kept_on_its_line() {
        assert_eq!(short("one\n two", 20), "one two");
        assert_eq!(short("abcdefgh", 5), "abcd…");
    }

    #[test]
    fn no_colour_means_no_escape_sequence() {
        assert_eq!(
            paint(false, &[(Style::Bad, "down"), (Style::Quiet, " since")]),
            "down since"
        );
        assert_eq!(paint(true, &[(Style::Good, "up")]), "\x1b[32mup\x1b[0m");
    }
}
