//! Processes from /proc (proc(5)): `exe` is the file a process runs, `stat` names its parent.

use std::{
    fs::{self, File},
    io::Read as _,
};

use super::Process;

/// What the kernel adds to the file of a program that was replaced while it runs, as an update does.
const REPLACED: &str = " (deleted)";

/// Number, name, state and parent stand in front; one read brings them, and a caller waits for it.
const HEAD: usize = 256;

pub fn look(pid: u32) -> Option<Process> {
    let mut head = [0; HEAD];
    let mut stat = File::open(format!("/proc/{pid}/stat")).ok()?;
    let length = stat.read(&mut head).ok()?;
    let stat = String::from_utf8_lossy(&head[..length]);
    let (name, parent) = name_and_parent(&stat)?;
    let executable = match fs::read_link(format!("/proc/{pid}/exe")) {
        Ok(file) => {
            let file = file.to_string_lossy();
            file.strip_suffix(REPLACED).unwrap_or(&file).to_owned()
        }
        // Another user's process (cron, sshd). The brackets keep its name apart from any file.
        Err(_) => format!("[{name}]"),
    };
    Some(Process { executable, parent })
}

/// `PID (NAME) STATE PARENT …`; the name may hold spaces and brackets of its own.
fn name_and_parent(stat: &str) -> Option<(&str, u32)> {
    let (head, tail) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let parent = tail.split_whitespace().nth(1)?.parse().ok()?;
    Some((name, parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_name_cannot_pretend_a_parent() {
        assert_eq!(
            name_and_parent("7 (a) S 1 (b) R 99 7 7 0"),
            Some(("a) S 1 (b", 99))
        );
        assert_eq!(name_and_parent("7 (a"), None);
    }
}
