//! What every verb is handed: where to print, the words to print, and what was asked for all verbs alike.

use model::{Error, Texts};

use crate::{
    args::Globals,
    exit::Exit,
    failure::Failure,
    output::Output,
    platform::Ending,
    schema::{ErrorLine, ErrorShape},
    words::{Gaps, words},
};

pub(crate) const SEE_HELP: &str = "Run autopilot --help to see what can be typed.";

#[derive(Debug)]
pub struct Terminal {
    pub out: Output,
    pub(crate) texts: Texts,
    pub globals: Globals,
    pub ending: Ending,
}

impl Terminal {
    /// Speaks the system's language where that is one of ours. What programs read stays English.
    pub(crate) fn new(out: Output, globals: Globals, ending: Ending) -> Self {
        let spoken = sys_locale::get_locales().find_map(|tag| Texts::in_language(&tag));
        Self {
            out,
            texts: spoken
                .filter(|_| !out.json())
                .unwrap_or_else(Texts::english),
            globals,
            ending,
        }
    }

    /// Says what went wrong, once, and what the process ends with.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        if let Some(shape) = self.shape(failure) {
            if self.out.json() {
                self.out.object(&ErrorLine { error: shape });
            } else {
                let detail = match failure {
                    Failure::Refused(error) => error.detail.as_deref(),
                    _ => None,
                };
                self.trouble(&shape.sentence, &shape.next_step, detail);
            }
        }
        failure.exit()
    }

    /// The stable shape of a failure; none when it was told already.
    pub(crate) fn shape(&self, failure: &Failure) -> Option<ErrorShape> {
        match failure {
            Failure::Refused(error) => Some(self.error(error)),
            Failure::Usage {
                sentence,
                next_step,
            } => Some(ErrorShape {
                code: "usage",
                sentence: sentence.clone(),
                next_step: next_step.clone(),
                retry_after_s: None,
            }),
            Failure::Interrupted => Some(ErrorShape {
                code: "interrupted",
                sentence: self.words("cli_interrupted", &[]),
                next_step: String::new(),
                retry_after_s: None,
            }),
            Failure::Told(_) => None,
        }
    }

    /// A message of ours with its gaps filled.
    pub fn words(&self, key: &str, gaps: Gaps<'_>) -> String {
        words(&self.texts, key, gaps)
    }

    /// What went wrong, for people.
    pub(crate) fn trouble(&self, sentence: &str, next_step: &str, detail: Option<&str>) {
        let detail = detail.map(|detail| self.words("cli_details", &[("detail", &detail)]));
        self.out.trouble(sentence, next_step, detail.as_deref());
    }

    /// A command to type next, for the same profile.
    pub(crate) fn command(&self, words: &str) -> String {
        let mut command = format!("autopilot {words}");
        if self.globals.sandbox {
            command.push_str(" --sandbox");
        }
        if let Some(profile) = &self.globals.profile {
            command.push_str(&format!(" --profile {profile}"));
        }
        command
    }

    pub(crate) fn error(&self, error: &Error) -> ErrorShape {
        let (sentence, next_step) = self.texts.error(error);
        ErrorShape {
            code: error.code.name(),
            sentence,
            next_step,
            retry_after_s: error.retry_after_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::ErrorCode;

    use super::*;

    fn terminal() -> Terminal {
        Terminal::new(Output::detect(true), Globals::default(), Ending::never())
    }

    #[test]
    fn a_command_to_type_next_names_the_same_profile() {
        assert_eq!(terminal().command("outbox list"), "autopilot outbox list");
        let globals = Globals {
            sandbox: true,
            profile: Some("try-2".parse().unwrap()),
            ..Globals::default()
        };
        let other = Terminal::new(Output::detect(true), globals, Ending::never());
        assert_eq!(
            other.command("outbox list"),
            "autopilot outbox list --sandbox --profile try-2"
        );
    }

    #[test]
    fn every_error_has_words_of_its_own() {
        for code in ErrorCode::ALL {
            let shape = terminal().error(&Error::new(*code).with("reason", "The file is empty."));
            assert_eq!(shape.code, code.name());
            assert!(!shape.sentence.starts_with("error_"), "{}", code.name());
            assert!(!shape.next_step.starts_with("error_"), "{}", code.name());
        }
    }

    #[test]
    fn an_error_line_has_exactly_the_documented_fields() {
        let error = Error::new(ErrorCode::RateLimited)
            .with("service", "Gmail")
            .retry_after(30);
        let line = ErrorLine {
            error: terminal().error(&error),
        };
        assert_eq!(
            serde_json::to_value(&line).unwrap(),
            serde_json::json!({"error": {
                "code": "rate_limited",
                "sentence": "Gmail asked for a pause.",
                "next_step": "Try again after the pause.",
                "retry_after_s": 30,
            }})
        );
    }
}
