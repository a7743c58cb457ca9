//! Sending: text, files and pictures; editing and deleting what was sent.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::chats::{Chat, Known, Message, Target, Telegram};
use super::parameters::{Attached, Parameters};
use super::{Done, Refused, html, limits, pictures};
use crate::blobs::Blob;
use crate::seed::Bot;
use crate::server::App;

/// UTF-16 units, after formatting is taken out.
const LONGEST_TEXT: usize = 4096;
const LONGEST_CAPTION: usize = 1024;
const LARGEST_DOCUMENT: usize = 50 * 1000 * 1000;
const LARGEST_PHOTO: usize = 10 * 1000 * 1000;

/// A text and its entities.
fn formatted(parameters: &Parameters, name: &str) -> Result<(String, Vec<Value>), Refused> {
    let source = parameters.text(name).unwrap_or_default();
    let entities = if name == "caption" {
        "caption_entities"
    } else {
        "entities"
    };
    match parameters.text("parse_mode").as_deref() {
        None | Some("") => match parameters.json(entities)? {
            None => Ok((source, Vec::new())),
            Some(Value::Array(list)) => Ok((source, list)),
            Some(_) => Err(Refused::bad(format!("{entities} must be an Array"))),
        },
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(&source),
        // Markdown is not part of this twin.
        Some(_) => Err(Refused::bad("unsupported parse_mode")),
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn words_of(parameters: &Parameters) -> Result<(String, Vec<Value>), Refused> {
    let (text, entities) = formatted(parameters, "text")?;
    if text.trim().is_empty() {
        return Err(Refused::bad("message text is empty"));
    }
    if units(&text) > LONGEST_TEXT {
        return Err(Refused::bad("message is too long"));
    }
    Ok((text, entities))
}

pub(crate) fn message(app: &App, bot: &Bot, parameters: &Parameters) -> Result<Done, Refused> {
    let target = Target::read(parameters)?;
    let (text, entities) = words_of(parameters)?;
    let preview = parameters.json("link_preview_options")?;
    keep(app, bot, &target, parameters, None, |shown| {
        shown["text"] = text.into();
        if !entities.is_empty() {
            shown["entities"] = entities.into();
        }
        if let Some(preview) = preview {
            shown["link_preview_options"] = preview;
        }
    })
}

fn caption_of(parameters: &Parameters) -> Result<(String, Vec<Value>), Refused> {
    let (caption, entities) = formatted(parameters, "caption")?;
    if units(&caption) > LONGEST_CAPTION {
        return Err(Refused::bad("message caption is too long"));
    }
    Ok((caption, entities))
}

fn file_of(parameters: &mut Parameters, name: &str, largest: usize) -> Result<Attached, Refused> {
    let file = match parameters.file(name) {
        Some(file) => file,
        None => {
            return Err(Refused::bad(match parameters.text(name) {
                Some(_) => "wrong file identifier/HTTP URL specified".to_owned(),
                None => format!("there is no {name} in the request"),
            }));
        }
    };
    if file.bytes.is_empty() {
        return Err(Refused::bad("file must be non-empty"));
    }
    if file.bytes.len() > largest {
        return Err(Refused {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            description: "Request Entity Too Large".into(),
            parameters: None,
        });
    }
    Ok(file)
}

pub(crate) fn document(app: &App, bot: &Bot, mut parameters: Parameters) -> Result<Done, Refused> {
    let target = Target::read(&parameters)?;
    let (caption, entities) = caption_of(&parameters)?;
    let file = file_of(&mut parameters, "document", LARGEST_DOCUMENT)?;
    let sent = |shown: &mut Value| {
        shown["document"] = json!({
            "file_id": file_id("BQAC"),
            "file_unique_id": uuid::Uuid::new_v4().simple().to_string()[..15],
            "file_name": file.name,
            "mime_type": file.media_type,
            "file_size": file.bytes.len(),
        });
        captioned(shown, caption, entities);
    };
    keep(app, bot, &target, &parameters, Some(&file), sent)
}

pub(crate) fn photo(app: &App, bot: &Bot, mut parameters: Parameters) -> Result<Done, Refused> {
    let target = Target::read(&parameters)?;
    let (caption, entities) = caption_of(&parameters)?;
    let file = file_of(&mut parameters, "photo", LARGEST_PHOTO)?;
    let (width, height) =
        pictures::size(&file.bytes).ok_or_else(|| Refused::bad("IMAGE_PROCESS_FAILED"))?;
    let ratio = f64::from(width.max(height)) / f64::from(width.min(height).max(1));
    if width + height > 10_000 || ratio > 20.0 {
        return Err(Refused::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    let sent = |shown: &mut Value| {
        shown["photo"] = json!([{
            "file_id": file_id("AgAC"),
            "file_unique_id": uuid::Uuid::new_v4().simple().to_string()[..15],
            "file_size": file.bytes.len(),
            "width": width,
            "height": height,
        }]);
        captioned(shown, caption, entities);
    };
    keep(app, bot, &target, &parameters, Some(&file), sent)
}

fn file_id(prefix: &str) -> String {
    format!("{prefix}AgADsbx{}", uuid::Uuid::new_v4().simple())
}

fn captioned(shown: &mut Value, caption: String, entities: Vec<Value>) {
    if !caption.is_empty() {
        shown["caption"] = caption.into();
        if !entities.is_empty() {
            shown["caption_entities"] = entities.into();
        }
    }
}

/// The common end of every send: may it be, is it in time, then it is there.
fn keep(
    app: &App,
    bot: &Bot,
    target: &Target,
    parameters: &Parameters,
    file: Option<&Attached>,
    fill: impl FnOnce(&mut Value),
) -> Result<Done, Refused> {
    let reply = match parameters.json("reply_parameters")? {
        None => parameters
            .number("reply_to_message_id")?
            .map(|id| (id, false)),
        Some(reply) => Some((
            reply["message_id"]
                .as_i64()
                .ok_or_else(|| Refused::bad("message identifier is not specified"))?,
            reply["allow_sending_without_reply"] == true,
        )),
    };
    let (chat, limits) = app.state.visit::<Telegram, _>(|telegram| {
        let limits = telegram.limits;
        let known = telegram.bot(bot.id());
        let chat = known.writable(target)?;
        answered(known, &chat, reply)?;
        Ok::<_, Refused>((chat, limits))
    })?;
    limits::take(app, limits, bot.id(), &chat)?;
    let blob: Option<Blob> = match file {
        Some(file) => Some(app.blobs.put(&file.bytes).map_err(Refused::broken)?),
        None => None,
    };
    let date = app.clock.now() / 1000;
    let shown = app.state.write::<Telegram, _>(|telegram| {
        let known = telegram.bot(bot.id());
        let id = known.next_message();
        let mut shown = json!({
            "message_id": id,
            "from": {
                "id": bot.id(), "is_bot": true, "first_name": bot.name, "username": bot.username,
            },
            "chat": chat.shown(),
            "date": date,
        });
        if let Ok(Some(replied)) = answered(known, &chat, reply) {
            shown["reply_to_message"] = replied;
        }
        fill(&mut shown);
        known.messages.push(Message {
            id,
            chat: chat.id,
            date,
            shown: shown.clone(),
            file: blob,
            file_name: file.map(|file| file.name.clone()),
            deleted: false,
        });
        shown
    });
    Ok(shown.into())
}

/// The message that is replied to.
fn answered(
    known: &Known,
    chat: &Chat,
    reply: Option<(i64, bool)>,
) -> Result<Option<Value>, Refused> {
    let Some((id, optional)) = reply else {
        return Ok(None);
    };
    let found = known
        .messages
        .iter()
        .find(|message| message.id == id && message.chat == chat.id && !message.deleted);
    match found {
        Some(message) => {
            let mut shown = message.shown.clone();
            if let Some(fields) = shown.as_object_mut() {
                fields.remove("reply_to_message");
            }
            Ok(Some(shown))
        }
        None if optional => Ok(None),
        None => Err(Refused::bad("message to be replied not found")),
    }
}

fn chosen<'a>(
    known: &'a mut Known,
    chat: &Chat,
    id: Option<i64>,
    what: &str,
) -> Result<&'a mut Message, Refused> {
    known
        .messages
        .iter_mut()
        .find(|message| Some(message.id) == id && message.chat == chat.id && !message.deleted)
        .ok_or_else(|| Refused::bad(format!("message to {what} not found")))
}

pub(crate) fn edit(app: &App, bot: &Bot, parameters: &Parameters) -> Result<Done, Refused> {
    let target = Target::read(parameters)?;
    let id = parameters.number("message_id")?;
    let (text, entities) = words_of(parameters)?;
    let date = app.clock.now() / 1000;
    app.state.write::<Telegram, _>(|telegram| {
        let known = telegram.bot(bot.id());
        let chat = known.writable(&target)?;
        let message = chosen(known, &chat, id, "edit")?;
        let same = message.shown["entities"].as_array().map_or(&[][..], Vec::as_slice) == entities;
        if message.shown["text"] == text && same {
            return Err(Refused::bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a \
                 current content and reply markup of the message",
            ));
        }
        message.shown["text"] = text.into();
        message.shown["edit_date"] = date.into();
        if let Some(fields) = message.shown.as_object_mut() {
            fields.remove("entities");
            if !entities.is_empty() {
                fields.insert("entities".into(), entities.into());
            }
        }
        Ok(message.shown.clone().into())
    })
}

pub(crate) fn delete(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let target = Target::read(parameters)?;
    let id = parameters.number("message_id")?;
    app.state.write::<Telegram, _>(|telegram| {
        let known = telegram.bot(bot);
        let chat = known.writable(&target)?;
        chosen(known, &chat, id, "delete")?.deleted = true;
        Ok(Value::from(true).into())
    })
}

/// "typing…"
pub(crate) fn action(app: &App, bot: i64, parameters: &Parameters) -> Result<Done, Refused> {
    let target = Target::read(parameters)?;
    if parameters.text("action").unwrap_or_default().is_empty() {
        return Err(Refused::bad("wrong parameter action in request"));
    }
    app.state
        .visit::<Telegram, _>(|telegram| telegram.bot(bot).writable(&target).map(|_| ()))?;
    Ok(Value::from(true).into())
}
