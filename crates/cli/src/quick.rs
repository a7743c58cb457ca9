//! `autopilot token` by the shortest way. Mail programs ask for a token at every connection they make, so this parses
//! no command line but the plain one, starts no runtime and reads no texts while all goes well.
//!
//! Whatever isn't plain (other options, a hub that doesn't run, a terminal) goes the ordinary way, which says the same.

use std::ffi::OsString;

use link::{ProfilePaths, ask_once};
use model::{ConnectionRef, ProfileName, Request, Response};

use crate::{
    Exit, args::Globals, failure::Failure, output::Output, platform::Ending, terminal::Terminal,
    verbs::token,
};

/// `autopilot [--profile NAME] [--json] token REF [--show]`, in any order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Plain {
    profile: Option<ProfileName>,
    json: bool,
    show: bool,
    connection: String,
}

/// Carries it out if it is that; `None` = nothing was said or done that the ordinary way may not do again.
pub(crate) fn run(arguments: &[OsString]) -> Option<Exit> {
    let plain = Plain::read(arguments)?;
    if token::would_be_seen(plain.show) {
        return None;
    }
    let profile = plain.profile.clone().unwrap_or_else(ProfileName::personal);
    let paths = ProfilePaths::for_profile(&profile, None).ok()?;
    let connection = ConnectionRef::new(plain.connection);
    let out = Output::detect(plain.json);
    match ask_once(&paths, Request::ReadToken { connection })? {
        Ok(Response::Token(token)) => {
            token::say(out, token);
            Some(Exit::Done)
        }
        // The ordinary way waits for the hub that takes over.
        Err(error) if error.code == model::ErrorCode::HandingOver => None,
        answer => {
            let globals = Globals {
                profile: plain.profile,
                json: plain.json,
                ..Globals::default()
            };
            let failure = answer.map_or_else(Failure::from, |_| Failure::unexpected_answer());
            Some(Terminal::new(out, globals, Ending::never()).fail(&failure))
        }
    }
}

impl Plain {
    fn read(arguments: &[OsString]) -> Option<Self> {
        let mut plain = Self::default();
        let mut words = arguments.iter().skip(1);
        let mut verb = false;
        while let Some(word) = words.next() {
            match word.to_str()? {
                "--json" => plain.json = true,
                "--profile" if plain.profile.is_none() => {
                    plain.profile = Some(ProfileName::new(words.next()?.to_str()?).ok()?);
                }
                "token" if !verb => verb = true,
                "--show" if verb => plain.show = true,
                name if verb && plain.connection.is_empty() && !name.starts_with('-') => {
                    // As the ordinary way takes a name.
                    plain.connection = name.trim().to_owned();
                }
                _ => return None,
            }
        }
        (verb && !plain.connection.is_empty()).then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Arguments, Verb};

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_plain_line_means_the_same_as_to_the_ordinary_way() {
        for line in [
            "autopilot token gmail",
            "autopilot token anna@example.org --show",
            "autopilot --profile work token gmail",
            "autopilot token --json gmail --profile work",
            "autopilot token token",
        ] {
            let plain = Plain::read(&words(line)).unwrap();
            let parsed = Arguments::try_parse_from(words(line)).unwrap();
            assert_eq!(plain.profile, parsed.globals.profile, "{line}");
            assert_eq!(plain.json, parsed.globals.json, "{line}");
            let Verb::Token(token) = parsed.verb else {
                panic!("{line}")
            };
            assert_eq!(plain.connection, token.connection.as_str(), "{line}");
            assert_eq!(plain.show, token.show, "{line}");
        }
    }

    #[test]
    fn whatever_is_not_plain_goes_the_ordinary_way() {
        for line in [
            "autopilot",
            "autopilot token",
            "autopilot token --help",
            "autopilot token gmail drive",
            "autopilot --sandbox token gmail",
            "autopilot token gmail --sandbox",
            "autopilot token gmail --endpoints a.toml",
            "autopilot token -v gmail",
            "autopilot token --profile=work gmail",
            "autopilot token --profile ../x gmail",
            "autopilot token --profile a --profile b gmail",
            "autopilot token -- gmail",
            "autopilot --show token gmail",
            "autopilot status",
            "autopilot status token",
        ] {
            assert_eq!(Plain::read(&words(line)), None, "{line}");
        }
    }
}
