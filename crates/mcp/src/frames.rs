//! One JSON-RPC message a line, from a peer that may send anything: never more memory than one line, and an answer
//! also for what is no message, under its id where it has one.
//!
//! rmcp drops an overlong or torn line without a word, and leaves whoever sent it waiting.

use rmcp::model::{
    CallToolRequest, CallToolRequestMethod, CallToolRequestParams, ClientJsonRpcMessage,
    ClientRequest, ErrorCode, ErrorData, JsonRpcVersion2_0, RequestId,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// As much as the hub takes in one line; a mail with all its text fits many times.
pub const MAX_FRAME: usize = link::MAX_FRAME;

/// Longer words and values than this at the top of a message are no `id` of anybody's.
const LONGEST_ID: usize = 256;

pub(crate) enum Frame {
    Message(Box<ClientJsonRpcMessage>),
    /// To be answered with an error.
    Refused(Refused),
    /// The peer is done.
    End,
}

#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) id: Option<RequestId>,
    pub(crate) error: ErrorData,
}

pub(crate) struct Frames<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// Set while the rest of an overlong line goes by.
    passing: Option<IdOf>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(16 * 1024, reader),
            line: Vec::new(),
            passing: None,
        }
    }

    /// The next message. Can be dropped and called again.
    pub(crate) async fn next(&mut self) -> Frame {
        loop {
            let chunk = match self.reader.fill_buf().await {
                Ok(chunk) if !chunk.is_empty() => chunk,
                // What stands there without an end was not all of it.
                _ => return Frame::End,
            };
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            if let Some(passing) = &mut self.passing {
                passing.read(part);
            } else if self.line.len() + part.len() > MAX_FRAME {
                let mut passing = IdOf::default();
                passing.read(&self.line);
                passing.read(part);
                self.line = Vec::new();
                self.passing = Some(passing);
            } else {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_none() {
                continue;
            }
            if let Some(passing) = self.passing.take() {
                return Frame::Refused(refused(
                    passing.id,
                    ErrorCode::INVALID_REQUEST,
                    "a message of more than 4 MiB",
                ));
            }
            let frame = read(&self.line);
            self.line.clear();
            // One big message shouldn't cost its memory for good.
            self.line.shrink_to(64 * 1024);
            if let Some(frame) = frame {
                return frame;
            }
        }
    }
}

/// `None` = nothing that wants an answer.
fn read(line: &[u8]) -> Option<Frame> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return None;
    }
    if let Some(message) = call(line).or_else(|| serde_json::from_slice(line).ok()) {
        return Some(Frame::Message(Box::new(message)));
    }
    let Ok(value) = serde_json::from_slice::<Value>(line) else {
        let what = "this is not JSON";
        return Some(Frame::Refused(refused(None, ErrorCode::PARSE_ERROR, what)));
    };
    let is_notification =
        value.get("method").is_some_and(Value::is_string) && value.get("id").is_none();
    let is_answer = value.get("method").is_none()
        && (value.get("result").is_some() || value.get("error").is_some());
    // Neither is ever answered, also where it makes no sense.
    if is_notification || is_answer {
        return None;
    }
    let id = value.get("id").and_then(id_of);
    let what = if value.is_array() {
        "messages come one by one, not in batches"
    } else {
        "this is no JSON-RPC request"
    };
    Some(Frame::Refused(refused(
        id,
        ErrorCode::INVALID_REQUEST,
        what,
    )))
}

/// What clients send most, a call of a tool and nothing beside it, read in one go. rmcp finds out what a message is by
/// trying each kind on a copy of it, which takes longer than many a call. `None` = rmcp says what it is.
pub(crate) fn call(line: &[u8]) -> Option<ClientJsonRpcMessage> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Call<'a> {
        #[serde(rename = "jsonrpc")]
        _jsonrpc: JsonRpcVersion2_0,
        id: RequestId,
        #[serde(rename = "method")]
        _method: CallToolRequestMethod,
        /// Its kind is only known once the method is, which may come after it.
        #[serde(borrow)]
        params: &'a RawValue,
    }
    let call: Call<'_> = serde_json::from_slice(line).ok()?;
    let mut params: CallToolRequestParams = serde_json::from_str(call.params.get()).ok()?;
    let meta = params.meta.take();
    let mut request = CallToolRequest::new(params);
    if let Some(meta) = meta {
        request.extensions.insert(meta);
    }
    let request = ClientRequest::CallToolRequest(request);
    Some(ClientJsonRpcMessage::request(request, call.id))
}

fn id_of(value: &Value) -> Option<RequestId> {
    serde_json::from_value(value.clone()).ok()
}

fn refused(id: Option<RequestId>, code: ErrorCode, what: &'static str) -> Refused {
    Refused {
        id,
        error: ErrorData::new(code, what, None),
    }
}

/// The id that an overlong message would be refused under.
#[cfg(any(test, fuzzing))]
pub(crate) fn id_while_passing(line: &[u8]) -> Option<RequestId> {
    let mut passing = IdOf::default();
    passing.read(line);
    passing.id
}

/// Finds the `id` at the top of a message that is never held as a whole.
#[derive(Default)]
struct IdOf {
    depth: u32,
    in_text: bool,
    escaped: bool,
    /// The word or value that is being read at the top.
    word: Vec<u8>,
    is_value_of_id: bool,
    id: Option<RequestId>,
}

