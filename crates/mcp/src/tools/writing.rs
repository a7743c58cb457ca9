//! Writes: asked once under a name of our own, then followed for as long as a call has patience.
//!
//! A write that waits for a person is decided in our window and nowhere else. A client that offers to open addresses
//! is given the window's; what it answers can take the write back, and never send it. The state it carries back is the
//! action's name and nothing more: asking again under that name returns the same action of the same agent, and for any
//! other name it is a new write like every other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{
    Action, ActionId, ActionState, ActionView, Capability, ConnectionRef, Error, ErrorCode,
    Request, Response,
};
use rmcp::model::{
    CallToolResponse, ElicitRequest, ElicitRequestParams, InputRequest, InputRequiredResult,
    ProtocolVersion, RequestId,
};
use tokio::{sync::watch, time::timeout};

use super::{Call, answer};
use crate::{
    answers, arguments, choose,
    following::{self, Telling},
    reach::Reach,
    refusal::Refusal,
};

/// Where our window shows what waits for a person.
const APPROVALS: &str = "app.autopilot.desktop:/approvals";
/// The name of the one thing we ever ask a client for.
const APPROVAL: &str = "approval";
/// A write and its being taken back travel side by side: the first may still be on its way, or its files still be read.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

pub(super) async fn send_email(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::SendEmail = call.arguments()?;
    let mail = model::SendEmail {
        to: given.to,
        cc: given.cc,
        bcc: given.bcc,
        subject: given.subject,
        text: given.text,
        html: given.html,
        attachments: arguments::files(&given.attachments)?,
        reply_to: given.reply_to,
    };
    let (connection, key) = (given.connection, given.idempotency_key);
    write(call, connection.as_deref(), Action::SendEmail(mail), key).await
}

pub(super) async fn upload_files(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::UploadFiles = call.arguments()?;
    let upload = model::UploadFiles {
        files: arguments::files(&given.files)?,
        folder: given.folder,
    };
    let (connection, key) = (given.connection, given.idempotency_key);
    write(
        call,
        connection.as_deref(),
        Action::UploadFiles(upload),
        key,
    )
    .await
}

pub(super) async fn send_message(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::SendMessage = call.arguments()?;
    let message = model::SendMessage {
        chat: given.chat,
        text: given.text,
        format: given.format.into(),
        file: given.file.as_deref().map(arguments::file).transpose()?,
        as_picture: given.as_picture,
        reply_to: given.reply_to,
    };
    let (connection, key) = (given.connection, given.idempotency_key);
    write(
        call,
        connection.as_deref(),
        Action::SendMessage(message),
        key,
    )
    .await
}

pub(super) async fn status(call: &Call<'_>) -> Result<CallToolResponse, Refusal> {
    let given: arguments::ActionStatus = call.arguments()?;
    let writes = call.reach.writes();
    let now = following::action(call.reach, given.action).await?;
    let wait = Duration::from_secs(given.wait_s.unwrap_or(0)).min(call.reach.patience);
    // Most only want to know how it stands: no clock is set for them.
    if wait.is_zero() || now.state.is_over() {
        return told(call, now);
    }
    let mut telling = Telling::new(call.context);
    let ended = tokio::select! {
        ended = following::follow(call.reach, writes, now, wait, &mut telling) => ended?,
        () = call.context.ct.cancelled() => return Err(ErrorCode::Internal.into()),
    };
    told(call, ended)
}

async fn write(
    call: &Call<'_>,
    connection: Option<&str>,
    action: Action,
    key: Option<ActionId>,
) -> Result<CallToolResponse, Refusal> {
    let capability = action.capability();
    let view = choose::connection(call.reach, connection, Some(capability)).await?;
    let carried = call.params.request_state.as_deref();
    let id = key
        .or_else(|| carried.and_then(|state| state.parse().ok()))
        .unwrap_or_else(ActionId::generate);
    let request = Request::Act {
        id,
        connection: ConnectionRef::new(view.id.to_string()),
        action,
        undo_s: None,
    };
    let asking = call.flights.begin(call.context.id.clone(), id);
    // Perhaps while a hub was being started. The token is cancelled before `Flights` is told: whatever isn't seen here
    // finds its flight there.
    if call.context.ct.is_cancelled() {
        call.flights.end(&call.context.id);
        return Err(ErrorCode::Internal.into());
    }
    let ended = tokio::select! {
        // What is cancelled goes no step further.
        biased;
        // No answer is sent after this; `Flights` takes the write back.
        () = call.context.ct.cancelled() => return Err(ErrorCode::Internal.into()),
        ended = to_its_end(call, request, id, capability, asking) => ended,
    };
    call.flights.end(&call.context.id);
    match ended? {
        Followed::Asking(asking) => Ok(asking.into()),
        Followed::So(view) => told(call, *view),
    }
}

enum Followed {
    /// As far as patience went.
    So(Box<ActionView>),
    /// The client is asked to send the person to our window.
    Asking(InputRequiredResult),
}

