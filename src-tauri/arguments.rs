//! What the window's program was started with. Pure: reads a list of words, touches nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use model::ProfileName;

use crate::our_link::OurLink;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Arguments {
    /// `--profile NAME`
    pub profile: Option<ProfileName>,
    /// `--sandbox`: a profile of its own against the built-in stand-ins.
    pub sandbox: bool,
    /// `--endpoints FILE`: where the services are, for a profile that is being created.
    pub endpoints: Option<PathBuf>,
    /// `--hidden`: start in the background.
    pub hidden: bool,
    /// `--again N`, ours alone: how often this start was repeated because the former process was still leaving.
    pub again: u8,
    /// A link of ours, handed over by the desktop.
    pub link: Option<OurLink>,
}

/// Which word doesn't fit. A word itself is never repeated: it may be a mistyped link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadArguments {
    #[error(
        "Autopilot doesn't know one of its arguments. It takes --profile NAME, --sandbox, --endpoints FILE and --hidden."
    )]
    Unknown,
    #[error("{0} needs a value.")]
    Missing(&'static str),
    #[error("A profile name is 1 to 32 lower-case letters, digits and hyphens.")]
    ProfileName,
}

impl Arguments {
    /// Reads the words after the program's own name.
    pub fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, BadArguments> {
        let mut read = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--profile") => {
                    let name = words.next().ok_or(BadArguments::Missing("--profile"))?;
                    let name = name.into_string().map_err(|_| BadArguments::ProfileName)?;
                    read.profile =
                        Some(ProfileName::new(name).map_err(|_| BadArguments::ProfileName)?);
                }
                Some("--sandbox") => read.sandbox = true,
                Some("--endpoints") => {
                    let file = words.next().ok_or(BadArguments::Missing("--endpoints"))?;
                    read.endpoints = Some(file.into());
                }
                Some("--hidden") => read.hidden = true,
                Some("--again") => {
                    let count = words.next().ok_or(BadArguments::Missing("--again"))?;
                    let count = count.to_str().and_then(|count| count.parse().ok());
                    read.again = count.ok_or(BadArguments::Unknown)?;
                }
                Some(text) => {
                    read.link = Some(OurLink::read(text).ok_or(BadArguments::Unknown)?);
                }
                None => return Err(BadArguments::Unknown),
            }
        }
        Ok(read)
    }

    /// Which profile this start is for. A link decides by its tag, but only among profiles that exist: a web page can
    /// open links, and must not be able to create anything.
    pub fn profile(&self, exists: impl Fn(&ProfileName) -> bool) -> ProfileName {
        let tagged = self.link.as_ref().and_then(OurLink::profile).cloned();
        tagged
            .filter(|profile| exists(profile))
            .or_else(|| self.profile.clone())
            .unwrap_or_else(|| match self.sandbox {
                true => ProfileName::sandbox(),
                false => ProfileName::personal(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, BadArguments> {
        Arguments::read(words.iter().map(OsString::from))
    }

    fn name(name: &str) -> ProfileName {
        ProfileName::new(name).unwrap()
    }

    #[test]
    fn without_words_it_is_the_personal_profile() {
        let arguments = read(&[]).unwrap();
        assert_eq!(arguments, Arguments::default());
        assert_eq!(arguments.profile(|_| false), ProfileName::personal());
    }

    #[test]
    fn the_sandbox_has_a_profile_of_its_own_unless_one_is_named() {
        let plain = read(&["--sandbox", "--hidden"]).unwrap();
        assert!(plain.hidden);
        assert_eq!(plain.profile(|_| false), ProfileName::sandbox());
        let named = read(&["--sandbox", "--profile", "demo"]).unwrap();
        assert_eq!(named.profile(|_| false), name("demo"));
    }

    #[test]
    fn a_link_finds_its_profile_but_creates_none() {
        let arguments =
            read(&["app.autopilot.desktop:/oauth/callback?state=work.x&code=c"]).unwrap();
        assert_eq!(arguments.profile(|_| true), name("work"));
        assert_eq!(arguments.profile(|_| false), ProfileName::personal());
        let place = read(&["app.autopilot.desktop:/approvals?profile=work"]).unwrap();
        assert_eq!(place.profile(|_| true), name("work"));
        assert_eq!(place.profile(|_| false), ProfileName::personal());
    }

    #[test]
    fn words_that_do_not_fit_are_refused_without_being_repeated() {
        assert_eq!(
            read(&["--profile"]),
            Err(BadArguments::Missing("--profile"))
        );
        assert_eq!(read(&["--profile", "No"]), Err(BadArguments::ProfileName));
        assert_eq!(
            read(&["--endpoints"]),
            Err(BadArguments::Missing("--endpoints"))
        );
        let mistyped = read(&["app.autopilot.desktpo:/oauth/callback?code=canary"]).unwrap_err();
        assert!(!mistyped.to_string().contains("canary"));
    }
}
