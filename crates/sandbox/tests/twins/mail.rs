//! Gmail: sending in every form, finding, reading.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bench::{ANNA, Bench, READONLY, SEND, bench, bench_with, send, text};

const OK: StatusCode = StatusCode::OK;
const USER: &str = "/gmail/gmail/v1/users/me";
const SEND_UPLOAD: &str = "/gmail/upload/gmail/v1/users/me/messages/send";
const COMPOSE: &str = "https://www.googleapis.com/auth/gmail.compose";
const METADATA: &str = "https://www.googleapis.com/auth/gmail.metadata";

fn mail(to: &str, subject: &str, more: &str) -> String {
    format!(
        "From: {ANNA}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <mine@autopilot>\r\n{more}\r\n\
         The text of it.\r\n"
    )
}

async fn send_json(
    bench: &Bench,
    token: &str,
    raw: &str,
    thread: Option<&str>,
) -> (StatusCode, Value) {
    let mut body = json!({ "raw": URL_SAFE_NO_PAD.encode(raw) });
    if let Some(thread) = thread {
        body["threadId"] = thread.into();
    }
    let url = bench.url(&format!("{USER}/messages/send"));
    send(bench.http.post(url).bearer_auth(token).json(&body)).await
}

fn header<'a>(message: &'a Value, name: &str) -> &'a str {
    let headers = message["payload"]["headers"].as_array().unwrap();
    headers.iter().find(|one| one["name"] == name).unwrap()["value"]
        .as_str()
        .unwrap()
}

async fn ids(bench: &Bench, token: &str, q: &str) -> Vec<String> {
    let url = bench.url(&format!("{USER}/messages"));
    let (status, found) = send(bench.http.get(url).query(&[("q", q)]).bearer_auth(token)).await;
    assert_eq!(status, OK, "{found}");
    let list = found["messages"].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| text(one, "id")).collect()
}

#[tokio::test]
async fn a_message_is_kept_as_received_and_gets_gmails_own_message_id() {
    let bench = bench().await;
    let (token, _) = bench.grant(&format!("{SEND} {READONLY}")).await;
    let raw = mail(
        "ben@example.org",
        "Fence",
        "Bcc: eve@example.net\r\nX-Autopilot-Action: 42\r\n",
    );
    let (status, sent) = send_json(&bench, &token, &raw, None).await;
    assert_eq!((status, sent["labelIds"].clone()), (OK, json!(["SENT"])));
    assert_eq!(sent["id"], sent["threadId"]);

    let arrived = bench
        .get_control(&format!("gmail/sent?account={ANNA}"))
        .await;
    assert_eq!(arrived.as_array().unwrap().len(), 1);
    assert_eq!(
        arrived[0]["recipients"],
        json!(["ben@example.org", "eve@example.net"])
    );
    assert_eq!(arrived[0]["headers"]["X-Autopilot-Action"], "42");
    let sum: String = Sha256::digest(&raw)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(arrived[0]["sha256"], sum);
    let path = format!("/control/gmail/raw?account={ANNA}&id={}", text(&sent, "id"));
    let bytes = bench
        .http
        .get(bench.url(&path))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(bytes, raw.as_bytes());

    let message = bench
        .got(&format!("{USER}/messages/{}", text(&sent, "id")), &token)
        .await;
    let id = header(&message, "Message-ID");
    assert!(id.ends_with("@mail.gmail.com>"), "{id}");
    assert!(
        ids(&bench, &token, "rfc822msgid:mine@autopilot")
            .await
            .is_empty()
    );
    assert_eq!(
        header(&message, "Bcc"),
        "eve@example.net",
        "the sender may see it"
    );
}

#[tokio::test]
async fn a_recipient_with_a_mailbox_here_gets_it_unread_and_without_bcc() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let raw = mail(
        "\"Okoro, Ben\" <ben@example.org>",
        "Fence",
        "Bcc: eve@example.net\r\n",
    );
    let (_, sent) = send_json(&bench, &token, &raw, None).await;
    let ben = bench.control(
        "consent",
        json!({ "url": bench.authorize_url(READONLY, &[]), "account": "ben@example.org" }),
    );
    let code = crate::bench::parameter(ben.await["redirect"].as_str().unwrap(), "code").unwrap();
    let token = text(&bench.exchange(&code, &[]).await.1, "access_token");
    let found = ids(&bench, &token, "in:inbox is:unread from:anna subject:fence").await;
    assert_eq!(found.len(), 1);
    assert_ne!(found[0], text(&sent, "id"), "ids belong to a mailbox");
    let message = bench
        .got(&format!("{USER}/messages/{}", found[0]), &token)
        .await;
    assert_eq!(message["labelIds"], json!(["INBOX", "UNREAD"]));
    assert!(!message.to_string().contains("eve@example.net"));
}

