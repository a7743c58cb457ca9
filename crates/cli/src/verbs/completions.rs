//! `autopilot completions`: the script that lets a shell complete our command line.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::{
    args::{Arguments, CompletionsArguments},
    failure::Failure,
    terminal::Terminal,
};

/// What the script completes: the program by the name it is installed under.
const PROGRAM: &str = "autopilot";

pub(super) fn run(terminal: &Terminal, arguments: &CompletionsArguments) -> Result<(), Failure> {
    terminal.out.row(script(arguments.shell).trim_end());
    Ok(())
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), PROGRAM, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::{Command, ValueEnum as _};

    use super::*;

    /// Every verb, and every verb below it.
    fn verbs(command: &Command) -> Vec<String> {
        let below = command.get_subcommands();
        below
            .flat_map(|one| std::iter::once(one.get_name().to_owned()).chain(verbs(one)))
            .collect()
    }

    #[test]
    fn every_shells_script_names_every_verb() {
        let verbs = verbs(&Arguments::command());
        assert!(verbs.contains(&"token".to_owned()) && verbs.contains(&"unlock".to_owned()));
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for verb in &verbs {
                assert!(script.contains(verb.as_str()), "{shell}: {verb}");
            }
        }
    }
}
