//! Our window beside an empty one of the same Tauri: from the start of the process until its content is on the
//! screen, and the memory both hold once nothing happens any more. They take turns, so that what slows the machine
//! down meanwhile slows both.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use autopilot_tests::{PATIENCE, World, end_within, eventually};

use crate::{
    figure::{Aim, Amount, Figure, at, median},
    idle::SETTLED,
    proc,
};

/// Turns of each.
const STARTS: usize = 9;
/// Of those, how many are left alone until they are idle.
const IDLERS: usize = 3;

const AIM: Aim = Aim::RatioAtMost(1.15);

/// What one turn showed.
struct Turn {
    shown: Duration,
    /// Bytes, of the window's process and those it started.
    pss: Option<f64>,
    /// Other processes of WebKit at that moment, which make it smaller than it is.
    strangers: usize,
    /// Only the empty window tells its first paint apart from its first content's second frame.
    painted: Option<Duration>,
}

/// With three connections against the sandbox, whose hub doesn't run.
pub fn measure(world: &World, empty: &Path) -> [Figure; 2] {
    println!("starting windows, {STARTS} times each");
    let ours = || ours(world);
    let empty = || bare(world, empty);
    // The first of each makes caches.
    turn(ours(), false);
    turn(empty(), false);
    let mut of_ours = Vec::new();
    let mut of_empty = Vec::new();
    for number in 0..STARTS {
        of_empty.push(turn(empty(), number < IDLERS));
        of_ours.push(turn(ours(), number < IDLERS));
    }
    let shown = |turns: &[Turn]| turns.iter().map(|turn| turn.shown).collect::<Vec<_>>();
    let pss = |turns: &[Turn]| turns.iter().filter_map(|turn| turn.pss).collect::<Vec<_>>();
    let spread = |turns: &[Turn]| {
        let times = shown(turns);
        format!(
            "{} to {}",
            Amount::from(at(&times, 0.0)),
            Amount::from(at(&times, 1.0))
        )
    };
    let strangers = of_ours
        .iter()
        .chain(&of_empty)
        .map(|turn| turn.strangers)
        .sum::<usize>();
    let painted: Vec<Duration> = of_empty.iter().filter_map(|turn| turn.painted).collect();
    [
        Figure::new("start to painted cards, 3 connections", median(&shown(&of_ours)))
            .beside("empty window", median(&shown(&of_empty)))
            .aim(AIM)
            .note(format!(
                "medians of {STARTS} turns each, ours {}, empty {}; the empty one's own first-contentful-paint entry \
                 says {}",
                spread(&of_ours),
                spread(&of_empty),
                Amount::from(median(&painted)),
            )),
        Figure::new(
            "idle PSS, all processes of the window",
            Amount::Memory(median(&pss(&of_ours))),
        )
        .beside("empty window", Amount::Memory(median(&pss(&of_empty))))
        .aim(AIM)
        .note(format!(
            "{} s after the start, medians of {IDLERS} turns each{}",
            SETTLED.as_secs(),
            if strangers == 0 {
                ""
            } else {
                "; NOT COMPARABLE: other windows of WebKit were open, and shared memory with some of them"
            }
        )),
    ]
}

fn ours(world: &World) -> Command {
    let mut command = world.command("autopilot-desktop");
    command
        .args(["--profile", world.profile()])
        .envs(screen())
        .env("AUTOPILOT_STARTUP_TRACE", "1");
    command
}

/// A world has none.
fn screen() -> impl Iterator<Item = (&'static str, OsString)> {
    ["DISPLAY", "XAUTHORITY"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

fn bare(world: &World, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(world.variables().iter().map(|(name, value)| (name, value)))
        .envs(screen())
        .current_dir(world.root());
    command
}

fn turn(mut command: Command, until_idle: bool) -> Turn {
    let began = SystemTime::now();
    let mut running = Running(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the window's program is built"),
    );
    let marks = read(&mut running.0);
    let mut painted = None;
    // The last mark is the one both programs give.
    let shown = loop {
        let line = marks
            .recv_timeout(PATIENCE)
            .expect("the window says when its content is there");
        if let Some(at) = moment(&line, "fcp-at-ms=", began) {
            painted = Some(at);
        }
        if let Some(at) = moment(&line, "first-paint-at-ms=", began) {
            break at;
        }
    };
    let (mut pss, mut strangers) = (None, 0);
    if until_idle {
        sleep(SETTLED);
        let family = proc::family(running.0.id());
        pss = Some(proc::pss_of(&family));
        strangers = proc::strangers(&family);
    }
    running.leave();
    Turn {
        shown,
        pss,
        strangers,
        painted,
    }
}

/// Since `began`, if the line carries this mark.
fn moment(line: &str, mark: &str, began: SystemTime) -> Option<Duration> {
    let ms: f64 = line.strip_prefix(mark)?.parse().ok()?;
    let at = UNIX_EPOCH + Duration::from_secs_f64(ms / 1000.0);
    Some(at.duration_since(began).unwrap_or_default())
}

fn read(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

struct Running(Child);

impl Running {
    /// Asks it to end, and waits until nothing of it is left to slow the next one down.
    fn leave(mut self) {
        let family = proc::family(self.0.id());
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "it still ran");
        end_within(&mut self.0, PATIENCE, "the window");
        eventually(PATIENCE, "the window's processes are gone", || {
            (!family.iter().any(|pid| proc::runs(*pid))).then_some(())
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