async fn to_its_end(
    call: &Call<'_>,
    request: Request,
    id: ActionId,
    capability: Capability,
    asking: watch::Sender<()>,
) -> Result<Followed, Refusal> {
    // Before it begins: an end that comes at once must not be missed.
    let writes = call.reach.writes();
    let begun = match act(call.reach, request, asking).await {
        Ok(answered) => answer!(answered, Action)?,
        // It may have been kept: whoever asks again has to know under which name.
        Err(error)
            if matches!(
                error.code,
                ErrorCode::HubUnreachable | ErrorCode::HandingOver
            ) =>
        {
            return Err(Refusal::Lost(error, id));
        }
        Err(error) => return Err(error.into()),
    };
    if begun.capability != capability {
        let taken = call.reach.texts.plain("mcp_key_taken");
        return Err(Error::new(ErrorCode::InvalidInput)
            .with("reason", taken)
            .into());
    }
    if matches!(begun.state, ActionState::AwaitingApproval { .. }) {
        match answered_with(call) {
            Some("decline") => {
                let cancelled = call.ask(Request::CancelAction { id }).await?;
                return Ok(Followed::So(Box::new(answer!(cancelled, Action)?)));
            }
            // Whatever else it says: the person decides in our window, and we wait.
            Some(_) => {}
            None if opens_addresses(call) => return Ok(Followed::Asking(ask_person(call, &begun))),
            None => {}
        }
    }
    let mut telling = Telling::new(call.context);
    let patience = call.reach.patience;
    match following::follow(call.reach, writes, begun, patience, &mut telling).await {
        Ok(view) => Ok(Followed::So(Box::new(view))),
        Err(error) => Err(Refusal::Lost(error, id)),
    }
}

/// Asks on its own: a cancelled call waits for nothing any more, and whoever takes its write back has to know until
/// when there may be one.
async fn act(
    reach: &Arc<Reach>,
    request: Request,
    asking: watch::Sender<()>,
) -> Result<Response, Error> {
    let reach = Arc::clone(reach);
    let answered = tokio::spawn(async move {
        let answered = reach.ask(request).await;
        drop(asking);
        answered
    });
    answered
        .await
        .unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
}

fn told(call: &Call<'_>, view: ActionView) -> Result<CallToolResponse, Refusal> {
    if view.state.is_over() && !matches!(view.state, ActionState::Sent { .. }) {
        return Err(Refusal::Ended(Box::new(view)));
    }
    Ok(call.tell(&answers::Write::new(&call.reach.texts, &view)))
}

/// What the client answered when it was asked to open our window, if it was.
fn answered_with<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    let answers = call.params.input_responses.as_ref()?;
    Some(
        answers
            .get(APPROVAL)
            .and_then(|answer| answer["action"].as_str())
            .unwrap_or_default(),
    )
}

/// Does the client say, with this very request, that it can send its person to an address?
fn opens_addresses(call: &Call<'_>) -> bool {
    let meta = &call.context.meta;
    let is_modern = meta
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    is_modern
        && meta
            .client_capabilities()
            .and_then(|can| can.elicitation)
            .is_some_and(|can| can.url.is_some())
}

fn ask_person(call: &Call<'_>, view: &ActionView) -> InputRequiredResult {
    let texts = &call.reach.texts;
    let tool = texts.plain(&format!("mcp_tool_{}_title", call.params.name));
    let args = [
        ("tool".to_owned(), tool),
        ("account".to_owned(), view.account.clone()),
    ]
    .into();
    let open = ElicitRequest::new(ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: texts.say("mcp_elicit_approval", &args),
        url: APPROVALS.to_owned(),
        elicitation_id: view.id.to_string(),
    });
    let requests = [(APPROVAL.to_owned(), InputRequest::Elicitation(open))];
    InputRequiredResult::new(Some(requests.into()), Some(view.id.to_string()))
}

/// Writes that a call waits for. A call that is cancelled takes its write back, where that isn't too late: whoever
/// pressed Escape doesn't expect it to go out an hour later.
#[derive(Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<RequestId, Flight>>>);

struct Flight {
    action: ActionId,
    /// Closed once the hub has answered: there is such an action by then, or none will come.
    asked: watch::Receiver<()>,
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes back is to be dropped when the hub has answered, or won't be asked.
    fn begin(&self, call: RequestId, action: ActionId) -> watch::Sender<()> {
        let (asking, asked) = watch::channel(());
        self.lock().insert(call, Flight { action, asked });
        asking
    }

    fn end(&self, call: &RequestId) {
        self.lock().remove(call);
    }

    /// The client doesn't want this call's answer any more. Before the hub has read its files a write is no action yet,
    /// which takes as long as they are large: until it has answered, it is told again.
    pub(crate) async fn cancel(&self, reach: &Reach, call: &RequestId) {
        let Some(mut flight) = self.lock().remove(call) else {
            return;
        };
        let id = flight.action;
        loop {
            // Looked at before asking: what was answered by then is there.
            let was_answered = flight.asked.has_changed().is_err();
            match reach.ask(Request::CancelAction { id }).await {
                Err(error) if !was_answered && may_still_come(&error) => {
                    let _ = timeout(ON_ITS_WAY, flight.asked.changed()).await;
                }
                _ => return,
            }
        }
    }
}

/// There is no such action yet, or no hub right now: another may be asked for it still.
fn may_still_come(error: &Error) -> bool {
    matches!(
        error.code,
        ErrorCode::UnknownAction | ErrorCode::HubUnreachable | ErrorCode::HandingOver
    )
}
