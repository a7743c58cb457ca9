//! Our clock against the services' own: the date of an answer, allowing for the way.

use futures_util::StreamExt;
use model::doctor::DoctorCause;

use super::{
    Check, NETWORK_DEADLINE,
    answers::Answers,
    asking::{Answer, Shows},
};

pub(super) fn check(answers: &Answers) -> Check {
    let answers = answers.clone();
    Check::new("clock", NETWORK_DEADLINE, async move {
        let mut heard = Vec::new();
        let mut coming = answers.each();
        while let Some(answer) = coming.next().await {
            heard.push(answer);
            // One that agrees is enough; one that doesn't may be wrong itself, so the others are heard.
            if let found @ DoctorCause::ClockRight = cause(&heard) {
                return found;
            }
        }
        cause(&heard)
    })
}

fn cause(answers: &[Answer]) -> DoctorCause {
    // A page between us and the service has a clock of its own.
    let theirs = answers
        .iter()
        .filter(|answer| matches!(answer.shows, Shows::Theirs | Shows::Troubled(_)));
    let least = theirs
        .filter_map(|answer| answer.ahead)
        .min_by_key(|(off, _)| off.abs());
    let Some((off, unsure)) = least else {
        let dated = answers.iter().any(|answer| answer.shows == Shows::Dated);
        return if dated {
            DoctorCause::ClockSuspected
        } else {
            DoctorCause::ClockUnknown
        };
    };
    let seconds = (off.unsigned_abs() + 500) / 1000;
    let found = if off > 0 {
        DoctorCause::ClockAhead { seconds }
    } else {
        DoctorCause::ClockBehind { seconds }
    };
    if off.abs() <= unsure || found.verdict() == model::doctor::Verdict::Good {
        DoctorCause::ClockRight
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(shows: Shows, ahead: Option<i64>) -> Answer {
        Answer {
            host: "api.example".to_owned(),
            shows,
            ahead: ahead.map(|seconds| (seconds * 1000, 600)),
        }
    }

    #[test]
    fn one_service_with_a_wrong_clock_does_not_make_ours_wrong() {
        let heard = [
            answer(Shows::Theirs, Some(7200)),
            answer(Shows::Theirs, Some(0)),
        ];
        assert_eq!(cause(&heard), DoctorCause::ClockRight);
    }

    #[test]
    fn the_clock_of_a_page_in_between_does_not_count() {
        let heard = [answer(Shows::Page, Some(7200))];
        assert_eq!(cause(&heard), DoctorCause::ClockUnknown);
    }

    #[test]
    fn certificates_that_are_not_valid_today_point_to_the_clock() {
        let heard = [answer(Shows::Dated, None)];
        assert_eq!(cause(&heard), DoctorCause::ClockSuspected);
    }

    #[test]
    fn a_clock_that_is_behind_is_said_to_be_behind() {
        let heard = [answer(Shows::Theirs, Some(-86_400))];
        assert_eq!(cause(&heard), DoctorCause::ClockBehind { seconds: 86_400 });
    }
}
