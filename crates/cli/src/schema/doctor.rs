//! What the doctor found, as `doctor --json` prints it.

use model::{
    Texts, VaultState,
    doctor::{DoctorCause, Finding, RemedyAction, Verdict},
    response::HubView,
};
use serde::Serialize;

#[derive(Serialize, Debug)]
pub(crate) struct DoctorAnswer<'a> {
    pub(crate) hub: HubShape<'a>,
    pub(crate) findings: Vec<FindingShape<'a>>,
}

#[derive(Serialize, Debug)]
pub(crate) struct HubShape<'a> {
    version: &'a str,
    profile: &'a str,
    sandbox: bool,
    headless: bool,
    vault: &'a VaultState,
    remarks: &'a [String],
}

impl<'a> From<&'a HubView> for HubShape<'a> {
    fn from(view: &'a HubView) -> Self {
        Self {
            version: &view.version,
            profile: view.profile.as_str(),
            sandbox: view.sandbox,
            headless: view.headless,
            vault: &view.vault,
            remarks: &view.remarks,
        }
    }
}

#[derive(Serialize, Debug)]
pub(crate) struct FindingShape<'a> {
    check: &'a str,
    verdict: Verdict,
    /// The cause's kind, and what belongs to it.
    cause: &'a DoctorCause,
    sentence: String,
    remedy: Option<String>,
    /// What the window offers to do.
    action: Option<&'a RemedyAction>,
}

impl<'a> From<&'a Finding> for FindingShape<'a> {
    fn from(finding: &'a Finding) -> Self {
        let (sentence, remedy) = Texts::english().finding(&finding.cause);
        Self {
            check: &finding.check,
            verdict: finding.verdict,
            cause: &finding.cause,
            sentence,
            remedy,
            action: finding.action.as_ref(),
        }
    }
}

/// `doctor --report`: the text itself, or where it was put.
#[derive(Serialize, Debug)]
pub(crate) struct ReportAnswer<'a> {
    pub(crate) report: Option<&'a str>,
    pub(crate) file: Option<&'a str>,
}
