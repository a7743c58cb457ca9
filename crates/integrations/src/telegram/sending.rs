//! Sending: a message falls into pieces, each is a request of its own, and each is told to the journal before and
//! after. A bot can't see what it sent, so a piece whose answer was lost is never repeated from here.

use model::{RemoteRef, SendMessage as Content, TextFormat};
use teloxide::{
    payloads::{SendDocument, SendMessage, SendPhoto},
    types::{ChatId, FileId, InputFile, MessageId, ParseMode, Recipient, ReplyParameters},
};

use super::{
    api::{self, Answered, Sent},
    markup::Styled,
    splitting::{self, LONGEST_CAPTION, LONGEST_TEXT},
};
use crate::{
    CallError, ChatTarget, Facts, Journal, Large, LocalError, LocalFile, OutgoingMessage,
    SentMessage, Session,
};

/// "50 MB" and "10 MB" of the Bot API, in the smaller reading of the two.
const LARGEST_DOCUMENT: u64 = 50_000_000;
const LARGEST_PICTURE: u64 = 10_000_000;

/// A text of more pieces than this is a file somebody should send as one.
const MOST_PIECES: usize = 50;

/// One request.
enum Piece {
    Text(Styled),
    /// The file, with as much text below it as fits.
    File(Styled),
}

/// Everything that can be said before it is queued.
pub(super) fn check(message: &OutgoingMessage) -> Result<(), CallError> {
    let invalid = |field, reason| Err(LocalError::Invalid { field, reason }.into());
    let content = &message.content;
    if recipient(&message.chat).is_none() {
        return invalid("chat", "chat_odd");
    }
    if content.reply_to.is_some() && reply(content).is_none() {
        return invalid("reply_to", "reply_odd");
    }
    if let Some(file) = &message.file {
        let limit = match content.as_picture {
            true => LARGEST_PICTURE,
            false => LARGEST_DOCUMENT,
        };
        if file.size > limit {
            return Err(too_large(&file.name, limit));
        }
        if file.size == 0 {
            return invalid("file", "file_empty");
        }
    }
    // Before anything is read in it; markup only makes a text shorter.
    if content.text.len() > 4 * MOST_PIECES * LONGEST_TEXT {
        return invalid("text", "text_long");
    }
    match pieces(message).len() {
        0 => invalid("text", "text_empty"),
        1..=MOST_PIECES => Ok(()),
        _ => invalid("text", "text_long"),
    }
}

fn too_large(name: &str, limit: u64) -> CallError {
    let what = Large::File(name.to_owned());
    LocalError::TooLarge { what, limit }.into()
}

/// A chat's number, or `@name`: 5 to 32 letters, digits and underscores, of which the first is a letter.
pub(super) fn recipient(text: &str) -> Option<Recipient> {
    if let Some(name) = text.strip_prefix('@') {
        let fits = (5..=32).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        return fits.then(|| Recipient::ChannelUsername(text.to_owned()));
    }
    // A number's own way of being written, so that one chat has one name.
    let id: i64 = text.parse().ok()?;
    (id != 0 && id.to_string() == text).then_some(Recipient::Id(ChatId(id)))
}

/// Persons have positive ids; groups and channels negative ones, or a name.
fn target(chat: &Recipient) -> ChatTarget {
    let is_person = matches!(chat, Recipient::Id(ChatId(id)) if *id > 0);
    ChatTarget {
        id: chat.to_string(),
        kind: if is_person { "person" } else { "group" },
    }
}

fn reply(content: &Content) -> Option<ReplyParameters> {
    let id: i32 = content.reply_to.as_ref()?.parse().ok()?;
    (id > 0).then(|| ReplyParameters::new(MessageId(id)))
}

/// Always the same ones for the same message, so that a later try knows where an earlier one ended.
fn pieces(message: &OutgoingMessage) -> Vec<Piece> {
    let content = &message.content;
    let styled = match content.format {
        TextFormat::Plain => Styled::plain(&content.text),
        TextFormat::Markdown => Styled::markdown(&content.text),
    };
    if message.file.is_none() {
        let texts = splitting::split(&styled, LONGEST_TEXT);
        return texts.into_iter().map(Piece::Text).collect();
    }
    let mut caption = splitting::split(&styled, LONGEST_CAPTION);
    match caption.len() {
        0 => vec![Piece::File(Styled::default())],
        1 => vec![Piece::File(caption.remove(0))],
        // A text torn between caption and message would read badly.
        _ => [Piece::File(Styled::default())]
            .into_iter()
            .chain(
                splitting::split(&styled, LONGEST_TEXT)
                    .into_iter()
                    .map(Piece::Text),
            )
            .collect(),
    }
}

