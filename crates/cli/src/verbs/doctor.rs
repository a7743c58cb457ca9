//! `autopilot doctor`: what the hub found when it looked around, and a report of it that may be shown to anybody.

use std::{fs::OpenOptions, io::Write, path::Path};

use model::{
    Error, ErrorCode, Request, Texts,
    doctor::{Diagnosis, Finding, Verdict},
    response::HubView,
};

use crate::{
    args::DoctorArguments,
    exit::Exit,
    failure::Failure,
    output::Style,
    schema::{DoctorAnswer, FindingShape, HubShape, ReportAnswer},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
};

/// The one finding with an exit status of its own.
const VAULT: &str = "vault";
/// Standard output, as other programs call it.
const HERE: &str = "-";

pub(super) async fn run(terminal: &Terminal, arguments: &DoctorArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    // The findings first: looking settles the vault, and its state is told below.
    let diagnosis = answer!(session.ask(Request::Doctor).await?, Diagnosis)?;
    let hub = answer!(session.ask(Request::Hub).await?, Hub)?;
    match &arguments.report {
        None => tell(terminal, &hub, &diagnosis.findings),
        Some(file) => report(terminal, file, &diagnosis)?,
    }
    match exit(&diagnosis.findings) {
        Exit::Done => Ok(()),
        exit => Err(Failure::Told(exit)),
    }
}

fn tell(terminal: &Terminal, hub: &HubView, findings: &[Finding]) {
    if terminal.out.json() {
        terminal.out.object(&DoctorAnswer {
            hub: HubShape::from(hub),
            findings: findings.iter().map(FindingShape::from).collect(),
        });
    }
    let holds = match (hub.headless, hub.sandbox) {
        (false, false) => "cli_doctor_window",
        (false, true) => "cli_doctor_window_sandbox",
        (true, false) => "cli_doctor_headless",
        (true, true) => "cli_doctor_headless_sandbox",
    };
    terminal.out.line(&terminal.words(
        holds,
        &[("version", &hub.version), ("profile", &hub.profile)],
    ));
    for remark in &hub.remarks {
        terminal.out.line(remark);
    }
    table(&terminal.texts, findings).print(terminal.out);
}

/// Exit status and findings agree, so a script that keeps the report still learns whether something is bad.
fn report(terminal: &Terminal, file: &Path, diagnosis: &Diagnosis) -> Result<(), Failure> {
    if file.as_os_str() == HERE {
        if terminal.out.json() {
            terminal.out.object(&ReportAnswer {
                report: Some(&diagnosis.report),
                file: None,
            });
        }
        terminal.out.line(diagnosis.report.trim_end());
        return Ok(());
    }
    write(terminal, file, &diagnosis.report)?;
    let file = file.display().to_string();
    if terminal.out.json() {
        terminal.out.object(&ReportAnswer {
            report: None,
            file: Some(&file),
        });
    }
    terminal
        .out
        .line(&terminal.words("cli_doctor_report", &[("file", &file)]));
    Ok(())
}

/// A new file of the person's alone, until they show it to somebody; nothing is overwritten.
fn write(terminal: &Terminal, file: &Path, report: &str) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(file)
        .and_then(|mut file| file.write_all(report.as_bytes()));
    written.map_err(|error| {
        let reason = terminal.words(
            "cli_file_not_made",
            &[("file", &file.display()), ("error", &error)],
        );
        Error::new(ErrorCode::InvalidInput).with("reason", reason)
    })
}

fn table(texts: &Texts, findings: &[Finding]) -> Table {
    let mut table = Table::default();
    for finding in findings {
        let (mark, style) = match finding.verdict {
            Verdict::Good => ("✓", Style::Good),
            Verdict::Doubtful => ("!", Style::Doubtful),
            Verdict::Bad => ("✗", Style::Bad),
            Verdict::Unknown => ("?", Style::Quiet),
        };
        let (sentence, remedy) = texts.finding(&finding.cause);
        let cells = vec![Cell::new(mark).styled(style), Cell::new(sentence)];
        table.row(cells, remedy.into_iter().collect());
    }
    table
}

/// The vault before all, since nothing works without it; then what is wrong here; a network may mend by itself.
fn exit(findings: &[Finding]) -> Exit {
    let bad: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Bad)
        .collect();
    if bad.is_empty() {
        Exit::Done
    } else if bad.iter().any(|finding| finding.check == VAULT) {
        Exit::Vault
    } else if bad.iter().all(|finding| finding.cause.is_about_network()) {
        Exit::Unreachable
    } else {
        Exit::Failed
    }
}

#[cfg(test)]
mod tests {
    use model::doctor::DoctorCause;

    use super::*;

    #[test]
    fn the_doctor_ends_as_badly_as_what_was_found() {
        let doubtful = Finding::new(
            "client_google",
            DoctorCause::ClientMissing {
                provider: "google".into(),
                services: Vec::new(),
            },
        );
        let database = Finding::new("database", DoctorCause::DatabaseDamaged);
        let vault = Finding::new(VAULT, DoctorCause::KeychainLocked);
        let network = Finding::new("dns", DoctorCause::NoNamesFound);
        assert_eq!(exit(&[doubtful]), Exit::Done);
        assert_eq!(exit(std::slice::from_ref(&network)), Exit::Unreachable);
        assert_eq!(exit(&[network, database.clone()]), Exit::Failed);
        assert_eq!(exit(&[database, vault]), Exit::Vault);
    }
}
