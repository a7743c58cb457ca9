//! What a host tells the hub when it opens one. The hub itself reads no environment and no arguments.

use std::{collections::BTreeMap, path::PathBuf};

use integrations::{Endpoints, Rotation};
use model::{Error, ErrorCode, IntegrationId, ProfileName, ProviderId, Secret, Texts};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug)]
pub struct HubOptions {
    pub profile: ProfileName,
    /// The profile's own folder; made with 0700 when missing.
    pub data_dir: PathBuf,
    pub version: String,
    pub headless: bool,
    pub sandbox: bool,
    /// Where the services are, instead of where they really are. Fixed when the profile is created.
    pub endpoints: Option<EndpointOverrides>,
    pub built_in_clients: Vec<BuiltInClient>,
    pub surroundings: Surroundings,
    pub texts: Texts,
    /// What stand-ins do otherwise than the services.
    pub played: Played,
}

/// How a profile's stand-ins differ from the services whose facts we know: so that what no service of today does can
/// be tried on a whole hub. Has no effect where any service of the profile is a real one.
#[derive(Clone, Debug, Default)]
pub struct Played {
    pub rotation: Option<Rotation>,
    /// Whose code has a defect: it panics whenever it is asked to call its service.
    pub panics: Option<IntegrationId>,
}

/// What the host found around itself, for the doctor alone.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Kept out of what is shown to others.
    pub home: Option<PathBuf>,
    /// The operating system, in words.
    pub system: String,
    /// `None` where the system keeps it elsewhere.
    pub link_folders: Option<LinkFolders>,
}

/// Where a Linux desktop keeps which program opens which links. The person's own come first everywhere.
#[derive(Clone, Debug, Default)]
pub struct LinkFolders {
    pub config: Vec<PathBuf>,
    pub data: Vec<PathBuf>,
    /// As the running desktop calls itself.
    pub desktops: Vec<String>,
    /// The search path.
    pub programs: Vec<PathBuf>,
}

/// A client registration this build (or the sandbox) came with.
#[derive(Clone, Debug)]
pub struct BuiltInClient {
    pub provider: ProviderId,
    pub kind: String,
    pub client_id: String,
    /// Not confidential for an installed app (RFC 8252 §8.5), and still never printed.
    pub client_secret: Option<Secret>,
}

/// Integration -> role -> address. Roles: authorize, token, revoke, userinfo, api, upload.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndpointOverrides(pub BTreeMap<String, Endpoints>);

impl EndpointOverrides {
    /// Is every service this profile knows on this very machine? Then no real account is behind it.
    pub(crate) fn are_all_here(&self) -> bool {
        let is_here = |url: &Url| match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let all_overridden = integrations::all()
            .iter()
            .all(|one| self.0.contains_key(one.facts().id.as_str()));
        all_overridden
            && self
                .0
                .values()
                .all(|roles| roles.iter().all(|(_, url)| is_here(url)))
    }

    /// Reads the TOML of `--endpoints`, refusing unknown services and roles and anything but https or loopback.
    /// Tables named `clients` are the host's business and left out.
    pub fn parse(toml_text: &str) -> Result<Self, Error> {
        let refuse = |reason: String| Error::new(ErrorCode::InvalidInput).with("reason", reason);
        let mut table: toml::Table = toml_text
            .parse()
            .map_err(|_| refuse("The endpoints file isn't valid TOML.".to_owned()))?;
        table.remove("clients");
        let mut overrides = BTreeMap::new();
        for (service, roles) in table {
            if integrations::find(&service.as_str().into()).is_none() {
                return Err(refuse(format!(
                    "The endpoints file names an unknown service: {service}."
                )));
            }
            let roles: BTreeMap<String, Url> = roles.try_into().map_err(|_| {
                refuse(format!(
                    "The endpoints of {service} must be a table of role = \"address\"."
                ))
            })?;
            let roles = Endpoints::new(roles).map_err(|error| {
                refuse(format!("The endpoints of {service} don't fit: {error}."))
            })?;
            overrides.insert(service, roles);
        }
        Ok(Self(overrides))
    }
}
