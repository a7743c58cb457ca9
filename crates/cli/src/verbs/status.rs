//! `autopilot status`: where every connection stands, and when that was last proven.

use model::{ConnectionView, Request, Status, Texts, Timestamp};

use crate::{
    args::StatusArguments,
    failure::Failure,
    moments,
    output::Style,
    schema::{ConnectionShape, StatusAnswer},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
    words::words,
};

pub(super) async fn run(terminal: &Terminal, arguments: StatusArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let connections = if arguments.check {
        answer!(session.ask(Request::Refresh).await?, Connections)?
    } else {
        session.connections().await?
    };
    if terminal.out.json() {
        let connections = ConnectionShape::all(&terminal.texts, &connections);
        terminal.out.object(&StatusAnswer { connections });
        return Ok(());
    }
    let hub = answer!(session.ask(Request::Hub).await?, Hub)?;
    for remark in &hub.remarks {
        terminal.out.note(remark);
    }
    if connections.is_empty() {
        let list = terminal.command("integrations");
        terminal
            .out
            .line(&terminal.words("cli_status_nothing", &[]));
        terminal
            .out
            .note(&terminal.words("cli_status_nothing_next", &[("command", &list)]));
    }
    table(&terminal.texts, &connections, Timestamp::now()).print(terminal.out);
    Ok(())
}

fn table(texts: &Texts, connections: &[ConnectionView], now: Timestamp) -> Table {
    let mut table = Table::default();
    for view in connections {
        let below = if view.status.is_up() && matches!(view.status, Status::Connected { .. }) {
            Vec::new()
        } else {
            let status = ConnectionShape::new(texts, view).status;
            vec![format!("{} {}", status.sentence, status.next_step)]
        };
        let cells = vec![
            Cell::new(&view.integration_name).styled(Style::Strong),
            Cell::new(&view.account),
            Cell::new(badge(texts, &view.status)).styled(style(&view.status)),
            Cell::new(proven(texts, view, now)).styled(Style::Quiet),
        ];
        table.row(
            cells,
            below
                .into_iter()
                .chain(view.remarks.iter().cloned())
                .collect(),
        );
    }
    table
}

const fn style(status: &Status) -> Style {
    if status.is_down() {
        Style::Bad
    } else if matches!(status, Status::Connected { .. }) {
        Style::Good
    } else {
        Style::Doubtful
    }
}

fn badge(texts: &Texts, status: &Status) -> String {
    words(texts, &format!("cli_status_is_{}", status.kind()), &[])
}

fn proven(texts: &Texts, view: &ConnectionView, now: Timestamp) -> String {
    let when = |at| moments::ago(texts, now, at);
    let proven = match (view.proven_at, view.status.is_up()) {
        (Some(at), true) => words(texts, "cli_status_proven", &[("when", &when(at))]),
        (Some(at), false) => words(texts, "cli_status_last_proven", &[("when", &when(at))]),
        (None, _) => words(texts, "cli_status_never_proven", &[]),
    };
    let (key, change) = match view.status {
        Status::RateLimited { until } => ("cli_status_goes_on", until),
        Status::Expiring { at, .. } => ("cli_status_ends", at),
        _ => return proven,
    };
    let when = moments::until(texts, now, change);
    words(texts, key, &[("proven", &proven), ("when", &when)])
}

#[cfg(test)]
mod tests {
    use model::{Cause, ConnectionId, ExpiringWhy, status::RefusedReason};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn view(status: Status, proven_at: Option<i64>) -> ConnectionView {
        ConnectionView {
            id: ConnectionId::generate(),
            integration: "gmail".into(),
            integration_name: "Gmail".to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: None,
            name: None,
            status,
            proven_at: proven_at.map(at),
            checked_at: None,
            connected_at: at(0),
            scopes: Vec::new(),
            capabilities: Vec::new(),
            token_allowed: false,
            remarks: Vec::new(),
        }
    }

    fn told(view: &ConnectionView) -> String {
        proven(&Texts::english(), view, at(112))
    }

    /// The stable name, which is English already.
    #[test]
    fn every_status_has_a_word() {
        let since = at(0);
        for status in [
            Status::Connected { proven_at: since },
            Status::Expiring {
                at: since,
                why: ExpiringWhy::Rhythm,
            },
            Status::NeedsSignIn {
                cause: Cause::Imported,
                since,
            },
            Status::Offline { since },
            Status::RateLimited { until: since },
            Status::ServiceDown { since },
            Status::Refused {
                reason: RefusedReason::Other,
                since,
            },
            Status::VaultLocked,
            Status::NoKeychain,
            Status::Paused,
            Status::NotConfigured,
            Status::Unproven,
        ] {
            let name = status.kind().replace('_', " ");
            assert_eq!(badge(&Texts::english(), &status), name);
        }
    }

    #[test]
    fn a_badge_says_when_it_was_proven() {
        let up = view(Status::Connected { proven_at: at(100) }, Some(100));
        assert_eq!(told(&up), "proven 12 s ago");
        let down = view(Status::Offline { since: at(110) }, Some(100));
        assert_eq!(told(&down), "last proven 12 s ago");
        assert_eq!(told(&view(Status::Unproven, None)), "not proven yet");
    }

    #[test]
    fn a_pause_says_when_it_ends() {
        let limited = view(Status::RateLimited { until: at(142) }, Some(100));
        assert_eq!(told(&limited), "last proven 12 s ago, goes on in 30 s");
    }
}
