//! Are the services' names found? Only those we look up ourselves: behind a proxy that is the proxy's work.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use model::doctor::DoctorCause;
use url::{Host, Url};

use super::{Check, NETWORK_DEADLINE, answers::Answers, proxy::Proxies};
use crate::wire;

pub(super) fn check(answers: &Answers) -> Check {
    let urls: Vec<Url> = answers.questions().map(|one| one.url().clone()).collect();
    Check::new(
        "dns",
        NETWORK_DEADLINE,
        look(urls, Arc::clone(&answers.proxies)),
    )
}

async fn look(urls: Vec<Url>, proxies: Arc<Proxies>) -> DoctorCause {
    let named: Vec<&Url> = urls
        .iter()
        .filter(|url| matches!(url.host(), Some(Host::Domain(_))))
        .collect();
    if named.is_empty() {
        return DoctorCause::NamesNotNeeded;
    }
    let hosts: BTreeSet<(String, u16)> = named
        .into_iter()
        .filter(|url| proxies.for_url(url).is_none())
        .filter_map(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)))
        .collect();
    if hosts.is_empty() {
        return DoctorCause::NamesByProxy;
    }
    if !wire::has_network() {
        return DoctorCause::NoNetwork;
    }
    let found = join_all(hosts.iter().map(is_found)).await;
    let unknown: Vec<String> = hosts
        .iter()
        .zip(&found)
        .filter(|(_, found)| !**found)
        .map(|((host, _), _)| host.clone())
        .collect();
    if unknown.is_empty() {
        DoctorCause::NamesFound
    } else if unknown.len() == hosts.len() {
        DoctorCause::NoNamesFound
    } else {
        DoctorCause::NamesUnknown { hosts: unknown }
    }
}

/// A name server that doesn't answer in time is as good as one that doesn't know.
async fn is_found(host: &(String, u16)) -> bool {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(8);
    let looked = tokio::net::lookup_host((host.0.as_str(), host.1));
    match tokio::time::timeout(PATIENCE, looked).await {
        Ok(Ok(mut found)) => found.next().is_some(),
        Ok(Err(_)) | Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_need_no_name_server() {
        let url = Url::parse("http://127.0.0.1:9/").unwrap();
        assert_eq!(
            look(vec![url], Arc::new(Proxies::chosen(&model::Proxy::None))).await,
            DoctorCause::NamesNotNeeded
        );
    }
}
