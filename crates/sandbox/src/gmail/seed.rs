//! What Anna's and Ben's mailboxes hold before anything happens. Every message follows from its number, so that a test
//! can count on it; dates are counted back from the first time somebody looked.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::mailbox::{Message, Source};
use crate::clock::Millis;

const ANNAS: usize = 340;
const BENS: usize = 12;
const MINUTE: Millis = 60_000;

const PEOPLE: &[(&str, &str)] = &[
    ("Ben Okoro", "ben@example.org"),
    ("Clara Ruiz", "clara.ruiz@example.net"),
    ("Orchard Tools", "orders@orchard-tools.example"),
    ("Dmitri Volkov", "dmitri@example.com"),
    ("City Library", "noreply@library.example"),
    ("Eve Lindqvist", "eve@example.net"),
    ("Farah Haddad", "farah.haddad@example.com"),
    ("Northern Rail", "tickets@northern-rail.example"),
    ("Gus Meyer", "gus@example.org"),
    ("Weekly Harvest", "news@harvest.example"),
    ("Hana Sato", "hana@example.com"),
    ("Power & Water", "billing@power-water.example"),
];

const SUBJECTS: &[&str] = &[
    "Plans for the orchard",
    "Invoice 2026-{n}",
    "Your order {n} is on its way",
    "Meeting on Thursday",
    "Photos from the walk",
    "A book you asked for is here",
    "Question about the lease",
    "Quarterly report, draft {n}",
    "Dinner next week?",
    "Ticket {n} to the coast",
    "Minutes of the meeting",
    "News from the fields",
    "The recipe you wanted",
    "Reading for November",
    "Change of address",
    "Your bill for period {n}",
    "Garden fence",
];

/// Worded so that it needs decoding.
const ENCODED: &[&str] = &[
    "=?UTF-8?B?R3LDvMOfZSBhdXMgTcO8bmNoZW4=?=",
    "=?utf-8?Q?Caf=C3=A9_am_Markt?=",
    "=?UTF-8?B?5pel5pys6Kqe44Gu5Lu25ZCN?=",
    "=?ISO-8859-1?Q?R=E9union_du_mardi?= =?ISO-8859-1?Q?_matin?=",
];

const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// One message, before it is written out.
struct Sketch {
    from: (&'static str, &'static str),
    to: &'static str,
    subject: String,
    reply_to: Option<usize>,
    labels: Vec<&'static str>,
    html: bool,
    attachment: Option<(&'static str, &'static str)>,
}

fn owner(account: &str) -> Option<(usize, (&'static str, &'static str))> {
    match account {
        "anna@example.org" => Some((ANNAS, ("Anna Berg", "anna@example.org"))),
        "ben@example.org" => Some((BENS, ("Ben Okoro", "ben@example.org"))),
        _ => None,
    }
}

fn sketch(owner: (&'static str, &'static str), number: usize) -> Sketch {
    let sent = number % 17 == 11;
    let person = PEOPLE[number * 5 % PEOPLE.len()];
    // Nobody writes to themselves here.
    let person = if person.1 == owner.1 {
        PEOPLE[1]
    } else {
        person
    };
    let reply = number % 10 == 4;
    let mut labels = if number % 61 == 60 {
        vec!["SPAM"]
    } else if number % 67 == 66 {
        vec!["TRASH"]
    } else if sent {
        vec!["SENT"]
    } else {
        vec!["INBOX"]
    };
    if number.is_multiple_of(3) && !sent {
        labels.push("UNREAD");
    }
    if number % 23 == 2 {
        labels.push("STARRED");
    }
    if number % 7 == 1 {
        labels.push("IMPORTANT");
    }
    if number % 12 == 9 && !sent {
        labels.push("CATEGORY_UPDATES");
    }
    let attachment = match number % 27 {
        5 => Some(("plan.pdf", "application/pdf")),
        14 if number < 120 => Some(("figures.csv", "text/csv")),
        _ => None,
    };
    let subject = if number == 7 {
        HOSTILE.to_owned()
    } else if reply {
        format!("Re: {}", subject(number + 1))
    } else {
        subject(number)
    };
    Sketch {
        from: if sent { owner } else { person },
        to: if sent { person.1 } else { owner.1 },
        subject,
        reply_to: reply.then_some(number + 1),
        labels,
        html: number % 9 == 3,
        attachment,
    }
}

fn subject(number: usize) -> String {
    if number % 11 == 2 {
        ENCODED[number / 11 % ENCODED.len()].to_owned()
    } else {
        SUBJECTS[number * 7 % SUBJECTS.len()].replace("{n}", &(1000 + number).to_string())
    }
}

fn date(number: usize, at: Millis) -> Millis {
    let number = Millis::try_from(number).unwrap_or(0);
    // Some hours apart, and never at the same minute.
    at - MINUTE * (13 + number * 331 + number * number % 97)
}

fn message_id(account: &str, number: usize) -> String {
    format!("<seed.{number}.{}@mail.example>", account.replace('@', "."))
}

