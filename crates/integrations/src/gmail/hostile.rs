//! What Gmail, or whoever stands between, may answer, and what must hold whatever it is. See [`crate::hostile`].

use super::{
    api::{self, Profile},
    batch, errors, listing, reading,
    wire::{List, Message, PartBody, decode},
};
use crate::{
    CallError,
    call::Answer,
    hostile::{is_on_one_line, nothing_runs, sane},
};

pub(crate) fn profile(answer: &Answer) {
    sane(errors::judge(answer).and_then(|()| answer.json::<Profile>()));
}

pub(crate) fn list(answer: &Answer) {
    if let Some(list) = sane(errors::judge(answer).and_then(|()| answer.json::<List>())) {
        for listed in &list.messages {
            if api::is_id(&listed.id) {
                assert!(!listed.id.contains(['/', '.', '?', '#', '%']));
            }
        }
    }
}

pub(crate) fn message(answer: &Answer) {
    if let Some(message) = sane(errors::judge(answer).and_then(|()| answer.json::<Message>())) {
        look_at(&message);
    }
}

pub(crate) fn attachment(answer: &Answer) {
    if let Some(body) = sane(errors::judge(answer).and_then(|()| answer.json::<PartBody>())) {
        let _ = body.bytes();
    }
}

/// The first line is what stands between the parts.
pub(crate) fn many(answer: &Answer) {
    let (boundary, body) = match answer.body.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&answer.body[..end], &answer.body[end + 1..]),
        None => (&[][..], &answer.body[..]),
    };
    let Ok(boundary) = std::str::from_utf8(boundary) else {
        return;
    };
    const ASKED: usize = 3;
    let Some(answers) = batch::read(body, Some(boundary), ASKED) else {
        return;
    };
    assert_eq!(answers.len(), ASKED, "one for each question");
    for inner in answers.iter().flatten() {
        assert!(inner.body.len() <= body.len());
        message(inner);
    }
}

fn look_at(message: &Message) {
    let summary = listing::summary(message);
    for line in [&summary.from, &summary.to, &summary.subject] {
        is_on_one_line(line);
    }
    let walked = reading::walk(&message.payload);
    for part in walked.text.iter().chain(&walked.html) {
        if let Some(bytes) = part.body.bytes() {
            let text = reading::text_of(&bytes, part.header("Content-Type"));
            let (safe, _) = reading::harmless(&text);
            nothing_runs(&safe);
        }
    }
    for part in walked.attached {
        is_on_one_line(&reading::described(part).name);
        let _ = reading::handle(&part.body);
    }
}

/// One mail, in one of the shapes its parts have. The first byte says which.
pub(crate) fn mail(bytes: &[u8]) {
    let Some((shape, rest)) = bytes.split_first() else {
        return;
    };
    match shape % 4 {
        0 => {
            if let Ok(message) = serde_json::from_slice::<Message>(rest) {
                look_at(&message);
            }
        }
        1 => {
            // As it stands, in the encoding its first line claims.
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
            let said = std::str::from_utf8(&rest[..end]).ok();
            let (safe, _) = reading::harmless(&reading::text_of(&rest[end..], said));
            nothing_runs(&safe);
        }
        2 => is_on_one_line(&listing::decoded(&String::from_utf8_lossy(rest))),
        _ => {
            let decoded = decode(&String::from_utf8_lossy(rest));
            assert!(decoded.is_none_or(|bytes| bytes.len() <= rest.len()));
        }
    }
}

/// What the service says of a full mailbox can't silence it for good.
pub(crate) fn refusal(answer: &Answer) {
    let judged = errors::judge(answer);
    if (200..300).contains(&answer.status) {
        assert_eq!(judged, Ok(()));
    } else {
        assert!(judged.is_err());
    }
    if let Err(CallError::TokenRejected) = judged {
        assert!(
            serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok(),
            "a verdict on the token that isn't Google's"
        );
    }
    sane(judged);
}
