//! The fault table: every call to every service, and everything that can go wrong on the way there. One test a fault, so
//! that docs/reliability.md can name it; each goes through all calls.
//!
//! Whatever happens: a typed error that holds no token, no more requests than are allowed, a write sent once and known
//! for what it may have done, no more bytes taken than the call is worth, and an end.

mod call;
mod calls;

use std::{cell::Cell, sync::Arc, time::Duration};

use call::{Call, Ends};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use sandbox::rude::{self, ENDLESS, Rude, Rudeness};
use url::Url;

use crate::{
    CallError, Session, Unreachable,
    scripted::{self, TOKEN, answer},
};

/// No pause is longer, whatever a service asks for.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// As the hub has it.
const WHOLE_CALL: Duration = Duration::from_secs(30);

/// Only bounds a test that fails.
const DEADLINE: Duration = Duration::from_secs(60);

/// A fault: what the calls meet, and what each should come to.
struct Fault {
    name: &'static str,
    ends: Ends,
    /// Whether the service may have got the request all the same.
    arrived: bool,
}

impl Fault {
    const fn new(name: &'static str, ends: Ends) -> Self {
        Self {
            name,
            ends,
            arrived: true,
        }
    }

    const fn never_arrived(name: &'static str, ends: Ends) -> Self {
        Self {
            name,
            ends,
            arrived: false,
        }
    }

    /// Every call, with its last answers in place of the service.
    async fn answered_by(&self, rudeness: impl Fn(&Call) -> Option<Rudeness>) {
        for call in calls::all() {
            let rude = Rude::start(call.before.clone(), rudeness(&call)).await;
            let rude = rude.unwrap();
            let session = scripted::session(&rude.base, &[call.granted]);
            self.met_by(&call, session, &rude).await;
        }
    }

    /// Every call at an address where no HTTP is spoken at all.
    async fn at(&self, address: &Url) {
        let unheard = Rude::start(Vec::new(), None).await.unwrap();
        for call in calls::all() {
            // It doesn't get as far as its second request.
            let first = Call {
                before: Vec::new(),
                always_fine: false,
                ..call
            };
            let session = scripted::session(address, &[first.granted]);
            self.met_by(&first, session, &unheard).await;
        }
    }

    async fn met_by(&self, call: &Call, mut session: Session, rude: &Rude) {
        let about = format!("{} while {}", self.name, call.name);
        let silent = self.ends == Ends::Unreachable(Unreachable::Timeout);
        if silent {
            session.http = client_with(WHOLE_CALL);
        }
        let meter = Arc::clone(&session.meter);
        let run = (call.run)(session);
        // Pauses and limits of minutes are not waited for: once the fault was met, time flies.
        let paused = Cell::new(false);
        let hurry = async {
            while rude.heard().len() <= call.before.len() {
                tokio::task::yield_now().await;
            }
            tokio::time::pause();
            paused.set(true);
            std::future::pending::<()>().await;
        };
        let ended = if silent || call.waits && matches!(self.ends, Ends::Limited | Ends::Down(_)) {
            tokio::select! { ended = run => ended, () = hurry => unreachable!("time doesn't end") }
        } else {
            tokio::time::timeout(DEADLINE, run).await.expect(&about)
        };
        if paused.get() {
            tokio::time::resume();
        }

        self.check(call, &ended, &about);
        let asked = meter.requests() - call.before.len() as u64;
        let most = if self.ends == Ends::Well {
            1 + call.then.len() as u64
        } else {
            call.most
        };
        assert!((1..=most).contains(&asked), "{about}: {asked} requests");
        assert!(
            rude.heard().len() as u64 <= meter.requests(),
            "{about}: more was heard than was asked"
        );
        // A piece may be read before its length is seen to be too much.
        let longest = ((call.longest + 1) * call.most) << 20;
        assert!(meter.bytes_in() <= longest, "{about}: {}", meter.bytes_in());
        assert!(rude.written() < ENDLESS, "{about}: all of it was taken");
    }

    fn check(&self, call: &Call, ended: &Result<(), CallError>, about: &str) {
        let told = match ended {
            Ok(()) => Ends::Well,
            Err(CallError::Unreachable(why)) => Ends::Unreachable(*why),
            Err(CallError::NotUnderstood { status }) => Ends::NotUnderstood(*status),
            Err(CallError::ServiceDown { status }) => Ends::Down(*status),
            Err(CallError::RateLimited { retry_after })
                if retry_after.is_none_or(|wait| wait <= DAY) =>
            {
                Ends::Limited
            }
            Err(CallError::Local(error)) => Ends::Local(error.clone()),
            Err(other) => panic!("{about}: {other:?}"),
        };
        assert_eq!(told, call.ends(self.name, &self.ends), "{about}");
        if let Err(error) = ended {
            let said = format!("{error:?} {error}");
            assert!(!said.contains(TOKEN), "{about}: {said}");
            if call.writes {
                assert_eq!(error.may_have_happened(), self.arrived, "{about}");
            }
        }
    }
}

fn client_with(limit: Duration) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(limit)
        .build()
        .unwrap()
}

fn say(bytes: Vec<u8>) -> impl Fn(&Call) -> Option<Rudeness> {
    move |_| Some(Rudeness::Say(bytes.clone()))
}

#[tokio::test]
async fn a_refused_connection_is_a_connection_that_was_never_made() {
    let fault = Fault::never_arrived("refused", Ends::Unreachable(Unreachable::Connect));
    fault.at(&rude::nobody().await.unwrap()).await;
}

