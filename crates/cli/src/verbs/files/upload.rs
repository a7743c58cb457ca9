//! `autopilot files upload`

use model::{Action, Capability, UploadFiles};

use crate::{
    args::UploadArguments, choose, failure::Failure, follow, local, session::Session,
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, arguments: UploadArguments) -> Result<(), Failure> {
    let upload = UploadFiles {
        files: local::files(&arguments.files)?,
        folder: arguments.folder,
    };
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::FilesUpload).await?;
    follow::write(
        terminal,
        &mut session,
        &connection,
        Action::UploadFiles(upload),
        arguments.keeping,
    )
    .await
}
