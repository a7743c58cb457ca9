//! A keyring that is locked, and none at all. The session's own is never touched: each has a bus of its own.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use autopilot_tests::World;

use super::Found;

/// A bus with a keyring on it, which go with this.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            daemon,
            address: address.trim().to_owned(),
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // A keyring leaves with its bus.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Runs a keyring in the world's home until `f` is over.
fn keyring(world: &World, unlock: bool) -> Child {
    let mut command = Command::new("gnome-keyring-daemon");
    command
        .args(["--foreground", "--components=secrets"])
        .env_clear();
    if unlock {
        command.arg("--unlock");
    }
    command.envs(world.variables().iter().map(|(name, value)| (name, value)));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("gnome-keyring is installed");
    let mut stdin = child.stdin.take().unwrap();
    if unlock {
        stdin.write_all(b"a keyring of nobody").unwrap();
    }
    child
}

fn secret_tool(world: &World, arguments: &[&str]) -> bool {
    let mut command = Command::new("secret-tool");
    command.args(arguments).env_clear();
    command.envs(world.variables().iter().map(|(name, value)| (name, value)));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"x");
    child.wait().unwrap().success()
}

#[test]
fn a_locked_keyring_is_named_as_locked() {
    let bus = Bus::start();
    let world = World::sandbox("locked").with("DBUS_SESSION_BUS_ADDRESS", bus.address.clone());
    // Made with a password, then come back to without it, as after a start without a sign-in.
    let mut made = keyring(&world, true);
    autopilot_tests::eventually(
        autopilot_tests::PATIENCE,
        "the keyring keeps something",
        || secret_tool(&world, &["store", "--label=x", "a", "b"]).then_some(()),
    );
    made.kill().unwrap();
    made.wait().unwrap();
    let mut locked = keyring(&world, false);
    let _hub = world.hub();
    let found = Found::in_world(&world);
    let vault = found.names("vault", "bad", "keychain_locked");
    assert_eq!(vault["action"]["action"], "open_vault");
    assert_eq!(found.code, Some(7));
    found.finds_good(&["database", "disk", "loopback", "service_gmail", "clock"]);
    locked.kill().unwrap();
    locked.wait().unwrap();
}

#[test]
fn a_computer_without_a_keyring_is_named_as_that() {
    let world =
        World::sandbox("none").with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let _hub = world.hub();
    let found = Found::in_world(&world);
    found.names("vault", "bad", "no_keychain");
    assert_eq!(found.code, Some(7));
    found.finds_good(&["database", "disk", "loopback", "service_gmail"]);
}