#[tokio::test]
async fn a_name_nobody_knows_is_told_as_that() {
    let fault = Fault::never_arrived("no such name", Ends::Unreachable(Unreachable::Dns));
    // Reserved so that it never exists (RFC 6761 §6.4).
    fault
        .at(&Url::parse("https://autopilot.invalid/").unwrap())
        .await;
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_gets_no_token() {
    let fault = Fault::never_arrived("no TLS", Ends::Unreachable(Unreachable::Tls));
    let mail_server = Rudeness::Unasked(b"220 this is a mail server\r\n".to_vec());
    let rude = Rude::start(Vec::new(), Some(mail_server)).await.unwrap();
    let mut secure = rude.base.clone();
    secure.set_scheme("https").unwrap();
    fault.at(&secure).await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    Fault::new("silence", Ends::Unreachable(Unreachable::Timeout))
        .answered_by(|_| Some(Rudeness::Silence))
        .await;
}

#[tokio::test]
async fn a_reset_before_the_answer_is_a_lost_connection() {
    Fault::new("reset before", Ends::Unreachable(Unreachable::Broken))
        .answered_by(|_| Some(Rudeness::Reset(Vec::new())))
        .await;
}

#[tokio::test]
async fn a_reset_inside_the_answer_is_a_lost_connection() {
    let half =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"em";
    Fault::new("reset inside", Ends::Unreachable(Unreachable::Broken))
        .answered_by(|_| Some(Rudeness::Reset(half.to_vec())))
        .await;
}

#[tokio::test]
async fn a_page_of_html_is_no_answer() {
    let page = "<!doctype html><title>Hotel</title><p>Please sign in to the network.</p>";
    Fault::new("HTML", Ends::NotUnderstood(200))
        .answered_by(say(answer(200, "text/html", page)))
        .await;
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let garbage = "{\"ok\":tru\u{0}\u{fffd}]]]]]]]";
    Fault::new("garbage", Ends::NotUnderstood(200))
        .answered_by(say(answer(200, "application/json", garbage)))
        .await;
}

#[tokio::test]
async fn a_bare_403_is_no_verdict() {
    for body in ["", "Forbidden", "{}"] {
        Fault::new("bare 403", Ends::NotUnderstood(403))
            .answered_by(say(answer(403, "text/plain", body)))
            .await;
    }
}

#[tokio::test]
async fn no_hint_silences_a_service_for_more_than_a_day() {
    for hint in [
        "-1",
        "1000000000000",
        "18446744073709551615",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "NaN",
        "1e400",
    ] {
        // Telegram's is in the body, where it is a number or the whole isn't JSON.
        let body = format!(
            r#"{{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{{"retry_after":{hint}}}}}"#
        );
        let length = body.len();
        let said = format!(
            "HTTP/1.1 429 X\r\nretry-after: {hint}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        Fault::never_arrived("absurd hint", Ends::Limited)
            .answered_by(say(said.into_bytes()))
            .await;
    }
}

#[tokio::test]
async fn an_inner_error_is_the_service_being_down() {
    Fault::new("500", Ends::Down(500))
        .answered_by(say(answer(500, "text/html", "<h1>Oops</h1>")))
        .await;
}

#[tokio::test]
async fn a_503_is_the_service_being_down() {
    Fault::new("503", Ends::Down(503))
        .answered_by(say(answer(503, "application/json", r#"{"error":"x"}"#)))
        .await;
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = Rude::start(Vec::new(), Some(Rudeness::Say(Vec::new())))
        .await
        .unwrap();
    for status in [301, 302, 303, 307, 308] {
        let said = format!(
            "HTTP/1.1 {status} X\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            elsewhere.base
        );
        Fault::new("redirect", Ends::NotUnderstood(status))
            .answered_by(say(said.into_bytes()))
            .await;
    }
    assert_eq!(elsewhere.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_body_of_100_mb_is_cut_off() {
    Fault::new("100 MB", Ends::NotUnderstood(200))
        .answered_by(|_| Some(Rudeness::Endless))
        .await;
}

#[tokio::test]
async fn a_gzip_bomb_is_cut_off() {
    Fault::new("gzip bomb", Ends::NotUnderstood(200))
        .answered_by(|_| Some(Rudeness::Bomb))
        .await;
}

/// The good answers, each with another line in its head.
async fn well_but(name: &'static str, change: impl Fn(&str) -> String) {
    let fault = Fault::new(name, Ends::Well);
    for call in calls::all() {
        let changed = |bytes: &Vec<u8>| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            format!("{}\r\n\r\n{body}", change(head)).into_bytes()
        };
        let mut script = call.before.clone();
        script.push(changed(&call.well));
        script.extend(call.then.clone());
        let rude = Rude::start(script, None).await.unwrap();
        let session = scripted::session(&rude.base, &[call.granted]);
        fault.met_by(&call, session, &rude).await;
    }
}

#[tokio::test]
async fn an_answer_of_the_wrong_type_is_taken_for_what_it_holds() {
    well_but("wrong content type", |head| {
        head.lines()
            .filter(|line| !line.starts_with("content-type:"))
            .chain(["content-type: text/html"])
            .collect::<Vec<_>>()
            .join("\r\n")
    })
    .await;
}

#[tokio::test]
async fn a_service_whose_clock_is_a_day_off_is_a_service() {
    for hours in [24, -24] {
        let off = Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        let date = DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&off)
            .unwrap();
        well_but("clock", |head| format!("{head}\r\ndate: {date}")).await;
    }
}
