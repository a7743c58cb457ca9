//! What Drive's answers mean, row by row of its documented errors, and whose Drive a probe finds.

use std::time::Duration;

use model::Language;

use super::*;
use crate::{
    call::Answer,
    scripted::{self, Scripted, error_rows},
};

fn judged(answer: &Answer) -> Result<(), CallError> {
    errors::judge(answer)
}

fn refused(status: u16, reason: &str) -> CallError {
    CallError::Refused {
        status,
        reason: reason.to_owned(),
    }
}

fn pause(seconds: Option<u64>) -> CallError {
    CallError::RateLimited {
        retry_after: seconds.map(Duration::from_secs),
    }
}

error_rows! {
    a_bad_request_is_refused_with_its_code = refused(400, "badRequest");
    an_invalid_value_is_refused_with_its_code = refused(400, "invalid");
    a_bad_sharing_request_is_refused_with_its_code = refused(400, "invalidSharingRequest");
    an_expired_token_is_rejected = CallError::TokenRejected;
    a_quota_per_user_asks_for_a_pause = pause(None);
    a_quota_per_minute_asks_for_a_pause = pause(None);
    a_sharing_quota_asks_for_a_pause = pause(Some(60));
    a_daily_limit_with_a_stated_pause_is_waited_out = pause(Some(3600));
    a_project_quota_with_a_stated_pause_is_waited_out = pause(Some(3600));
    a_full_drive_is_refused_with_its_code = refused(403, "storageQuotaExceeded");
    a_full_shared_drive_is_refused_with_its_code = refused(403, "teamDriveFileLimitExceeded");
    too_many_items_are_refused_with_their_code = refused(403, "activeItemCreationLimitExceeded");
    a_full_folder_is_refused_with_its_code = refused(403, "numChildrenInNonRootLimitExceeded");
    folders_too_deep_are_refused_with_their_code = refused(403, "myDriveHierarchyDepthLimitExceeded");
    a_file_of_another_app_is_refused_with_its_code = refused(403, "appNotAuthorizedToFile");
    a_file_without_the_right_is_refused_with_its_code = refused(403, "insufficientFilePermissions");
    a_scope_that_was_not_granted_is_a_missing_permission = CallError::PermissionMissing;
    an_api_switched_off_is_told_as_that = CallError::ApiDisabled;
    an_administrators_rule_is_told_as_that = CallError::BlockedByAdmin;
    an_abusive_file_is_refused_with_its_code = refused(403, "cannotDownloadAbusiveFile");
    an_editor_file_cannot_be_downloaded_and_says_so = refused(403, "fileNotDownloadable");
    a_file_that_is_gone_or_hidden_is_refused_with_its_code = refused(404, "notFound");
    an_id_in_use_is_refused_with_its_code = refused(409, "fileIdInUse");
    a_bad_range_is_refused_with_its_code = refused(416, "requestedRangeNotSatisfiable");
    too_many_requests_ask_for_a_pause = pause(Some(30));
    an_inner_error_is_the_service_being_down = CallError::ServiceDown { status: 500 };
    a_bad_gateway_is_the_service_being_down = CallError::ServiceDown { status: 502 };
    an_unavailable_service_is_down = CallError::ServiceDown { status: 503 };
    a_gateway_that_gives_up_is_the_service_being_down = CallError::ServiceDown { status: 504 };
    a_bare_403_is_not_understood = CallError::NotUnderstood { status: 403 };
}

#[tokio::test]
async fn a_probe_asks_for_the_user_alone_and_names_the_account() {
    let drive = Scripted::start(vec![scripted::json(include_str!("fixtures/about.json"))]).await;
    let probe = INTEGRATION.probe(&drive.session(&[])).await.unwrap();
    assert_eq!(probe.identity.id, "04512345678901234567");
    assert_eq!(probe.identity.account, "anna@example.org");
    assert_eq!(probe.identity.display_name.as_deref(), Some("Anna Berg"));
    let asked = drive.requests().await.remove(0);
    assert!(asked.starts_with("GET /drive/v3/about?fields=user%28displayName%2CemailAddress%2CpermissionId%29 HTTP/1.1"), "{asked}");
}

#[tokio::test]
async fn a_page_of_files_is_shown_in_words_no_service_owns() {
    let drive = Scripted::start(vec![scripted::json(include_str!("fixtures/files.json"))]).await;
    let query = FileQuery {
        search: "plan".to_owned(),
        ..FileQuery::default()
    };
    let page = INTEGRATION.list(&drive.session(&[]), &query).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("~!!~next"));
    let [file, folder, document] = page.files.as_slice() else {
        panic!("{page:?}");
    };
    assert_eq!(
        (file.name.as_str(), file.size),
        ("Plan.pdf", Some(5_368_709_120))
    );
    assert!(file.can_download && !file.is_folder && file.modified_at.is_some());
    assert!(folder.is_folder && !folder.can_download);
    assert_eq!((document.size, document.can_download), (None, false));
    // Nothing but a page is opened in a browser.
    assert_eq!(
        (file.link.is_some(), document.link.is_some()),
        (true, false)
    );
    let asked = drive.requests().await.remove(0);
    assert!(
        asked.starts_with("GET /drive/v3/files?q=name+contains+%27plan%27+and+trashed+%3D+false&"),
        "{asked}"
    );
}

#[test]
fn files_are_handed_over_with_the_one_scope_and_named_in_the_redirect() {
    let pick = INTEGRATION.facts().pick.as_ref().unwrap();
    assert_eq!(pick.scopes, ["https://www.googleapis.com/auth/drive.file"]);
    assert_eq!(pick.authorize_params["trigger_onepick"], "true");
    let redirect = [
        ("code", "4/x"),
        ("picked_file_ids", "1abc, 2-d_e,1abc,,../..,a b"),
    ];
    assert_eq!(pick.picked(redirect), ["1abc", "2-d_e"]);
    assert_eq!(pick.picked([("code", "4/x")]), Vec::<String>::new());
}

#[test]
fn every_refusal_has_its_words() {
    let rows: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(ERRORS).unwrap();
    for name in rows.keys() {
        if let Err(CallError::Refused { reason, .. }) = judged(&scripted::fixture(ERRORS, name)) {
            assert!(
                INTEGRATION
                    .explain_refusal(&reason, Language::English)
                    .is_some(),
                "{reason}"
            );
        }
    }
}
