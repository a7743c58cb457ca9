//! `autopilot files list`

use model::{Capability, ConnectionRef, FileQuery, RemoteFile, Request, Texts, Timestamp};

use crate::{
    args::ListFilesArguments,
    choose,
    failure::Failure,
    moments,
    output::{Style, short},
    progress::bytes,
    schema::FilesAnswer,
    session::{Session, answer},
    table::{Cell, Table},
    terminal::Terminal,
    words::words,
};

pub(super) async fn run(terminal: &Terminal, arguments: ListFilesArguments) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let named = arguments.through.connection;
    let connection =
        choose::connection(terminal, &mut session, named, Capability::FilesList).await?;
    let request = Request::ListFiles {
        connection: ConnectionRef::new(connection.id.to_string()),
        query: FileQuery {
            folder: arguments.folder,
            search: arguments.search.join(" "),
            order: arguments.order.into(),
            limit: Some(arguments.limit),
            page: arguments.page,
        },
    };
    let page = answer!(session.ask(request).await?, Files)?;
    if terminal.out.json() {
        terminal.out.object(&FilesAnswer {
            files: page.files,
            next: page.next,
        });
        return Ok(());
    }
    if page.files.is_empty() {
        terminal.out.line(&terminal.words("cli_files_none", &[]));
    }
    table(&terminal.texts, &page.files, Timestamp::now()).print(terminal.out);
    if let Some(next) = page.next {
        terminal
            .out
            .note(&terminal.words("cli_more_pages", &[("next", &next)]));
    }
    Ok(())
}

fn table(texts: &Texts, files: &[RemoteFile], now: Timestamp) -> Table {
    let mut table = Table::default();
    for file in files {
        let size = match file.size {
            Some(size) => bytes(size),
            None if file.is_folder => words(texts, "cli_files_folder", &[]),
            None => String::new(),
        };
        let changed = file
            .modified_at
            .map_or_else(String::new, |at| moments::ago(texts, now, at));
        let cells = vec![
            Cell::new(short(&file.id, 48)).styled(Style::Quiet),
            Cell::new(size),
            Cell::new(changed),
            Cell::new(short(&file.name, 80)).styled(Style::Strong),
        ];
        table.row(cells, Vec::new());
    }
    table
}
