//! The way a browser comes back: a local port that can be opened and reached.

use std::{io, net::Ipv4Addr};

use model::doctor::DoctorCause;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{Check, DEADLINE};

pub(super) fn check() -> Check {
    Check::new("loopback", DEADLINE, async {
        match there_and_back().await {
            Ok(()) => DoctorCause::LoopbackOpen,
            Err(_) => DoctorCause::LoopbackBlocked,
        }
    })
}

/// Opening alone proves little: a port can be bound where nothing reaches it.
async fn there_and_back() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let come = async {
        let mut browser = TcpStream::connect(address).await?;
        browser.write_all(b"?").await?;
        io::Result::Ok(browser)
    };
    let receive = async {
        let (mut stream, _) = listener.accept().await?;
        stream.read_u8().await
    };
    tokio::try_join!(come, receive).map(drop)
}