impl IdOf {
    fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.step(*byte);
        }
    }

    fn step(&mut self, byte: u8) {
        if self.in_text {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_text = true;
                self.keep(byte);
            }
            b':' if self.depth == 1 => {
                self.is_value_of_id = self.word == b"\"id\"";
                self.word.clear();
            }
            b',' if self.depth == 1 => self.end_value(),
            b'{' | b'[' => {
                self.keep(byte);
                self.depth += 1;
                if self.depth == 1 {
                    self.word.clear();
                }
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.end_value();
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b' ' | b'\t' | b'\r' => {}
            _ => self.keep(byte),
        }
    }

    /// Only what stands at the top itself.
    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.word.len() < LONGEST_ID {
            self.word.push(byte);
        }
    }

    fn end_value(&mut self) {
        if self.is_value_of_id && self.id.is_none() {
            self.id = serde_json::from_slice(&self.word).ok();
        }
        self.is_value_of_id = false;
        self.word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Frames::new(bytes);
        let mut all = Vec::new();
        loop {
            match frames.next().await {
                Frame::End => return all,
                frame => all.push(frame),
            }
        }
    }

    fn refusal(frame: &Frame) -> (Option<RequestId>, i32) {
        match frame {
            Frame::Refused(refused) => (refused.id.clone(), refused.error.code.0),
            _ => panic!("not refused"),
        }
    }

    #[tokio::test]
    async fn what_is_no_message_is_answered_under_its_id_where_it_has_one() {
        let sent = b"hello\n\
            {\"jsonrpc\":\"2.0\",\"id\":4,\"method\":7}\n\
            {\"jsonrpc\":\"1.0\",\"id\":\"a\",\"method\":\"ping\"}\n\
            [{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]\n\
            {\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}\n\
            \xff\xfe\n";
        let frames = all(sent).await;
        let told: Vec<_> = frames.iter().map(refusal).collect();
        let parse = ErrorCode::PARSE_ERROR.0;
        let request = ErrorCode::INVALID_REQUEST.0;
        assert_eq!(
            told,
            [
                (None, parse),
                (Some(RequestId::Number(4)), request),
                (Some(RequestId::String("a".into())), request),
                (None, request),
                (None, request),
                (None, parse),
            ]
        );
    }

    #[test]
    fn a_call_is_read_as_rmcp_reads_it() {
        let calls = [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_connections"}}"#,
            r#"{"params":{"arguments":{"a":[1,2.5,-3,18446744073709551615,null,"\u00e9\n"]},"name":"x"},"method":"tools/call","id":"a","jsonrpc":"2.0"}"#,
            r#"{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"name":"x","arguments":null,"other":[{}]}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":"p","of_tomorrow":{"a":1}},"name":"x","arguments":{}}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":null,"name":"x","requestState":"s","inputResponses":{"approval":{"action":"accept"}}}}"#,
        ];
        for line in calls {
            let ours = call(line.as_bytes()).expect(line);
            let theirs: ClientJsonRpcMessage = serde_json::from_str(line).expect(line);
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            let written = |message| serde_json::to_value(message).unwrap();
            assert_eq!(written(ours), written(theirs), "{line}");
        }
    }

    #[test]
    fn whatever_is_more_than_a_call_is_left_to_rmcp() {
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"name":"x"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"},"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"},"error":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","params":{"name":"x"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","name":"y"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{"name":"x"}}"#,
        ] {
            assert!(call(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[tokio::test]
    async fn notifications_answers_and_empty_lines_are_never_answered() {
        let sent = b"\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/of_tomorrow\"}\n\
            {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}\n{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":3}\n";
        let frames = all(sent).await;
        assert!(
            !frames
                .iter()
                .any(|frame| matches!(frame, Frame::Refused(_)))
        );
    }

    #[tokio::test]
    async fn a_message_beyond_the_limit_is_refused_by_its_id_wherever_that_stands() {
        let long = "x".repeat(MAX_FRAME);
        let before = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{{\"id\":1,\"name\":\"{long}\"}}}}\n"
        );
        let after = format!(
            "{{\"method\":\"tools/call\",\"params\":{{\"name\":\"\\\"id\\\":1,{long}\",\"id\":2}},\"jsonrpc\":\"2.0\", \"id\" : \"b,}}\"}}\n"
        );
        let sent = format!("{before}{after}{{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}}\n");
        let frames = all(sent.as_bytes()).await;
        assert_eq!(refusal(&frames[0]).0, Some(RequestId::Number(7)));
        assert_eq!(refusal(&frames[1]).0, Some(RequestId::String("b,}".into())));
        assert!(
            matches!(frames[2], Frame::Message(_)),
            "and the next is read"
        );
    }

    #[tokio::test]
    async fn a_line_that_never_ends_costs_no_more_than_the_limit() {
        let endless = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), 64 * 1024 * 1024);
        let mut frames = Frames::new(endless);
        assert!(matches!(frames.next().await, Frame::End));
        assert!(frames.line.capacity() <= 2 * MAX_FRAME);
    }

    #[tokio::test]
    async fn nesting_without_end_is_refused() {
        let deep = format!("{{\"id\":1,\"params\":{}\n", "[".repeat(100_000));
        assert_eq!(refusal(&all(deep.as_bytes()).await[0]).0, None);
    }
}
