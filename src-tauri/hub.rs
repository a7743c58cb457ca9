//! `autopilot-hub`, which holds a profile without a window: chooses the cryptography of TLS, and leaves the rest to
//! [`host`].

use std::process::ExitCode;

fn main() -> ExitCode {
    // Only fails where one was chosen already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    host::program::main(std::env::args_os())
}
