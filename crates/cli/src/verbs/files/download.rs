//! `autopilot files download`: the hub writes the file; here is shown how far it is.

use futures_util::StreamExt;
use model::{ActionId, Capability, ConnectionRef, Event, Request, door::EventStream};

use crate::{
    args::DownloadArguments,
    choose,
    failure::Failure,
    local,
    progress::{Bar, bytes},
    schema::DownloadEvent,
    session::{Session, answer},
    terminal::Terminal,
    words::Gaps,
};

pub(super) async fn run(terminal: &Terminal, arguments: DownloadArguments) -> Result<(), Failure> {
    let folder = local::folder(&arguments.to)?;
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::FilesDownload).await?;
    let id = ActionId::generate();
    let request = Request::DownloadFile {
        id,
        connection: ConnectionRef::new(connection.id.to_string()),
        file: arguments.file,
        folder,
        name: arguments.name,
    };
    let events = session.events().await?;
    let downloaded = tokio::select! {
        answered = session.ask(request) => answer!(answered?, Downloaded)?,
        () = show(terminal, events, id) => return Err(Failure::unexpected_answer()),
    };
    if terminal.out.json() {
        terminal
            .out
            .object(&DownloadEvent::Downloaded { file: downloaded });
    } else {
        let gaps: Gaps<'_> = &[
            ("path", &downloaded.path),
            ("size", &bytes(downloaded.size)),
        ];
        terminal.out.line(&terminal.words("cli_files_saved", gaps));
    }
    Ok(())
}

/// Never over by itself: the answer ends it.
async fn show(terminal: &Terminal, mut events: EventStream, id: ActionId) {
    let mut bar = Bar::new(terminal.out);
    while let Some(event) = events.next().await {
        match event {
            Event::Download { id: of, progress } if of == id => {
                bar.set(progress);
                if terminal.out.json() {
                    terminal.out.object(&DownloadEvent::Progress { progress });
                }
            }
            _ => {}
        }
    }
    // The hub went away; asking finds the next one.
    std::future::pending::<()>().await;
}
