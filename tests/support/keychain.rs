//! The keychain as anyone else sees it: through `secret-tool`.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

fn service(profile: &str) -> String {
    format!("app.autopilot.desktop.{profile}")
}

fn secret_tool(arguments: &[&str]) -> Output {
    Command::new("secret-tool")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("secret-tool is installed (package libsecret-tools)")
}

/// What an item holds, if it is there.
#[must_use]
pub fn lookup(profile: &str, name: &str) -> Option<String> {
    let found = secret_tool(&["lookup", "service", &service(profile), "username", name]);
    (!found.stdout.is_empty()).then(|| String::from_utf8(found.stdout).expect("our items are text"))
}

/// The names of a profile's items, sorted. Not that of the round trip, which comes and goes as a hub starts, nor the
/// ledger's key, which every profile has and no sign-in brings or takes.
#[must_use]
pub fn names(profile: &str) -> Vec<String> {
    let found = search(profile);
    // Attributes go to one stream and the rest to the other, differently from version to version.
    let text = [found.stdout, found.stderr].concat();
    let mut names: Vec<String> = String::from_utf8_lossy(&text)
        .lines()
        .filter_map(|line| line.strip_prefix("attribute.username = "))
        .filter(|name| !["selftest", "ledger/key"].contains(name))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

/// An item that goes while they are listed, as the hub's own proof does, makes the tool give up in the middle.
fn search(profile: &str) -> Output {
    const TRIES: u32 = 40;
    for _ in 0..TRIES {
        let found = secret_tool(&["search", "--all", "service", &service(profile)]);
        let gave_up = String::from_utf8_lossy(&found.stderr)
            .lines()
            .any(|line| line.starts_with("secret-tool:"));
        if !gave_up {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the keychain can't be listed");
}

/// The grant of a connection: the record's body, as JSON.
#[must_use]
pub fn grant(profile: &str, connection: &str) -> Option<Value> {
    let text = lookup(profile, &format!("grant/{connection}"))?;
    let (_, record) = text.split_once('\n').expect("an item begins with its head");
    let record: Value = serde_json::from_str(record).expect("the rest of an item is JSON");
    Some(record["body"].clone())
}

/// Leaves nothing of a profile behind in the session's keychain.
pub fn clear(profile: &str) {
    let _ = Command::new("secret-tool")
        .args(["clear", "service", &service(profile)])
        .stdin(Stdio::null())
        .status();
}

/// Deletes one item, as another program or person could.
pub fn delete(profile: &str, name: &str) {
    let done = secret_tool(&["clear", "service", &service(profile), "username", name]);
    assert!(done.status.success(), "secret-tool clears {name}");
}

/// Writes something else into an item of ours, as another program could.
pub fn overwrite(profile: &str, name: &str, text: &str) {
    let mut child = Command::new("secret-tool")
        .args(["store", "--label=somebody else's"])
        .args(["service", &service(profile), "username", name])
        .stdin(Stdio::piped())
        .spawn()
        .expect("secret-tool is installed (package libsecret-tools)");
    let mut stdin = child.stdin.take().expect("its input is piped");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let done = child.wait().expect("a child can be waited for");
    assert!(done.success(), "secret-tool stores {name}");
}
