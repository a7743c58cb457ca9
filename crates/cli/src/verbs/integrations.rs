//! `autopilot integrations`: what can be connected, and as whom it is connected now.

use model::integration::{AuthView, IntegrationView};

use crate::{
    failure::Failure,
    output::Style,
    schema::{IntegrationShape, IntegrationsAnswer},
    session::Session,
    table::{Cell, Table},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let integrations = session.integrations().await?;
    let connections = session.connections().await?;
    let accounts = |view: &IntegrationView| -> Vec<String> {
        let through = connections
            .iter()
            .filter(|connection| connection.integration == view.id);
        through
            .map(|connection| connection.account.clone())
            .collect()
    };
    if terminal.out.json() {
        let shapes = integrations
            .iter()
            .map(|view| IntegrationShape::new(view, accounts(view)));
        terminal.out.object(&IntegrationsAnswer {
            integrations: shapes.collect(),
        });
        return Ok(());
    }
    let mut table = Table::default();
    for view in &integrations {
        let cells = vec![
            Cell::new(view.id.as_str()).styled(Style::Strong),
            Cell::new(&view.name),
            state(terminal, view, &accounts(view)),
        ];
        table.row(cells, vec![view.tagline.clone()]);
    }
    table.print(terminal.out);
    Ok(())
}

fn state(terminal: &Terminal, view: &IntegrationView, accounts: &[String]) -> Cell {
    if !accounts.is_empty() {
        return Cell::new(accounts.join(", ")).styled(Style::Good);
    }
    match &view.auth {
        AuthView::Oauth { clients, .. }
            if clients.iter().all(|client| client.registered.is_none()) =>
        {
            let needs = terminal.words("cli_integrations_needs_client", &[]);
            Cell::new(needs).styled(Style::Doubtful)
        }
        _ => {
            let none = terminal.words("cli_integrations_not_connected", &[]);
            Cell::new(none).styled(Style::Quiet)
        }
    }
}
