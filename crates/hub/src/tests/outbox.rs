//! What happens to a write, whatever happens around it. Counted at the service: what arrived there is the truth.

use model::{
    Action, ActionFilter, ActionId, ActionState, ActionView, Caller, ConnectionView, ErrorCode,
    Request, Response, SendEmail, SendMessage, UploadFiles, Waiting,
};
use serde_json::{Value, json};

use super::world::World;

const BOT_ID: &str = "110201543";
const CHAT: &str = "700001";

pub(super) fn message(text: &str) -> Action {
    Action::SendMessage(SendMessage {
        chat: CHAT.to_owned(),
        text: text.to_owned(),
        ..SendMessage::default()
    })
}

pub(super) fn mail(subject: &str) -> Action {
    Action::SendEmail(SendEmail {
        to: vec!["ben@example.org".to_owned()],
        subject: subject.to_owned(),
        text: Some("hello".to_owned()),
        ..SendEmail::default()
    })
}

impl World {
    pub(super) async fn act(&self, connection: &ConnectionView, action: Action) -> ActionView {
        self.act_as(ActionId::generate(), connection, action, Some(0))
            .await
    }

    pub(super) async fn act_as(
        &self,
        id: ActionId,
        connection: &ConnectionView,
        action: Action,
        undo_s: Option<u32>,
    ) -> ActionView {
        let connection = connection.id.to_string().as_str().into();
        let request = Request::Act {
            id,
            connection,
            action,
            undo_s,
        };
        self.action_of(request).await.unwrap()
    }

