//! `autopilot token`: a connection's token, for a program that can't do without. The hub gives it out only where the
//! person allowed that; here it is only kept off the screen. [`crate::quick`] is the same, sooner.

use std::io::IsTerminal as _;

use model::{ReleasedToken, Request};

use crate::{
    args::TokenArguments,
    failure::Failure,
    output::Output,
    schema::TokenAnswer,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: TokenArguments) -> Result<(), Failure> {
    // Before it is asked for: a token that wasn't wanted wasn't given out.
    if would_be_seen(arguments.show) {
        return Err(Failure::usage(
            terminal.words("cli_token_would_be_seen", &[]),
            terminal.words("cli_token_would_be_seen_next", &[]),
        ));
    }
    let mut session = Session::open(&terminal.globals).await?;
    let request = Request::ReadToken {
        connection: arguments.connection,
    };
    let token = answer!(session.ask(request).await?, Token)?;
    say(terminal.out, token);
    Ok(())
}

pub(crate) fn would_be_seen(show: bool) -> bool {
    !show && std::io::stdout().is_terminal()
}

pub(crate) fn say(out: Output, token: ReleasedToken) {
    let token = token.into_secret();
    if out.json() {
        out.object(&TokenAnswer {
            token: token.expose(),
        });
    } else {
        out.row(token.expose());
    }
}
