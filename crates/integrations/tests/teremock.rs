//! Messages against teremock, a Telegram for bots that we did not write and that knows nothing of us: what we send is
//! what it reads.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "sandbox/journal.rs"]
mod journal;

use std::collections::BTreeMap;

use integrations::{Endpoints, Messages, OutgoingMessage, Session, role};
use journal::{Remembered, file};
use model::{Secret, SendMessage, TextFormat};
use teloxide::{dispatching::UpdateHandler, dptree, types::ParseMode};
use teremock::{MockBot, MockMessageText};

type Failure = Box<dyn std::error::Error + Send + Sync + 'static>;

fn session(base: &url::Url) -> Session {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = Secret::new("110201543:a-token-of-thirty-five-characters-x".to_owned());
    let roles = BTreeMap::from([(role::API.to_owned(), base.clone())]);
    Session::unpaced(http, token, Endpoints::new(roles).unwrap(), Vec::new())
}

fn telegram() -> &'static dyn Messages {
    let telegram = integrations::find(&"telegram".into()).unwrap();
    telegram.messages().unwrap()
}

fn message(text: &str) -> OutgoingMessage {
    OutgoingMessage {
        chat: "-1001234567890".to_owned(),
        content: SendMessage {
            text: text.to_owned(),
            format: TextFormat::Markdown,
            ..SendMessage::default()
        },
        file: None,
    }
}

#[tokio::test]
async fn messages_and_documents_arrive_as_they_were_sent() {
    // Before the peer, which makes clients of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The peer as it starts for any bot; ours handles no updates.
    let nothing: UpdateHandler<Failure> = dptree::entry();
    let peer = MockBot::new(MockMessageText::new(), nothing).await;
    let session = session(peer.api_url());
    let journal = Remembered::default();
    let sent = telegram()
        .send(&session, &message("**Hej** på dig <\u{1f600}>"), &journal)
        .await
        .unwrap();
    let responses = peer.get_responses();
    let read = &responses.sent_messages_text[0];
    assert_eq!(read.bot_request.text, "<b>Hej</b> på dig &lt;\u{1f600}&gt;");
    assert_eq!(read.bot_request.parse_mode, Some(ParseMode::Html));
    assert_eq!(read.message.chat.id.0, -1_001_234_567_890);
    assert_eq!(sent.pieces[0].id, read.message.id.0.to_string());

    let content = "line one\r\nline two\n".repeat(5000);
    let (_folder, local) = file("plan for june.txt", content.as_bytes());
    let mut with_file = message("the _plan_");
    with_file.file = Some(local);
    with_file.content.reply_to = Some(sent.pieces[0].id.clone());
    let sent = telegram()
        .send(&session, &with_file, &Remembered::default())
        .await
        .unwrap();
    let responses = peer.get_responses();
    let read = &responses.sent_messages_document[0];
    assert!(read.bot_request.file_data == content);
    assert_eq!(read.bot_request.file_name, "plan for june.txt");
    assert_eq!(read.bot_request.caption.as_deref(), Some("the <i>plan</i>"));
    assert_eq!(sent.pieces[0].id, read.message.id.0.to_string());
    let answered = read.bot_request.reply_parameters.as_ref().unwrap();
    assert_eq!(
        answered.message_id.0,
        responses.sent_messages_text[0].message.id.0
    );
}
