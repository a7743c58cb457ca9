//! Which program asks: the nearest ancestor of the peer that is neither ours nor a shell, because a person
//! admits the terminal or the agent they know, not `autopilot` or `sh`. Nothing the peer says counts.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod unknown;

#[cfg(target_os = "linux")]
use linux::look;
#[cfg(not(target_os = "linux"))]
use unknown::look;

use std::path::Path;

use model::Caller;

/// Shells and our own programs stand in for whoever started them.
const STAND_INS: &[&str] = &[
    "autopilot",
    "autopilot-hub",
    "autopilot-desktop",
    "sh",
    "ash",
    "bash",
    "csh",
    "dash",
    "elvish",
    "fish",
    "ksh",
    "mksh",
    "nu",
    "tcsh",
    "xonsh",
    "yash",
    "zsh",
    "cmd.exe",
    "powershell.exe",
    "pwsh",
    "pwsh.exe",
    "autopilot.exe",
    "autopilot-hub.exe",
    "autopilot-desktop.exe",
];

/// Where the system can't say: such callers are told apart from none, and from no known program.
const UNKNOWN: &str = "unknown";

/// Longer chains of processes are not believed.
const GENERATIONS: usize = 64;

/// A process as the system lists it.
struct Process {
    /// The file it runs, or `[name]` where the system keeps that to itself.
    executable: String,
    parent: u32,
}

/// The caller behind a connection. `face` only ever makes it less: an agent's face is an agent.
pub fn of(pid: Option<u32>, face: &str) -> Caller {
    let executable = pid.map_or_else(|| UNKNOWN.to_owned(), |pid| nearest(pid, look));
    match face {
        "mcp" => Caller::Agent { executable },
        _ => Caller::Program { executable },
    }
}

fn nearest(pid: u32, look: impl Fn(u32) -> Option<Process>) -> String {
    let mut pid = pid;
    for _ in 0..GENERATIONS {
        let Some(process) = look(pid) else { break };
        if !is_stand_in(&process.executable) {
            return process.executable;
        }
        pid = process.parent;
    }
    UNKNOWN.to_owned()
}

fn is_stand_in(executable: &str) -> bool {
    let name = Path::new(executable)
        .file_name()
        .map_or_else(|| executable.into(), |name| name.to_string_lossy());
    STAND_INS.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(names: &'static [&'static str]) -> impl Fn(u32) -> Option<Process> {
        move |pid| {
            let executable = names.get(usize::try_from(pid).unwrap())?;
            Some(Process {
                executable: (*executable).to_owned(),
                parent: pid + 1,
            })
        }
    }

    #[test]
    fn shells_and_our_own_program_stand_for_who_started_them() {
        let processes = chain(&[
            "/usr/bin/autopilot",
            "/bin/dash",
            "/usr/bin/zsh",
            "/usr/bin/foot",
            "/usr/lib/systemd/systemd",
        ]);
        assert_eq!(nearest(0, processes), "/usr/bin/foot");
    }

    #[test]
    fn a_chain_that_ends_or_never_ends_is_unknown() {
        assert_eq!(nearest(0, chain(&["/bin/sh"])), UNKNOWN);
        let circle = |_| {
            Some(Process {
                executable: "/bin/sh".to_owned(),
                parent: 1,
            })
        };
        assert_eq!(nearest(1, circle), UNKNOWN);
        assert_eq!(
            of(None, "cli"),
            Caller::Program {
                executable: UNKNOWN.to_owned()
            }
        );
    }

    #[test]
    fn an_agents_face_is_never_taken_for_a_program() {
        assert!(matches!(of(None, "mcp"), Caller::Agent { .. }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_real_process_is_named_by_the_file_it_runs() {
        let named = nearest(std::process::id(), look);
        assert_eq!(Path::new(&named), std::env::current_exe().unwrap());
    }
}
