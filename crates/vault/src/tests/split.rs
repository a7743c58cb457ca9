//! Records larger than the platform's items.

use crate::{
    error::VaultError,
    places::{Place, codes::LARGEST_CREDENTIAL, memory::Memory},
    split::{delete, read, write},
};

/// Small enough that a few hundred bytes make several parts; large enough for a head.
const LIMIT: usize = 120;

fn limited() -> Memory {
    let place = Memory::default();
    place.with(|inner| inner.limit = Some(LIMIT));
    place
}

fn text_of(place: &mut Memory) -> Result<Option<String>, VaultError> {
    let body = read(place, "grant/1")?;
    Ok(body.map(|body| String::from_utf8(body.to_vec()).unwrap()))
}

#[test]
fn a_record_of_any_size_reads_back_the_same() {
    for limit in [None, Some(LIMIT)] {
        let mut place = Memory::default();
        place.with(|inner| inner.limit = limit);
        // Lengths around each limit, in characters of one to four bytes.
        for text in ["a", "é", "€", "🦀"] {
            for length in 0..200 {
                let body = text.repeat(length);
                write(&mut place, "grant/1", body.as_bytes()).unwrap();
                assert_eq!(text_of(&mut place).unwrap(), Some(body));
            }
        }
        delete(&mut place, "grant/1").unwrap();
        assert_eq!(place.names(), Vec::<String>::new());
    }
}

#[test]
fn a_grant_larger_than_an_item_of_windows_reads_back_the_same() {
    let mut place = Memory::default();
    place.with(|inner| inner.limit = Some(LARGEST_CREDENTIAL));
    // Counted in bytes, whatever the characters: the place itself refuses an item that is longer.
    for length in [850, 853, 854, 2000, 5000] {
        let body = "€".repeat(length);
        write(&mut place, "grant/1", body.as_bytes()).unwrap();
        assert_eq!(text_of(&mut place).unwrap(), Some(body));
    }
    assert!(place.names().len() > 1, "{:?}", place.names());
}

#[test]
fn what_fits_is_one_item_and_one_write() {
    let mut place = Memory::default();
    place.with(|inner| inner.writes_left = Some(1));
    write(&mut place, "grant/1", "token ".repeat(2000).as_bytes()).unwrap();
    assert_eq!(place.names(), ["grant/1"]);
}

/// Every write and deletion in turn is the last one that happens.
#[test]
fn a_torn_write_keeps_the_former_generation() {
    let sizes = [10, 130, 400, 900];
    for before in sizes {
        for after in sizes {
            let (before, after) = ("b".repeat(before), "a".repeat(after));
            for step in 0.. {
                let mut place = limited();
                write(&mut place, "grant/1", before.as_bytes()).unwrap();
                place.with(|inner| inner.writes_left = Some(step));
                let outcome = write(&mut place, "grant/1", after.as_bytes());
                place.with(|inner| inner.writes_left = None);

                let found = text_of(&mut place).unwrap().unwrap();
                match outcome {
                    Err(_) => assert_eq!(found, before, "torn after {step} writes"),
                    Ok(()) => assert_eq!(found, after, "cut short after {step} writes"),
                }

                // Whatever was left lying about, the next write and deletion tidy it up.
                write(&mut place, "grant/1", b"small").unwrap();
                assert_eq!(place.names(), ["grant/1"], "after {step} writes");
                delete(&mut place, "grant/1").unwrap();
                assert_eq!(place.names(), Vec::<String>::new());

                if step > 30 {
                    assert!(outcome.is_ok());
                    break;
                }
            }
        }
    }
}

#[test]
fn a_deletion_that_was_cut_short_is_finished_by_the_next() {
    for step in 0..10 {
        let mut place = limited();
        write(&mut place, "grant/1", "t".repeat(700).as_bytes()).unwrap();
        place.with(|inner| inner.writes_left = Some(step));
        let outcome = delete(&mut place, "grant/1");
        place.with(|inner| inner.writes_left = None);
        // Never half of it: all there, or nothing.
        let found = text_of(&mut place).unwrap();
        assert!(found.is_none_or(|text| step == 0 && text.len() == 700));
        if outcome.is_err() {
            delete(&mut place, "grant/1").unwrap();
        }
        assert_eq!(place.names(), Vec::<String>::new(), "after {step}");
    }
}

#[test]
fn a_first_write_that_was_torn_leaves_nothing_behind_once_deleted() {
    let mut place = limited();
    place.with(|inner| inner.writes_left = Some(2));
    write(&mut place, "grant/1", "t".repeat(700).as_bytes()).unwrap_err();
    place.with(|inner| inner.writes_left = None);
    assert_eq!(text_of(&mut place), Ok(None));
    delete(&mut place, "grant/1").unwrap();
    assert_eq!(place.names(), Vec::<String>::new());
}

#[test]
fn a_damaged_item_is_unreadable_and_never_guessed_at() {
    let mut place = limited();
    write(&mut place, "grant/1", "t".repeat(700).as_bytes()).unwrap();
    place.put("grant/1#1.2", b"something else").unwrap();
    assert_eq!(text_of(&mut place), Err(VaultError::Unreadable));
    place.delete("grant/1#1.2").unwrap();
    assert_eq!(text_of(&mut place), Err(VaultError::Unreadable));
    for head in ["", "\n", "autopilot 2 1 0 00\nbody", "{\"token\":1}"] {
        place.put("grant/1", head.as_bytes()).unwrap();
        assert_eq!(text_of(&mut place), Err(VaultError::Unreadable), "{head}");
    }
    write(&mut place, "grant/1", b"signed in again").unwrap();
    assert_eq!(text_of(&mut place), Ok(Some("signed in again".to_owned())));
}

#[test]
fn a_record_beyond_all_measure_is_refused() {
    let mut place = Memory::default();
    write(&mut place, "grant/1", b"former").unwrap();
    let outcome = write(&mut place, "grant/1", &vec![b'a'; 1 << 20]);
    assert_eq!(outcome, Err(VaultError::TooLarge));
    assert_eq!(text_of(&mut place), Ok(Some("former".to_owned())));
}