pub(super) async fn send(
    facts: &Facts,
    session: &Session,
    message: &OutgoingMessage,
    journal: &dyn Journal,
) -> Result<SentMessage, CallError> {
    check(message)?;
    let mut done = journal.pieces();
    let mut sender = Sender {
        facts,
        session,
        message,
        journal,
        chat: message.chat.clone(),
        moved_to: None,
    };
    if let Some(before) = done.last() {
        sender.follow(before);
    }
    for (number, piece) in pieces(message).iter().enumerate().skip(done.len()) {
        if journal.is_cancelled() {
            return Err(LocalError::Cancelled.into());
        }
        // Only the first answers; the others follow it by themselves.
        let sent = sender.piece(piece, number == 0).await?;
        let made = made(&sent);
        journal.piece_done(made.clone()).await?;
        done.push(made);
    }
    Ok(SentMessage {
        pieces: done,
        moved_to: sender.moved_to,
    })
}

struct Sender<'a> {
    facts: &'a Facts,
    session: &'a Session,
    message: &'a OutgoingMessage,
    journal: &'a dyn Journal,
    /// Where to: another than the message says once the group has moved.
    chat: String,
    moved_to: Option<String>,
}

impl Sender<'_> {
    /// An earlier try may have found that the group goes by another id.
    fn follow(&mut self, before: &RemoteRef) {
        let is_number = self.chat.parse::<i64>().is_ok();
        if let Some(within) = &before.within
            && is_number
            && *within != self.chat
        {
            self.chat.clone_from(within);
            self.moved_to = Some(within.clone());
        }
    }

    /// Repeats only what was refused, and each refusal once: with the chat's new id, and without markup.
    async fn piece(&mut self, piece: &Piece, first: bool) -> Result<Sent, CallError> {
        let mut plain = false;
        let mut moved = false;
        loop {
            let chat = recipient(&self.chat).ok_or(LocalError::Invalid {
                field: "chat",
                reason: "chat_odd",
            })?;
            let to = target(&chat);
            self.session
                .pace(self.facts, "message.send", 1, Some(&to))
                .await;
            self.journal.on_wire().await?;
            let reply = reply(&self.message.content).filter(|_| first);
            match self.request(chat, piece, plain, reply).await {
                Ok(Answered::Sent(sent)) => return Ok(sent),
                Ok(Answered::Moved(id)) if !moved => {
                    moved = true;
                    self.chat = id.to_string();
                    self.moved_to = Some(self.chat.clone());
                }
                Ok(Answered::Moved(_)) => return Err(refused("chat_upgraded")),
                Err(CallError::Refused { reason, .. }) if reason == "bad_markup" && !plain => {
                    plain = true;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn request(
        &self,
        chat: Recipient,
        piece: &Piece,
        plain: bool,
        reply: Option<ReplyParameters>,
    ) -> Result<Answered, CallError> {
        match (piece, &self.message.file) {
            (Piece::File(caption), Some(file)) => {
                let answered = self.file(chat, caption, plain, reply, file).await?;
                if matches!(answered, Answered::Sent(_)) {
                    self.journal.progress(file.size, file.size);
                }
                Ok(answered)
            }
            (Piece::Text(styled) | Piece::File(styled), _) => {
                let (text, parse_mode) = written(styled, plain);
                let mut payload = SendMessage::new(chat, text);
                payload.parse_mode = parse_mode;
                payload.reply_parameters = reply;
                api::send_text(self.session, &payload).await
            }
        }
    }

    async fn file(
        &self,
        chat: Recipient,
        caption: &Styled,
        plain: bool,
        reply: Option<ReplyParameters>,
        file: &LocalFile,
    ) -> Result<Answered, CallError> {
        // The payload wants to hold the file; ours travels beside it, streamed.
        let beside = InputFile::file_id(FileId(String::new()));
        let (text, parse_mode) = written(caption, plain);
        let caption = Some(text).filter(|text| !text.is_empty());
        if self.message.content.as_picture {
            let mut payload = SendPhoto::new(chat, beside);
            payload.caption = caption;
            payload.parse_mode = parse_mode;
            payload.reply_parameters = reply;
            api::send_file(self.session, &payload, "photo", file).await
        } else {
            let mut payload = SendDocument::new(chat, beside);
            payload.caption = caption;
            payload.parse_mode = parse_mode;
            payload.reply_parameters = reply;
            api::send_file(self.session, &payload, "document", file).await
        }
    }
}

/// Nothing to mark needs no markup, and so can't be refused for it.
fn written(styled: &Styled, plain: bool) -> (String, Option<ParseMode>) {
    if plain || styled.marks.is_empty() {
        (styled.text.clone(), None)
    } else {
        (styled.html(), Some(ParseMode::Html))
    }
}

fn refused(reason: &str) -> CallError {
    CallError::Refused {
        status: 400,
        reason: reason.to_owned(),
    }
}

fn made(sent: &Sent) -> RemoteRef {
    let (id, chat) = (sent.message_id, sent.chat.id);
    let public = sent.chat.username.as_ref().filter(|_| chat < 0);
    // Messages of supergroups and channels have addresses, which leave the id's first digits out.
    let link = match (public, chat.to_string().strip_prefix("-100")) {
        (Some(name), _) => Some(format!("https://t.me/{name}/{id}")),
        (None, Some(inner)) => Some(format!("https://t.me/c/{inner}/{id}")),
        (None, None) => None,
    };
    RemoteRef {
        id: id.to_string(),
        within: Some(chat.to_string()),
        link,
    }
}
