//! Does something else answer in the services' place: a network's sign-in page, or who breaks the encryption?

use model::doctor::DoctorCause;

use super::{
    Check, NETWORK_DEADLINE,
    answers::Answers,
    asking::{Answer, Shows},
};

pub(super) fn check(answers: &Answers) -> Check {
    let answers = answers.clone();
    Check::new("portal", NETWORK_DEADLINE, async move {
        cause(&answers.all().await)
    })
}

fn cause(answers: &[Answer]) -> DoctorCause {
    let hosts = |shows: Shows| {
        let mut hosts: Vec<String> = answers
            .iter()
            .filter(|answer| answer.shows == shows)
            .map(|answer| answer.host.clone())
            .collect();
        hosts.sort();
        hosts.dedup();
        hosts
    };
    let pages = hosts(Shows::Page);
    if !pages.is_empty() {
        return DoctorCause::Portal { hosts: pages };
    }
    let untrusted = hosts(Shows::Untrusted);
    if !untrusted.is_empty() {
        return DoctorCause::Intercepted { hosts: untrusted };
    }
    let answered = |answer: &Answer| matches!(answer.shows, Shows::Theirs | Shows::Troubled(_));
    if answers.iter().any(answered) {
        DoctorCause::NoPortal
    } else {
        DoctorCause::PortalUnknown
    }
}
