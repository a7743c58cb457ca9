//! 200 MB to Drive over TLS: ours (resumable, in chunks, hashed as it goes and compared at the end), beside `curl -T` of
//! the same file to the same server (the floor) and rclone's Drive backend (the peer), in turns, with the memory each
//! takes for it.

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use integrations::{LocalFile, OutgoingFile};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use crate::{
    figure::{Aim, Amount, Figure, at, median},
    lent::{self, Forgetful},
    peers::{capture, timed},
    proc,
    stub::Stub,
};

const SIZE: u64 = 200_000_000;
const ROUNDS: usize = 7;
const FILES: &str = "https://www.googleapis.com/auth/drive.file";
const MIB: f64 = 1024.0 * 1024.0;

pub fn measure() -> Vec<Figure> {
    println!("uploading 200 MB, {ROUNDS} times by each");
    let mut stub = Stub::start();
    let file = make(stub.folder(), "big.bin", SIZE);
    let small = make(stub.folder(), "small.bin", 1000);
    let (sha256, hashing) = hash(&file);
    let md5 = md5(&file);
    let ours = Ours::ready(&stub, &file, &sha256);
    let rclone = Rclone::ready(&stub);

    let (mut us, mut curl, mut them) = (vec![], vec![], vec![]);
    let (mut grown, mut their_peak): (f64, f64) = (0.0, 0.0);
    // The first turn warms everything up and isn't counted.
    for round in 0..=ROUNDS {
        stub.expect(SIZE, &md5, &sha256);
        stub.counted();
        let (passed, growth) = ours.turn();
        arrived(&mut stub, "ours");
        let bare = curl_turn(&stub, &file);
        arrived(&mut stub, "curl");
        let (theirs, peak) = rclone.turn(&file);
        arrived(&mut stub, "rclone");
        grown = grown.max(growth);
        if round > 0 {
            us.push(passed);
            curl.push(bare);
            them.push(theirs);
            their_peak = their_peak.max(peak);
        }
    }
    stub.expect(1000, &self::md5(&small), &hash(&small).0);
    let (starting, their_base) = rclone.turn(&small);
    vec![
        Figure::new("upload 200 MB over TLS", median(&us))
            .beside("curl -T", median(&curl))
            .aim(Aim::RatioAtMost(1.1))
            .note(format!(
                "p90 {}, curl's {}; hashing the file when it is queued takes {} more",
                Amount::from(at(&us, 0.9)),
                Amount::from(at(&curl, 0.9)),
                Amount::from(hashing),
            )),
        Figure::new("upload 200 MB over TLS", median(&us))
            .beside("rclone, Drive backend", median(&them))
            .aim(Aim::RatioAtMost(1.0))
            .note(format!(
                "rclone's time begins with its start; a file of 1 kB takes it {}",
                Amount::from(starting)
            )),
        Figure::new("memory an upload adds, at its peak", Amount::Memory(grown))
            .beside(
                "rclone",
                Amount::Memory((their_peak - their_base).max(0.0)),
            )
            .aim(Aim::AtMost(Amount::Memory(16.0 * MIB)))
            .note(format!(
                "ours is counted from right before each upload, rclone's {} from what it holds for a file of 1 kB, {}",
                Amount::Memory(their_peak),
                Amount::Memory(their_base),
            )),
    ]
}

/// Panics unless the whole file came since the last count.
fn arrived(stub: &mut Stub, who: &str) {
    let (_, bytes) = stub.counted();
    assert!(bytes >= SIZE, "{who} sent {bytes} bytes only");
}

struct Ours {
    runtime: Runtime,
    http: reqwest::Client,
    drive: String,
    file: OutgoingFile,
}

impl Ours {
    fn ready(stub: &Stub, file: &Path, sha256: &str) -> Self {
        let file = LocalFile {
            path: file.to_owned(),
            name: "big.bin".to_owned(),
            size: SIZE,
            sha256: sha256.to_owned(),
            media_type: "application/octet-stream".to_owned(),
        };
        Self {
            runtime: Runtime::new().expect("a runtime can be had"),
            http: lent::client(Some(&stub.authority())),
            drive: stub.drive().to_owned(),
            file: OutgoingFile { file, folder: None },
        }
    }

