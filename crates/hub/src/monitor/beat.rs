//! When the next tick is due, as the person chose. Knows no connection.

use std::time::Duration;

use model::Settings;
use tokio::{sync::watch, time::Instant};

/// Nobody looks: so many times less often …
const LESS_OFTEN: u32 = 10;
/// … and yet within this.
const UNWATCHED_AT_MOST: Duration = Duration::from_secs(30 * 60);

/// Between two looks at everything while somebody sees the window.
fn watched(settings: &Settings) -> Duration {
    Duration::from_secs(settings.refresh_s.into())
}

/// Between probes of one connection while nobody looks.
pub(super) fn unwatched(settings: &Settings) -> Duration {
    (watched(settings) * LESS_OFTEN).min(UNWATCHED_AT_MOST)
}

pub(super) struct Beat {
    settings: watch::Receiver<Settings>,
    last: Option<Instant>,
}

impl Beat {
    /// Its first tick is at once.
    pub(super) fn of(settings: watch::Receiver<Settings>) -> Self {
        Self {
            settings,
            last: None,
        }
    }

    /// Waits for the tick; another choice counts from the last one. May be dropped while it waits.
    pub(super) async fn next(&mut self) {
        while let Some(last) = self.last {
            let due = last + watched(&self.settings.borrow_and_update());
            tokio::select! {
                () = tokio::time::sleep_until(due) => break,
                changed = self.settings.changed() => if changed.is_err() {
                    // The hub is gone, and with it whoever waits here.
                    tokio::time::sleep_until(due).await;
                    break;
                },
            }
        }
        self.last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(refresh_s: u32) -> Settings {
        Settings {
            refresh_s,
            ..Settings::default()
        }
    }

    async fn took(beat: &mut Beat) -> u64 {
        let began = Instant::now();
        beat.next().await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn ticks_come_as_often_as_was_chosen_and_another_choice_counts_from_the_last_one() {
        let settings = watch::Sender::new(every(30));
        let mut beat = Beat::of(settings.subscribe());
        assert_eq!(took(&mut beat).await, 0);
        assert_eq!(took(&mut beat).await, 30);
        assert_eq!(took(&mut beat).await, 30);
        settings.send_replace(every(600));
        assert_eq!(took(&mut beat).await, 600);
        // Chosen in the middle of a long wait: twenty seconds are over already.
        let waiting = tokio::spawn(async move {
            let took = took(&mut beat).await;
            (beat, took)
        });
        tokio::time::sleep(Duration::from_secs(20)).await;
        settings.send_replace(every(60));
        let (mut beat, whole) = waiting.await.unwrap();
        assert_eq!(whole, 60);
        // And one that makes it overdue is a tick at once.
        settings.send_replace(every(600));
        let waiting = tokio::spawn(async move { took(&mut beat).await });
        tokio::time::sleep(Duration::from_secs(100)).await;
        settings.send_replace(every(15));
        assert_eq!(waiting.await.unwrap(), 100);
    }

    #[test]
    fn nobody_looking_makes_it_ten_times_rarer_but_never_rarer_than_half_an_hour() {
        for (chosen, unwatched_s) in [(15, 150), (30, 300), (120, 1200), (300, 1800), (600, 1800)] {
            assert_eq!(unwatched(&every(chosen)).as_secs(), unwatched_s, "{chosen}");
        }
    }
}
