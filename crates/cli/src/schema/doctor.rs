//! What the doctor found, as `doctor --json` prints it.

use model::{
    VaultState,
    doctor::{Finding, Verdict},
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
    sentence: &'a str,
    remedy: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingShape<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            check: &finding.check,
            verdict: finding.verdict,
            sentence: &finding.sentence,
            remedy: finding.remedy.as_deref(),
        }
    }
}
