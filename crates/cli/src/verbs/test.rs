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
    let mut table = Table::default();
    for result in &report.steps {
        let (mark, style) = if result.ok {
            ("✓", Style::Good)
        } else {
            ("✗", Style::Bad)
        };
        let cells = vec![
            Cell::new(mark).styled(style),
            Cell::new(what(result, &report.connection.integration_name)),
            Cell::new(format!("{} ms", result.milliseconds)).styled(Style::Quiet),
        ];
        table.row(cells, Vec::new());
    }
    table.print(terminal.out);
    if report.error.is_none() {
        let view = &report.connection;
        terminal.out.line(&format!(
            "{} works as {}.",
            view.integration_name, view.account
        ));
    }
}

fn what(result: &StepResult, service: &str) -> String {
    match (result.step, result.ok) {
        (TestStep::Vault, true) => "The sign-in was read".to_owned(),
        (TestStep::Vault, false) => "The sign-in couldn't be read".to_owned(),
        (TestStep::Token, true) => "The sign-in is fresh".to_owned(),
        (TestStep::Token, false) => "The sign-in couldn't be renewed".to_owned(),
        (TestStep::Service, true) => format!("{service} answered"),
        (TestStep::Service, false) => format!("{service} didn't answer as it should"),
    }
}
