//! `autopilot status`: where every connection stands, and when that was last proven.

use model::{ConnectionView, Request, Status, Timestamp};

use crate::{
    args::StatusArguments,
    failure::Failure,
    moments,
    output::Style,
    schema::{ConnectionShape, StatusAnswer},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
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
        terminal.out.line("Nothing is connected yet.");
        terminal.out.note("See what can be: autopilot integrations");
    }
    table(terminal, &connections, Timestamp::now()).print(terminal.out);
    Ok(())
}

fn table(terminal: &Terminal, connections: &[ConnectionView], now: Timestamp) -> Table {
    let mut table = Table::default();
    for view in connections {
        let below = if view.status.is_up() && matches!(view.status, Status::Connected { .. }) {
            Vec::new()
        } else {
            let status = ConnectionShape::new(&terminal.texts, view).status;
            vec![format!("{} {}", status.sentence, status.next_step)]
        };
        let cells = vec![
            Cell::new(&view.integration_name).styled(Style::Strong),
            Cell::new(&view.account),
            Cell::new(view.status.kind().replace('_', " ")).styled(style(&view.status)),
            Cell::new(proven(view, now)).styled(Style::Quiet),
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

fn proven(view: &ConnectionView, now: Timestamp) -> String {
    let proven = match (view.proven_at, view.status.is_up()) {
        (Some(at), true) => format!("proven {}", moments::ago(now, at)),
        (Some(at), false) => format!("last proven {}", moments::ago(now, at)),
        (None, _) => "not proven yet".to_owned(),
    };
    match view.status {
        Status::RateLimited { until } => {
            format!("{proven}, goes on {}", moments::until(now, until))
        }
        Status::Expiring { at, .. } => format!("{proven}, ends {}", moments::until(now, at)),
        _ => proven,
    }
}

#[cfg(test)]
mod tests {
    use model::ConnectionId;

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

    #[test]
    fn a_badge_says_when_it_was_proven() {
        let up = view(Status::Connected { proven_at: at(100) }, Some(100));
        assert_eq!(proven(&up, at(112)), "proven 12 s ago");
        let down = view(Status::Offline { since: at(110) }, Some(100));
        assert_eq!(proven(&down, at(112)), "last proven 12 s ago");
        assert_eq!(
            proven(&view(Status::Unproven, None), at(112)),
            "not proven yet"
        );
    }

    #[test]
    fn a_pause_says_when_it_ends() {
        let limited = view(Status::RateLimited { until: at(142) }, Some(100));
        assert_eq!(
            proven(&limited, at(112)),
            "last proven 12 s ago, goes on in 30 s"
        );
    }
}
