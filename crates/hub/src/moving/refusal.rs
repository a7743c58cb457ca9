//! Why an export isn't imported, by the key of its sentence.

use std::collections::BTreeMap;

use model::{Error, ErrorCode, Texts};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    pub(super) reason: &'static str,
    args: BTreeMap<String, String>,
}

impl Refusal {
    pub(super) const fn new(reason: &'static str) -> Self {
        Self {
            reason,
            args: BTreeMap::new(),
        }
    }

    /// What the file says is shown, shortened; it is somebody else's text.
    pub(super) fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        let shown: String = value
            .to_string()
            .chars()
            .filter(|c| !c.is_control())
            .take(80)
            .collect();
        self.args.insert(name.to_owned(), shown);
        self
    }

    pub(super) fn error(&self, texts: &Texts) -> Error {
        Error::new(ErrorCode::ImportRefused).with("reason", texts.say(self.reason, &self.args))
    }
}
