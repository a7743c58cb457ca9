//! Which connections there are, whether one works, and how the person makes another. Nothing here signs anybody in:
//! what is returned is a place in our window, never an address with a state or a token in it.

use model::{ConnectionRef, Error, ErrorCode, OpenTarget, Request, integration::IntegrationView};
use rmcp::model::CallToolResponse;

use super::{Call, answer};
use crate::{
    answers, arguments, choose,
    refusal::{Refusal, trouble},
};

pub(super) async fn list(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let arguments::Nothing {} = call.arguments()?;
    let connections = call.reach.connections().await?;
    let integrations = integrations(call).await?;
    Ok(call.tell(&answers::Connections {
        connections: connections
            .iter()
            .map(|view| answers::Connection::new(&call.reach.texts, view))
            .collect(),
        integrations: integrations.iter().map(Into::into).collect(),
    }))
}

pub(super) async fn test(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::TestConnection = call.arguments()?;
    let view = choose::connection(call.reach, given.connection.as_deref(), None).await?;
    let request = Request::Test {
        connection: ConnectionRef::new(view.id.to_string()),
    };
    let report = answer!(call.ask(request).await?, Test)?;
    let texts = &call.reach.texts;
    Ok(call.tell(&answers::Tested {
        connection: answers::Connection::new(texts, &report.connection),
        ok: report.error.is_none(),
        steps: report
            .steps
            .iter()
            .map(|one| answers::Step {
                step: step_name(one.step).to_owned(),
                ok: one.ok,
                milliseconds: one.milliseconds,
            })
            .collect(),
        error: report.error.as_ref().map(|error| trouble(texts, error)),
    }))
}

pub(super) async fn connect(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::Connect = call.arguments()?;
    let wanted = given
        .integration
        .trim()
        .to_lowercase()
        .replace([' ', '-'], "_");
    let integrations = integrations(call).await?;
    let Some(integration) = integrations.iter().find(|one| one.id.as_str() == wanted) else {
        return Err(Error::new(ErrorCode::UnknownIntegration)
            .with("integration", &given.integration)
            .into());
    };
    let connection = match given.connection.as_deref() {
        Some(named) => Some(choose::connection(call.reach, Some(named), None).await?.id),
        None => None,
    };
    let hub = answer!(call.ask(Request::Hub).await?, Hub)?;
    let texts = &call.reach.texts;
    let args = [
        ("service".to_owned(), integration.name.clone()),
        ("integration".to_owned(), integration.id.to_string()),
    ]
    .into();
    if hub.headless {
        return Ok(call.tell(&answers::Connecting {
            link: None,
            sentence: texts.say("mcp_connect_headless_sentence", &args),
            next_step: texts.say("mcp_connect_headless_next", &args),
        }));
    }
    let target = OpenTarget::SignIn {
        integration: integration.id.clone(),
        connection,
    };
    call.ask(Request::Open { target }).await?;
    Ok(call.tell(&answers::Connecting {
        link: Some(format!("app.autopilot.desktop:/connect/{}", integration.id)),
        sentence: texts.say("mcp_connect_sentence", &args),
        next_step: texts.say("mcp_connect_next", &args),
    }))
}

async fn integrations(call: &Call<'_>) -> Result<Vec<IntegrationView>, Error> {
    answer!(call.ask(Request::ListIntegrations).await?, Integrations)
}

const fn step_name(step: model::test_report::TestStep) -> &'static str {
    use model::test_report::TestStep;
    match step {
        TestStep::Vault => "vault",
        TestStep::Token => "token",
        TestStep::Service => "service",
    }
}
