//! Feeds a promise everything that `fuzz/corpus` keeps for it. Part of the test modules that name it by path: those
//! crates share no other code that only tests see.

use std::{fs, path::Path};

/// Panics with the input's name where `feed` does.
pub fn replay(target: &str, mut feed: impl FnMut(&[u8])) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("fuzz/corpus").join(target))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| panic!("nothing is kept for {target}"));
    let mut seen = 0;
    for entry in fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        println!("feeding {name}");
        feed(&fs::read(&path).unwrap());
        seen += 1;
    }
    assert!(seen > 0, "nothing is kept in {}", kept.display());
}
