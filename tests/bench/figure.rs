//! One measured thing beside another, and the table of them all.

use std::{fmt, time::Duration};

/// A measured amount, printed in the unit a person would choose.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub enum Amount {
    /// Seconds.
    Time(f64),
    /// Bytes.
    Memory(f64),
    /// Share of one core, 1.0 = all of it.
    Share(f64),
}

impl From<Duration> for Amount {
    fn from(time: Duration) -> Self {
        Self::Time(time.as_secs_f64())
    }
}

impl Amount {
    const fn number(self) -> f64 {
        match self {
            Self::Time(number) | Self::Memory(number) | Self::Share(number) => number,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Time(s) if s < 1e-3 => write!(f, "{:.1} us", s * 1e6),
            Self::Time(s) if s < 0.1 => write!(f, "{:.2} ms", s * 1e3),
            Self::Time(s) if s < 10.0 => write!(f, "{:.0} ms", s * 1e3),
            Self::Time(s) => write!(f, "{s:.1} s"),
            Self::Memory(bytes) => write!(f, "{:.1} MB", bytes / 1e6),
            Self::Share(share) => write!(f, "{:.3} %", share * 100.0),
        }
    }
}

#[derive(Clone, Copy)]
pub enum Aim {
    RatioAtMost(f64),
    AtMost(Amount),
}

pub struct Figure {
    what: String,
    ours: Amount,
    peer: Option<(String, Amount)>,
    aim: Option<Aim>,
    note: Option<String>,
}

impl Figure {
    pub fn new(what: impl Into<String>, ours: impl Into<Amount>) -> Self {
        Self {
            what: what.into(),
            ours: ours.into(),
            peer: None,
            aim: None,
            note: None,
        }
    }

    /// What it is to be held against, measured in this run.
    pub fn beside(mut self, what: impl Into<String>, amount: impl Into<Amount>) -> Self {
        self.peer = Some((what.into(), amount.into()));
        self
    }

    pub const fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    /// What was in the measured time, or how much it scattered.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn ratio(&self) -> Option<f64> {
        let (_, peer) = self.peer.as_ref()?;
        (peer.number() > 0.0).then(|| self.ours.number() / peer.number())
    }

    fn verdict(&self) -> String {
        let (shown, met) = match self.aim {
            None => return String::new(),
            Some(Aim::RatioAtMost(most)) => (
                format!("<= {most}"),
                self.ratio().is_some_and(|ratio| ratio <= most),
            ),
            Some(Aim::AtMost(most)) => (format!("<= {most}"), self.ours <= most),
        };
        format!("{shown}: {}", if met { "met" } else { "MISSED" })
    }
}

/// Prints them as a table that is Markdown too, with the notes below.
pub fn print(figures: &[Figure]) {
    let mut rows = vec![["figure", "ours", "beside it", "ratio", "aim"].map(str::to_owned)];
    for figure in figures {
        let peer = figure
            .peer
            .as_ref()
            .map_or_else(String::new, |(what, amount)| format!("{what}: {amount}"));
        let ratio = figure
            .ratio()
            .map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        rows.push([
            figure.what.clone(),
            figure.ours.to_string(),
            peer,
            ratio,
            figure.verdict(),
        ]);
    }
    let widths: [usize; 5] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    println!();
    for (number, row) in rows.iter().enumerate() {
        line(row, widths);
        if number == 0 {
            line(&widths.map(|width| "-".repeat(width)), widths);
        }
    }
    println!();
    for figure in figures {
        if let Some(note) = &figure.note {
            println!("{}: {note}.", figure.what);
        }
    }
}

fn line(cells: &[String; 5], widths: [usize; 5]) {
    let cells: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    println!("| {} |", cells.join(" | "));
}

/// The middle one. Panics where nothing was measured.
pub fn median<T: Copy + PartialOrd>(values: &[T]) -> T {
    at(values, 0.5)
}

/// The value below which this share of them lies.
pub fn at<T: Copy + PartialOrd>(values: &[T], share: f64) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("measured values have an order"));
    let last = sorted.len().checked_sub(1).expect("something was measured");
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let index = (last as f64 * share).round() as usize;
    sorted[index]
}
