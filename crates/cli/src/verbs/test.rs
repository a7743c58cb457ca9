//! `autopilot test`: one real call through a connection, step by step.

use model::{
    Request,
    test_report::{StepResult, TestReport, TestStep},
};

use crate::{
    args::TestArguments,
    failure::Failure,
    output::Style,
    schema::{ConnectionShape, StepShape, TestAnswer},
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: TestArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let request = Request::Test {
        connection: arguments.connection,
    };
    let report = answer!(session.ask(request).await?, Test)?;
    if terminal.out.json() {
        terminal.out.object(&TestAnswer {
            connection: ConnectionShape::new(&terminal.texts, &report.connection),
            steps: report.steps.iter().map(StepShape::from).collect(),
            error: report.error.as_ref().map(|error| terminal.error(error)),
        });
        return match report.error {
            Some(error) => Err(Failure::Told(error.code.into())),
            None => Ok(()),
        };
    }
    say(terminal, &report);
    match report.error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn say(terminal: &Terminal, report: &TestReport) {
    let view = &report.connection;
    let mut table = Table::default();
    for result in &report.steps {
        let (mark, style) = if result.ok {
            ("✓", Style::Good)
        } else {
            ("✗", Style::Bad)
        };
        let cells = vec![
            Cell::new(mark).styled(style),
            Cell::new(terminal.words(what(result), &[("service", &view.integration_name)])),
            Cell::new(format!("{} ms", result.milliseconds)).styled(Style::Quiet),
        ];
        table.row(cells, Vec::new());
    }
    table.print(terminal.out);
    if report.error.is_none() {
        terminal.out.line(&terminal.words(
            "cli_test_works",
            &[
                ("service", &view.integration_name),
                ("account", &view.account),
            ],
        ));
    }
}

const fn what(result: &StepResult) -> &'static str {
    match (result.step, result.ok) {
        (TestStep::Vault, true) => "cli_test_vault_read",
        (TestStep::Vault, false) => "cli_test_vault_unread",
        (TestStep::Token, true) => "cli_test_token_fresh",
        (TestStep::Token, false) => "cli_test_token_old",
        (TestStep::Service, true) => "cli_test_service_answered",
        (TestStep::Service, false) => "cli_test_service_not_answered",
    }
}
