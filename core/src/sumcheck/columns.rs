//! The cells of a book sorted by column.

use crate::rows::{Layout, Rows};
use zeroize::Zeroize;

/// A non-zero cell.
#[derive(Clone, Copy, Default)]
pub struct Cell {
    pub row: u32,
    pub value: u128,
}

impl zeroize::DefaultIsZeroes for Cell {}

/// A column that has cells, rows rising.
pub struct Column {
    /// Position of its least significant bit in a row.
    pub offset: usize,
    pub bits: usize,
    pub cells: Vec<Cell>,
    /// The bits that some cell sets.
    pub used: u128,
}

impl Column {
    /// The cells of groups `first..end` of 2^rounds rows.
    pub fn in_groups(&self, first: usize, end: usize, rounds: usize) -> &[Cell] {
        let start = self.cells.partition_point(|cell| ((cell.row as usize) >> rounds) < first);
        let count = self.cells[start..].partition_point(|cell| ((cell.row as usize) >> rounds) < end);
        &self.cells[start..start + count]
    }
}

/// The cells that share a group of 2^rounds rows, group by group.
pub fn by_group(cells: &[Cell], rounds: usize) -> impl Iterator<Item = (usize, &[Cell])> {
    let group = move |cell: &Cell| (cell.row as usize) >> rounds;
    cells.chunk_by(move |a, b| group(a) == group(b)).map(move |cells| (group(&cells[0]), cells))
}

/// Calls `visit` with the position of every set bit.
#[inline(always)]
pub fn for_each_bit(value: u128, mut visit: impl FnMut(usize)) {
    for (half, base) in [(value as u64, 0), ((value >> 64) as u64, 64)] {
        let mut rest = half;
        while rest != 0 {
            visit(base + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
}

/// All columns that have cells. The cells are balances, so they are wiped.
pub struct Columns(Vec<Column>);

impl Columns {
    /// Requires: the rows fit the layout. Cost: two passes over the cells.
    pub fn new(rows: &Rows, layout: &Layout) -> Columns {
        let mut counts = vec![0usize; layout.columns()];
        (0..rows.len()).for_each(|i| rows.row(i).for_each(|(column, _)| counts[column] += 1));
        let mut columns: Vec<Column> = (0..layout.columns())
            .map(|c| {
                let cells = Vec::with_capacity(counts[c]);
                Column { offset: layout.offset(c), bits: layout.bits(c), cells, used: 0 }
            })
            .collect();
        for i in 0..rows.len() {
            for (column, value) in rows.row(i) {
                columns[column].cells.push(Cell { row: i as u32, value });
                columns[column].used |= value;
            }
        }
        columns.retain(|column| !column.cells.is_empty());
        Columns(columns)
    }
}

impl std::ops::Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.0
    }
}

impl Drop for Columns {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|column| column.cells.zeroize());
    }
}