    /// How long it took, and by how much this process grew meanwhile.
    fn turn(&self) -> (Duration, f64) {
        let files = integrations::find(&"google_drive".into())
            .and_then(|drive| drive.files())
            .expect("Drive has files");
        let session = lent::session(&self.http, &self.drive, &[FILES]);
        let pid = std::process::id();
        proc::forget_peak(pid);
        let before = proc::resident(pid).expect("we run");
        let began = Instant::now();
        self.runtime
            .block_on(files.upload(&session, &self.file, &Forgetful))
            .expect("the stub takes it");
        let passed = began.elapsed();
        (passed, proc::peak(pid).expect("we run") - before)
    }
}

/// Only the transfer counts, not curl's start.
fn curl_turn(stub: &Stub, file: &Path) -> Duration {
    let said = capture(
        Command::new("curl")
            .args(["-s", "-S", "-f", "-o", "/dev/null", "-w", "%{time_total}"])
            .arg("--cacert")
            .arg(stub.authority())
            .arg("-T")
            .arg(file)
            .arg(format!("{}/plain/big.bin", stub.drive())),
    );
    Duration::from_secs_f64(said.parse().expect("curl says how many seconds"))
}

/// With its own defaults for Drive: chunks of 8 MiB, checksums compared at the end.
struct Rclone {
    authority: PathBuf,
    proxy: String,
    config: PathBuf,
}

impl Rclone {
    fn ready(stub: &Stub) -> Self {
        let config = stub.folder().join("rclone.conf");
        let token = r#"{"access_token":"stub","token_type":"Bearer","refresh_token":"stub","expiry":"2099-01-01T00:00:00Z"}"#;
        let text = format!(
            "[drive]\ntype = drive\nclient_id = stub\nclient_secret = stub\nscope = drive.file\n\
             root_folder_id = stubroot\ntoken = {token}\n"
        );
        File::create(&config)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .expect("the folder is ours");
        Self {
            authority: stub.authority(),
            proxy: stub.proxy().to_owned(),
            config,
        }
    }

    /// How long it took, and the most memory it held.
    fn turn(&self, file: &Path) -> (Duration, f64) {
        timed(
            Command::new("rclone")
                .arg("--config")
                .arg(&self.config)
                .arg("--ca-cert")
                .arg(&self.authority)
                .args(["--retries", "1", "--low-level-retries", "1", "copyto"])
                .arg(file)
                .arg("drive:big.bin")
                .env("HTTPS_PROXY", &self.proxy)
                .env("https_proxy", &self.proxy),
        )
    }
}

/// Bytes that don't repeat soon.
fn make(folder: &Path, name: &str, size: u64) -> PathBuf {
    let path = folder.join(name);
    let mut file = File::create(&path).expect("the folder is ours");
    let mut state = 1_u32;
    let mut block = vec![0; 1_000_000];
    let mut left = usize::try_from(size).expect("it is a small file");
    while left > 0 {
        for byte in &mut block {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
        let now = left.min(block.len());
        file.write_all(&block[..now]).expect("there is room");
        left -= now;
    }
    path
}

/// As the hub does when it queues a file, and how long that takes.
fn hash(path: &Path) -> (String, Duration) {
    let began = Instant::now();
    let mut file = File::open(path).expect("it was just made");
    let mut hasher = Sha256::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut block).expect("it can be read");
        if read == 0 {
            break;
        }
        hasher.update(&block[..read]);
    }
    let hash = hasher.finalize();
    let text = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    (text, began.elapsed())
}

/// rclone compares this one.
fn md5(path: &Path) -> String {
    let said = capture(Command::new("md5sum").arg(path));
    said.split_whitespace()
        .next()
        .expect("it says a sum")
        .to_owned()
}
