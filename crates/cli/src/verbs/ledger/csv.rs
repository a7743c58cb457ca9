//! The ledger as comma-separated values (RFC 4180), to be opened by a spreadsheet.

use std::borrow::Cow;

use model::{Caller, LedgerEntry};

use super::list::kind;

pub(super) const HEAD: &str = "seq,at,kind,caller_kind,caller,connection,integration,account,capability,action,result,\
                               calls,errors,milliseconds,bytes_out,bytes_in";

pub(super) fn row(entry: &LedgerEntry) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let (caller_kind, caller) = match &entry.caller {
        None => ("hub", String::new()),
        Some(Caller::Window) => ("window", String::new()),
        Some(Caller::Program { executable }) => ("program", executable.clone()),
        Some(Caller::Workflow { name }) => ("workflow", name.clone()),
        Some(Caller::Agent { executable }) => ("agent", executable.clone()),
    };
    let cells = [
        entry.seq.to_string(),
        entry.at.to_string(),
        kind(entry.kind).to_owned(),
        caller_kind.to_owned(),
        caller,
        text(entry.connection.map(|id| id.to_string())),
        text(entry.integration.as_ref().map(ToString::to_string)),
        text(entry.account.clone()),
        text(entry.capability.map(|capability| capability.to_string())),
        text(entry.action.map(|id| id.to_string())),
        entry.result.clone(),
        entry.calls.to_string(),
        entry.errors.to_string(),
        entry.millis.to_string(),
        entry.bytes_out.to_string(),
        entry.bytes_in.to_string(),
    ];
    let cells: Vec<Cow<'_, str>> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",")
}

/// Quoted where it has to be; and never a formula, for a spreadsheet would calculate what a stranger wrote.
fn cell(text: &str) -> Cow<'_, str> {
    let handle = text
        .strip_prefix('@')
        .is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !handle;
    let mark = if formula { "'" } else { "" };
    if formula || text.contains([',', '"', '\n', '\r']) {
        format!("\"{mark}{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use model::{Capability, EntryKind, Timestamp};

    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_word_of_the_head() {
        let entry = LedgerEntry {
            seq: 7,
            at: Timestamp::UNIX_EPOCH,
            kind: EntryKind::Call,
            caller: Some(Caller::Workflow {
                name: "weekly, \"news\"".to_owned(),
            }),
            connection: None,
            integration: Some("gmail".into()),
            account: Some("anna@example.org".to_owned()),
            capability: Some(Capability::MailSend),
            action: None,
            result: "ok".to_owned(),
            calls: 1,
            errors: 0,
            millis: 120,
            bytes_out: 4_096,
            bytes_in: 200,
        };
        assert_eq!(
            row(&entry),
            "7,1970-01-01T00:00:00Z,call,workflow,\"weekly, \"\"news\"\"\",,gmail,anna@example.org,mail.send,,ok,\
             1,0,120,4096,200"
        );
        assert_eq!(HEAD.split(',').count(), 16);
    }

    #[test]
    fn a_name_is_never_a_formula() {
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(cell("@autopilot_demo_bot"), "@autopilot_demo_bot");
    }
}
