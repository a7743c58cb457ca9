//! What an AI client may send, and what must hold whatever it is. Compiled for tests and for `fuzz/` alone:
//! `cargo xtask fuzz` feeds it for as long as asked, and the test below feeds it what that has kept in `fuzz/corpus`.
//!
//! A feeder panics when a promise is broken and says nothing otherwise.

use futures_util::FutureExt as _;
use rmcp::model::ClientJsonRpcMessage;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::{
    arguments,
    frames::{self, Frame, Frames, id_while_passing},
};

/// What a client writes to the pipe. The first byte says where the bytes are torn in two.
pub fn frames(bytes: &[u8]) {
    let Some((cut, sent)) = bytes.split_first() else {
        return;
    };
    let cut = usize::from(*cut).min(sent.len());
    let whole = all(sent);
    let torn = all(sent[..cut].chain(&sent[cut..]));
    assert_eq!(whole, torn, "how it arrives changes what it says");
    let ended = sent.iter().filter(|byte| **byte == b'\n').count();
    assert!(whole.len() <= ended, "more was read than was sent");
    for line in sent.split(|byte| *byte == b'\n') {
        passes_by(line);
        reads_alike(line);
        if let Ok(message) = serde_json::from_slice::<Value>(line) {
            call(&message["params"]["arguments"]);
        }
    }
}

/// Each message as it is written anew, and each refusal by its id and code.
fn all(sent: impl AsyncRead + Unpin) -> Vec<String> {
    let mut frames = Frames::new(sent);
    let mut all = Vec::new();
    loop {
        match frames.next().now_or_never() {
            Some(Frame::End) => return all,
            Some(Frame::Message(message)) => {
                let Ok(written) = serde_json::to_string(&message) else {
                    panic!("a message that was read can't be written");
                };
                assert!(serde_json::from_str::<ClientJsonRpcMessage>(&written).is_ok());
                all.push(written);
            }
            Some(Frame::Refused(refused)) => {
                all.push(format!("{:?} {:?}", refused.id, refused.error.code));
            }
            None => panic!("bytes that are here were waited for"),
        }
    }
}

/// A call that is read in one go is the one that rmcp makes of it. It may lie a little deeper than rmcp follows.
fn reads_alike(line: &[u8]) {
    if let (Some(ours), Ok(theirs)) = (
        frames::call(line),
        serde_json::from_slice::<ClientJsonRpcMessage>(line),
    ) {
        let written = |message| serde_json::to_string(&message).ok();
        assert_eq!(written(ours), written(theirs));
    }
}

/// A message too long to be held is answered under the same id as one that is held.
fn passes_by(line: &[u8]) {
    let found = id_while_passing(line);
    let plain =
        !line.contains(&b'\\') && line.windows(4).filter(|part| part == b"\"id\"").count() == 1;
    let Ok(Value::Object(message)) = serde_json::from_slice::<Value>(line) else {
        return;
    };
    let Some(id) = message.get("id").filter(|_| plain) else {
        return;
    };
    let short = id.to_string().len() < 200;
    if let (true, Ok(id)) = (short, serde_json::from_value(id.clone())) {
        assert_eq!(found, Some(id));
    }
}

/// The arguments of a call, read as every tool would.
fn call(given: &Value) {
    if !given.is_object() {
        return;
    }
    fn read<T: DeserializeOwned>(given: &Value) -> Option<T> {
        serde_json::from_value(given.clone()).ok()
    }
    read::<arguments::Nothing>(given);
    read::<arguments::TestConnection>(given);
    read::<arguments::Connect>(given);
    read::<arguments::ListEmails>(given);
    read::<arguments::ReadEmail>(given);
    read::<arguments::ListFiles>(given);
    read::<arguments::SendMessage>(given);
    read::<arguments::ListChats>(given);
    read::<arguments::ActionStatus>(given);
    if let Some(email) = read::<arguments::SendEmail>(given) {
        whole(&email.attachments);
    }
    if let Some(upload) = read::<arguments::UploadFiles>(given) {
        whole(&upload.files);
    }
    if let Some(download) = read::<arguments::DownloadFile>(given)
        && let Ok(folder) = arguments::folder(&download.folder)
    {
        assert!(std::path::Path::new(&folder).is_absolute());
    }
}

fn whole(paths: &[String]) {
    for path in arguments::files(paths).into_iter().flatten() {
        assert!(std::path::Path::new(&path).is_absolute());
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn no_message_ever_found_is_more_than_refused() {
        replay("mcp_frames", super::frames);
    }
}
