//! Why a tool did not do what it was asked: a result with `isError` that a model can act on, never a protocol error.

use model::{ActionId, ActionState, ActionView, Error, ErrorCode, Texts};
use rmcp::model::{CallToolResult, ContentBlock};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::{Trouble, write_words};

#[derive(Debug)]
pub(crate) enum Refusal {
    /// The hub's answer, or why it couldn't be asked.
    Asked(Error),
    /// The arguments are not what the tool takes.
    Arguments(serde_json::Error),
    /// What a write came to isn't known from here: it may have been kept under this name.
    Lost(Error, ActionId),
    /// A write that ended without having been sent, or nobody knows.
    Ended(Box<ActionView>),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Asked(error)
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::Asked(code.into())
    }
}

/// Instead of the answer, with isError.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Told {
    #[serde(flatten)]
    trouble: Trouble,
    /// The write it is about, for action_status.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    /// How that write ended: failed, denied, cancelled, expired or outcome_unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

impl Refusal {
    pub(crate) fn tell(&self, texts: &Texts) -> CallToolResult {
        let told = match self {
            Self::Asked(error) => Told {
                trouble: trouble(texts, error),
                action: None,
                state: None,
            },
            Self::Arguments(error) => {
                let args = [("reason".to_owned(), error.to_string())].into();
                let error = Error::new(ErrorCode::InvalidInput)
                    .with("reason", texts.say("mcp_bad_arguments", &args));
                Told {
                    trouble: trouble(texts, &error),
                    action: None,
                    state: None,
                }
            }
            Self::Lost(error, id) => Told {
                trouble: trouble(texts, error),
                action: Some(id.to_string()),
                state: None,
            },
            Self::Ended(view) => Told {
                trouble: ended(texts, view),
                action: Some(view.id.to_string()),
                state: Some(view.state.kind().to_owned()),
            },
        };
        let structured = serde_json::to_value(&told).unwrap_or_default();
        let mut result = CallToolResult::error(vec![ContentBlock::text(structured.to_string())]);
        result.structured_content = Some(structured);
        result
    }
}

/// An error of the hub in its own words.
pub(crate) fn trouble(texts: &Texts, error: &Error) -> Trouble {
    let (sentence, next_step) = texts.error(error);
    Trouble {
        code: error.code.name().to_owned(),
        sentence,
        next_step,
        retry_after_s: error.retry_after_s,
    }
}

/// How a write ended, where its state says more than an error could.
fn ended(texts: &Texts, view: &ActionView) -> Trouble {
    match &view.state {
        ActionState::Denied { .. } => trouble(texts, &ErrorCode::ApprovalDenied.into()),
        ActionState::Failed { error, .. } => trouble(texts, error),
        ActionState::OutcomeUnknown { error, .. } => {
            let known = Error {
                code: ErrorCode::OutcomeUnknown,
                ..error.clone()
            };
            let known = known
                .with("service", &view.integration_name)
                .with("account", &view.account);
            Trouble {
                // Whatever the hub advises about the request it can't tell the end of: not this.
                retry_after_s: None,
                ..trouble(texts, &known)
            }
        }
        state => {
            let (sentence, next_step) = write_words(texts, view);
            Trouble {
                code: state.kind().to_owned(),
                sentence,
                next_step,
                retry_after_s: None,
            }
        }
    }
}
