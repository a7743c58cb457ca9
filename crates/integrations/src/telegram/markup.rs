//! A text and how it looks: read from the little Markdown that `TextFormat` promises, written as Telegram's HTML.
//!
//! Reading keeps what is shown apart from how it is shown, so that a text can be measured and cut by what is shown
//! (`splitting`) and every cut piece is still well formed. Whatever isn't markup stands for itself, so that no text,
//! however odd, is refused or shown as something its writer did not write.

mod inline;

use inline::Inline;

/// What is shown, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Styled {
    pub text: String,
    /// Each lies within another or beside it, never across; outer ones come first.
    pub marks: Vec<Mark>,
}

/// Bytes `from..to` of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub from: usize,
    pub to: usize,
    pub look: Look,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Look {
    Bold,
    Italic,
    Code,
    /// Lines of code, in the language that was named.
    Block(Option<String>),
    Link(String),
}

/// The fence around a block of code.
const FENCE: &str = "```";

impl Styled {
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            marks: Vec::new(),
        }
    }

    pub fn markdown(source: &str) -> Self {
        let mut styled = Self::default();
        let mut rest = source;
        while let Some(open) = rest.find(FENCE) {
            let Some(length) = rest[open + FENCE.len()..].find(FENCE) else {
                break;
            };
            styled.paragraphs(&rest[..open]);
            let inside = &rest[open + FENCE.len()..][..length];
            styled.block(inside);
            rest = &rest[open + length + 2 * FENCE.len()..];
        }
        styled.paragraphs(rest);
        styled
    }

    /// A language may stand behind the fence, if the code begins on the next line.
    fn block(&mut self, inside: &str) {
        let (language, code) = match inside.split_once('\n') {
            Some((first, code)) if is_language(first.trim()) => (Some(first.trim()), code),
            Some((first, code)) if first.trim().is_empty() => (None, code),
            _ => (None, inside),
        };
        let code = code.strip_suffix('\n').unwrap_or(code);
        self.marked(Look::Block(language.map(str::to_owned)), |styled| {
            styled.text.push_str(code);
        });
    }

    /// Markup doesn't reach over an empty line, so that a stray asterisk spoils one paragraph at most.
    fn paragraphs(&mut self, source: &str) {
        let mut rest = source;
        while let Some(end) = rest.find("\n\n") {
            Inline::default().read(&rest[..end], self);
            self.text.push_str("\n\n");
            rest = &rest[end + 2..];
        }
        Inline::default().read(rest, self);
    }

    fn marked(&mut self, look: Look, write: impl FnOnce(&mut Self)) {
        let from = self.text.len();
        let place = self.marks.len();
        write(self);
        let to = self.text.len();
        if to > from {
            self.marks.insert(place, Mark { from, to, look });
        }
    }

    /// Bytes `from..to` by themselves.
    pub fn cut(&self, from: usize, to: usize) -> Self {
        let marks = self.marks.iter().filter_map(|mark| {
            let (start, end) = (mark.from.max(from), mark.to.min(to));
            (start < end).then(|| Mark {
                from: start - from,
                to: end - from,
                look: mark.look.clone(),
            })
        });
        Self {
            text: self.text[from..to].to_owned(),
            marks: marks.collect(),
        }
    }

    /// As Telegram reads it with `parse_mode: HTML`.
    pub fn html(&self) -> String {
        let mut html = String::with_capacity(self.text.len() + 16 * self.marks.len());
        let mut open: Vec<&Mark> = Vec::new();
        let mut at = 0;
        for mark in &self.marks {
            while let Some(inner) = open.pop_if(|inner| inner.to <= mark.from) {
                escape(&self.text[at..inner.to], &mut html);
                at = inner.to;
                html.push_str(inner.look.closing());
            }
            escape(&self.text[at..mark.from], &mut html);
            at = mark.from;
            mark.look.open(&mut html);
            open.push(mark);
        }
        while let Some(inner) = open.pop() {
            escape(&self.text[at..inner.to], &mut html);
            at = inner.to;
            html.push_str(inner.look.closing());
        }
        escape(&self.text[at..], &mut html);
        html
    }
}

fn is_language(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'_'))
}

