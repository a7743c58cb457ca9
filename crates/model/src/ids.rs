//! Names of things. A newtype each, so that one kind of id never stands in for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id; time-ordered (UUID v7), so that lists keep the order of creation.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id! {
    /// One account connected through an integration.
    ConnectionId
}
uuid_id! {
    /// One try at signing in.
    AttemptId
}
uuid_id! {
    /// One use of a capability. Made by whoever asks, so that asking again is recognised.
    ActionId
}
uuid_id! {
    /// One import that was looked at and not decided yet.
    ImportId
}

impl ActionId {
    /// A workflow's steps at most.
    pub const MAX_STEPS: u32 = 256;

    /// Taking this for a run of a workflow: the action of its nth step, the same whenever it is asked (UUID v5).
    #[must_use]
    pub fn step(&self, number: u32) -> Self {
        Self(Uuid::new_v5(&self.0, format!("step {number}").as_bytes()))
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    };
}

text_id! {
    /// The folder name of an integration: `gmail`, `google_drive`, `telegram`.
    IntegrationId
}
text_id! {
    /// Whose accounts and client registrations an integration uses: `google` serves two integrations.
    ProviderId
}
text_id! {
    /// How a person names a connection: its id, its account, or its integration when there is only one.
    ConnectionRef
}

/// A profile's name: its own lock, database, keychain items and socket.
///
/// 1–32 of `a-z 0-9 -`, so that it can stand in a file name, a keychain attribute and an OAuth state.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct ProfileName(String);

#[derive(Debug, thiserror::Error)]
#[error("a profile name is 1 to 32 lower-case letters, digits and hyphens")]
pub struct BadProfileName;

impl ProfileName {
    pub fn new(name: impl Into<String>) -> Result<Self, BadProfileName> {
        let name = name.into();
        let fits = !name.is_empty()
            && name.len() <= 32
            && !name.starts_with('-')
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(name))
        } else {
            Err(BadProfileName)
        }
    }

    /// The profile of a person's own accounts.
    #[must_use]
    pub fn personal() -> Self {
        Self("default".to_owned())
    }

    /// The profile against the sandbox.
    #[must_use]
    pub fn sandbox() -> Self {
        Self("sandbox".to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProfileName {
    type Err = BadProfileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for ProfileName {
    type Error = BadProfileName;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(name)
    }
}

impl From<ProfileName> for String {
    fn from(name: ProfileName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_name_can_never_leave_its_folder() {
        for bad in ["", "..", "a/b", "A", "a b", "-a", &"a".repeat(33)] {
            assert!(ProfileName::new(bad).is_err(), "{bad:?} was accepted");
        }
        assert!(ProfileName::new("work-2").is_ok());
    }
}
