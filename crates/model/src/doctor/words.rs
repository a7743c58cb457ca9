//! A cause in words: its arguments, put into the text of its kind.

use std::collections::BTreeMap;

use super::{DoctorCause, Verdict};
use crate::Texts;

impl DoctorCause {
    fn args(&self, texts: &Texts) -> BTreeMap<String, String> {
        let one = |name: &str, value: String| BTreeMap::from([(name.to_owned(), value)]);
        match self {
            Self::LinksElsewhere { program } | Self::LinksBroken { program } => {
                one("program", program.clone())
            }
            Self::ClockAhead { seconds } | Self::ClockBehind { seconds } => {
                one("offset", span(texts, *seconds))
            }
            Self::NamesUnknown { hosts } | Self::Portal { hosts } | Self::Intercepted { hosts } => {
                one("hosts", hosts.join(", "))
            }
            Self::ProxyAnswers { proxy }
            | Self::ProxyRefuses { proxy }
            | Self::ProxySilent { proxy }
            | Self::ProxyNotFound { proxy }
            | Self::ProxyWantsSignIn { proxy } => one("proxy", proxy.clone()),
            Self::ServiceAnswers { service } => one("service", service.clone()),
            Self::ServiceUnreachable { service, host }
            | Self::ServiceReplaced { service, host } => BTreeMap::from([
                ("service".to_owned(), service.clone()),
                ("host".to_owned(), host.clone()),
            ]),
            Self::ServiceTroubled { service, status } => BTreeMap::from([
                ("service".to_owned(), service.clone()),
                ("status".to_owned(), status.to_string()),
            ]),
            Self::DiskRoomy { free_mib } | Self::DiskLow { free_mib } => {
                one("free", room(*free_mib))
            }
            Self::DatabaseSetAside { file }
            | Self::DatabaseSalvaged { file }
            | Self::DatabaseNewer { file } => one("file", file.clone()),
            Self::ClientRegistered { services } | Self::ClientMissing { services, .. } => {
                one("services", services.join(", "))
            }
            _ => BTreeMap::new(),
        }
    }
}

/// In the largest unit of which there are at least two, so that no text needs a singular.
fn span(texts: &Texts, seconds: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("days", 86_400), ("hours", 3_600), ("minutes", 60)];
    let fitting = UNITS.iter().find(|(_, unit)| seconds >= 2 * unit);
    let (name, unit) = fitting.copied().unwrap_or(("seconds", 1));
    let count = (seconds + unit / 2) / unit;
    let args = [("count".to_owned(), count.to_string())].into();
    texts.say(&format!("doctor_span_{name}"), &args)
}

fn room(mib: u64) -> String {
    if mib < 2048 {
        format!("{mib} MiB")
    } else {
        format!("{} GiB", mib / 1024)
    }
}

impl Texts {
    /// What was found, and what to do about it where something can be done.
    #[must_use]
    pub fn finding(&self, cause: &DoctorCause) -> (String, Option<String>) {
        let args = cause.args(self);
        let key = format!("doctor_{}", cause.kind());
        let remedy = format!("{key}_remedy");
        let remedy = self.has(&remedy).then(|| self.say(&remedy, &args));
        (
            self.say(&key, &args),
            remedy.filter(|_| cause.verdict() != Verdict::Good),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_said_in_a_unit_of_which_there_are_several() {
        let texts = Texts::english();
        for (seconds, said) in [
            (90, "90 seconds"),
            (150, "3 minutes"),
            (86_400, "24 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(&texts, seconds), said);
        }
    }
}
