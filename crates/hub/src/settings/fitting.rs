//! Which settings fit. The one place that says so: the window asks first to spare a round, and is never believed.

use std::collections::BTreeMap;

use model::{Proxy, QuietHours, Settings, Texts};
use url::Url;

/// A setting that doesn't fit: which one, and why, as a key of `messages/LANG.json`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Misfit {
    pub(crate) field: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) args: BTreeMap<String, String>,
}

impl Misfit {
    pub(crate) fn new(field: &'static str, reason: &'static str) -> Self {
        Self {
            field,
            reason,
            args: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

const MINUTES_OF_A_DAY: u16 = 24 * 60;
/// A quota above this is a slip of the finger.
const MOST_UNITS: u32 = 100_000_000;

pub(crate) fn check(settings: &Settings) -> Result<(), Misfit> {
    let refuse = |field, reason| Err(Misfit::new(field, reason));
    if settings.undo_window_s > 60 {
        return refuse("undo_window_s", "reason_undo_window");
    }
    if !(1..=720).contains(&settings.queue_expiry_h) {
        return refuse("queue_expiry_h", "reason_queue_expiry");
    }
    if !(7..=3650).contains(&settings.ledger_days) {
        return refuse("ledger_days", "reason_ledger_days");
    }
    if !(1..=1440).contains(&settings.approval_expiry_min) {
        return refuse("approval_expiry_min", "reason_approval_expiry");
    }
    if !(15..=600).contains(&settings.refresh_s) {
        return refuse("refresh_s", "reason_refresh");
    }
    let fits = |(id, units): (&model::IntegrationId, &u32)| {
        (1..=MOST_UNITS).contains(units) && integrations::find(id).is_some()
    };
    if !settings.quotas.iter().all(fits) {
        return refuse("quotas", "reason_quota");
    }
    let spoken = settings.language.as_deref();
    if spoken.is_some_and(|tag| Texts::in_language(tag).is_none()) {
        return refuse("language", "reason_language");
    }
    quiet(&settings.quiet)?;
    proxy(&settings.network.proxy)
}

fn quiet(quiet: &QuietHours) -> Result<(), Misfit> {
    let QuietHours {
        on,
        from_min,
        to_min,
        ..
    } = *quiet;
    if from_min >= MINUTES_OF_A_DAY || to_min >= MINUTES_OF_A_DAY {
        return Err(Misfit::new("quiet", "reason_time_of_day"));
    }
    if on && from_min == to_min {
        return Err(Misfit::new("quiet", "reason_quiet_empty"));
    }
    Ok(())
}

/// What was typed is never repeated: it may hold a password.
fn proxy(proxy: &Proxy) -> Result<(), Misfit> {
    const FIELD: &str = "network.proxy";
    let Proxy::Own { url } = proxy else {
        return Ok(());
    };
    let not_an_address = || Misfit::new(FIELD, "reason_proxy_address");
    // The parser drops a port that is the scheme's own; it is to be said all the same.
    let has_port = url
        .trim()
        .trim_end_matches('/')
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse().is_ok_and(|port: u16| port > 0));
    let url = Url::parse(url.trim()).map_err(|_| not_an_address())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Misfit::new(FIELD, "reason_proxy_scheme"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Misfit::new(FIELD, "reason_proxy_credentials"));
    }
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if url.host().is_none() || !is_bare || !has_port {
        return Err(not_an_address());
    }
    Ok(())
}

/// What means the same is kept the same.
pub(crate) fn tidy(settings: &mut Settings) {
    if let Proxy::Own { url } = &mut settings.network.proxy {
        *url = url.trim().trim_end_matches('/').to_owned();
    }
    if settings.network.authority.as_deref() == Some("") {
        settings.network.authority = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Settings)) -> Option<(&'static str, &'static str)> {
        let mut settings = Settings::default();
        change(&mut settings);
        check(&settings)
            .err()
            .map(|misfit| (misfit.field, misfit.reason))
    }

    #[test]
    fn the_usual_settings_fit() {
        assert_eq!(refused(|_| {}), None);
    }

    #[test]
    fn each_number_has_its_bounds() {
        for (fits, seconds) in [
            (true, 15),
            (true, 600),
            (false, 14),
            (false, 601),
            (false, 0),
        ] {
            assert_eq!(
                refused(|s| s.refresh_s = seconds).is_none(),
                fits,
                "{seconds}"
            );
        }
        assert!(refused(|s| s.undo_window_s = 61).is_some());
        assert!(refused(|s| s.queue_expiry_h = 0).is_some());
        assert!(refused(|s| s.ledger_days = 6).is_some());
        assert!(refused(|s| s.approval_expiry_min = 1441).is_some());
        assert!(
            refused(|s| {
                s.quotas.insert("gmail".into(), 0);
            })
            .is_some()
        );
        assert!(
            refused(|s| {
                s.quotas.insert("nothing".into(), 5);
            })
            .is_some()
        );
        assert!(refused(|s| s.language = Some("tlh".to_owned())).is_some());
        assert!(refused(|s| s.language = Some("de".to_owned())).is_none());
    }

    #[test]
    fn quiet_hours_are_two_different_times_of_a_day() {
        let with = |on, from_min, to_min| {
            refused(|s| {
                s.quiet = QuietHours {
                    on,
                    from_min,
                    to_min,
                    approvals_pass: false,
                };
            })
        };
        assert_eq!(with(true, 1380, 420), None);
        assert_eq!(with(true, 0, 1439), None);
        assert_eq!(with(true, 60, 60), Some(("quiet", "reason_quiet_empty")));
        assert_eq!(with(false, 60, 60), None);
        assert_eq!(with(false, 0, 1440), Some(("quiet", "reason_time_of_day")));
    }

    #[test]
    fn a_proxy_is_a_host_and_a_port_and_never_a_password() {
        let why = |url: &str| {
            refused(|s| {
                s.network.proxy = Proxy::Own {
                    url: url.to_owned(),
                }
            })
            .map(|(_, why)| why)
        };
        for good in [
            "http://proxy.example:3128",
            " https://10.0.0.1:8443/ ",
            "http://[::1]:8080",
            "http://proxy.example:80",
        ] {
            assert_eq!(why(good), None, "{good}");
        }
        for (bad, reason) in [
            ("", "reason_proxy_address"),
            ("proxy.example", "reason_proxy_address"),
            ("http://", "reason_proxy_address"),
            ("http://proxy.example:0", "reason_proxy_address"),
            ("http://proxy.example", "reason_proxy_address"),
            ("http://[::1]", "reason_proxy_address"),
            ("http://proxy.example:3128/path", "reason_proxy_address"),
            ("http://proxy.example:3128?x", "reason_proxy_address"),
            ("proxy.example:3128", "reason_proxy_scheme"),
            ("socks5://proxy.example:1080", "reason_proxy_scheme"),
            (
                "http://anna:canary@proxy.example:3128",
                "reason_proxy_credentials",
            ),
            ("http://anna@proxy.example:3128", "reason_proxy_credentials"),
        ] {
            assert_eq!(why(bad), Some(reason), "{bad}");
        }
    }
}