/// The bytes of one message.
pub(crate) fn raw(account: &str, number: usize, at: Millis) -> Vec<u8> {
    let Some((_, owner)) = owner(account) else {
        return Vec::new();
    };
    let sketch = sketch(owner, number);
    let when = Timestamp::from_millisecond(date(number, at)).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut mail = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        let _ = mail.write_fmt(text);
        mail.push_str("\r\n");
    };
    line(format_args!(
        "Date: {}",
        when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    ));
    line(format_args!(
        "From: \"{}\" <{}>",
        sketch.from.0, sketch.from.1
    ));
    line(format_args!("To: {}", sketch.to));
    line(format_args!("Subject: {}", sketch.subject));
    line(format_args!("Message-ID: {}", message_id(account, number)));
    if let Some(parent) = sketch.reply_to {
        let parent = message_id(account, parent);
        line(format_args!("In-Reply-To: {parent}"));
        line(format_args!("References: {parent}"));
    }
    line(format_args!("MIME-Version: 1.0"));
    body(&mut mail, &sketch, number);
    mail.into_bytes()
}

fn body(mail: &mut String, sketch: &Sketch, number: usize) {
    let text = format!(
        "Hello,\r\n\r\nthis is message {number}. {}\r\n\r\nAll the best\r\n{}\r\n",
        [
            "The trees need cutting before the frost.",
            "Let me know what you think by Friday.",
            "The figures are better than last year's.",
            "There is nothing to do, just for your information.",
        ][number % 4],
        sketch.from.0
    );
    let plain = format!("Content-Type: text/plain; charset=UTF-8\r\n\r\n{text}");
    let readable = if sketch.html {
        format!(
            "Content-Type: multipart/alternative; boundary=\"alt-{number}\"\r\n\r\n--alt-{number}\r\n{plain}\r\n\
             --alt-{number}\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<html><head><style>p{{color:#333}}</style>\
             <script>alert('{number}')</script></head><body onload=\"alert(1)\"><p>Hello, this is <b>message {number}</b>.\
             </p><a href=\"javascript:alert(2)\">Do not click</a> <a href=\"https://harvest.example/{number}\">Read on</a>\
             <img src=\"https://track.example/pixel.gif?m={number}\" width=\"1\" height=\"1\"></body></html>\r\n\
             --alt-{number}--\r\n"
        )
    } else {
        plain
    };
    let Some((name, kind)) = sketch.attachment else {
        mail.push_str(&readable);
        return;
    };
    let content = STANDARD.encode(attachment(name, number));
    let _ = write!(
        mail,
        "Content-Type: multipart/mixed; boundary=\"mix-{number}\"\r\n\r\n--mix-{number}\r\n{readable}\r\n--mix-{number}\r\n\
         Content-Type: {kind}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    for piece in content.as_bytes().chunks(76) {
        mail.push_str(&String::from_utf8_lossy(piece));
        mail.push_str("\r\n");
    }
    let _ = write!(mail, "--mix-{number}--\r\n");
}

fn attachment(name: &str, number: usize) -> String {
    if name.ends_with("csv") {
        format!("week,visitors\r\n{number},{}\r\n", 200 + number)
    } else {
        format!("%PDF-1.4\n% plan {number}\n%%EOF\n")
    }
}

fn id(number: usize) -> String {
    // Lower than those of messages that come later.
    format!("18{:014x}", 0xff_ffff - number)
}

/// A mailbox's first messages.
pub(crate) fn messages(account: &str, at: Millis) -> Vec<Message> {
    let Some((count, owner)) = owner(account) else {
        return Vec::new();
    };
    let make = |number| {
        let sketch = sketch(owner, number);
        let mut message = Message::read(&raw(account, number, at), Source::Seed(number));
        message.id = id(number);
        message.thread_id = id(sketch
            .reply_to
            .filter(|parent| *parent < count)
            .unwrap_or(number));
        message.labels = sketch
            .labels
            .iter()
            .map(|label| (*label).to_owned())
            .collect();
        message.internal_date = date(number, at) / 1000 * 1000;
        message.recipients = vec![sketch.to.to_owned()];
        message
    };
    (0..count).map(make).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annas_mailbox_has_something_of_everything() {
        let all = messages("anna@example.org", 1_800_000_000_000);
        let with = |fits: &dyn Fn(&Message) -> bool| all.iter().filter(|one| fits(one)).count();
        assert!(all.len() >= 320);
        assert!(with(&|one| !one.files.is_empty()) >= 12);
        assert!(with(&|one| one.has("UNREAD")) >= 50);
        assert_eq!(with(&|one| one.subject == HOSTILE), 1);
        assert!(with(&|one| one.subject == "Grüße aus München") >= 5);
        assert!(with(&|one| one.thread_id != one.id) >= 30);
        assert!(
            all.windows(2)
                .all(|pair| pair[0].internal_date > pair[1].internal_date)
        );
        let ids: std::collections::BTreeSet<_> = all.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), all.len());
    }
}
