//! `autopilot outbox list`

use model::{ActionFilter, ActionState, ActionView, Request, Timestamp};

use super::show::style;
use crate::{
    args::ListOutboxArguments,
    failure::Failure,
    follow, moments,
    output::Style,
    schema::{ActionShape, OutboxAnswer},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
};

pub(super) async fn run(
    terminal: &Terminal,
    arguments: ListOutboxArguments,
) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let connection = match arguments.through.connection {
        Some(named) => Some(session.connection(named).await?.id),
        None => None,
    };
    let filter = ActionFilter {
        connection,
        open_only: !arguments.all,
        limit: Some(arguments.limit),
    };
    let actions = answer!(session.ask(Request::ListActions { filter }).await?, Actions)?;
    if terminal.out.json() {
        let actions = ActionShape::all(terminal, &actions);
        terminal.out.object(&OutboxAnswer { actions });
        return Ok(());
    }
    if actions.is_empty() {
        let key = if arguments.all {
            "cli_outbox_nothing_sent"
        } else {
            "cli_outbox_nothing_open"
        };
        terminal.out.line(&terminal.words(key, &[]));
    }
    table(terminal, &actions, Timestamp::now()).print(terminal.out);
    Ok(())
}

fn table(terminal: &Terminal, actions: &[ActionView], now: Timestamp) -> Table {
    let texts = &terminal.texts;
    let mut table = Table::default();
    for view in actions {
        let cells = vec![
            Cell::new(view.id.to_string()).styled(Style::Quiet),
            Cell::new(&view.integration_name).styled(Style::Strong),
            Cell::new(&view.account),
            Cell::new(view.capability.name()),
            Cell::new(follow::standing(texts, &view.state)).styled(style(&view.state)),
            Cell::new(moments::ago(texts, now, view.created_at)).styled(Style::Quiet),
        ];
        table.row(cells, below(terminal, &view.state));
    }
    table
}

fn below(terminal: &Terminal, state: &ActionState) -> Vec<String> {
    match state {
        ActionState::Failed { error, .. } | ActionState::OutcomeUnknown { error, .. } => {
            vec![terminal.texts.error(error).0]
        }
        _ => Vec::new(),
    }
}
