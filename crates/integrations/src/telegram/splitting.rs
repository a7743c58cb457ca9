//! Telegram takes 4,096 characters a message and 1,024 under a file, counted in UTF-16 units of what is shown. A
//! longer text falls into pieces: between paragraphs where that leaves none too short, else between lines, words, or
//! at worst letters, and never within what is shown as one.

use unicode_segmentation::UnicodeSegmentation as _;

use super::markup::Styled;

pub(super) const LONGEST_TEXT: usize = 4096;
pub(super) const LONGEST_CAPTION: usize = 1024;

/// The pieces, none empty; the same text always falls into the same ones, so that a later try knows where the
/// earlier one ended.
pub(super) fn split(whole: &Styled, longest: usize) -> Vec<Styled> {
    let text = whole.text.as_str();
    let mut pieces = Vec::new();
    // Telegram drops the white space around a message, so a piece of nothing else would be refused.
    let mut from = text.len() - text.trim_start().len();
    while from < text.len() {
        let end = from + cut(&text[from..], longest);
        let to = from + text[from..end].trim_end().len();
        pieces.push(whole.cut(from, to));
        from = text.len() - text[end..].trim_start().len();
    }
    pieces
}

/// Where to cut `text`, which begins with ink: after at most `longest` units.
fn cut(text: &str, longest: usize) -> usize {
    let Some(most) = first_over(text, longest) else {
        return text.len();
    };
    // What ends right where the room does is whole.
    let behind = &text[most..];
    let white = behind.chars().next().filter(|next| next.is_whitespace());
    let reach = match white {
        Some(_) if behind.starts_with("\n\n") => most + 2,
        Some(white) => most + white.len_utf8(),
        None => most,
    };
    let room = &text[..reach];
    let least = most / 2;
    let late_enough = |at: &usize| *at >= least;
    room.rfind("\n\n")
        .filter(late_enough)
        .or_else(|| room.rfind('\n').filter(late_enough))
        .or_else(|| room.rfind(char::is_whitespace))
        .unwrap_or_else(|| between_letters(text, most))
}

/// The byte at which the units exceed `longest`.
fn first_over(text: &str, longest: usize) -> Option<usize> {
    let mut units = 0;
    text.char_indices().find_map(|(at, character)| {
        units += character.len_utf16();
        (units > longest).then_some(at)
    })
}

/// Between two letters as people count them; one that fills all the room by itself is cut where the room ends.
fn between_letters(text: &str, most: usize) -> usize {
    // What follows decides whether the last letter is whole.
    let beyond = text[most..].chars().next().map_or(0, char::len_utf8);
    text[..most + beyond]
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .take_while(|at| *at <= most)
        .last()
        .filter(|at| *at > 0)
        .unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UTF-16 units of what is shown.
    fn length(text: &str) -> usize {
        text.chars().map(char::len_utf16).sum()
    }

    fn pieces(text: &str, longest: usize) -> Vec<String> {
        split(&Styled::plain(text), longest)
            .into_iter()
            .map(|piece| piece.text)
            .collect()
    }

    #[test]
    fn a_text_that_fits_stays_whole() {
        assert_eq!(pieces("", 10), Vec::<String>::new());
        assert_eq!(pieces(" \n ", 10), Vec::<String>::new());
        assert_eq!(pieces("0123456789", 10), ["0123456789"]);
        assert_eq!(pieces(&"x".repeat(4096), LONGEST_TEXT).len(), 1);
        assert_eq!(pieces(&"x".repeat(4097), LONGEST_TEXT).len(), 2);
    }

    #[test]
    fn it_is_cut_between_paragraphs_lines_words_or_letters_in_this_order() {
        assert_eq!(
            pieces("one two\n\nthree four", 13),
            ["one two", "three four"]
        );
        assert_eq!(pieces("one two\nthree four", 13), ["one two", "three four"]);
        assert_eq!(pieces("one two three", 9), ["one two", "three"]);
        assert_eq!(pieces("one two three", 7), ["one two", "three"]);
        assert_eq!(pieces("a\n\nbcd efg", 8), ["a\n\nbcd", "efg"]);
        assert_eq!(pieces("0123456789", 4), ["0123", "4567", "89"]);
    }

    #[test]
    fn units_are_counted_as_telegram_counts_them_and_no_letter_is_torn() {
        assert_eq!(length("a\u{e9}\u{20ac}"), 3);
        assert_eq!(length("\u{1f600}"), 2);
        assert_eq!(
            pieces("\u{1f600}\u{1f600}\u{1f600}", 5),
            ["\u{1f600}\u{1f600}", "\u{1f600}"]
        );
        // A family of three is one letter of eight units.
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        assert_eq!(pieces(&format!("abcd{family}"), 10), ["abcd", family]);
        assert_eq!(pieces("e\u{301}e\u{301}", 3), ["e\u{301}", "e\u{301}"]);
        // One that is longer than all the room is torn, between characters.
        let endless = format!("e{}", "\u{301}".repeat(9));
        assert!(pieces(&endless, 4).iter().all(|piece| length(piece) <= 4));
    }

    #[test]
    fn nothing_but_white_space_is_lost_and_no_piece_is_too_long() {
        let text =
            "Lorem **ipsum** dolor _sit_ amet, \u{1f600} consetetur.\nSed diam\n\n".repeat(300);
        let styled = Styled::markdown(&text);
        let cut = split(&styled, LONGEST_TEXT);
        assert!(cut.len() > 3);
        assert!(
            cut.iter()
                .all(|piece| (1..=LONGEST_TEXT).contains(&length(&piece.text)))
        );
        let ink = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
        };
        let joined: String = cut.iter().map(|piece| ink(&piece.text)).collect();
        assert_eq!(joined, ink(&styled.text));
        let bold: usize = cut
            .iter()
            .map(|piece| piece.html().matches("<b>").count())
            .sum();
        assert_eq!(bold, 300);
    }
}
