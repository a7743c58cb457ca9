//! What each tool does: take its arguments, choose a connection, ask the hub once, say the answer.

mod connections;
mod reading;
mod writing;

use std::sync::Arc;

use futures_util::FutureExt;
use model::{Error, Request, Response};
use rmcp::{
    RoleServer,
    model::{CallToolRequestParams, CallToolResponse, JsonObject},
    service::RequestContext,
};
use serde::de::DeserializeOwned;

use crate::{answers::Answer, offer::Tool, outside, reach::Reach, refusal::Refusal};

pub(crate) use writing::Flights;

/// One call, and what it may need.
pub(crate) struct Call<'a> {
    pub(crate) reach: &'a Arc<Reach>,
    pub(crate) flights: &'a Flights,
    pub(crate) context: &'a RequestContext<RoleServer>,
    pub(crate) params: CallToolRequestParams,
}

impl Call<'_> {
    pub(crate) async fn run(&self, tool: Tool) -> CallToolResponse {
        // Boxed: the smallest would carry the largest one's room with it.
        let answering = match tool {
            Tool::ListConnections => connections::list(self).boxed(),
            Tool::TestConnection => connections::test(self).boxed(),
            Tool::Connect => connections::connect(self).boxed(),
            Tool::SendEmail => writing::send_email(self).boxed(),
            Tool::ListEmails => reading::list_emails(self).boxed(),
            Tool::ReadEmail => reading::read_email(self).boxed(),
            Tool::ListFiles => reading::list_files(self).boxed(),
            Tool::UploadFiles => writing::upload_files(self).boxed(),
            Tool::DownloadFile => reading::download_file(self).boxed(),
            Tool::SendMessage => writing::send_message(self).boxed(),
            Tool::ListChats => reading::list_chats(self).boxed(),
            Tool::ActionStatus => writing::status(self).boxed(),
        };
        answering
            .await
            .unwrap_or_else(|refusal| refusal.tell(&self.reach.texts).into())
    }

    /// The arguments, as the tool's schema has them.
    fn arguments<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let none = JsonObject::new();
        T::deserialize(self.params.arguments.as_ref().unwrap_or(&none)).map_err(Refusal::Arguments)
    }

    async fn ask(&self, request: Request) -> Result<Response, Error> {
        self.reach.ask(request).await
    }

    fn tell<A: Answer>(&self, answer: &A) -> CallToolResponse {
        outside::tell(&self.reach.texts, answer).into()
    }

    fn notice(&self) -> String {
        self.reach.texts.plain("mcp_untrusted_notice")
    }
}

/// Takes the part of an answer that belongs to the request.
macro_rules! answer {
    ($response:expr, $kind:ident) => {
        match $response {
            model::Response::$kind(value) => Ok(value),
            _ => Err($crate::reach::unexpected()),
        }
    };
}
use answer;
