//! A listener between the terminal program and its hub that writes down every byte, both ways.

use std::{
    fs,
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use crate::World;

pub struct Recorder {
    folder: PathBuf,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    to_hub: Mutex<Vec<u8>>,
    to_face: Mutex<Vec<u8>>,
}

impl Recorder {
    /// Stands before a running hub. Programs of [`Recorder::world`] reach it through here.
    #[must_use]
    pub fn before(world: &World) -> Self {
        let hub = world.socket().expect("the hub runs");
        let folder = world.root().join("tap");
        let sockets = folder.join("autopilot");
        fs::create_dir_all(&sockets).expect("a folder can be made");
        let name = hub.file_name().expect("a socket has a name");
        let listener = UnixListener::bind(sockets.join(name)).expect("a socket can be made");
        let heard = Arc::new(Heard::default());
        let ear = Arc::clone(&heard);
        // Ends with the test's process: nobody connects once the test is over.
        std::thread::spawn(move || {
            for face in listener.incoming().map_while(Result::ok) {
                let Ok(behind) = UnixStream::connect(&hub) else {
                    return;
                };
                pass(&face, &behind, &ear, |heard| &heard.to_hub);
                pass(&behind, &face, &ear, |heard| &heard.to_face);
            }
        });
        Self { folder, heard }
    }

    /// The same world, seen through the listener.
    #[must_use]
    pub fn world(&self, world: &World) -> World {
        world
            .clone()
            .with("XDG_RUNTIME_DIR", self.folder.as_os_str())
    }

    /// What programs said to the hub.
    #[must_use]
    pub fn to_hub(&self) -> Vec<u8> {
        self.heard
            .to_hub
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What the hub said to programs.
    #[must_use]
    pub fn to_face(&self) -> Vec<u8> {
        self.heard
            .to_face
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn pass(
    from: &UnixStream,
    to: &UnixStream,
    heard: &Arc<Heard>,
    side: impl Fn(&Heard) -> &Mutex<Vec<u8>> + Send + 'static,
) {
    let (mut from, mut to) = (
        from.try_clone().expect("a socket can be shared"),
        to.try_clone().expect("a socket can be shared"),
    );
    let heard = Arc::clone(heard);
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            side(&heard)
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(&buffer[..count]);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
