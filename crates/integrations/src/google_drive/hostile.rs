//! What Drive, or whoever stands between, may answer, and what must hold whatever it is. See [`crate::hostile`].

use super::api::{self, About, File, Page};
use crate::{call::Answer, hostile::sane};

pub(crate) fn about(answer: &Answer) {
    sane(api::read::<About>(answer));
}

pub(crate) fn page(answer: &Answer) {
    if let Some(page) = sane(api::read::<Page>(answer)) {
        page.files.into_iter().for_each(look_at);
    }
}

pub(crate) fn file(answer: &Answer) {
    if let Some(file) = sane(api::read::<File>(answer)) {
        look_at(file);
    }
}

fn look_at(file: File) {
    let (has_bytes, made) = (file.has_bytes(), file.made(None));
    let shown = file.shown();
    // It is opened in the person's browser.
    for link in [made.link, shown.link].into_iter().flatten() {
        assert!(link.starts_with("https://"));
    }
    assert!(has_bytes || !shown.can_download);
    assert!(has_bytes || !shown.is_folder || !shown.can_download);
}
