//! The other end: starts a server of tools as a child, lists what it offers, or calls one. For trying out our own, and
//! anybody else's.

use std::process::Stdio;

use rmcp::{
    RoleClient, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation,
        JsonObject, Tool,
    },
    service::RunningService,
};
use tokio::process::{Child, Command};

/// Why a server couldn't be asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the server can't be started: {0}")]
    NotStarted(#[from] std::io::Error),
    #[error("the server doesn't speak the protocol: {0}")]
    NoServer(String),
    #[error("{0}")]
    Refused(String),
}

/// A server of ours, for as long as it is held.
pub struct Connected {
    running: RunningService<RoleClient, ClientConfig>,
    /// Killed when dropped, should it not leave by itself.
    _child: Child,
}

impl Connected {
    /// Starts the command and shakes hands. What it says on standard error is passed on.
    pub async fn start(command: std::process::Command) -> Result<Self, ClientError> {
        let mut child = Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(read), Some(write)) = (child.stdout.take(), child.stdin.take()) else {
            return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        };
        let who = Implementation::new("autopilot-mcp-call", link::VERSION);
        let running = ClientConfig::new(ClientCapabilities::default(), who)
            .serve((read, write))
            .await
            .map_err(|error| ClientError::NoServer(error.to_string()))?;
        Ok(Self {
            running,
            _child: child,
        })
    }

    pub async fn tools(&self) -> Result<Vec<Tool>, ClientError> {
        let listed = self.running.list_all_tools().await;
        listed.map_err(|error| ClientError::Refused(error.to_string()))
    }

    pub async fn call(
        &self,
        tool: String,
        arguments: JsonObject,
    ) -> Result<CallToolResult, ClientError> {
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let answered = self.running.call_tool(params).await;
        answered.map_err(|error| ClientError::Refused(error.to_string()))
    }

    /// Closes its input and lets it leave.
    pub async fn leave(self) {
        let _ = self.running.cancel().await;
    }
}
