//! Columns that line up, so that a list can be read down as well as across.

use crate::output::{Output, Style};

/// One cell; the last column is never padded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::Plain,
        }
    }

    pub(crate) const fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

const GAP: usize = 2;

/// Rows of cells, each with lines of explanation that hang under the second column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: Vec<(Vec<Cell>, Vec<String>)>,
}

impl Table {
    pub(crate) fn row(&mut self, cells: Vec<Cell>, below: Vec<String>) {
        self.rows.push((cells, below));
    }

    pub(crate) fn print(&self, out: Output) {
        let widths = self.widths();
        let indent = " ".repeat(widths.first().copied().unwrap_or_default() + GAP);
        for (cells, below) in &self.rows {
            let padded: Vec<(Style, String)> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| {
                    let gap = width + GAP - cell.width();
                    (cell.style, format!("{}{}", cell.text, " ".repeat(gap)))
                })
                .collect();
            let pieces: Vec<(Style, &str)> = padded
                .iter()
                .map(|(style, text)| (*style, text.as_str()))
                .collect();
            out.styled(&pieces);
            for line in below.iter().filter(|line| !line.is_empty()) {
                out.styled(&[(Style::Plain, &indent), (Style::Quiet, line)]);
            }
        }
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for (cells, _) in &self.rows {
            for (column, cell) in cells.iter().enumerate() {
                match widths.get_mut(column) {
                    None => widths.push(cell.width()),
                    Some(width) => *width = cell.width().max(*width),
                }
            }
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell() {
        let mut table = Table::default();
        table.row(vec![Cell::new("Gmail"), Cell::new("a")], Vec::new());
        table.row(
            vec![Cell::new("Google Drive"), Cell::new("bjørn")],
            Vec::new(),
        );
        assert_eq!(table.widths(), [12, 5]);
    }
}
