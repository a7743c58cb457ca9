//! Another user of the machine, as a process that really runs as one. Only an administrator can become somebody else, so
//! where the tests run as an ordinary user only the modes are looked at.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Output},
};

use autopilot_tests::World;
use serde_json::json;

/// `nobody`, everywhere.
const SOMEBODY_ELSE: u32 = 65_534;

/// Perl is part of every Debian, and speaks to sockets. Says what it was told, if anything.
const ASK: &str = r#"
    $SIG{PIPE} = 'IGNORE';
    my $hub = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no way in: $!\n";
    $hub->autoflush(1);
    print $hub $ARGV[1], "\n";
    my $answer = <$hub>;
    print defined $answer ? $answer : "nothing\n";
"#;

#[test]
fn another_user_of_the_machine_reads_nothing_of_a_profile() {
    let world = World::sandbox("others");
    let _hub = world.hub();
    let folder = world.data_dir();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    let files: Vec<PathBuf> = files_in(&folder);
    assert!(files.iter().any(|path| path.ends_with("autopilot.db")));
    assert_eq!(mode(&folder.join("autopilot.db")), 0o600);

    if !open_the_way(&world) {
        return;
    }
    let listed = as_somebody_else(Command::new("ls").arg(&folder));
    assert!(!listed.status.success() && listed.stdout.is_empty());
    for file in files {
        let read = as_somebody_else(Command::new("cat").arg(&file));
        assert!(!read.status.success(), "{} was read", file.display());
        assert!(read.stdout.is_empty(), "{} was read", file.display());
    }
}

#[test]
fn another_user_of_the_machine_cannot_ask_the_hub() {
    let world = World::sandbox("others");
    let _hub = world.hub();
    let socket = world.socket().unwrap();
    let folder = socket.parent().unwrap().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&socket)), (0o700, 0o600));

    // A real greeting, to which the person's own programs are answered.
    let mine = greet(&socket, |command| command.output().unwrap());
    assert!(mine.contains("welcome"), "{mine}");
    if !open_the_way(&world) {
        return;
    }
    let kept_out = greet(&socket, as_somebody_else);
    assert!(kept_out.contains("no way in"), "{kept_out}");

    // Somebody has loosened folder and socket: who is at the other end is looked at all the same.
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o666)).unwrap();
    let hung_up = greet(&socket, as_somebody_else);
    assert_eq!(hung_up, "nothing\n");
    let mine = greet(&socket, |command| command.output().unwrap());
    assert!(mine.contains("welcome"), "{mine}");
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(files_in(&path)),
            false => files.push(path),
        }
    }
    files
}

/// Lets everybody as far as our own folders, and says whether there is somebody to let.
fn open_the_way(world: &World) -> bool {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return false;
    }
    for folder in ["", "home", "home/.local", "home/.local/share", "run"] {
        let folder = world.root().join(folder);
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    true
}

fn as_somebody_else(command: &mut Command) -> Output {
    command
        .uid(SOMEBODY_ELSE)
        .gid(SOMEBODY_ELSE)
        .current_dir("/")
        .output()
        .unwrap()
}

fn greet(socket: &Path, run: impl FnOnce(&mut Command) -> Output) -> String {
    let hello = json!({"hello": {"version": "0.1.0", "protocol": 1, "face": "cli"}});
    let mut perl = Command::new("perl");
    perl.args(["-MIO::Socket::UNIX", "-e", ASK])
        .arg(socket)
        .arg(hello.to_string());
    let said = run(&mut perl);
    let text = [said.stdout, said.stderr].concat();
    String::from_utf8(text).unwrap()
}
