//! `autopilot token` and `autopilot mcp` by the shortest way. Mail programs ask for a token at every connection they make,
//! and agents start a server with every conversation; describing the whole command line to its parser takes longer than
//! either. So this reads the plain lines alone, and for a token starts no runtime and reads no texts while all goes well.
//!
//! Whatever isn't plain (other options, a hub that doesn't run, a terminal) goes the ordinary way, which says the same.

use std::ffi::OsString;

use link::{ProfilePaths, ask_once};
use model::{ConnectionRef, ProfileName, Request, Response};

use crate::{
    Exit,
    args::Globals,
    ask_by,
    failure::Failure,
    output::Output,
    platform::Ending,
    terminal::Terminal,
    verbs::{mcp, token},
};

/// A line that needs no parser.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Plain {
    /// `autopilot [--profile NAME] [--json] token REF [--show]`, in any order.
    Token {
        profile: Option<ProfileName>,
        json: bool,
        show: bool,
        connection: String,
    },
    /// `autopilot [--profile NAME] mcp`, in any order.
    Mcp { profile: Option<ProfileName> },
}

/// Carries it out if it is that; `None` = nothing was said or done that the ordinary way may not do again.
pub(crate) fn run(arguments: &[OsString]) -> Option<Exit> {
    match Plain::read(arguments)? {
        Plain::Token {
            profile,
            json,
            show,
            connection,
        } => give_token(profile, json, show, connection),
        Plain::Mcp { profile } => {
            let globals = Globals {
                profile,
                ..Globals::default()
            };
            let ahead = mcp::ask_ahead(&globals);
            Some(ask_by(globals, async |terminal| {
                mcp::serve(terminal, ::mcp::PATIENCE, ahead).await
            }))
        }
    }
}

fn give_token(
    named: Option<ProfileName>,
    json: bool,
    show: bool,
    connection: String,
) -> Option<Exit> {
    if token::would_be_seen(show) {
        return None;
    }
    let profile = named.clone().unwrap_or_else(ProfileName::personal);
    let paths = ProfilePaths::for_profile(&profile, None).ok()?;
    let connection = ConnectionRef::new(connection);
    let out = Output::detect(json);
    match ask_once(&paths, Request::ReadToken { connection })? {
        Ok(Response::Token(token)) => {
            token::say(out, token);
            Some(Exit::Done)
        }
        // The ordinary way waits for the hub that takes over.
        Err(error) if error.code == model::ErrorCode::HandingOver => None,
        answer => {
            let globals = Globals {
                profile: named,
                json,
                ..Globals::default()
            };
            let failure = answer.map_or_else(Failure::from, |_| Failure::unexpected_answer());
            Some(Terminal::new(out, globals, Ending::never()).fail(&failure))
        }
    }
}

impl Plain {
    fn read(arguments: &[OsString]) -> Option<Self> {
        let (mut profile, mut json, mut show) = (None, false, false);
        let (mut verb, mut connection) = (None, None);
        let mut words = arguments.iter().skip(1);
        while let Some(word) = words.next() {
            match (word.to_str()?, verb) {
                ("--json", _) => json = true,
                ("--profile", _) if profile.is_none() => {
                    profile = Some(ProfileName::new(words.next()?.to_str()?).ok()?);
                }
                (named @ ("token" | "mcp"), None) => verb = Some(named),
                ("--show", Some("token")) => show = true,
                (name, Some("token")) if connection.is_none() && !name.starts_with('-') => {
                    // As the ordinary way takes a name.
                    connection = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
                }
                _ => return None,
            }
        }
        match verb? {
            "token" => Some(Self::Token {
                profile,
                json,
                show,
                connection: connection?,
            }),
            _ if json => None,
            _ => Some(Self::Mcp { profile }),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Arguments, McpArguments, Verb, Word};

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
            let parsed = Arguments::try_parse_from(words(line)).unwrap();
            let Word::Asking(Verb::Token(token)) = parsed.verb else {
                panic!("{line}")
            };
            let same = Plain::Token {
                profile: parsed.globals.profile,
                json: parsed.globals.json,
                show: token.show,
                connection: token.connection.as_str().to_owned(),
            };
            assert_eq!(Plain::read(&words(line)), Some(same), "{line}");
        }
        for line in ["autopilot mcp", "autopilot mcp --profile work"] {
            let parsed = Arguments::try_parse_from(words(line)).unwrap();
            let Word::Asking(Verb::Mcp(mcp)) = parsed.verb else {
                panic!("{line}")
            };
            assert!(mcp.verb.is_none());
            assert_eq!(mcp.patience, McpArguments::default().patience);
            let profile = parsed.globals.profile;
            assert_eq!(Plain::read(&words(line)), Some(Plain::Mcp { profile }));
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
            "autopilot mcp tools",
            "autopilot mcp --patience 5",
            "autopilot mcp --json",
            "autopilot mcp --sandbox",
            "autopilot mcp token gmail",
        ] {
            assert_eq!(Plain::read(&words(line)), None, "{line}");
        }
    }
}
