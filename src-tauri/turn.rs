//! Whose turn it is to become the window of a profile. The engine takes the profile while the window is still being
//! made, and only the making shows whether this process is the one instance: of two starts at once, one could win the
//! profile and the other the place, and what stayed would be a window without a hub. So a start first takes its turn;
//! whoever waits for it soon finds a hub to leave its errand with. Knows nothing about errands.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use link::ProfilePaths;

/// The name beside the profile's folder; in the folder, it would make a profile of a start that was refused.
const BESIDE: &str = "window";

/// The turn, for as long as it is kept. The system takes it back from a process that ends, however it ends.
#[derive(Default)]
pub struct Turn(Mutex<Option<File>>);

impl Turn {
    /// `None` = somebody else has it. Where it can't be had at all, everybody has it: what is wrong with the folder is the
    /// engine's to say.
    pub fn take(paths: &ProfilePaths) -> Option<Self> {
        let opened = paths.create_data_dir().and_then(|()| {
            let place = paths.data_dir.with_extension(BESIDE);
            let mut options = File::options();
            options.create(true).truncate(false).write(true).open(place)
        });
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, "there are no turns on this system");
                return Some(Self::default());
            }
        };
        match file.try_lock() {
            Ok(()) => Some(Self(Mutex::new(Some(file)))),
            Err(std::fs::TryLockError::WouldBlock) => None,
            Err(std::fs::TryLockError::Error(_)) => Some(Self::default()),
        }
    }

    /// The next start may go ahead.
    pub fn pass_on(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use model::ProfileName;

    use super::*;

    #[test]
    fn one_start_at_a_time_has_its_turn_and_passes_it_on() {
        let root = tempfile::tempdir().unwrap();
        let name = ProfileName::new("work").unwrap();
        let paths = ProfilePaths::for_profile(&name, Some(root.path().to_owned())).unwrap();
        let first = Turn::take(&paths).unwrap();
        assert!(Turn::take(&paths).is_none());
        first.pass_on();
        let second = Turn::take(&paths).unwrap();
        assert!(Turn::take(&paths).is_none());
        drop(second);
        assert!(Turn::take(&paths).is_some());
        assert!(paths.data_dir.read_dir().unwrap().next().is_none());
    }
}
