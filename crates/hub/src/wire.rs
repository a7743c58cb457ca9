//! The HTTP client all calls go through, and what its failures mean.
//!
//! No redirects (a redirect of an API or token call would carry a secret elsewhere), deadlines on
//! everything, and nothing of a request in an error.

use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE_CALL: Duration = Duration::from_secs(30);

pub(crate) fn client(version: &str) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent(format!("Autopilot/{version}"))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE_CALL)
        .build()
}

/// Can the request have reached the service? Only a connection that was never made says no.
pub(crate) fn may_have_arrived(error: &reqwest::Error) -> bool {
    !error.is_connect() && !error.is_builder()
}

/// Is this machine on any network at all? Unknown counts as yes.
pub(crate) fn has_network() -> bool {
    netwatcher::list_interfaces().map_or(true, |interfaces| {
        interfaces.values().any(|interface| {
            interface
                .ipv4_ips()
                .any(|ip| !ip.is_loopback() && !ip.is_link_local())
                || interface
                    .ipv6_ips()
                    .any(|ip| !ip.is_loopback() && !ip.is_unicast_link_local())
        })
    })
}
