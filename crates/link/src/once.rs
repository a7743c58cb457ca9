//! One question over a connection of its own, without a runtime: for a program that asks once and leaves, and is
//! started often. Only the straight way; whoever gets `None` asks through [`crate::Client`], which also waits, starts a
//! hub, and says why not.

#[cfg(target_os = "linux")]
pub use straight::ask_once;

/// Elsewhere the standard library doesn't say whose process answers.
#[cfg(not(target_os = "linux"))]
pub fn ask_once(
    _paths: &crate::ProfilePaths,
    _request: model::Request,
) -> Option<Result<model::Response, model::Error>> {
    None
}

#[cfg(target_os = "linux")]
pub(crate) mod straight {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        os::unix::net::UnixStream,
        time::Duration,
    };

    use model::{Error, Request, Response};
    use rustix::{net::sockopt::socket_peercred, process::geteuid};

    use crate::{
        MAX_FRAME, ProfilePaths,
        frame::encode,
        wire::{PROTOCOL, ToFace, ToHub},
    };

    /// As [`crate::Client`] waits for it.
    const GREETING_WITHIN: Duration = Duration::from_secs(10);

    const ID: u64 = 1;

    /// Asks the profile's hub as a terminal program. `None` = it didn't come to an answer this way, for whatever
    /// reason; the request may have been taken, so only what can be asked again may be asked so.
    pub fn ask_once(paths: &ProfilePaths, request: Request) -> Option<Result<Response, Error>> {
        let stream = greet(paths, "cli", [ToHub::question(ID, request)])?;
        stream.set_read_timeout(Some(GREETING_WITHIN)).ok()?;
        let mut answers = BufReader::new(&stream);
        let welcome = next(&mut answers)?.welcome?;
        if welcome.protocol != PROTOCOL {
            return None;
        }
        // A hub that has to ask a service first may take its time.
        stream.set_read_timeout(None).ok()?;
        let answer = next(&mut answers)?;
        match (answer.id, answer.response, answer.error) {
            (Some(ID), Some(response), None) => Some(Ok(response)),
            (Some(ID), None, Some(error)) => Some(Err(error)),
            _ => None,
        }
    }

    /// Says who is there and what is wanted, all at once: a hub of another version answers the greeting, and closes.
    pub(crate) fn greet(
        paths: &ProfilePaths,
        face: &str,
        asked: impl IntoIterator<Item = ToHub>,
    ) -> Option<UnixStream> {
        let stream = UnixStream::connect(&paths.socket).ok()?;
        // What comes back is believed, and what is asked is nobody else's business.
        if socket_peercred(&stream).ok()?.uid != geteuid() {
            return None;
        }
        let mut lines = encode(&ToHub::greeting(face)).ok()?;
        for one in asked {
            lines.extend(encode(&one).ok()?);
        }
        (&stream).write_all(&lines).ok()?;
        Some(stream)
    }

    fn next(answers: &mut impl BufRead) -> Option<ToFace> {
        let mut line = Vec::new();
        let longest = u64::try_from(MAX_FRAME).ok()?;
        answers.take(longest).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice(&line).ok()
    }
}
