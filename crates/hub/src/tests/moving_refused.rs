//! Files that aren't imported: each with its reason, and nothing changed by looking.

use std::{collections::BTreeMap, io::Read, path::Path};

use model::ErrorCode;
use serde_json::{Value, json};

use super::{
    moving::{ANNA, PASSPHRASE, export, lived_in, preview},
    world::World,
};

/// Everything in the vault file but the ledger's key, opened without any of our code.
pub(super) fn vault_items(world: &World) -> BTreeMap<String, String> {
    let open = |identity: &dyn age::Identity, path: &Path| {
        let sealed = std::fs::read(path).unwrap();
        let mut text = String::new();
        age::Decryptor::new_buffered(&sealed[..])
            .unwrap()
            .decrypt(std::iter::once(identity))
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let folder = world.folder.path();
    let mut passphrase = age::scrypt::Identity::new("correct horse".to_owned().into());
    passphrase.set_max_work_factor(17);
    let key = open(&passphrase, &folder.join("vault.age.key"));
    let identity: age::x25519::Identity = key.trim().parse().unwrap();
    let contents: Value =
        serde_json::from_str(&open(&identity, &folder.join("vault.age"))).unwrap();
    let mut items: BTreeMap<String, String> =
        serde_json::from_value(contents["items"].clone()).unwrap();
    items.retain(|name, _| !name.starts_with("ledger/") && name != "selftest");
    items
}

/// Every row of every table, without what time alone changes.
fn database(world: &World) -> Vec<String> {
    let db = rusqlite::Connection::open(world.folder.path().join("autopilot.db")).unwrap();
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        if table.starts_with("ledger") || table == "proof" {
            continue;
        }
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<String> = statement
            .column_names()
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells = columns
                .iter()
                .filter(|name| !matches!(name.as_str(), "status" | "proven_at" | "checked_at"))
                .map(|name| format!("{name}={:?}", row.get_ref(name.as_str()).unwrap()));
            rows.push(format!("{table}: {}", cells.collect::<Vec<_>>().join(", ")));
        }
    }
    rows
}

struct Hostile {
    to: World,
    before: (Vec<String>, BTreeMap<String, String>),
}

impl Hostile {
    async fn new(from: &World) -> Self {
        let to = from.next_door().await;
        // Something that could be lost.
        to.connect("gmail", "ben@example.org").await;
        let before = (database(&to), vault_items(&to));
        Self { to, before }
    }

    /// Refused for this reason, and nothing is another.
    async fn refuses(&self, bytes: &[u8], passphrase: Option<&str>, reason: &str) {
        let path = self.to.folder.path().join("hostile");
        std::fs::write(&path, bytes).unwrap();
        self.refuses_file(&path, passphrase, reason).await;
    }

    async fn refuses_file(&self, path: &Path, passphrase: Option<&str>, reason: &str) {
        let refused = preview(&self.to, path, passphrase).await.unwrap_err();
        assert_eq!(
            refused.code,
            ErrorCode::ImportRefused,
            "{reason}: {refused:?}"
        );
        // As it stands in the file, up to what is filled in.
        let texts: Value =
            serde_json::from_str(include_str!("../../../../messages/en.json")).unwrap();
        let sentence = texts[reason].as_str().unwrap();
        let beginning = sentence.split('{').next().unwrap();
        assert!(
            refused.args["reason"].starts_with(beginning),
            "{reason}: {refused:?}"
        );
        assert_eq!(database(&self.to), self.before.0, "{reason}");
    }

    fn nothing_changed(&self) {
        assert_eq!(database(&self.to), self.before.0);
        assert_eq!(vault_items(&self.to), self.before.1);
    }
}

