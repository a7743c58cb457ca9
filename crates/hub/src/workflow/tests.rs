//! Reading a workflow and checking it ahead. Whole runs are in the integration tests, over the real programs.

use std::{collections::BTreeMap, path::Path};

use model::{Action, Error, ErrorCode, SendEmail, SendMessage};
use proptest::prelude::*;
use serde_json::json;

use super::{
    parse::{Workflow, parse},
    plan,
    template::Scope,
};

const NEWS: &str = r#"
name = "Weekly news"

[inputs.to]
required = true
description = "Who gets it"

[inputs.subject]
default = "News"

[[steps]]
id = "mail"
action = "send_email"
connection = "anna@example.org"
to = "{{input.to}}"
subject = "{{input.subject}}"
text = "Hello"
attachments = ["report.pdf"]

[[steps]]
action = "send_telegram"
chat = 42
text = "Sent as {{steps.mail.id}}"
"#;

fn reason(error: &Error) -> &str {
    assert_eq!(error.code, ErrorCode::WorkflowInvalid);
    &error.args["reason"]
}

/// The actions as they are checked ahead.
fn actions(workflow: &Workflow, input: &str) -> Result<Vec<Action>, Error> {
    let input = plan::input(workflow, input)?;
    let mut scope = Scope {
        input: &input,
        steps: BTreeMap::new(),
    };
    let mut actions = Vec::new();
    for step in &workflow.steps {
        actions.push(plan::action(step, &scope, Path::new("/folder"))?);
        scope.steps.insert(&step.id, None);
    }
    Ok(actions)
}

#[test]
fn a_workflow_becomes_the_actions_it_says() {
    let workflow = parse(NEWS).unwrap();
    assert_eq!(workflow.name, "Weekly news");
    let telegram = workflow.steps[1].integration.as_ref().unwrap();
    assert_eq!(
        (telegram.as_str(), workflow.steps[1].id.as_str()),
        ("telegram", "2")
    );
    let input = json!({"to": ["b@example.org", "c@example.org"]}).to_string();
    assert_eq!(
        actions(&workflow, &input).unwrap(),
        [
            Action::SendEmail(SendEmail {
                to: vec!["b@example.org".to_owned(), "c@example.org".to_owned()],
                subject: "News".to_owned(),
                text: Some("Hello".to_owned()),
                attachments: vec![
                    Path::new("/folder")
                        .join("report.pdf")
                        .to_string_lossy()
                        .into_owned()
                ],
                ..SendEmail::default()
            }),
            Action::SendMessage(SendMessage {
                chat: "42".to_owned(),
                text: "Sent as 0".to_owned(),
                ..SendMessage::default()
            }),
        ]
    );
}

#[test]
fn one_address_is_a_list_of_one() {
    let workflow = parse(NEWS).unwrap();
    let actions = actions(&workflow, r#"{"to": "b@example.org"}"#).unwrap();
    let Action::SendEmail(mail) = &actions[0] else {
        panic!("not a mail")
    };
    assert_eq!(mail.to, ["b@example.org"]);
}

#[test]
fn each_mistake_is_told_with_its_line() {
    for (text, says) in [
        (
            "name = \"a\"\nsteps = 5",
            "line 2: steps are written [[steps]]",
        ),
        (
            "name = \"a\"\n[[steps]]\naction = \"fax\"",
            "line 3: there is no action \"fax\"; there are send_email, send_gmail",
        ),
        (
            "name = \"a\"\n[[steps]]\naction = \"send_email\"\nsubjekt = \"b\"",
            "line 4: a step has no field \"subjekt\"; it has action, id, connection,",
        ),
        (
            "name = \"a\"\ntitle = \"b\"",
            "line 2: a workflow has no field \"title\"",
        ),
        (
            "name = \"a\"\n[inputs.to]\nrequird = true",
            "line 3: an input has no field \"requird\"",
        ),
        ("[[steps]]\naction = \"send_email\"", "needs \"name\""),
        ("name = \"a\"", "no [[steps]]"),
        ("name = \"a\"\nname = \"b\"", "line 2"),
        (
            "name = \"a\"\n[[steps]]\nid = \"x y\"\naction = \"send_email\"",
            "line 3: an id is made of",
        ),
        (
            "name = \"a\"\n[[steps]]\nid = \"2\"\naction = \"send_email\"\n[[steps]]\naction = \"send_email\"",
            "two steps have the id \"2\"",
        ),
        (
            "name = \"a\\nb\"\n[[steps]]\naction = \"send_email\"",
            "line 1: a name is",
        ),
    ] {
        let refused = parse(text).unwrap_err();
        assert!(reason(&refused).contains(says), "{text}\n{refused:?}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_told_with_line_and_field() {
    let text =
        "name = \"a\"\n[[steps]]\naction = \"send_message\"\nchat = \"b\"\nas_picture = \"maybe\"";
    let refused = actions(&parse(text).unwrap(), "").unwrap_err();
    assert!(
        reason(&refused).starts_with("line 5: as_picture: "),
        "{refused:?}"
    );
}

#[test]
fn the_input_must_be_what_is_declared() {
    let workflow = parse(NEWS).unwrap();
    for (input, says) in [
        ("{}", "the input \"to\" is missing"),
        (
            "{\"to\": \"a\", \"too\": 1}",
            "no input \"too\"; it takes subject, to",
        ),
        ("[1]", "must be a JSON object"),
        ("{", "no JSON"),
    ] {
        let refused = plan::input(&workflow, input).unwrap_err();
        assert!(reason(&refused).contains(says), "{input}: {refused:?}");
    }
}

#[test]
fn a_step_sees_only_the_steps_before_it() {
    let text = "name = \"a\"\n[[steps]]\naction = \"send_message\"\nchat = \"b\"\ntext = \"{{steps.2.id}}\"\n\
                [[steps]]\naction = \"send_message\"\nchat = \"b\"\ntext = \"c\"";
    let refused = actions(&parse(text).unwrap(), "").unwrap_err();
    assert!(
        reason(&refused).contains("no step before this one"),
        "{refused:?}"
    );
}

#[test]
fn every_integration_has_an_action_of_its_own_name() {
    for integration in integrations::all() {
        let facts = integration.facts();
        for capability in facts.capabilities.iter().filter(|one| one.is_write()) {
            let found = ["send", "upload"].iter().any(|verb| {
                let text = format!("name = \"a\"\n[[steps]]\naction = \"{verb}_{}\"", facts.id);
                parse(&text).is_ok_and(|workflow| workflow.steps[0].capability == *capability)
            });
            assert!(found, "{} {capability}", facts.id);
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "[a-z=\\[\\]\"{}.\n 0-9]*") {
        let _ = parse(&text);
    }

    #[test]
    fn what_comes_in_never_names_anything(value in ".*") {
        let workflow = parse(NEWS).unwrap();
        let input = json!({"to": ["a@example.org"], "subject": format!("{{{{input.to}}}}{value}")});
        let made = actions(&workflow, &input.to_string()).unwrap();
        let Action::SendEmail(mail) = &made[0] else { panic!("not a mail") };
        prop_assert_eq!(&mail.subject, &format!("{{{{input.to}}}}{value}"));
    }
}
