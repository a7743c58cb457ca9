//! Who opens sign-in links, in a fresh data folder, and held against what the desktop itself says.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use autopilot_tests::World;

use super::Found;

const KIND: &str = "x-scheme-handler/app.autopilot.desktop";

fn applications(world: &World) -> PathBuf {
    let folder = world.root().join("home/.local/share/applications");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn register(world: &World, id: &str, name: &str, exec: &Path) {
    let text = format!(
        "[Desktop Entry]\nType=Application\nName={name}\nExec=\"{}\" %u\nMimeType={KIND};\n",
        exec.display()
    );
    fs::write(applications(world).join(id), text).unwrap();
    // As any program registers itself.
    let mut command = Command::new("xdg-mime");
    command.args(["default", id, KIND]).env_clear();
    command.envs(world.variables().iter().map(|(name, value)| (name, value)));
    assert!(
        command.status().unwrap().success(),
        "xdg-mime (package xdg-utils)"
    );
}

/// A program that can be run, of this name.
fn program(world: &World, name: &str) -> PathBuf {
    let path = world.write(name, "#!/bin/sh\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Whom the desktop would ask.
fn desktop_says(world: &World) -> String {
    let mut command = Command::new("gio");
    command.args(["mime", KIND]).env_clear();
    command.envs(world.variables().iter().map(|(name, value)| (name, value)));
    let said = command.env("LANG", "C").output().unwrap();
    String::from_utf8(said.stdout).unwrap()
}

#[test]
fn a_scheme_that_another_program_took_is_named_with_that_program() {
    let world = World::sandbox("taken");
    let _hub = world.hub();
    let quiet = Found::in_world(&world);
    assert_eq!(quiet.one("links")["cause"]["kind"], "links_not_needed");

    let thief = program(&world, "mail-thief");
    register(&world, "mail-thief.desktop", "Mail Thief", &thief);
    assert!(desktop_says(&world).contains("mail-thief.desktop"));
    let found = Found::in_world(&world);
    let links = found.names("links", "bad", "links_elsewhere");
    assert_eq!(links["cause"]["program"], "Mail Thief");
    assert_eq!(links["action"]["action"], "register_links");
    assert_eq!(found.code, Some(1));
    found.finds_good(&["vault", "loopback", "service_gmail"]);

    // Taken back.
    let ours = program(&world, "autopilot-desktop");
    register(
        &world,
        "autopilot-desktop-handler.desktop",
        "Autopilot",
        &ours,
    );
    assert!(desktop_says(&world).contains("autopilot-desktop-handler.desktop"));
    Found::in_world(&world).finds_good(&["links"]);

    // And gone, as after an uninstall that left its traces.
    fs::remove_file(&ours).unwrap();
    Found::in_world(&world).names("links", "doubtful", "links_broken");
}