/// A change of a file, and why it is refused then.
type Case = (&'static str, Box<dyn FnOnce(&mut Value)>);

fn case(reason: &'static str, change: impl FnOnce(&mut Value) + 'static) -> Case {
    (reason, Box::new(change))
}

fn changed(document: &Value, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = document.clone();
    change(&mut document);
    serde_json::to_vec(&document).unwrap()
}

#[tokio::test]
async fn a_plain_file_that_does_not_fit_is_refused_with_its_reason() {
    let from = lived_in().await;
    let whole = std::fs::read(export(&from, None).await).unwrap();
    let document: Value = serde_json::from_slice(&whole).unwrap();
    let there = Hostile::new(&from).await;

    there.refuses(b"", None, "reason_import_not_ours").await;
    there
        .refuses(b"{\"a\":1}", None, "reason_import_not_ours")
        .await;
    there
        .refuses(&b"[".repeat(1 << 20), None, "reason_import_not_ours")
        .await;
    there
        .refuses(&whole[..whole.len() / 2], None, "reason_import_damaged")
        .await;
    there
        .refuses(&[&whole[..], b"{}"].concat(), None, "reason_import_damaged")
        .await;

    let text = |value: &str| json!(value);
    let long = text(&"x".repeat(2000));
    let cases = vec![
        case("reason_import_newer", |d| d["version"] = json!(2)),
        case("reason_import_newer", |d| {
            d["version"] = json!(9);
            d["unheard_of"] = json!({});
        }),
        case("reason_import_damaged", |d| d["version"] = json!(0)),
        case("reason_import_not_ours", |d| {
            d["format"] = json!("something-else")
        }),
        case("reason_import_damaged", |d| d["unheard_of"] = json!(1)),
        case("reason_import_damaged", |d| {
            d["connections"][0]["unheard_of"] = json!(1)
        }),
        case("reason_import_damaged", |d| {
            d["callers"][0]["rules"] = json!([{"effect": "allow", "deny_too": true}])
        }),
        case("reason_import_integration", |d| {
            d["connections"][0]["integration"] = json!("../x")
        }),
        case("reason_import_scope", |d| {
            d["connections"][0]["wanted_scopes"] = json!(["https://mail.google.com/all"])
        }),
        case("reason_import_damaged", |d| {
            d["connections"][1] = d["connections"][0].clone()
        }),
        case("reason_import_damaged", |d| {
            d["connections"][0]["account"] = json!("anna\n@example.org")
        }),
        case("reason_import_damaged", move |d| {
            d["connections"][0]["account"] = long
        }),
        case("reason_import_damaged", |d| {
            d["callers"][0]["name"] = json!("/opt/\u{202e}tnega")
        }),
        case("reason_import_damaged", |d| {
            d["callers"][1] = d["callers"][0].clone()
        }),
        case("reason_import_damaged", |d| {
            d["callers"][0]["kind"] = json!("window")
        }),
        case("reason_import_damaged", |d| {
            d["callers"][0]["rules"][0]["connection"] = json!(model::ConnectionId::generate());
        }),
        case("reason_import_rules", |d| {
            d["callers"][0]["budget"]["per_minute"] = json!(0)
        }),
        case("reason_import_setting", |d| {
            d["settings"]["undo_window_s"] = json!(61)
        }),
        case("reason_import_setting", |d| {
            d["settings"]["unheard_of"] = json!(true)
        }),
        case("reason_import_client", |d| {
            d["clients"][0]["provider"] = json!("nobody")
        }),
        case("reason_import_client", |d| {
            d["clients"][0]["kind"] = json!("web")
        }),
        case("reason_import_client", |d| {
            d["clients"][0]["client_id"] = json!("a b")
        }),
        case("reason_import_open_secrets", |d| {
            d["secrets"] = json!({"grants": [], "clients": []})
        }),
        case("reason_import_endpoints", |d| d["endpoints"] = json!({})),
        case("reason_import_endpoints", |d| {
            d["endpoints"]["gmail"]["token"] = json!("https://attacker.example/token");
        }),
    ];
    for (reason, change) in cases {
        there
            .refuses(&changed(&document, change), None, reason)
            .await;
    }

    // Sparse: a bomb on the disk that takes no room.
    let huge = there.to.folder.path().join("huge");
    std::fs::File::create(&huge)
        .unwrap()
        .set_len(64 << 30)
        .unwrap();
    there
        .refuses_file(&huge, None, "reason_import_too_large")
        .await;
    there.nothing_changed();
}

#[tokio::test]
async fn a_sealed_file_that_was_touched_is_refused_with_its_reason() {
    let from = lived_in().await;
    let whole = std::fs::read(export(&from, Some(PASSPHRASE)).await).unwrap();
    let there = Hostile::new(&from).await;
    let with = Some(PASSPHRASE);

    let mut tampered = whole.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    there
        .refuses(&tampered, with, "reason_import_damaged")
        .await;
    there
        .refuses(&whole[..whole.len() - 20], with, "reason_import_damaged")
        .await;
    there
        .refuses(&whole[..30], with, "reason_import_damaged")
        .await;
    let at = whole.windows(4).position(|part| part == b" 17\n").unwrap();
    let mut bomb = whole.clone();
    bomb[at + 1..at + 3].copy_from_slice(b"31");
    there
        .refuses(&bomb, with, "reason_import_too_much_work")
        .await;

    let path = there.to.folder.path().join("whole");
    std::fs::write(&path, &whole).unwrap();
    let refused = preview(&there.to, &path, None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::PassphraseNeeded);
    let refused = preview(&there.to, &path, Some("another"))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);

    // Somebody who knows the passphrase changed what is inside.
    let inside: Value = serde_json::from_slice(&opened(&whole)).unwrap();
    let cases = vec![
        case("reason_import_endpoints", |d| {
            d["secrets"]["grants"][0]["grant"]["endpoints"]["token"] =
                json!("https://attacker.example/");
        }),
        case("reason_import_endpoints", |d| {
            d["secrets"]["grants"][0]["grant"]["endpoints"] = json!({})
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][0]["grant"]["identity"]["id"] = json!("1")
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][0]["grant"]["integration"] = json!("telegram")
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][0]["grant"]["generation"] = json!(0)
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][0]["grant"]["credential"] = json!({"key": "1:a"})
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][0]["connection"] = json!(model::ConnectionId::generate());
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["grants"][1] = d["secrets"]["grants"][0].clone()
        }),
        case("reason_import_damaged", |d| {
            d["secrets"]["clients"][0]["client"]["client_id"] = json!("x")
        }),
        case("reason_import_damaged", |d| {
            d.as_object_mut().unwrap().remove("secrets");
        }),
        case("reason_import_newer", |d| d["version"] = json!(2)),
    ];
    for (reason, change) in cases {
        there
            .refuses(&sealed(&changed(&inside, change)), with, reason)
            .await;
    }
    there.nothing_changed();
    assert_eq!(there.to.connections().await.len(), 1);
    assert!(there.to.connections().await[0].account != ANNA);
}

fn opened(sealed: &[u8]) -> Vec<u8> {
    let mut identity = age::scrypt::Identity::new(PASSPHRASE.to_owned().into());
    identity.set_max_work_factor(17);
    age::decrypt(&identity, sealed).unwrap()
}

/// As somebody else would: less work, so that a test needn't wait.
fn sealed(text: &[u8]) -> Vec<u8> {
    let mut recipient = age::scrypt::Recipient::new(PASSPHRASE.to_owned().into());
    recipient.set_work_factor(10);
    age::encrypt(&recipient, text).unwrap()
}
