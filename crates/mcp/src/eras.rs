//! Decides message by message which rules hold: those of the handshake, or those a request brings along in `_meta`.
//!
//! rmcp's own start settles one era for the whole connection with the first message that fits, ends at a stray
//! notification before it, and afterwards refuses the other era. A client that probes with `server/discover`, calls, and
//! then shakes hands all the same, or two conversations interleaved on one pipe, must both be served. So its loop is
//! entered without that start, and this layer asks what the start would have asked: no request without either a
//! handshake before it or a revision in it. It also tells a known method with unfit parameters from an unknown method,
//! which rmcp takes for one.

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, Service,
    model::{ClientNotification, ClientRequest, ProtocolVersion, ServerConfig, ServerResult},
    service::{NotificationContext, RequestContext},
};

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
pub(crate) struct PerMessage<S>(pub(crate) S);

impl<S: Service<RoleServer>> Service<RoleServer> for PerMessage<S> {
    async fn handle_request(
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
        let needs_an_era = !matches!(
            request,
            ClientRequest::InitializeRequest(_) | ClientRequest::PingRequest(_)
        );
        let has_one =
            context.meta.protocol_version().is_some() || context.peer.peer_info().is_some();
        if needs_an_era && !has_one {
            let missing = context
                .meta
                .missing_required_keys(&ProtocolVersion::V_2026_07_28);
            let message = format!(
                "neither initialize came before this nor does its _meta hold {}",
                missing.join(", ")
            );
            return Err(ErrorData::invalid_params(message, None));
        }
        self.0.handle_request(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        self.0.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.0.supported_protocol_versions()
    }
}
