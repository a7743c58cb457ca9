//! What comes in on standard input: pasted addresses, a secret, an answer to a question.
//!
//! Reading blocks, so it has a thread of its own that ends with the process.

use std::io::{BufRead, IsTerminal};

use model::{Error, ErrorCode, Language, SecretInput};
use tokio::sync::{mpsc, oneshot};

use crate::{failure::Failure, platform::Hidden, terminal::Terminal};

/// Longer than any address or key; whatever exceeds it isn't one.
const MAX_LINE: u64 = 64 * 1024;

/// Standard input, line by line, read only as lines are taken. Ends with it.
pub(crate) struct Lines(mpsc::Receiver<String>);

impl Lines {
    pub(crate) fn open() -> Self {
        let (sender, receiver) = mpsc::channel(1);
        std::thread::spawn(move || {
            while let Some(line) = read_line(&mut std::io::stdin().lock()) {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        Self(receiver)
    }

    /// The next line without its end; `None` once there is no more.
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

fn read_line(input: &mut impl BufRead) -> Option<String> {
    use std::io::Read;
    let mut line = String::new();
    match input.take(MAX_LINE).read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => {
            line.truncate(line.trim_end_matches(['\r', '\n']).len());
            Some(line)
        }
    }
}

pub(crate) fn is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// All of standard input as text. More than `limit` bytes is refused rather than cut.
pub(crate) async fn whole(terminal: &Terminal, limit: u64) -> Result<String, Failure> {
    use std::io::Read;
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = std::io::stdin()
            .lock()
            .take(limit + 1)
            .read_to_string(&mut text);
        // Nobody waits any more: the process is ending.
        let _ = sender.send(read.map(|_| text));
    });
    let read = tokio::select! {
        read = receiver => read,
        () = terminal.ending.asked() => return Err(Failure::Interrupted),
    };
    let wrong =
        |reason| Error::new(ErrorCode::InvalidInput).with("reason", terminal.words(reason, &[]));
    match read {
        Ok(Ok(text)) if text.len() as u64 > limit => Err(wrong("cli_input_too_long").into()),
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(wrong("cli_input_no_text").detail(error).into()),
        Err(_) => Err(ErrorCode::Internal.into()),
    }
}

/// One line of standard input as a secret. On a terminal it is asked for, and not shown.
///
/// `what` stands in the question ("Bot token:"); `instead` says what to do where echo can't be switched off.
pub(crate) async fn secret(
    terminal: &Terminal,
    what: &str,
    instead: &str,
) -> Result<SecretInput, Failure> {
    if !is_terminal() {
        return asked(terminal, what, None).await;
    }
    let hidden = Hidden::begin()
        .map_err(|_| Failure::usage(terminal.words("cli_input_would_show", &[]), instead))?;
    let line = asked(terminal, what, Some(what)).await;
    drop(hidden);
    // The Enter that ended it was not shown either.
    terminal.out.note("");
    line
}

/// One line of standard input that may be seen.
pub(crate) async fn plain(terminal: &Terminal, what: &str) -> Result<SecretInput, Failure> {
    asked(terminal, what, is_terminal().then_some(what)).await
}

/// Asks yes or no on the terminal; anything but yes is no.
pub(crate) async fn confirm(terminal: &Terminal, question: &str) -> Result<bool, Failure> {
    let question = terminal.words("cli_input_yes_or_no", &[("question", &question)]);
    terminal.out.ask(&question);
    let line = one_line(terminal).await?.unwrap_or_default();
    Ok(is_yes(terminal.texts.language(), &line))
}

/// The English yes counts in every language.
fn is_yes(language: Language, line: &str) -> bool {
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => true,
        "j" | "ja" => language == Language::German,
        _ => false,
    }
}

async fn asked(
    terminal: &Terminal,
    what: &str,
    question: Option<&str>,
) -> Result<SecretInput, Failure> {
    if let Some(question) = question {
        terminal.out.ask(&format!("{question}:"));
    }
    match one_line(terminal).await? {
        Some(line) if !line.trim().is_empty() => Ok(SecretInput::new(line)),
        _ => {
            let reason = terminal.words("cli_input_ended", &[("what", &what)]);
            Err(Error::new(ErrorCode::InvalidInput)
                .with("reason", reason)
                .into())
        }
    }
}

/// Exactly one line: the next one stays for whoever asks next.
async fn one_line(terminal: &Terminal) -> Result<Option<String>, Failure> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits any more: the process is ending.
        let _ = sender.send(read_line(&mut std::io::stdin().lock()));
    });
    tokio::select! {
        line = receiver => Ok(line.unwrap_or_default()),
        () = terminal.ending.asked() => Err(Failure::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_its_end_and_nothing_else() {
        let mut input = &b" a b \r\nlast"[..];
        assert_eq!(read_line(&mut input).as_deref(), Some(" a b "));
        assert_eq!(read_line(&mut input).as_deref(), Some("last"));
        assert_eq!(read_line(&mut input), None);
    }

    #[test]
    fn yes_is_said_in_english_or_in_the_language_of_the_question() {
        for language in Language::ALL {
            assert!(is_yes(language, "y") && is_yes(language, " YES "));
            for no in ["", "n", "nein", "yesterday"] {
                assert!(!is_yes(language, no), "{no}");
            }
        }
        for yes in ["j", "Ja "] {
            assert!(is_yes(Language::German, yes) && !is_yes(Language::English, yes));
        }
    }
}
