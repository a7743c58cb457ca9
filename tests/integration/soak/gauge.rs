//! What a process holds, as the kernel tells it and its runtime; and whether that grew.

use std::{fmt, fs};

use autopilot_tests::PipedHub;

/// Of the second half. Allocators give back late and in lumps; a leak of a few hundred bytes a request would be more.
const FLAT_MIB_AN_HOUR: f64 = 12.0;
/// Requests that happen to be under way when it is looked.
const UNDER_WAY: u64 = 40;

pub struct Sample {
    minute: u64,
    rss: f64,
    pss: f64,
    descriptors: u64,
    threads: u64,
    tasks: u64,
}

impl Sample {
    pub fn of(hub: &mut PipedHub, minute: u64) -> Self {
        let pid = hub.pid();
        let count = |what: &str| {
            let entries = fs::read_dir(format!("/proc/{pid}/{what}")).unwrap();
            entries.count().try_into().unwrap()
        };
        Self {
            minute,
            rss: kib(pid, "status", "VmRSS:") / 1024.0,
            pss: kib(pid, "smaps_rollup", "Pss:") / 1024.0,
            descriptors: count("fd"),
            threads: count("task"),
            tasks: hub.tasks(),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "minute {:3}: RSS {:.1} MiB, PSS {:.1} MiB, {} descriptors, {} threads, {} tasks",
            self.minute, self.rss, self.pss, self.descriptors, self.threads, self.tasks
        )
    }
}

/// Source: proc(5).
fn kib(pid: u32, file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.unwrap().trim().trim_end_matches("kB").trim();
    number.parse().unwrap()
}

#[derive(Default)]
pub struct Gauge(Vec<Sample>);

/// Counts are the most in the first half and in the second.
pub struct Found {
    pub first_mib: f64,
    pub last_mib: f64,
    pub pss_mib: f64,
    pub slope_mib: f64,
    pub descriptors: (u64, u64),
    pub threads: (u64, u64),
    pub tasks: (u64, u64),
}

impl Gauge {
    pub fn add(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    pub fn sum_up(&self) -> Found {
        let (before, after) = self.0.split_at(self.0.len() / 2);
        let most = |of: fn(&Sample) -> u64| {
            let most = |half: &[Sample]| half.iter().map(of).max().unwrap_or(0);
            (most(before), most(after))
        };
        Found {
            first_mib: self.0.first().map_or(0.0, |sample| sample.rss),
            last_mib: self.0.last().map_or(0.0, |sample| sample.rss),
            pss_mib: self.0.last().map_or(0.0, |sample| sample.pss),
            slope_mib: slope(after) * 60.0,
            descriptors: most(|sample| sample.descriptors),
            threads: most(|sample| sample.threads),
            tasks: most(|sample| sample.tasks),
        }
    }
}

/// Of memory in MiB a minute, by least squares.
#[allow(clippy::cast_precision_loss, reason = "minutes of a run are few")]
fn slope(samples: &[Sample]) -> f64 {
    let n = samples.len() as f64;
    let mean = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|one| one.minute as f64), mean(|one| one.rss));
    let (above, below) = samples.iter().fold((0.0, 0.0), |(above, below), one| {
        let off = one.minute as f64 - x;
        (above + off * (one.rss - y), below + off * off)
    });
    if below > 0.0 { above / below } else { 0.0 }
}

impl Found {
    /// Panics with what grew.
    pub fn is_steady(&self) {
        assert!(
            self.slope_mib < FLAT_MIB_AN_HOUR,
            "memory grows by {:.1} MiB an hour",
            self.slope_mib
        );
        for (what, (before, after)) in [
            ("descriptors", self.descriptors),
            ("threads", self.threads),
            ("tasks", self.tasks),
        ] {
            assert!(
                after <= before + UNDER_WAY,
                "{what} grew from {before} to {after}"
            );
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "RSS {:.1} -> {:.1} MiB, {:+.1} MiB an hour over the second half",
            self.first_mib, self.last_mib, self.slope_mib
        )?;
        for (what, (before, after)) in [
            ("descriptors", self.descriptors),
            ("threads", self.threads),
            ("tasks", self.tasks),
        ] {
            writeln!(f, "{what}: at most {before}, then {after}")?;
        }
        Ok(())
    }
}
