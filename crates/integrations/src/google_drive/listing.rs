//! Listing: a question in words no service owns, put in Drive's search language.

use model::{FileOrder, FilePage, FileQuery};

use super::api;
use crate::{CallError, Facts, Session};

/// Drive's own limits, and its default.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

pub(super) async fn list(
    facts: &Facts,
    session: &Session,
    query: &FileQuery,
) -> Result<FilePage, CallError> {
    let page = api::list(facts, session, &parameters(query)).await?;
    Ok(FilePage {
        files: page.files.into_iter().map(api::File::shown).collect(),
        next: page.next_page_token.filter(|token| !token.is_empty()),
    })
}

fn parameters(query: &FileQuery) -> Vec<(&'static str, String)> {
    let order = match query.order {
        FileOrder::Newest => "modifiedTime desc",
        FileOrder::Name => "folder,name_natural",
        FileOrder::Size => "quotaBytesUsed desc",
    };
    let size = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let mut parameters = vec![
        ("q", question(query)),
        ("orderBy", order.to_owned()),
        ("pageSize", size.to_string()),
        ("fields", format!("nextPageToken,files({})", api::SHOWN)),
        ("supportsAllDrives", "true".to_owned()),
        ("includeItemsFromAllDrives", "true".to_owned()),
    ];
    if let Some(token) = &query.page {
        parameters.push(("pageToken", token.clone()));
    }
    parameters
}

/// What is in the bin is left out. Each word has to begin a word of the name, which is how Drive looks for names.
fn question(query: &FileQuery) -> String {
    let folder = query
        .folder
        .iter()
        .map(|folder| format!("{} in parents", quoted(folder)));
    let words = query
        .search
        .split_whitespace()
        .map(|word| format!("name contains {}", quoted(word)));
    folder
        .chain(words)
        .chain(["trashed = false".to_owned()])
        .collect::<Vec<_>>()
        .join(" and ")
}

/// A string of the search language. Nothing typed can end it early.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(folder: Option<&str>, search: &str) -> String {
        question(&FileQuery {
            folder: folder.map(str::to_owned),
            search: search.to_owned(),
            ..FileQuery::default()
        })
    }

    #[test]
    fn what_is_typed_stays_a_name_whatever_it_holds() {
        assert_eq!(asked(None, "  "), "trashed = false");
        assert_eq!(
            asked(Some("1abc"), "june report"),
            "'1abc' in parents and name contains 'june' and name contains 'report' and trashed = false"
        );
        assert_eq!(
            asked(Some("x' or 'y"), r"it's\"),
            r"'x\' or \'y' in parents and name contains 'it\'s\\' and trashed = false"
        );
    }

    #[test]
    fn a_page_is_as_long_as_asked_within_what_drive_allows() {
        let size = |limit| {
            let query = FileQuery {
                limit,
                ..FileQuery::default()
            };
            let parameters = parameters(&query);
            parameters
                .into_iter()
                .find(|(name, _)| *name == "pageSize")
                .unwrap()
                .1
        };
        assert_eq!(size(None), "100");
        assert_eq!(size(Some(0)), "1");
        assert_eq!(size(Some(250)), "250");
        assert_eq!(size(Some(5000)), "1000");
    }
}
