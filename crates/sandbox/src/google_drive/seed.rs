//! What Anna's and Ben's Drives hold before anything happens: some files the app made earlier, and more that it can't
//! see until a person picks them.

use super::disk::{Disk, FOLDER, Item};
use crate::clock::Millis;
use crate::server::App;

const DAY: Millis = 24 * 60 * 60 * 1000;

struct Seeded {
    id: &'static str,
    name: &'static str,
    kind: &'static str,
    /// An id of this table; empty = My Drive.
    parent: &'static str,
    ours: bool,
    text: &'static str,
}

const fn folder(id: &'static str, name: &'static str, parent: &'static str, ours: bool) -> Seeded {
    Seeded {
        id,
        name,
        kind: FOLDER,
        parent,
        ours,
        text: "",
    }
}

const fn file(
    id: &'static str,
    name: &'static str,
    kind: &'static str,
    parent: &'static str,
    ours: bool,
    text: &'static str,
) -> Seeded {
    Seeded {
        id,
        name,
        kind,
        parent,
        ours,
        text,
    }
}

const DOCUMENT: &str = "application/vnd.google-apps.document";

const ANNAS: &[Seeded] = &[
    folder("1annaFolderAutopilot", "Autopilot", "", true),
    folder(
        "1annaFolderReports",
        "Reports",
        "1annaFolderAutopilot",
        true,
    ),
    file(
        "1annaFileWelcome",
        "Welcome.txt",
        "text/plain",
        "1annaFolderAutopilot",
        true,
        "Files that Autopilot makes are kept here.\n",
    ),
    file(
        "1annaFileOctober",
        "Report October.csv",
        "text/csv",
        "1annaFolderReports",
        true,
        "week,visitors\n40,212\n41,244\n42,198\n43,263\n",
    ),
    file(
        "1annaFileNovember",
        "Report November.csv",
        "text/csv",
        "1annaFolderReports",
        true,
        "week,visitors\n44,251\n45,270\n46,266\n47,281\n",
    ),
    folder("1annaFolderGarden", "Garden plans", "", false),
    file(
        "1annaFileOrchard",
        "Orchard.svg",
        "image/svg+xml",
        "1annaFolderGarden",
        false,
        "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    ),
    file(
        "1annaFileSeeds",
        "Seeds to order.txt",
        "text/plain",
        "1annaFolderGarden",
        false,
        "Beetroot\nChard\nPeas\n",
    ),
    file(
        "1annaFileBudget",
        "Budget 2026.csv",
        "text/csv",
        "",
        false,
        "item,amount\nrent,14400\npower,1310\n",
    ),
    file(
        "1annaFileContract",
        "Lease contract.pdf",
        "application/pdf",
        "",
        false,
        "%PDF-1.4\n%%EOF\n",
    ),
    file(
        "1annaFileNotes",
        "Meeting notes",
        DOCUMENT,
        "",
        false,
        "Notes of the meeting in the orchard.",
    ),
    file(
        "1annaFileHostile",
        "<img src=x onerror=alert(1)>.txt",
        "text/plain",
        "",
        false,
        "A name is only a name.\n",
    ),
];

const BENS: &[Seeded] = &[
    file(
        "1benFileRecipes",
        "Recipes.txt",
        "text/plain",
        "",
        false,
        "Jollof rice\nMoi moi\n",
    ),
    file(
        "1benFileTicket",
        "Train ticket.pdf",
        "application/pdf",
        "",
        false,
        "%PDF-1.4\n%%EOF\n",
    ),
];

pub(crate) fn items(app: &App, account: &str) -> Vec<Item> {
    let seeded = match account {
        "anna@example.org" => ANNAS,
        "ben@example.org" => BENS,
        _ => &[],
    };
    let now = app.clock.now();
    let item = |(age, one): (usize, &Seeded)| {
        let at = now - DAY * (1 + Millis::try_from(age).unwrap_or(0) * 3);
        let has_bytes = one.kind != FOLDER && one.kind != DOCUMENT;
        // A disk that fails shows as a file without content.
        let blob = has_bytes
            .then(|| app.blobs.put(one.text.as_bytes()).ok())
            .flatten();
        Item {
            id: one.id.into(),
            name: one.name.into(),
            mime_type: one.kind.into(),
            parents: vec![if one.parent.is_empty() {
                Disk::root(account)
            } else {
                one.parent.into()
            }],
            created: at,
            modified: at,
            blob,
            text: (!has_bytes && one.kind != FOLDER).then(|| one.text.into()),
            ours: one.ours,
            ..Item::default()
        }
    };
    seeded.iter().enumerate().map(item).collect()
}
