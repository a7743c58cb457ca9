//! The HTTP client all calls go through, and what its failures mean.
//!
//! No redirects (a redirect of an API or token call would carry a secret elsewhere), deadlines on
//! everything, and nothing of a request in an error.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use model::{Network, Proxy};

use crate::settings::Authority;

/// What never goes through a proxy of the person's: this machine.
pub(crate) const HERE: &str = "localhost,127.0.0.1,::1";
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE_CALL: Duration = Duration::from_secs(30);

/// The one client there is; another once the person reaches services another way.
#[derive(Debug)]
pub(crate) struct Http(RwLock<reqwest::Client>);

impl Http {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self(RwLock::new(client))
    }

    pub(crate) fn get(&self) -> reqwest::Client {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn replace(&self, client: reqwest::Client) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = client;
    }
}

/// The authority's certificates are trusted beside the system's, never instead of them.
pub(crate) fn client(
    version: &str,
    network: &Network,
    authority: &Authority,
) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(format!("Autopilot/{version}"))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(WHOLE_CALL);
    builder = match &network.proxy {
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Own { url } => {
            let here = reqwest::NoProxy::from_string(HERE);
            builder.proxy(reqwest::Proxy::all(url)?.no_proxy(here))
        }
    };
    if !authority.is_empty() {
        builder = builder.tls_certs_merge(authority.certificates()?);
    }
    builder.build()
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
