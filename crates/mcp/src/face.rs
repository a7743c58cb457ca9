//! What is answered, whatever carries it: rmcp's server handler over [`Reach`]. Nothing in it knows of pipes or ports.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

use model::ClientInfo;
use rmcp::{
    ErrorData, Peer, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CancelledNotificationParam,
        DiscoverResult, Implementation, InitializeRequestParams, InitializeResult, ListToolsResult,
        MetaObject, PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig,
        SubscriptionFilter,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use tokio::sync::watch;

use crate::{
    offer::{Tool, offered},
    reach::{Reach, Seen},
    schemas::Schemas,
    tools::{Call, Flights},
};

/// The revisions that are served, oldest first: three by handshake, the last one message by message.
const REVISIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

/// Where a modern answer says who gives it.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What this server can do only changes with its version.
const DISCOVERY_HOLDS_MS: u64 = 3_600_000;
/// For clients that don't listen for changes: a person who lets one in shouldn't have to wait for long.
const LIST_HOLDS_MS: u64 = 10_000;

/// Serves agents. Clones are the same.
#[derive(Clone)]
pub struct Face {
    reach: Arc<Reach>,
    flights: Flights,
    schemas: Schemas,
}

impl Face {
    pub(crate) fn new(reach: Arc<Reach>) -> Self {
        Self {
            reach,
            flights: Flights::default(),
            schemas: Schemas::InTheList,
        }
    }

    /// For whoever fills the schemas in while writing the list.
    pub(crate) fn without_schemas(self) -> Self {
        let schemas = Schemas::LeftOut;
        Self { schemas, ..self }
    }

    /// What a request brings along says who asks, and whether its answer says who answers: `None` = it doesn't.
    fn met(&self, context: &RequestContext<RoleServer>) -> Option<MetaObject> {
        if let Some(client) = context.meta.client_info() {
            self.meet(&client);
        }
        let version = context.meta.protocol_version()?;
        if version.as_str() < ProtocolVersion::V_2026_07_28.as_str() {
            return None;
        }
        let mut meta = MetaObject::new();
        meta.insert(
            SERVER_INFO.to_owned(),
            serde_json::to_value(implementation()).ok()?,
        );
        Some(meta)
    }

    fn meet(&self, client: &Implementation) {
        self.reach.meet(ClientInfo {
            name: client.title.clone().unwrap_or_else(|| client.name.clone()),
            version: client.version.clone(),
        });
    }
}

/// Who serves, as clients are told.
fn implementation() -> Implementation {
    Implementation::new("autopilot", link::VERSION).with_title("Autopilot")
}

impl ServerHandler for Face {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .build();
        ServerConfig::new(capabilities)
            .with_protocol_version(ProtocolVersion::V_2025_11_25)
            .with_server_info(implementation())
            .with_instructions(self.reach.texts.plain("mcp_instructions"))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(REVISIONS)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let agreed = self.negotiate_initialize(&request)?;
        self.meet(&request.client_info);
        // What was agreed, not what was asked for, decides how the rest of this conversation is answered.
        context
            .peer
            .set_peer_info(request.with_protocol_version(agreed.protocol_version.clone()));
        Ok(agreed)
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        tell_changes(
            Arc::downgrade(&self.reach),
            self.reach.watch(),
            context.peer,
        )
        .await;
    }

    async fn discover(
        &self,
        _context: RequestContext<RoleServer>,
    ) -> Result<DiscoverResult, ErrorData> {
        let found = DiscoverResult::from_server_info(REVISIONS.to_vec(), self.get_info());
        Ok(found
            .with_ttl_ms(DISCOVERY_HOLDS_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let meta = self.met(&context);
        // All fit on one page, so that no cursor was ever given out.
        if request.is_some_and(|request| request.cursor.is_some()) {
            return Err(ErrorData::invalid_params("unknown cursor", None));
        }
        let seen = self.reach.seen().await;
        let tools = offered(&seen)
            .into_iter()
            .map(|tool| tool.describe(&self.reach.texts, self.schemas))
            .collect();
        let mut listed = ListToolsResult::with_all_items(tools)
            .with_ttl_ms(LIST_HOLDS_MS)
            .with_cache_scope(CacheScope::Private);
        listed.meta = meta;
        Ok(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let meta = self.met(&context);
        let Some(tool) = Tool::named(&request.name) else {
            let message = format!("unknown tool: {}", request.name);
            return Err(ErrorData::invalid_params(message, None));
        };
        let call = Call {
            reach: &self.reach,
            flights: &self.flights,
            context: &context,
            params: request,
        };
        let mut answered = call.run(tool).await;
        match &mut answered {
            CallToolResponse::Complete(result) => result.meta = meta,
            CallToolResponse::InputRequired(result) => result.meta = meta,
            _ => {}
        }
        Ok(answered)
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        _context: NotificationContext<RoleServer>,
    ) {
        if let Some(call) = notification.request_id {
            self.flights.cancel(&self.reach, &call).await;
        }
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let sink = context.sink().clone();
        let mut seen = self.reach.watch();
        let mut last = first_list(&mut seen).await;
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                changed = next_list(&mut seen, &mut last) => {
                    if !changed {
                        return Ok(());
                    }
                }
            }
            // Refused only where the client didn't ask for it: it just listens then.
            let _ = sink.notify_tool_list_changed().await;
        }
    }
}

/// Tells a client that shook hands whenever its list of tools is another.
async fn tell_changes(reach: Weak<Reach>, mut seen: watch::Receiver<Seen>, peer: Peer<RoleServer>) {
    let mut last = first_list(&mut seen).await;
    while next_list(&mut seen, &mut last).await {
        if reach.strong_count() == 0
            || peer.is_transport_closed()
            || peer.notify_tool_list_changed().await.is_err()
        {
            return;
        }
    }
}

/// What the list was when it could first be asked for.
async fn first_list(seen: &mut watch::Receiver<Seen>) -> Vec<Tool> {
    match seen.wait_for(|seen| seen.tried).await {
        Ok(seen) => offered(&seen),
        Err(_) => Vec::new(),
    }
}

/// Waits for another list; `false` = there will be none.
async fn next_list(seen: &mut watch::Receiver<Seen>, last: &mut Vec<Tool>) -> bool {
    while seen.changed().await.is_ok() {
        let now = offered(&seen.borrow_and_update());
        if now != *last {
            *last = now;
            return true;
        }
    }
    false
}
