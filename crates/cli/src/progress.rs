//! A bar while bytes move: how many of how many, how fast, how long still. On a terminal only, and never with `--json`.

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::Progress;

use crate::output::Output;

/// Without a word, and so the same in every language.
const WITH_END: &str =
    "{bar:30} {binary_bytes} / {binary_total_bytes}  {binary_bytes_per_sec}  ~{eta}";
const WITHOUT_END: &str = "{binary_bytes}  {binary_bytes_per_sec}";

/// Appears with the first bytes, and goes without a trace.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    begun: bool,
}

impl Bar {
    pub(crate) fn new(out: Output) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if !out.json() {
            // Hides itself where standard error is no terminal.
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        Self { bar, begun: false }
    }

    pub(crate) fn set(&mut self, progress: Progress) {
        if !self.begun || self.bar.length() != Some(progress.total) {
            self.begun = true;
            let template = if progress.total == 0 {
                WITHOUT_END
            } else {
                WITH_END
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style.progress_chars("━╸─"));
            }
            self.bar.set_length(progress.total);
            if progress.done > 0 {
                // What an earlier try brought is not this try's speed.
                self.bar.reset_eta();
            }
        }
        self.bar.set_position(progress.done);
    }

    /// Prints something without the bar in the way.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// "3.20 MiB".
pub(crate) fn bytes(count: u64) -> String {
    HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lines_are_templates_and_a_size_is_said_in_its_largest_unit() {
        for template in [WITH_END, WITHOUT_END] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(3 * 1024 * 1024), "3.00 MiB");
    }
}
