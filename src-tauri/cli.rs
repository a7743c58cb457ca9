//! The terminal program `autopilot`: chooses the cryptography of TLS, and leaves the rest to [`cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os(), || {
        // Only fails where one was chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    })
}