#[tokio::test]
async fn media_multipart_and_resumable_uploads_send_the_same() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let raw = mail("ben@example.org", "Upload", "");
    let upload = |kind: &str| {
        let url = bench.url(&format!("{SEND_UPLOAD}?uploadType={kind}"));
        bench.http.post(url).bearer_auth(&token)
    };
    let media = upload("media")
        .header("content-type", "message/rfc822")
        .body(raw.clone());
    assert_eq!(send(media).await.0, OK);
    let related = format!(
        "--b\r\nContent-Type: application/json\r\n\r\n{{}}\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n{raw}\r\n--b--\r\n"
    );
    let multipart = upload("multipart")
        .header("content-type", "multipart/related; boundary=b")
        .body(related);
    assert_eq!(send(multipart).await.0, OK);
    let started = upload("resumable")
        .header("x-upload-content-type", "message/rfc822")
        .header("x-upload-content-length", raw.len())
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    let session = started.headers()["location"].to_str().unwrap().to_owned();
    let (status, sent) = send(bench.http.put(session).body(raw.clone())).await;
    assert_eq!((status, sent["labelIds"].clone()), (OK, json!(["SENT"])));
    let arrived = bench
        .get_control(&format!("gmail/sent?account={ANNA}"))
        .await;
    let sums: Vec<&Value> = arrived
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["sha256"])
        .collect();
    assert_eq!(sums.len(), 3);
    assert!(sums.iter().all(|sum| *sum == sums[0]));
    let wrong = upload("media")
        .header("content-type", "text/plain")
        .body(raw);
    assert_eq!(send(wrong).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_not_a_message_is_refused() {
    let bench = bench().await;
    let (token, _) = bench.grant(SEND).await;
    let url = bench.url(&format!("{USER}/messages/send"));
    let bad = StatusCode::BAD_REQUEST;
    for body in [
        json!({}),
        json!({ "raw": 7 }),
        json!({ "raw": "not+base64/url" }),
        json!({ "raw": URL_SAFE.encode("Subject: nobody\r\n\r\nx") }),
        json!({ "raw": URL_SAFE.encode("To: not an address\r\n\r\nx") }),
        json!({ "raw": URL_SAFE.encode(mail("ben@example.org", "x", "")), "thread": "1" }),
    ] {
        let (status, answer) = send(bench.http.post(&url).bearer_auth(&token).json(&body)).await;
        assert_eq!(
            (status, answer["error"]["status"].as_str()),
            (bad, Some("INVALID_ARGUMENT")),
            "{body}"
        );
    }
    let unknown = bench
        .http
        .post(format!("{url}?userIp=1"))
        .bearer_auth(&token)
        .json(&json!({}));
    assert_eq!(send(unknown).await.0, bad);
    let large = vec![b'x'; 36_700_161];
    let upload = bench
        .http
        .post(bench.url(&format!("{SEND_UPLOAD}?uploadType=media")))
        .bearer_auth(&token)
        .header("content-type", "message/rfc822")
        .body([mail("ben@example.org", "x", "").into_bytes(), large].concat());
    assert_eq!(send(upload).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let arrived = bench
        .get_control(&format!("gmail/sent?account={ANNA}"))
        .await;
    assert_eq!(arrived, json!([]));
    let (reader, _) = bench.grant(READONLY).await;
    let (status, _) = send_json(&bench, &reader, &mail("ben@example.org", "x", ""), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_reply_joins_its_thread_only_when_all_three_agree() {
    let bench = bench().await;
    let (token, _) = bench.grant(&format!("{SEND} {READONLY}")).await;
    let (_, first) = send_json(&bench, &token, &mail("ben@example.org", "Fence", ""), None).await;
    let thread = text(&first, "threadId");
    let message = bench
        .got(&format!("{USER}/messages/{}", text(&first, "id")), &token)
        .await;
    let parent = format!(
        "In-Reply-To: {0}\r\nReferences: {0}\r\n",
        header(&message, "Message-ID")
    );
    let reply = |subject: &str, more: &str| mail("ben@example.org", subject, more);
    let (_, joined) = send_json(&bench, &token, &reply("Re: Fence", &parent), Some(&thread)).await;
    assert_eq!(joined["threadId"], thread.as_str());
    for (subject, more) in [("Re: Gate", parent.as_str()), ("Re: Fence", "")] {
        let (_, apart) = send_json(&bench, &token, &reply(subject, more), Some(&thread)).await;
        assert_ne!(apart["threadId"], thread.as_str(), "{subject}");
    }
    let (status, _) = send_json(
        &bench,
        &token,
        &reply("Re: Fence", &parent),
        Some("18ffffffffffffff"),
    )
    .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let whole = bench.got(&format!("{USER}/threads/{thread}"), &token).await;
    assert_eq!(whole["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    let mut all = Vec::new();
    let mut page = String::new();
    loop {
        let path =
            format!("{USER}/messages?maxResults=150&fields=messages(id),nextPageToken{page}");
        let found = bench.got(&path, &token).await;
        all.extend(found["messages"].as_array().unwrap().clone());
        match found["nextPageToken"].as_str() {
            Some(next) => page = format!("&pageToken={next}"),
            None => break,
        }
    }
    assert!(all.len() > 300, "{}", all.len());
    let date = async |one: &Value| -> i64 {
        let path = format!("{USER}/messages/{}?format=minimal", text(one, "id"));
        text(&bench.got(&path, &token).await, "internalDate")
            .parse()
            .unwrap()
    };
    assert!(date(&all[0]).await > date(&all[1]).await);
    assert!(date(&all[1]).await > date(&all[300]).await);
    for wrong in [
        "maxResults=501",
        "maxResults=x",
        "pageToken=x",
        "labelIds=Mine",
        "fields=mesages",
        "limit=3",
    ] {
        let (status, _) = bench.get(&format!("{USER}/messages?{wrong}"), &token).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let none = bench
        .got(&format!("{USER}/messages?q=from:nobody"), &token)
        .await;
    assert!(none.get("messages").is_none());
}

#[tokio::test]
async fn a_search_finds_senders_subjects_states_and_files() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    let count = async |q: &str| ids(&bench, &token, q).await.len();
    assert!(count("from:clara.ruiz@example.net").await >= 10);
    assert!(count("subject:\"Grüße aus München\"").await >= 5);
    assert!(count("has:attachment filename:plan.pdf").await >= 10);
    assert_eq!(count("in:spam").await, 5);
    assert_eq!(count("is:unread is:read").await, 0);
    assert_eq!(count("subject:onerror").await, 1);
    let unread = count("is:unread newer_than:20d").await;
    assert!((1..100).contains(&unread), "{unread}");
    let labelled = bench
        .got(
            &format!("{USER}/messages?labelIds=INBOX&labelIds=UNREAD&maxResults=500"),
            &token,
        )
        .await;
    assert!(labelled["messages"].as_array().unwrap().len() >= 90);
}

#[tokio::test]
async fn each_format_shows_what_it_should() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    let id = ids(&bench, &token, "filename:plan.pdf").await.remove(0);
    let path = format!("{USER}/messages/{id}");
    let minimal = bench.got(&format!("{path}?format=minimal"), &token).await;
    assert!(minimal.get("payload").is_none() && minimal["snippet"].is_string());
    let mask = "id,threadId,labelIds,snippet,internalDate,payload(headers)";
    let headers = format!(
        "{path}?format=metadata&metadataHeaders=From&metadataHeaders=subject&fields={mask}"
    );
    let metadata = bench.got(&headers, &token).await;
    assert_eq!(metadata["payload"]["headers"].as_array().unwrap().len(), 2);
    assert!(metadata["payload"].get("mimeType").is_none());
    let full = bench.got(&path, &token).await;
    let parts = full["payload"]["parts"].as_array().unwrap();
    assert_eq!(
        (parts[1]["partId"].as_str(), parts[1]["filename"].as_str()),
        (Some("1"), Some("plan.pdf"))
    );
    let attachment = text(&parts[1]["body"], "attachmentId");
    let again = bench.got(&path, &token).await;
    assert_ne!(
        text(&again["payload"]["parts"][1]["body"], "attachmentId"),
        attachment
    );
    let file = bench
        .got(&format!("{path}/attachments/{attachment}"), &token)
        .await;
    let bytes = URL_SAFE.decode(text(&file, "data")).unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    let raw = bench.got(&format!("{path}?format=raw"), &token).await;
    let raw = URL_SAFE.decode(text(&raw, "raw")).unwrap();
    assert!(String::from_utf8(raw).unwrap().contains("plan.pdf"));
    for (wrong, status) in [
        ("?format=small", 400),
        ("?fields=payload(header)", 400),
        ("x", 404),
    ] {
        assert_eq!(
            bench
                .get(&format!("{path}{wrong}"), &token)
                .await
                .0
                .as_u16(),
            status,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn the_metadata_scope_reads_headers_and_searches_nothing() {
    let bench = bench().await;
    let (token, _) = bench.grant(METADATA).await;
    let list = bench
        .got(&format!("{USER}/messages?maxResults=1"), &token)
        .await;
    let path = format!("{USER}/messages/{}", text(&list["messages"][0], "id"));
    assert_eq!(
        bench
            .get(&format!("{path}?format=metadata"), &token)
            .await
            .0,
        OK
    );
    for refused in [path, format!("{USER}/messages?q=x")] {
        assert_eq!(
            bench.get(&refused, &token).await.0,
            StatusCode::FORBIDDEN,
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_draft_is_used_up_by_its_sending() {
    let bench = bench().await;
    let (token, _) = bench.grant(COMPOSE).await;
    let post = |path: &str, body: Value| {
        bench
            .http
            .post(bench.url(&format!("{USER}/{path}")))
            .bearer_auth(&token)
            .json(&body)
    };
    let raw = URL_SAFE_NO_PAD.encode(mail("ben@example.org", "Draft", ""));
    let (status, draft) = send(post("drafts", json!({ "message": { "raw": raw } }))).await;
    assert_eq!(
        (status, draft["message"]["labelIds"].clone()),
        (OK, json!(["DRAFT"]))
    );
    let id = text(&draft, "id");
    assert_eq!(
        bench.get(&format!("{USER}/drafts/{id}"), &token).await.0,
        OK
    );
    assert_eq!(send(post("drafts/send", json!({ "id": id }))).await.0, OK);
    assert_eq!(
        send(post("drafts/send", json!({ "id": id }))).await.0,
        StatusCode::NOT_FOUND
    );
    let arrived = bench
        .get_control(&format!("gmail/sent?account={ANNA}"))
        .await;
    assert_eq!(arrived.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_history_tells_what_came_in_since() {
    let bench = bench().await;
    let (token, _) = bench.grant(&format!("{READONLY} {SEND}")).await;
    let before = text(
        &bench.got(&format!("{USER}/profile"), &token).await,
        "historyId",
    );
    let received = bench
        .control(
            "gmail/receive",
            json!({ "account": ANNA, "raw": mail(ANNA, "In", "") }),
        )
        .await;
    let history = bench
        .got(&format!("{USER}/history?startHistoryId={before}"), &token)
        .await;
    assert_eq!(
        history["history"][0]["messagesAdded"][0]["message"]["id"],
        received["id"]
    );
    let newest = text(&history, "historyId");
    let history = bench
        .got(&format!("{USER}/history?startHistoryId={newest}"), &token)
        .await;
    assert!(history.get("history").is_none());
    assert_eq!(
        bench
            .get(&format!("{USER}/history?startHistoryId=1"), &token)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn quota_units_are_counted_when_a_test_wants_it() {
    let bench = bench().await;
    let (token, _) = bench.grant(READONLY).await;
    bench
        .control("gmail/quota", json!({ "units_per_minute": 10 }))
        .await;
    let path = format!("{USER}/messages?maxResults=1");
    assert_eq!(bench.get(&path, &token).await.0, OK);
    assert_eq!(bench.get(&path, &token).await.0, OK);
    let refused: Response = bench
        .http
        .get(bench.url(&path))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(
        refused.headers().get("retry-after").is_none(),
        "Google gives no hint"
    );
    bench.control("clock", json!({ "skew_s": 61 })).await;
    assert_eq!(bench.get(&path, &token).await.0, OK);
}

#[tokio::test]
async fn sent_mail_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || autopilot_sandbox::Options {
        state_file: Some(folder.path().join("sandbox.json")),
        ..autopilot_sandbox::Options::default()
    };
    let before = bench_with(options()).await;
    let (token, _) = before.grant(&format!("{SEND} {READONLY}")).await;
    let raw = mail("ben@example.org", "Kept", "");
    let (_, sent) = send_json(&before, &token, &raw, None).await;
    let newest = ids(&before, &token, "in:anywhere").await;
    before.sandbox.stop().await;
    let after = bench_with(options()).await;
    assert_eq!(
        ids(&after, &token, "in:anywhere").await,
        newest,
        "the seed keeps its dates"
    );
    let message = after
        .got(
            &format!("{USER}/messages/{}?format=raw", text(&sent, "id")),
            &token,
        )
        .await;
    assert!(
        URL_SAFE
            .decode(text(&message, "raw"))
            .unwrap()
            .ends_with(b"The text of it.\r\n")
    );
}
