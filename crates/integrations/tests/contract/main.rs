//! Every request we can send to Gmail and Drive, held against what Google itself says of its APIs (the discovery
//! documents): the path, each parameter, the body by its schema, the fields asked for, and that a permission we ask
//! for covers it. The requests are real ones, recorded on loopback.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod checker;
mod discovery;
mod drive;
mod gmail;
mod local;
mod recorder;

use std::collections::BTreeSet;

use checker::Checker;
use discovery::Document;
use recorder::Request;

/// Holds every request against the document, and the methods met against those expected, so that none goes unseen.
fn hold(document: &Document, integration: &str, requests: &[Request], expected: &[&str]) {
    let facts = integrations::find(&integration.into()).unwrap().facts();
    let mut asked: Vec<&str> = facts
        .scopes
        .iter()
        .map(|scope| scope.scope.as_str())
        .collect();
    if let Some(oauth) = facts.auth.as_oauth() {
        asked.extend(oauth.base_scopes.iter().map(String::as_str));
    }
    let checker = Checker::new(document, &asked);
    let mut met = BTreeSet::new();
    let mut wrong = Vec::new();
    for request in requests {
        match checker.check(request) {
            Ok(methods) => met.extend(methods),
            Err(why) => wrong.push(format!("{} {}: {why}", request.method, request.target)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(met, expected, "{integration}");
}

#[tokio::test]
async fn every_request_to_gmail_is_one_google_describes() {
    let document = Document::open("gmail.v1.json");
    let requests = gmail::every_request().await;
    hold(
        &document,
        "gmail",
        &requests,
        &[
            "gmail.users.getProfile",
            "gmail.users.messages.attachments.get",
            "gmail.users.messages.get",
            "gmail.users.messages.list",
            "gmail.users.messages.send",
        ],
    );
    // Both uploads, and a batch, were among them.
    for (path, kind) in [
        ("/upload/", "uploadType=media"),
        ("/upload/", "uploadType=multipart"),
        ("/batch/", ""),
    ] {
        assert!(
            requests
                .iter()
                .any(|request| request.target.starts_with(path) && request.target.contains(kind)),
            "{path} {kind}"
        );
    }
}

#[tokio::test]
async fn every_request_to_drive_is_one_google_describes() {
    let document = Document::open("drive.v3.json");
    let requests = drive::every_request().await;
    hold(
        &document,
        "google_drive",
        &requests,
        &[
            "drive.about.get",
            "drive.files.create",
            "drive.files.delete",
            "drive.files.generateIds",
            "drive.files.get",
            "drive.files.list",
        ],
    );
    for kind in ["uploadType=multipart", "uploadType=resumable", "alt=media"] {
        assert!(
            requests.iter().any(|request| request.target.contains(kind)),
            "{kind}"
        );
    }
}
