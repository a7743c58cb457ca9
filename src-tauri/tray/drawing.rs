//! The tray's icon with a mark in its corner: full for what waits, a ring for trouble, two bars for pause. Told apart by
//! shape, not by colour alone, and so also where the system recolours it.

use tauri::image::Image;

use crate::overview::Mood;

const AMBER: [u8; 4] = [0xf2, 0xa9, 0x3b, 0xff];
const RED: [u8; 4] = [0xf0, 0x6a, 0x5e, 0xff];
const GREY: [u8; 4] = [0xb5, 0xb0, 0xa8, 0xff];

pub fn icon(mood: Mood) -> Image<'static> {
    // Dark strokes for macOS, which recolours them, and light ones elsewhere, where panels are mostly dark.
    let plain = if cfg!(target_os = "macos") {
        tauri::include_image!("icons/tray.png")
    } else {
        tauri::include_image!("icons/tray-on-dark.png")
    };
    let (width, height) = (plain.width(), plain.height());
    let mut rgba = plain.rgba().to_vec();
    mark(&mut rgba, width, mood);
    Image::new_owned(rgba, width, height)
}

/// Draws into the lower right corner of a square picture, with a clear edge around the mark.
fn mark(rgba: &mut [u8], side: u32, mood: Mood) {
    let colour = match mood {
        Mood::Well => return,
        Mood::Waiting => AMBER,
        Mood::Trouble => RED,
        Mood::Paused => GREY,
    };
    let side = f64::from(side);
    let radius = side * 0.24;
    let centre = side - radius;
    for (index, pixel) in (0_u32..).zip(rgba.chunks_exact_mut(4)) {
        let (x, y) = (index % side as u32, index / side as u32);
        let (dx, dy) = (f64::from(x) + 0.5 - centre, f64::from(y) + 0.5 - centre);
        let away = dx.hypot(dy);
        if away > radius * 1.25 {
            continue;
        }
        let is_in = match mood {
            Mood::Waiting => away <= radius,
            Mood::Trouble => (radius * 0.55..=radius).contains(&away),
            Mood::Paused => {
                (radius * 0.2..=radius * 0.65).contains(&dx.abs()) && dy.abs() <= radius * 0.85
            }
            Mood::Well => false,
        };
        pixel.copy_from_slice(if is_in { &colour } else { &[0; 4] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: u32 = 32;

    fn marked(mood: Mood) -> Vec<u8> {
        let mut rgba = vec![7; (SIDE * SIDE * 4) as usize];
        mark(&mut rgba, SIDE, mood);
        rgba
    }

    #[test]
    fn each_mood_has_a_shape_of_its_own_and_being_well_none() {
        let opaque = |mood| -> Vec<bool> {
            let all = marked(mood);
            all.chunks_exact(4).map(|pixel| pixel[3] == 0xff).collect()
        };
        let moods = [Mood::Waiting, Mood::Trouble, Mood::Paused];
        for (at, mood) in moods.iter().enumerate() {
            assert!(opaque(*mood).contains(&true), "{mood:?}");
            for other in &moods[at + 1..] {
                assert_ne!(opaque(*mood), opaque(*other), "{mood:?} and {other:?}");
            }
        }
        assert!(marked(Mood::Well).iter().all(|byte| *byte == 7));
    }

    #[test]
    fn the_rest_of_the_picture_stays_as_it_was() {
        let rgba = marked(Mood::Waiting);
        // The mark and its clear edge reach not quite to the middle.
        let above = &rgba[..(14 * SIDE * 4) as usize];
        assert!(above.iter().all(|byte| *byte == 7));
    }
}
