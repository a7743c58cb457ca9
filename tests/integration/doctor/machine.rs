//! What can be wrong with this computer: no way back from the browser, no room, damage.

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
};

use autopilot_tests::{ANNA, Consent, HubProcess, World};

use super::Found;

#[test]
fn a_port_that_leads_nowhere_is_named() {
    let world = World::sandbox("no-port");
    // A network of its own, in which even the loopback is down: ports can be bound there, and not reached.
    let _hub = HubProcess::start_in(&world, &["unshare", "--net", "--"]);
    let found = Found::in_world(&world);
    found.names("loopback", "bad", "loopback_blocked");
    found.finds_good(&["vault", "database", "disk"]);
    assert_eq!(found.code, Some(1));
}

#[test]
fn a_full_disk_is_named() {
    let world = World::sandbox("full");
    let folder = world.data_dir();
    fs::create_dir_all(&folder).unwrap();
    let mount = format!(
        "mount -t tmpfs -o size=3m,mode=0700 none '{}' && exec \"$0\" \"$@\"",
        folder.display()
    );
    let hub = HubProcess::start_in(&world, &["unshare", "--mount", "--", "sh", "-c", &mount]);
    // 3 MB are little.
    let found = Found::in_world(&world);
    found.names("disk", "doubtful", "disk_low");
    found.finds_good(&["database", "vault"]);

    let inside =
        PathBuf::from(format!("/proc/{}/root", hub.pid())).join(folder.strip_prefix("/").unwrap());
    let mut filler = File::create(inside.join("filler")).unwrap();
    // To the last block.
    while filler.write_all(&[0; 4096]).is_ok() {}
    let found = Found::in_world(&world);
    found.names("disk", "bad", "disk_full");
    found.finds_good(&["vault", "loopback", "service_gmail"]);
    assert_eq!(found.code, Some(1));

    // Its room is given back once nobody holds it.
    drop(filler);
    fs::remove_file(inside.join("filler")).unwrap();
    Found::in_world(&world).names("disk", "doubtful", "disk_low");
}

#[test]
fn a_damaged_database_is_named_with_where_it_was_put() {
    let world = World::sandbox("damaged");
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    hub.stop();
    let mut file = File::options().write(true).open(world.database()).unwrap();
    let length = file.metadata().unwrap().len();
    assert!(length > 8192, "{length}");
    // Everything but the head: SQLite still takes it for one of its files.
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(length).unwrap() - 4096])
        .unwrap();
    drop(file);

    let _hub = world.hub();
    let found = Found::in_world(&world);
    let database = found.names("database", "bad", "database_set_aside");
    let aside = database["cause"]["file"].as_str().unwrap();
    assert!(aside.contains("damaged"), "{aside}");
    assert!(world.data_dir().join(aside).exists(), "nothing was deleted");
    found.finds_good(&["vault", "disk", "loopback", "service_gmail"]);
    assert_eq!(found.code, Some(1));
}

#[test]
fn accounts_outlive_a_database_whose_history_is_damaged() {
    let world = World::sandbox("salvaged");
    let hub = world.hub();
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let _ = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected();
    let before = world.connection("gmail");
    hub.stop();
    let (page, size): (u32, u32) = rusqlite::Connection::open(world.database())
        .unwrap()
        .query_row(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'ledger'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let mut file = File::options().write(true).open(world.database()).unwrap();
    file.seek(SeekFrom::Start(u64::from(page - 1) * u64::from(size)))
        .unwrap();
    file.write_all(&vec![0xa5; size as usize]).unwrap();
    drop(file);

    let _hub = world.hub();
    let found = Found::in_world(&world);
    found.names("database", "doubtful", "database_salvaged");
    found.finds_good(&["vault", "disk", "loopback", "service_gmail"]);
    let after = world.connection("gmail");
    assert_eq!(after["id"], before["id"]);
    // Its sign-in is where it was, and belongs to it still.
    let tested = world.run(&["test", "gmail"]);
    assert_eq!(tested.code, Some(0), "{tested:?}");
}
