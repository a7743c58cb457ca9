//! What a folder holds beside code, read once from what was built in.

use std::sync::LazyLock;

use model::Texts;

use crate::Facts;

/// Facts, words and icon of one integration.
#[derive(Debug)]
pub struct Folder {
    pub facts: Facts,
    pub texts: Texts,
    pub icon_svg: &'static str,
}

impl Folder {
    /// From the folder's own files.
    ///
    /// # Panics
    /// When the files are wrong: the build script and the conformance test find that before anyone else does.
    #[expect(
        clippy::expect_used,
        reason = "built in, and no integration can go on without it"
    )]
    #[must_use]
    pub fn read(integration_toml: &str, texts_json: &'static str, icon_svg: &'static str) -> Self {
        Self {
            facts: Facts::read(integration_toml).expect("integration.toml states the facts"),
            texts: read_texts(texts_json),
            icon_svg,
        }
    }
}

/// Texts that were built in.
#[expect(
    clippy::expect_used,
    reason = "built in, and no sentence can be said without it"
)]
pub(crate) fn read_texts(json: &'static str) -> Texts {
    Texts::parse(json).expect("texts are a flat object of strings")
}

/// Words no single integration owns.
static SHARED: LazyLock<Texts> = LazyLock::new(|| read_texts(include_str!("texts/en.json")));

pub(crate) fn shared_texts() -> &'static Texts {
    &SHARED
}
