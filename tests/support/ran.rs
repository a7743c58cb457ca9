//! What a run of the terminal program left: its exit status and its words.

use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Ran {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Every line of standard output, each of which must be one JSON value.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}\n{self:?}"))
        };
        self.stdout.lines().map(read).collect()
    }

    /// The one JSON line it printed.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "not one line: {self:?}");
        lines.remove(0)
    }

    /// The one JSON line of a run that went well.
    #[must_use]
    pub fn done(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.json()
    }

    /// `(exit status, code)` of a run that was refused, checked to be told the documented way: by an `error`
    /// alone, or in the `failed` event of `connect`.
    #[must_use]
    pub fn refused(&self) -> (i32, String) {
        let error = self.json()["error"].take();
        let mut fields: Vec<&str> = error
            .as_object()
            .map(|fields| fields.keys().map(String::as_str).collect())
            .unwrap_or_default();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["code", "next_step", "retry_after_s", "sentence"],
            "{self:?}"
        );
        for text in ["sentence", "next_step"] {
            assert!(
                error[text].as_str().is_some_and(|text| !text.is_empty()),
                "{self:?}"
            );
        }
        let code = error["code"].as_str().expect("a code is text").to_owned();
        (self.code.expect("it ended by itself"), code)
    }
}
