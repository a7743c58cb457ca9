//! `autopilot doctor`: what the hub found when it looked at itself.

use model::{
    Request,
    doctor::{Finding, Verdict},
};

use crate::{
    exit::Exit,
    failure::Failure,
    output::Style,
    schema::{DoctorAnswer, FindingShape, HubShape},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
};

/// The one finding with an exit status of its own.
const VAULT: &str = "vault";

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    // The findings first: looking settles the vault, and its state is told below.
    let findings = answer!(session.ask(Request::Doctor).await?, Findings)?;
    let hub = answer!(session.ask(Request::Hub).await?, Hub)?;
    if terminal.out.json() {
        terminal.out.object(&DoctorAnswer {
            hub: HubShape::from(&hub),
            findings: findings.iter().map(FindingShape::from).collect(),
        });
    }
    let how = if hub.headless {
        "without a window"
    } else {
        "with its window"
    };
    let against = if hub.sandbox {
        ", against the sandbox"
    } else {
        ""
    };
    terminal.out.line(&format!(
        "Autopilot {} holds the profile \"{}\" {how}{against}.",
        hub.version, hub.profile
    ));
    for remark in &hub.remarks {
        terminal.out.line(remark);
    }
    table(&findings).print(terminal.out);
    match exit(&findings) {
        Exit::Done => Ok(()),
        exit => Err(Failure::Told(exit)),
    }
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::default();
    for finding in findings {
        let (mark, style) = match finding.verdict {
            Verdict::Good => ("✓", Style::Good),
            Verdict::Doubtful => ("!", Style::Doubtful),
            Verdict::Bad => ("✗", Style::Bad),
        };
        let cells = vec![Cell::new(mark).styled(style), Cell::new(&finding.sentence)];
        table.row(cells, finding.remedy.iter().cloned().collect());
    }
    table
}

fn exit(findings: &[Finding]) -> Exit {
    let mut bad = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Bad)
        .peekable();
    if bad.peek().is_none() {
        Exit::Done
    } else if bad.any(|finding| finding.check == VAULT) {
        Exit::Vault
    } else {
        Exit::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &str, verdict: Verdict) -> Finding {
        Finding {
            check: check.to_owned(),
            verdict,
            sentence: String::new(),
            remedy: None,
        }
    }

    #[test]
    fn the_doctor_ends_as_badly_as_what_was_found() {
        let doubtful = finding("client_google", Verdict::Doubtful);
        let database = finding("database", Verdict::Bad);
        let vault = finding(VAULT, Verdict::Bad);
        assert_eq!(exit(&[doubtful]), Exit::Done);
        assert_eq!(exit(std::slice::from_ref(&database)), Exit::Failed);
        assert_eq!(exit(&[database, vault]), Exit::Vault);
    }
}