impl Look {
    fn open(&self, html: &mut String) {
        match self {
            Self::Bold => html.push_str("<b>"),
            Self::Italic => html.push_str("<i>"),
            Self::Code => html.push_str("<code>"),
            Self::Block(None) => html.push_str("<pre>"),
            Self::Block(Some(language)) => {
                html.push_str("<pre><code class=\"language-");
                escape(language, html);
                html.push_str("\">");
            }
            Self::Link(address) => {
                html.push_str("<a href=\"");
                escape(address, html);
                html.push_str("\">");
            }
        }
    }

    const fn closing(&self) -> &'static str {
        match self {
            Self::Bold => "</b>",
            Self::Italic => "</i>",
            Self::Code => "</code>",
            Self::Block(None) => "</pre>",
            Self::Block(Some(_)) => "</code></pre>",
            Self::Link(_) => "</a>",
        }
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        Styled::markdown(source).html()
    }

    #[test]
    fn what_is_promised_is_shown() {
        let table = [
            ("plain", "plain"),
            ("**bold** and _italic_", "<b>bold</b> and <i>italic</i>"),
            ("**bold _both_**", "<b>bold <i>both</i></b>"),
            ("_**both**_", "<i><b>both</b></i>"),
            ("`a < b`", "<code>a &lt; b</code>"),
            ("`**not bold**`", "<code>**not bold**</code>"),
            (
                "[our **site**](https://example.org/a?b=1&c=2)",
                "<a href=\"https://example.org/a?b=1&amp;c=2\">our <b>site</b></a>",
            ),
            (
                "see:\n```\nlet a = 1;\n```\nend",
                "see:\n<pre>let a = 1;</pre>\nend",
            ),
            (
                "```rust\nif a && b {}\n```",
                "<pre><code class=\"language-rust\">if a &amp;&amp; b {}</code></pre>",
            ),
            ("```one line```", "<pre>one line</pre>"),
        ];
        for (source, expected) in table {
            assert_eq!(html(source), expected, "{source}");
        }
    }

    #[test]
    fn everything_else_stands_for_itself() {
        for source in [
            "snake_case_name",
            "2 * 3 ** 4",
            "** not bold **",
            "**open",
            "_open",
            "`open",
            "``",
            "****",
            "__init__",
            "[words](not an address)",
            "[words](javascript:alert(1))",
            "[words](tg://user?id=1)",
            "[](https://example.org)",
            "[words] (https://example.org)",
            "*one*",
            "# heading",
            "a **b\n\nc** d",
            "``` no end",
            "\\*",
        ] {
            assert_eq!(html(source), source, "{source}");
        }
    }

    #[test]
    fn no_text_breaks_out_of_its_markup() {
        for (source, expected) in [
            ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
            ("**</b><script>**", "<b>&lt;/b&gt;&lt;script&gt;</b>"),
            (
                "[a](https://example.org/\"onclick=\"x)",
                "<a href=\"https://example.org/%22onclick=%22x\">a</a>",
            ),
            (
                "```\"><b>\n</code></pre>```",
                "<pre>&quot;&gt;&lt;b&gt;\n&lt;/code&gt;&lt;/pre&gt;</pre>",
            ),
        ] {
            assert_eq!(html(source), expected);
        }
    }

    #[test]
    fn a_text_of_nothing_but_beginnings_takes_no_longer_than_any_other() {
        let begun = std::time::Instant::now();
        for start in [
            "**a ", "_a ", "`", "[", "[a](", "**_[`", "```", "[a](x)", "****", "_*",
        ] {
            let _ = html(&start.repeat(40_000));
        }
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    #[test]
    fn every_cut_is_well_formed_by_itself() {
        let styled =
            Styled::markdown("a **bold _both_ bold** [link](https://example.org) `code` z");
        for from in 0..styled.text.len() {
            for to in from..=styled.text.len() {
                let html = styled.cut(from, to).html();
                let mut open = Vec::new();
                for tag in html.split('<').skip(1) {
                    let tag = tag.split('>').next().unwrap();
                    match tag.strip_prefix('/') {
                        Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
                        None => open.push(tag.split(' ').next().unwrap()),
                    }
                }
                assert!(open.is_empty(), "{html}");
            }
        }
    }
}
