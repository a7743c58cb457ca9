//! Decides message by message which rules hold: those of the handshake, or those a request brings along in `_meta`.
//!
//! rmcp's own start settles one era for the whole connection with the first message that fits, ends at a stray
//! notification before it, and afterwards refuses the other era. A client that probes with `server/discover`, calls, and
//! then shakes hands all the same, or two conversations interleaved on one pipe, must both be served. So its loop is
//! entered without that start, and this layer asks what the start would have asked: no request without either a
//! handshake before it or a revision in it. It also names who serves on every modern result, and tells a known method
//! with unfit parameters from an unknown method, which rmcp takes for one.

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, Service,
    model::{
        ClientNotification, ClientRequest, Implementation, MetaObject, ProtocolVersion,
        ServerConfig, ServerResult,
    },
    service::{NotificationContext, RequestContext},
};

use crate::Face;

/// `_meta` of every modern result.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What rmcp would have read as one of these, had its parameters fitted.
const KNOWN: &[&str] = &[
    "initialize",
    "ping",
    "server/discover",
    "subscriptions/listen",
    "tools/call",
    "tools/list",
];

/// Serves both eras at once.
#[derive(Clone)]
pub struct PerMessage<F>(F);

impl PerMessage<Face> {
    pub(crate) fn new(face: Face) -> Self {
        Self(face)
    }

    async fn answer(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        if let ClientRequest::CustomRequest(custom) = &request
            && KNOWN.contains(&custom.method.as_str())
        {
            let message = format!("the parameters of {} don't fit", custom.method);
            return Err(ErrorData::invalid_params(message, None));
        }
        let version = context.meta.protocol_version();
        let needs_an_era = !matches!(
            request,
            ClientRequest::InitializeRequest(_) | ClientRequest::PingRequest(_)
        );
        if needs_an_era && version.is_none() && context.peer.peer_info().is_none() {
            let missing = context
                .meta
                .missing_required_keys(&ProtocolVersion::V_2026_07_28);
            let message = format!(
                "neither initialize came before this nor does its _meta hold {}",
                missing.join(", ")
            );
            return Err(ErrorData::invalid_params(message, None));
        }
        if let Some(client) = context.meta.client_info() {
            self.0.meet(&client);
        }
        let is_modern = version
            .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
        let mut result = Service::<RoleServer>::handle_request(&self.0, request, context).await?;
        if is_modern {
            sign(&mut result, &Face::implementation());
        }
        Ok(result)
    }
}

impl Service<RoleServer> for PerMessage<Face> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        self.answer(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Service::<RoleServer>::handle_notification(&self.0, notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        Service::<RoleServer>::get_info(&self.0)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Service::<RoleServer>::supported_protocol_versions(&self.0)
    }
}

/// Says who answers, where the result has a place for it and doesn't yet.
fn sign(result: &mut ServerResult, server: &Implementation) {
    let meta: &mut Option<MetaObject> = match result {
        ServerResult::CallToolResult(result) => &mut result.meta,
        ServerResult::ListToolsResult(result) => &mut result.meta,
        ServerResult::InputRequiredResult(result) => &mut result.meta,
        ServerResult::DiscoverResult(result) => &mut result.meta,
        _ => return,
    };
    let meta = meta.get_or_insert_default();
    if !meta.contains_key(SERVER_INFO)
        && let Ok(server) = serde_json::to_value(server)
    {
        meta.insert(SERVER_INFO.to_owned(), server);
    }
}
