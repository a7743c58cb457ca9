//! The messages of a built-in language, as the build script laid them out: sorted, in one text.

#[derive(Debug)]
pub(super) struct Table {
    text: &'static str,
    /// Where a key begins, where its message begins, and where that ends.
    places: &'static [[u32; 3]],
}

pub(super) static ENGLISH: Table = Table {
    text: include_str!(concat!(env!("OUT_DIR"), "/en.txt")),
    places: include!(concat!(env!("OUT_DIR"), "/en.rs")),
};

pub(super) static GERMAN: Table = Table {
    text: include_str!(concat!(env!("OUT_DIR"), "/de.txt")),
    places: include!(concat!(env!("OUT_DIR"), "/de.rs")),
};

impl Table {
    pub(super) fn get(&self, key: &str) -> Option<&'static str> {
        let place = self
            .places
            .binary_search_by(|[begin, middle, _]| self.cut(*begin, *middle).cmp(key))
            .ok()?;
        let [_, middle, end] = self.places.get(place)?;
        Some(self.cut(*middle, *end))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.places
            .iter()
            .map(|[begin, middle, _]| self.cut(*begin, *middle))
    }

    fn cut(&self, from: u32, to: u32) -> &'static str {
        let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        self.text.get(at(from)..at(to)).unwrap_or_default()
    }
}
