//! Systems where naming a process's ancestors takes calls we don't make yet: every program is `unknown`,
//! and a rule for one is a rule for all of them.

use super::Process;

pub fn look(_pid: u32) -> Option<Process> {
    None
}
