//! Is each service reached, at all the places a connection of it needs?

use futures_util::future::join_all;
use model::doctor::DoctorCause;

use super::{
    Check, NETWORK_DEADLINE,
    answers::Needs,
    asking::{Answer, Shows},
};

pub(super) fn checks(needs: Vec<Needs>) -> Vec<Check> {
    needs.into_iter().map(check).collect()
}

fn check(needs: Needs) -> Check {
    Check::new(
        format!("service_{}", needs.id),
        NETWORK_DEADLINE,
        async move { cause(needs.service, &join_all(needs.asked).await) },
    )
}

/// The worst of its places decides.
fn cause(service: String, answers: &[Answer]) -> DoctorCause {
    let first = |is: fn(Shows) -> bool| answers.iter().find(|answer| is(answer.shows));
    let unreached = |shows| matches!(shows, Shows::Nothing | Shows::ProxySignIn | Shows::Dated);
    let replaced = |shows| matches!(shows, Shows::Page | Shows::Untrusted);
    let troubled = |shows| matches!(shows, Shows::Troubled(_));
    if let Some(answer) = first(unreached) {
        let host = answer.host.clone();
        DoctorCause::ServiceUnreachable { service, host }
    } else if let Some(answer) = first(replaced) {
        let host = answer.host.clone();
        DoctorCause::ServiceReplaced { service, host }
    } else if let Some(Shows::Troubled(status)) = first(troubled).map(|answer| answer.shows) {
        DoctorCause::ServiceTroubled { service, status }
    } else {
        DoctorCause::ServiceAnswers { service }
    }
}
