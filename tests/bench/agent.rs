//! Debian's `oidc-agent` with one account, at an issuer of a few lines: what `oidc-token` needs to answer from memory,
//! as our hub does.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

use tempfile::TempDir;

const ACCOUNT: &str = "bench";

/// A running agent; it ends with this.
pub struct Agent {
    home: TempDir,
    socket: String,
    pid: String,
}

impl Agent {
    /// `None` where it isn't installed, or doesn't take the account; the figures then say so.
    pub fn start() -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder can be made");
        let config = home.path().join("config");
        std::fs::create_dir(&config).expect("a folder can be made");
        let issuer = issue();
        let started = Command::new("oidc-agent")
            .env("HOME", home.path())
            .env("OIDC_CONFIG_DIR", &config)
            .output()
            .ok()?;
        let told = String::from_utf8(started.stdout).ok()?;
        let variable = |name: &str| {
            let (_, rest) = told.split_once(&format!("{name}="))?;
            Some(rest.split(';').next()?.trim().to_owned())
        };
        let agent = Self {
            home,
            socket: variable("OIDC_SOCK")?,
            pid: variable("OIDCD_PID")?,
        };
        let made = agent
            .command("oidc-gen")
            .args([ACCOUNT, "--manual", "--client-id=c", "--client-secret=s"])
            .args(["--scope=openid offline_access", "--rt=r", "--flow=refresh"])
            .args(["--redirect-uri=http://localhost:4242", "--confirm-default"])
            .args(["--pw-cmd=echo bench", &format!("--issuer={issuer}")])
            .stdin(Stdio::null())
            .output()
            .ok()?;
        if !made.status.success() {
            println!("oidc-agent took no account: {made:?}");
            return None;
        }
        Some(agent)
    }

    pub fn token(&self) -> Command {
        let mut command = self.command("oidc-token");
        command.arg(ACCOUNT);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.home.path())
            .env("OIDC_CONFIG_DIR", self.home.path().join("config"))
            .env("OIDC_SOCK", &self.socket);
        command
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.pid).status();
    }
}

/// An issuer that describes itself and gives everybody the same token, for as long as this process lives.
fn issue() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
    let address = listener.local_addr().expect("it has an address");
    let base = format!("http://{address}");
    let told = base.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(&stream, &told);
        }
    });
    format!("{base}/")
}

fn answer(stream: &TcpStream, base: &str) -> std::io::Result<()> {
    let mut asked = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    asked.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        asked.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        let line = line.to_lowercase();
        if let Some(number) = line.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap_or(0);
        }
    }
    asked.take(length).read_to_end(&mut Vec::new())?;
    let body = if first.starts_with("GET") {
        serde_json::json!({
            "issuer": format!("{base}/"),
            "authorization_endpoint": format!("{base}/auth"),
            "token_endpoint": format!("{base}/token"),
            "userinfo_endpoint": format!("{base}/me"),
            "jwks_uri": format!("{base}/jwks"),
            "scopes_supported": ["openid", "offline_access"],
            "grant_types_supported": ["refresh_token", "authorization_code"],
            "response_types_supported": ["code"],
        })
    } else {
        serde_json::json!({
            "access_token": "x".repeat(120),
            "token_type": "Bearer",
            "expires_in": 3600,
            "refresh_token": "r",
            "scope": "openid offline_access",
        })
    };
    let body = body.to_string();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
