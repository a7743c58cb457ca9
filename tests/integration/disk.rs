//! Disks that are full, read-only or slow, and folders with names nobody would choose. The hub gets a disk of its own: a
//! file system in memory, in a mount namespace that ends with it.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use autopilot_tests::{HubProcess, Ran, World, sandbox::DEMO_BOT_TOKEN};

const BOT_ID: u64 = 110_201_543;
const CHAT: &str = "700001";

/// A hub whose profile is on a disk of this size.
fn hub_on_disk(world: &World, size: &str) -> HubProcess {
    let folder = world.data_dir();
    fs::create_dir_all(&folder).unwrap();
    let mount = format!(
        "mount -t tmpfs -o size={size},mode=0700 none '{}' && exec \"$0\" \"$@\"",
        folder.display()
    );
    HubProcess::start_in(world, &["unshare", "--mount", "--", "sh", "-c", &mount])
}

/// The profile's folder as that hub sees it.
fn inside(world: &World, hub: &HubProcess) -> PathBuf {
    let folder = world.data_dir();
    PathBuf::from(format!("/proc/{}/root", hub.pid())).join(folder.strip_prefix("/").unwrap())
}

/// A bot that somebody has written to, so that there is a chat.
fn connect(world: &World) {
    let arguments = ["connect", "telegram", "--token-stdin"];
    let _ = world.run_with(&arguments, DEMO_BOT_TOKEN).done();
    let start = serde_json::json!({"bot_id": BOT_ID, "chat_id": 700_001, "payload": "x"});
    world.peer().post("bots/start", &start);
}

fn send(world: &World, text: &str) -> Ran {
    world.run(&["message", "send", CHAT, text])
}

/// What arrived, in order.
fn arrived(world: &World) -> Vec<String> {
    let there = world
        .peer()
        .get(&format!("telegram/messages?bot_id={BOT_ID}"));
    let texts = there.as_array().unwrap().iter();
    texts
        .filter_map(|one| one["text"].as_str())
        .filter(|text| !text.starts_with("/start"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_full_disk_sends_nothing_it_cannot_keep_and_goes_on_once_there_is_room() {
    let world = World::sandbox("disk-full");
    let hub = hub_on_disk(&world, "3m");
    connect(&world);
    let filler = inside(&world, &hub).join("filler");
    // The hub tidies up meanwhile, which makes room for a little more.
    let mut sent = Vec::new();
    let refused = (0..50).find_map(|number| {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&filler)
            .unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let text = format!("number {number}");
        let ran = send(&world, &text);
        if ran.code == Some(0) {
            sent.push(text);
            return None;
        }
        Some(ran)
    });
    let refused = refused.expect("the disk never fills up");
    assert!(refused.stdout.contains("\"store_failed\""), "{refused:?}");
    assert_eq!(arrived(&world), sent, "what wasn't kept was sent");
    let status = world.run(&["status"]);
    assert_eq!(status.code, Some(0), "{status:?}");

    fs::remove_file(&filler).unwrap();
    let after = send(&world, "after");
    assert_eq!(after.code, Some(0), "{after:?}");
    sent.push("after".to_owned());
    assert_eq!(arrived(&world), sent);
    let whole = world.run(&["ledger", "verify"]);
    assert_eq!(whole.code, Some(0), "{whole:?}");
}

#[test]
fn a_disk_that_is_read_only_is_said_and_the_hub_begins_once_it_is_not() {
    let world = World::sandbox("disk-ro");
    let folder = world.data_dir();
    fs::create_dir_all(&folder).unwrap();
    let read_only = format!(
        "mount -t tmpfs -o ro,mode=0700 none '{}' && exec \"$0\" \"$@\"",
        folder.display()
    );
    let command = world.autopilot(&["hub", "--json"]);
    let mut around = Command::new("unshare");
    around
        .args(["--mount", "--", "sh", "-c", &read_only])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(world.variables().iter().map(|(name, value)| (name, value)));
    let ended = around.output().unwrap();
    let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
    assert!(!ended.status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.contains("\"store_failed\""), "{said}");
    let _hub = world.hub();
    connect(&world);
    assert_eq!(send(&world, "hello").code, Some(0));
}

/// Every `fsync` and `fdatasync` takes this long, in whatever program has it loaded.
const SLOW: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    usleep(150000);
    return real(file);
}
int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"#;

fn slow_disk(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("slow.c"), folder.join("slow.so"));
    fs::write(&source, SLOW).unwrap();
    // Whoever builds Rust has a C compiler, to link with.
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(made.success());
    library
}

#[test]
fn a_slow_disk_costs_time_and_nothing_else() {
    let world = World::sandbox("disk-slow");
    let library = slow_disk(world.root());
    let slow = world.clone().with("LD_PRELOAD", library);
    let hub = slow.hub();
    let maps = fs::read_to_string(format!("/proc/{}/maps", hub.pid())).unwrap();
    assert!(maps.contains("slow.so"), "the disk isn't slow");
    connect(&world);
    for text in ["one", "two", "three"] {
        let sent = send(&world, text);
        assert_eq!(sent.code, Some(0), "{sent:?}");
    }
    // What was answered for is on the disk, however long that took.
    hub.kill9();
    let _hub = world.hub();
    assert_eq!(arrived(&world), ["one", "two", "three"]);
    let listed = world.run(&["outbox", "list", "--all"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert_eq!(listed.stdout.matches("\"sent\"").count(), 3, "{listed:?}");
    assert_eq!(world.run(&["test", "telegram"]).code, Some(0));
}

#[test]
fn a_profile_lives_in_a_folder_of_any_name() {
    let world = World::sandbox("odd");
    let long = "x".repeat(200);
    let names = [
        "-rf --no-preserve-root",
        "it's \"quoted\" & $HOME;*?`ls`",
        "two\nlines\tand a tab ",
        ".hidden",
        "Grüße 🛰\u{fe0f} до свидания",
        "%2e%2e%2f?mode=memory#x",
        &long,
    ];
    for (number, name) in names.iter().enumerate() {
        let home = world.root().join(name);
        fs::create_dir(&home).unwrap();
        let there = world
            .beside(&format!("p{number}"))
            .with("HOME", &home)
            .with("XDG_DATA_HOME", home.join("data"))
            .with("XDG_CONFIG_HOME", home.join("config"))
            .with("XDG_STATE_HOME", home.join("state"))
            .with("XDG_CACHE_HOME", home.join("cache"));
        let hub = there.hub();
        let arguments = ["connect", "telegram", "--token-stdin"];
        let _ = there.run_with(&arguments, DEMO_BOT_TOKEN).done();
        let database = home
            .join("data/autopilot/profiles")
            .join(there.profile())
            .join("autopilot.db");
        assert!(database.is_file(), "{}", database.display());
        hub.stop();
        // The next one finds it all again.
        let hub = there.hub();
        let tested = there.run(&["test", "telegram"]);
        assert_eq!(tested.code, Some(0), "{name:?}: {tested:?}");
        hub.stop();
    }
}
