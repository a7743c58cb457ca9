//! What can be typed, and what is refused before anything is done.

use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(line.split_whitespace())
}

#[test]
fn the_arguments_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn the_sandbox_has_a_profile_of_its_own_unless_one_is_named() {
    assert_eq!(
        parse("autopilot status")
            .unwrap()
            .globals
            .profile()
            .as_str(),
        "default"
    );
    assert_eq!(
        parse("autopilot status --sandbox")
            .unwrap()
            .globals
            .profile()
            .as_str(),
        "sandbox"
    );
    let named = parse("autopilot --profile try-2 status --sandbox").unwrap();
    assert_eq!(named.globals.profile().as_str(), "try-2");
}

#[test]
fn a_profile_name_that_leaves_its_folder_is_usage() {
    let refused = parse("autopilot --profile ../x status").unwrap_err();
    assert_eq!(refuse(&refused, &[]), Exit::Usage);
}

#[test]
fn sandbox_and_endpoints_exclude_each_other() {
    assert!(parse("autopilot hub --sandbox --endpoints a.toml").is_err());
}

#[test]
fn connect_takes_what_its_page_promises() {
    let Word::Asking(Verb::Connect(connect)) = parse(
        "autopilot connect gmail --no-browser --redirect deep-link --account anna@example.org \
         --scopes send,readonly --json",
    )
    .unwrap()
    .verb
    else {
        panic!("not connect")
    };
    assert_eq!(connect.redirect, Some(Redirect::DeepLink));
    assert_eq!(connect.scopes, ["send", "readonly"]);
    assert_eq!(connect.connection, Some("anna@example.org".into()));
    assert!(connect.no_browser);
}

#[test]
fn both_names_of_removing_here_only_work() {
    for name in ["--keep-remote", "--remove-here-only"] {
        let line = format!("autopilot disconnect telegram {name} --yes");
        let Word::Asking(Verb::Disconnect(disconnect)) = parse(&line).unwrap().verb else {
            panic!()
        };
        assert!(disconnect.keep_remote);
    }
}

#[test]
fn json_with_an_object_after_it_is_what_a_tool_is_called_with() {
    let line = |words: &[&str]| {
        let mut words: Vec<OsString> = words.iter().map(OsString::from).collect();
        json_is_the_arguments(&mut words);
        Arguments::try_parse_from(words).unwrap()
    };
    let call = |parsed: Arguments| match parsed.verb {
        Word::Asking(Verb::Mcp(McpArguments {
            verb: Some(McpVerb::Call(call)),
            ..
        })) => call,
        _ => panic!("not a call"),
    };
    let given = line(&["autopilot", "mcp", "call", "list_emails", "--json", "{}"]);
    assert!(!given.globals.json);
    assert_eq!(call(given).arguments.as_deref(), Some("{}"));
    let printed = line(&[
        "autopilot",
        "mcp",
        "call",
        "x",
        "--json",
        "--",
        "a",
        "--json",
        "{}",
    ]);
    assert!(printed.globals.json);
    assert_eq!(call(printed).command, ["a", "--json", "{}"]);
    assert!(line(&["autopilot", "mcp", "tools", "--json"]).globals.json);
}

#[test]
fn a_key_never_comes_as_an_argument() {
    assert!(parse("autopilot connect telegram --token 123:abc").is_err());
    assert!(parse("autopilot vault unlock passphrase").is_err());
}