    pub(super) async fn action_of(&self, request: Request) -> Result<ActionView, model::Error> {
        match self.ask(request).await? {
            Response::Action(view) => Ok(view),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn state(&self, id: ActionId) -> ActionState {
        self.action_of(Request::GetAction { id })
            .await
            .unwrap()
            .state
    }

    pub(super) async fn over(&self, id: ActionId) -> ActionState {
        for _ in 0..3000 {
            let state = self.state(id).await;
            if state.is_over() {
                return state;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("still {:?}", self.state(id).await)
    }

    async fn told(&self, path: &str) -> Vec<Value> {
        let url = self
            .sandbox
            .base_url()
            .join(&format!("control/{path}"))
            .unwrap();
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    pub(super) async fn messages(&self) -> Vec<String> {
        let all = self
            .told(&format!("telegram/messages?bot_id={BOT_ID}"))
            .await;
        all.iter()
            .map(|message| message["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    pub(super) async fn mails(&self) -> Vec<String> {
        let all = self.told("gmail/sent?account=anna@example.org").await;
        all.iter()
            .map(|mail| mail["subject"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    pub(super) async fn fault_once(&self, service: &str, path: &str, fault: Value) {
        let matched = json!({"service": service, "path_contains": path});
        self.control(
            "faults",
            json!({"match": matched, "fault": fault, "times": 1}),
        )
        .await;
    }

    pub(super) async fn sender_only(&self) -> ConnectionView {
        let begun = self.begin("gmail", model::RedirectKind::DeepLink).await;
        let send = "https://www.googleapis.com/auth/gmail.send";
        let address = self
            .consent(&begun.url, "anna@example.org", Some(&[send]))
            .await;
        match self.deliver(&address).await.unwrap().state {
            model::SignInState::Connected { connection, .. } => *connection,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_same_id_again_is_the_same_action_and_nothing_is_sent_twice() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let id = ActionId::generate();
    for _ in 0..3 {
        world.act_as(id, &bot, message("once"), Some(0)).await;
    }
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    world.act_as(id, &bot, message("once"), Some(0)).await;
    assert_eq!(world.messages().await, ["once"]);
}

#[tokio::test]
async fn what_is_taken_back_in_time_is_never_sent_and_its_contents_are_wiped() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let begun = world
        .act_as(ActionId::generate(), &bot, message("no"), None)
        .await;
    assert!(matches!(
        begun.state,
        ActionState::Queued {
            why: Waiting::Undo,
            ..
        }
    ));
    let id = begun.id;
    let cancelled = world.action_of(Request::CancelAction { id }).await.unwrap();
    assert!(matches!(cancelled.state, ActionState::Cancelled { .. }));
    assert_eq!(cancelled.content, None);
    let again = world.action_of(Request::SendNow { id }).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::TooLate);
    assert_eq!(world.messages().await, [] as [&str; 0]);
}

#[tokio::test]
async fn the_undo_window_can_be_cut_short() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let id = world
        .act_as(ActionId::generate(), &bot, message("now"), None)
        .await
        .id;
    world.action_of(Request::SendNow { id }).await.unwrap();
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.messages().await, ["now"]);
}

#[tokio::test]
async fn messages_to_one_chat_arrive_in_the_order_they_were_asked() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let mut ids = Vec::new();
    for text in ["1", "2", "3"] {
        ids.push(world.act(&bot, message(text)).await.id);
    }
    for id in ids {
        world.over(id).await;
    }
    assert_eq!(world.messages().await, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_pause_the_service_asks_for_is_no_failure() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    world
        .fault_once(
            "telegram",
            "sendMessage",
            json!({"kind": "status", "status": 429, "retry_after_s": 1}),
        )
        .await;
    let id = world.act(&bot, message("patient")).await.id;
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.messages().await, ["patient"]);
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_once_and_the_write_repeated_once() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    world.control("expire_access_tokens", json!({})).await;
    let before = world.renewals().await;
    let id = world.act(&anna, mail("renewed")).await.id;
    assert!(matches!(world.over(id).await, ActionState::Sent { .. }));
    assert_eq!(world.renewals().await, before + 1);
    assert_eq!(world.mails().await, ["renewed"]);
}

#[tokio::test]
async fn a_refusal_says_why_and_is_not_repeated() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let nobody = Action::SendMessage(SendMessage {
        chat: "999999999".to_owned(),
        text: "hello".to_owned(),
        ..SendMessage::default()
    });
    let id = world.act(&bot, nobody).await.id;
    let ActionState::Failed { error, .. } = world.over(id).await else {
        panic!("{:?}", world.state(id).await);
    };
    assert_eq!(error.code, ErrorCode::ServiceRefused);
    assert!(!error.args["why"].is_empty());
}

fn sends(line: &Value) -> bool {
    let path = line["path"].as_str().unwrap_or_default();
    line["service"] == "telegram" && path.to_ascii_lowercase().ends_with("/sendmessage")
}

#[tokio::test]
async fn what_was_on_the_wire_at_a_crash_is_unknown_and_what_was_not_is_sent() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    // Once: whichever is sent first is the one that hangs.
    let never = json!({"kind": "delay", "ms": 60_000});
    world.fault_once("telegram", "sendMessage", never).await;
    let on_wire = world.act(&bot, message("on the wire")).await.id;
    // To the same chat: it waits for its turn.
    let waiting = world.act(&bot, message("waiting")).await.id;
    // "sending" is written down before anything is on the wire; only the service knows when it is.
    for _ in 0..3000 {
        if world.log().await.iter().any(sends) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(world.log().await.iter().any(sends), "never on the wire");
    assert_eq!(world.state(on_wire).await.kind(), "sending");
    assert_eq!(world.state(waiting).await.kind(), "queued");

    let world = world.crash_and_reopen().await;
    assert_eq!(world.over(on_wire).await.kind(), "outcome_unknown");
    assert_eq!(world.over(waiting).await.kind(), "sent");
}

#[tokio::test]
async fn an_upload_that_loses_its_answers_arrives_once() {
    let world = World::new().await;
    let anna = world.connect("google_drive", "anna@example.org").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.bin");
    std::fs::write(&path, vec![7; 100_000]).unwrap();
    for fault in [
        json!({"kind": "drop_after"}),
        json!({"kind": "status_after", "status": 503}),
    ] {
        world.fault_once("google_drive", "upload", fault).await;
    }
    let upload = Action::UploadFiles(UploadFiles {
        files: vec![path.to_string_lossy().into_owned()],
        folder: None,
    });
    let id = world.act(&anna, upload).await.id;
    assert_eq!(world.over(id).await.kind(), "sent");
    let files = world.told("drive/files?account=anna@example.org").await;
    let ours = files
        .iter()
        .filter(|file| file["name"] == "report.bin")
        .count();
    assert_eq!(ours, 1);
}

#[tokio::test]
async fn a_file_that_changed_after_it_was_queued_is_not_sent() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "before").unwrap();
    let Action::SendEmail(mut content) = mail("changed") else {
        unreachable!()
    };
    content.attachments = vec![path.to_string_lossy().into_owned()];
    let begun = world
        .act_as(
            ActionId::generate(),
            &anna,
            Action::SendEmail(content),
            Some(3600),
        )
        .await;
    std::fs::write(&path, "AFTER!").unwrap();
    let id = begun.id;
    world.action_of(Request::SendNow { id }).await.unwrap();
    let ActionState::Failed { error, .. } = world.over(id).await else {
        panic!("{:?}", world.state(id).await);
    };
    assert_eq!(error.code, ErrorCode::FileChanged);
    assert_eq!(world.mails().await, [] as [&str; 0]);
}

#[tokio::test]
async fn bad_input_is_named_before_anything_is_queued() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    let bot = world.connect_bot().await.unwrap();
    let to_nobody = Action::SendEmail(SendEmail {
        to: vec!["not an address".to_owned()],
        text: Some("x".to_owned()),
        ..SendEmail::default()
    });
    let no_file = Action::SendEmail(SendEmail {
        to: vec!["ben@example.org".to_owned()],
        text: Some("x".to_owned()),
        attachments: vec!["/nowhere/at/all".to_owned()],
        ..SendEmail::default()
    });
    let unknown = Action::SendMessage(SendMessage {
        chat: "Aunt Olga".to_owned(),
        text: "x".to_owned(),
        ..SendMessage::default()
    });
    for (connection, action, code) in [
        (&anna, to_nobody, ErrorCode::InvalidInput),
        (&anna, no_file, ErrorCode::FileUnreadable),
        (&bot, unknown, ErrorCode::UnknownChat),
        (&bot, mail("x"), ErrorCode::CapabilityMissing),
    ] {
        let request = Request::Act {
            id: ActionId::generate(),
            connection: connection.id.to_string().as_str().into(),
            action,
            undo_s: None,
        };
        assert_eq!(world.action_of(request).await.unwrap_err().code, code);
    }
    let filter = ActionFilter::default();
    match world.ask(Request::ListActions { filter }).await.unwrap() {
        Response::Actions(actions) => assert_eq!(actions, []),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_waits_dies_with_its_connection() {
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let id = world
        .act_as(ActionId::generate(), &bot, message("late"), Some(3600))
        .await
        .id;
    world
        .ask(Request::Disconnect {
            connection: bot.id.to_string().as_str().into(),
            revoke: false,
        })
        .await
        .unwrap();
    assert_eq!(world.over(id).await.kind(), "cancelled");
}

#[tokio::test]
async fn nothing_of_what_was_sent_stays_on_disk() {
    let world = World::new().await;
    let anna = world.connect("gmail", "anna@example.org").await;
    let Action::SendEmail(mut content) = mail("canary-subject-5151") else {
        unreachable!()
    };
    content.text = Some("canary-text-5151".to_owned());
    let id = world.act(&anna, Action::SendEmail(content)).await.id;
    assert_eq!(world.over(id).await.kind(), "sent");
    let holds = |needle: &[u8]| {
        std::fs::read_dir(world.folder.path())
            .unwrap()
            .any(|entry| {
                let path = entry.unwrap().path();
                path.is_file()
                    && std::fs::read(path)
                        .unwrap()
                        .windows(needle.len())
                        .any(|window| window == needle)
            })
    };
    // The log is emptied right after the end; how soon is nobody's promise.
    world
        .until("the contents to be gone", || {
            (!holds(b"canary-subject-5151") && !holds(b"canary-text-5151")).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_chat_is_known_once_somebody_opens_its_link() {
    use futures_util::StreamExt as _;
    use model::{ClaimState, Door as _, Event};
    let world = World::new().await;
    let bot = world.connect_bot().await.unwrap();
    let mut events = world.hub.events(Caller::Window);
    let connection = model::ConnectionRef::from(bot.id.to_string().as_str());
    let claim = match world
        .ask(Request::BeginClaim {
            connection: connection.clone(),
        })
        .await
        .unwrap()
    {
        Response::Claim(claim) => claim,
        other => panic!("{other:?}"),
    };
    let payload = claim.link.rsplit('=').next().unwrap();
    world
        .control(
            "bots/start",
            json!({"bot_id": 110_201_543, "chat_id": 700_900, "payload": payload, "name": "Olga"}),
        )
        .await;
    let chat = loop {
        if let Some(Event::Claim { claim }) = events.next().await {
            match claim.state {
                ClaimState::Claimed { chat } => break chat,
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(chat.id, "700900");
    let greeting = Action::SendMessage(SendMessage {
        chat: "Olga".to_owned(),
        text: "hello Olga".to_owned(),
        ..SendMessage::default()
    });
    let id = world.act(&bot, greeting).await.id;
    assert_eq!(world.over(id).await.kind(), "sent");
    assert_eq!(world.messages().await, ["hello Olga"]);
}
