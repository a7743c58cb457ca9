//! How services are reached: a real proxy that writes down what it is asked for, and a real TLS server whose certificate
//! no system trusts. The service is at a name that no resolver knows, so only the proxy leads there.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use model::{ErrorCode, Network, Proxy, Request, Response, Settings, Status};
use rustls::pki_types::PrivateKeyDer;
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, ReadHalf,
        WriteHalf, copy, copy_bidirectional, split,
    },
    net::{TcpListener, TcpStream},
};
use tokio_rustls::server::TlsStream;

use super::world::World;
use crate::monitor::Probe;

const NAME: &str = "service.test";

/// A CONNECT proxy that leads everywhere to the same place, and remembers what it was asked for.
struct Way {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Way {
    async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    let mut client = BufReader::new(client);
                    let mut first = String::new();
                    client.read_line(&mut first).await.unwrap_or(0);
                    heard.lock().unwrap().push(first.trim().to_owned());
                    let mut line = String::new();
                    while client.read_line(&mut line).await.unwrap_or(0) > 2 {
                        line.clear();
                    }
                    let Ok(mut server) = TcpStream::connect(target).await else {
                        return;
                    };
                    let _ = client.write_all(b"HTTP/1.1 200 here you are\r\n\r\n").await;
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { address, asked }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// TLS in front of a plain server. Returns where it listens, and the authority's certificate.
async fn tls_before(plain: SocketAddr) -> (SocketAddr, String) {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertifiedIssuer::self_signed(params, authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec![NAME.to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(client) = acceptor.accept(client).await else {
                    return;
                };
                let Ok(server) = TcpStream::connect(plain).await else {
                    return;
                };
                let (from_client, mut to_client) = split(client);
                let (mut from_server, to_server) = split(server);
                let _ = tokio::join!(
                    under_its_own_name(from_client, to_server),
                    copy(&mut from_server, &mut to_client)
                );
            });
        }
    });
    (address, authority.pem())
}

/// The twin answers only to its address: what came to the name is handed to it under that. A request's head is written
/// at once, and so read at once.
async fn under_its_own_name(
    mut from: ReadHalf<TlsStream<TcpStream>>,
    mut to: WriteHalf<TcpStream>,
) -> std::io::Result<()> {
    let named = format!("host: {NAME}\r\n").into_bytes();
    let mut read = vec![0; 64 << 10];
    loop {
        let count = from.read(&mut read).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        let part = &read[..count];
        match part.windows(named.len()).position(|line| line == named) {
            Some(at) => {
                to.write_all(&part[..at]).await?;
                to.write_all(b"host: 127.0.0.1\r\n").await?;
                to.write_all(&part[at + named.len()..]).await?;
            }
            None => to.write_all(part).await?,
        }
    }
}

fn port_of(world: &World) -> SocketAddr {
    let port = world.sandbox.base_url().port().unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

async fn choose(world: &World, network: Network) -> Result<Settings, model::Error> {
    let settings = Settings {
        network,
        ..world.core().settings.get()
    };
    match world.ask(Request::SetSettings { settings }).await? {
        Response::Settings(settings) => Ok(settings),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Wine makes no chain engine with roots of one's own")]
async fn a_service_behind_a_proxy_and_an_own_authority_is_reached_with_both_and_not_without() {
    let world = World::at(|endpoints| {
        // Same paths, another name: nothing but the proxy knows where that is.
        let start = endpoints.find("http://127.0.0.1:").unwrap();
        let host = endpoints[start..].split('/').nth(2).unwrap().to_owned();
        endpoints.replace(&format!("http://{host}"), &format!("https://{NAME}"))
    })
    .await;
    let (server, authority) = tls_before(port_of(&world)).await;
    let way = Way::to(server).await;
    let pem = world.folder.path().join("authority.pem");
    std::fs::write(&pem, authority).unwrap();
    let proxy = Proxy::Own { url: way.url() };
    let trusted = Some(pem.to_str().unwrap().to_owned());

    let straight = world.connect_bot().await.unwrap_err();
    assert!(way.asked().is_empty(), "{straight:?}");

    let untrusted = Network {
        proxy: proxy.clone(),
        authority: None,
    };
    choose(&world, untrusted).await.unwrap();
    assert!(world.connect_bot().await.is_err());
    assert_eq!(way.asked()[0], format!("CONNECT {NAME}:443 HTTP/1.1"));

    let whole = Network {
        proxy,
        authority: trusted.clone(),
    };
    choose(&world, whole.clone()).await.unwrap();
    let bot = world.connect_bot().await.unwrap();
    assert!(bot.status.is_up(), "{bot:?}");

    // The file was read when it was chosen: that it goes away afterwards takes nothing with it.
    std::fs::remove_file(&pem).unwrap();
    choose(&world, whole.clone()).await.unwrap();
    let world = world.crash_and_reopen().await;
    world.core().round(Probe::All).await;
    assert!(world.connections().await[0].status.is_up());

    // Taken back, it holds at once as well.
    let untrusted = Network {
        authority: None,
        ..whole
    };
    choose(&world, untrusted).await.unwrap();
    world.core().round(Probe::All).await;
    let status = world.connections().await.remove(0).status;
    assert!(!matches!(status, Status::Connected { .. }), "{status:?}");
    // And what is chosen anew must be there.
    let missing = Network {
        proxy: Proxy::System,
        authority: trusted,
    };
    let refused = choose(&world, missing).await.unwrap_err();
    assert_eq!(refused.args["field"], "network.authority");
}

#[tokio::test]
async fn this_machine_is_never_reached_through_a_proxy() {
    let world = World::new().await;
    let way = Way::to(port_of(&world)).await;
    let network = Network {
        proxy: Proxy::Own { url: way.url() },
        authority: None,
    };
    choose(&world, network).await.unwrap();
    world.connect_bot().await.unwrap();
    assert!(way.asked().is_empty());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let before = world.core().settings.get();
    let folder = world.folder.path();
    let bad = folder.join("bad.pem");
    std::fs::write(
        &bad,
        "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for (network, field) in [
        (
            Network {
                authority: Some(bad.to_str().unwrap().to_owned()),
                ..Network::default()
            },
            "network.authority",
        ),
        (
            Network {
                proxy: Proxy::Own {
                    url: "http://anna:canary-password@proxy.example:3128".to_owned(),
                },
                authority: None,
            },
            "network.proxy",
        ),
    ] {
        let error = choose(&world, network).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput);
        assert_eq!(error.args["field"], field);
        assert!(!format!("{error:?}").contains("canary-password"));
    }
    assert_eq!(world.core().settings.get(), before);
    world.connect_bot().await.unwrap();
}
