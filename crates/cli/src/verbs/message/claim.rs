//! `autopilot message claim`: shows a link that works once, as text and as a picture, and waits until somebody opens it.

use std::time::Duration;

use futures_util::StreamExt;
use model::{
    Capability, ClaimState, ClaimView, ConnectionId, ConnectionRef, Event, Request,
    door::EventStream,
};
use qrcode::{QrCode, render::unicode::Dense1x2};
use tokio::time::timeout;

use super::{super::interruptible, chats};
use crate::{
    args::Through,
    choose,
    exit::Exit,
    failure::Failure,
    output::Style,
    schema::ClaimEvent,
    session::{Session, answer},
    terminal::Terminal,
    words::Gaps,
};

/// Whoever pressed Ctrl-C wants to be gone.
const CANCEL_WITHIN: Duration = Duration::from_secs(3);

pub(super) async fn run(terminal: &Terminal, through: Through) -> Result<(), Failure> {
    let prepare = async {
        let mut session = Session::open(&terminal.globals).await?;
        let named = through.connection;
        let connection =
            choose::connection(terminal, &mut session, named, Capability::ChatsList).await?;
        Ok((session, connection))
    };
    let (mut session, connection) = interruptible(terminal, prepare).await?;
    let state = tokio::select! {
        state = claim(terminal, &mut session, connection.id) => state?,
        () = terminal.ending.asked() => {
            cancel(&mut session, connection.id).await;
            return Err(Failure::Interrupted);
        }
    };
    tell(terminal, state)
}

/// A link dies with the hub that made it: its successor is asked for another.
async fn claim(
    terminal: &Terminal,
    session: &mut Session,
    connection: ConnectionId,
) -> Result<ClaimState, Failure> {
    loop {
        // Before it begins: somebody may be quick.
        let events = session.events().await?;
        let request = Request::BeginClaim {
            connection: ConnectionRef::new(connection.to_string()),
        };
        let begun = answer!(session.ask(request).await?, Claim)?;
        show(terminal, &begun);
        match until_over(events, begun).await {
            Some(state) => return Ok(state),
            None => session.reopen().await?,
        }
    }
}

/// `None` = the hub went away.
async fn until_over(mut events: EventStream, begun: ClaimView) -> Option<ClaimState> {
    if !matches!(begun.state, ClaimState::Waiting) {
        return Some(begun.state);
    }
    loop {
        match events.next().await? {
            Event::Claim { claim }
                if claim.connection == begun.connection
                    && claim.link == begun.link
                    && !matches!(claim.state, ClaimState::Waiting) =>
            {
                return Some(claim.state);
            }
            _ => {}
        }
    }
}

async fn cancel(session: &mut Session, connection: ConnectionId) {
    // Best effort: a link nobody opens expires by itself.
    let _ = timeout(
        CANCEL_WITHIN,
        session.ask(Request::CancelClaim { connection }),
    )
    .await;
}

fn show(terminal: &Terminal, claim: &ClaimView) {
    if terminal.out.json() {
        terminal.out.object(&ClaimEvent::Open {
            link: claim.link.clone(),
            group_link: claim.group_link.clone(),
            expires_at: claim.expires_at,
        });
        return;
    }
    terminal.out.note(&terminal.words("cli_claim_open", &[]));
    terminal.out.line(&claim.link);
    for row in picture(&claim.link) {
        terminal.out.styled(&[(Style::Picture, &row)]);
    }
    if let Some(group) = &claim.group_link {
        terminal.out.note(&terminal.words("cli_claim_group", &[]));
        terminal.out.line(group);
    }
    terminal.out.note(&terminal.words("cli_claim_waiting", &[]));
}

/// Light modules are drawn, dark ones are left dark; nothing when the link is too long for a picture.
fn picture(link: &str) -> Vec<String> {
    let Ok(code) = QrCode::new(link) else {
        return Vec::new();
    };
    let drawn = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    drawn.lines().map(str::to_owned).collect()
}

fn tell(terminal: &Terminal, state: ClaimState) -> Result<(), Failure> {
    let json = terminal.out.json();
    match state {
        ClaimState::Claimed { chat } => {
            let kind = chats::kind(&terminal.texts, chat.kind);
            let gaps: Gaps<'_> = &[("chat", &chat.title), ("kind", &kind), ("id", &chat.id)];
            terminal.out.line(&terminal.words("cli_claim_known", gaps));
            if json {
                terminal.out.object(&ClaimEvent::Claimed { chat });
            }
            Ok(())
        }
        ClaimState::Failed { error } if json => {
            let shape = terminal.error(&error);
            let code = shape.code;
            terminal
                .out
                .object(&ClaimEvent::Failed { code, error: shape });
            Err(Failure::Told(error.code.into()))
        }
        ClaimState::Failed { error } => Err(error.into()),
        ClaimState::Cancelled => {
            terminal
                .out
                .line(&terminal.words("cli_claim_cancelled", &[]));
            if json {
                terminal.out.object(&ClaimEvent::Cancelled);
            }
            Err(Failure::Told(Exit::Failed))
        }
        ClaimState::Expired | ClaimState::Waiting => {
            terminal.out.line(&terminal.words("cli_claim_expired", &[]));
            if json {
                terminal.out.object(&ClaimEvent::Expired);
            }
            Err(Failure::Told(Exit::Failed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_its_quiet_border_and_even_rows() {
        let rows = picture("https://t.me/autopilot_demo_bot?start=abcdefghijklmnop");
        let widths: Vec<usize> = rows.iter().map(|row| row.chars().count()).collect();
        assert!(rows.len() > 12 && widths.iter().all(|width| *width == widths[0]));
        // A camera needs the light border around it; a row of text is two of modules, the last one half.
        assert!(rows[0].chars().all(|module| module == '█'));
        assert!(rows.iter().rev().skip(1).all(|row| row.starts_with("████")));
    }
}
