//! What the kernel knows of processes: time used, memory held, children. Source: proc(5).

use std::{fs, time::Duration};

/// `USER_HZ`, which is 100 wherever Linux runs today (`getconf CLK_TCK`).
const TICKS_A_SECOND: u32 = 100;

/// User and system time used so far by all threads of a process, to 10 ms.
pub fn cpu(pid: u32) -> Duration {
    let fields = stat(pid).expect("the process runs");
    let ticks = |field: usize| -> u32 { fields[field].parse().expect("ticks are a number") };
    // utime and stime, the 14th and 15th of proc_pid_stat(5); ours begin with the third.
    (Duration::from_secs(1) / TICKS_A_SECOND) * (ticks(11) + ticks(12))
}

/// Proportional set size of several processes, in bytes.
pub fn pss_of(family: &[u32]) -> f64 {
    family.iter().copied().map(pss).sum()
}

/// Proportional set size, in bytes: shared pages are divided among those who share them.
pub fn pss(pid: u32) -> f64 {
    let text =
        fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("the process is ours");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .expect("the kernel counts shares");
    let kib: f64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .expect("a size is a number");
    kib * 1024.0
}

/// The most memory a process ever held, in bytes; since [`forget_peak`], where that was said.
pub fn peak(pid: u32) -> Option<f64> {
    of_status(pid, "VmHWM:")
}

/// What a process holds now, in bytes.
pub fn resident(pid: u32) -> Option<f64> {
    of_status(pid, "VmRSS:")
}

/// From now on a process's peak is that of what follows.
pub fn forget_peak(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the process is ours");
}

fn of_status(pid: u32, name: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024.0)
}

/// A process and everything it started, directly or not.
pub fn family(pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("Linux has it")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?[1].parse().ok()?)))
        .collect();
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(child, _)| *child),
        );
        next += 1;
    }
    family
}

/// How many processes of WebKit run that belong to another family: each shares pages with ours, and so takes from its
/// proportional set size.
pub fn strangers(family: &[u32]) -> usize {
    fs::read_dir("/proc")
        .expect("Linux has it")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| !family.contains(pid))
        .filter(|pid| {
            fs::read_to_string(format!("/proc/{pid}/comm"))
                .is_ok_and(|name| name.starts_with("WebKit"))
        })
        .count()
}

pub fn runs(pid: u32) -> bool {
    stat(pid).is_some_and(|fields| fields[0] != "Z")
}

/// The fields after the program's name, which may itself hold spaces and brackets.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}
