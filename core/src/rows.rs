//! Rows of a book, non-zero cells only, and how columns share the bits of a row.

use crate::error::{Error, Result, count_records, expect_length};

/// Widest column, in bits.
pub const MAX_BITS: usize = 128;

/// Where each column's bits stand in a row.
#[derive(Clone, Debug)]
pub struct Layout {
    bits: Vec<usize>,
    offsets: Vec<usize>,
}

impl Layout {
    /// Requires: 1..=128 bits per column, at most 2^16 columns.
    pub fn new(bits: &[usize]) -> Result<Layout> {
        if let Some(wrong) = bits.iter().find(|&&b| b == 0 || b > MAX_BITS) {
            return Err(Error::Input(format!("a column has {wrong} bits where 1 to {MAX_BITS} are right")));
        }
        if bits.len() > 1 << 16 {
            return Err(Error::Input(format!("{} columns where at most 65536 are right", bits.len())));
        }
        let mut offsets = vec![0];
        offsets.extend(bits.iter().scan(0, |end, b| {
            *end += b;
            Some(*end)
        }));
        Ok(Layout { bits: bits.to_vec(), offsets })
    }

    pub fn columns(&self) -> usize {
        self.bits.len()
    }

    /// Bits of a whole row.
    pub fn row_bits(&self) -> usize {
        self.offsets[self.bits.len()]
    }

    pub fn bits(&self, column: usize) -> usize {
        self.bits[column]
    }

    /// The position of a column's least significant bit in the row.
    pub fn offset(&self, column: usize) -> usize {
        self.offsets[column]
    }

    /// Refuses unless every cell stands in a column, is not zero and fits its bits.
    pub fn check(&self, rows: &Rows) -> Result<()> {
        for k in 0..rows.columns.len() {
            let column = rows.columns[k] as usize;
            if column >= self.columns() {
                let count = self.columns();
                return Err(Error::Input(format!("a cell stands in column {column} of {count} columns")));
            }
            let value = rows.value(k);
            let too_wide = self.bits[column] < MAX_BITS && value >> self.bits[column] != 0;
            if value == 0 || too_wide {
                let text = format!("a cell of column {column} is zero or does not fit its bits");
                return Err(Error::Input(text));
            }
        }
        Ok(())
    }
}

/// Compressed sparse rows: row i owns cells `ends[i-1]..ends[i]`.
pub struct Rows<'a> {
    ends: Vec<u64>,
    columns: Vec<u16>,
    values: &'a [u8],
}

impl<'a> Rows<'a> {
    /// `ends` are u64 and `columns` u16 in the machine's byte order, `values` 16 bytes big-endian per cell.
    ///
    /// Refuses ends that do not rise to the number of cells and columns that do not rise within a row.
    pub fn new(ends: &[u8], columns: &[u8], values: &'a [u8]) -> Result<Rows<'a>> {
        count_records("ends", ends.len(), 8)?;
        let cells = count_records("columns", columns.len(), 2)?;
        expect_length("values", values.len(), 16 * cells)?;
        let ends = read_u64s(ends);
        let columns: Vec<u16> = columns.as_chunks().0.iter().map(|c| u16::from_ne_bytes(*c)).collect();
        check_ends("ends of rows", &ends, cells)?;
        let rows = Rows { ends, columns, values };
        for i in 0..rows.len() {
            let (start, end) = rows.range(i);
            if !rows.columns[start..end].is_sorted_by(|a, b| a < b) {
                return Err(Error::Input(format!("columns of row {i} do not rise")));
            }
        }
        Ok(rows)
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Non-zero cells of all rows.
    pub fn cells(&self) -> usize {
        self.columns.len()
    }

    fn range(&self, row: usize) -> (usize, usize) {
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        (start, self.ends[row] as usize)
    }

    fn value(&self, cell: usize) -> u128 {
        u128::from_be_bytes(self.values.as_chunks().0[cell])
    }

    /// The (column, value) pairs of a row.
    #[inline]
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, u128)> + '_ {
        let (start, end) = self.range(row);
        (start..end).map(|k| (self.columns[k] as usize, self.value(k)))
    }
}

/// u64s in the machine's byte order. Requires: a whole number of them.
pub fn read_u64s(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|c| u64::from_ne_bytes(*c)).collect()
}

/// Refuses ends that do not rise to `total`.
pub fn check_ends(what: &str, ends: &[u64], total: usize) -> Result<()> {
    let last = ends.last().copied().unwrap_or(0);
    if last != total as u64 || !ends.is_sorted() {
        return Err(Error::Input(format!("{what} must rise to {total}; the last is {last}")));
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The three buffers of rows given as (column, value) lists.
    pub fn buffers(rows: &[Vec<(u16, u128)>]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let (mut ends, mut columns, mut values, mut count) = (vec![], vec![], vec![], 0u64);
        for row in rows {
            for (column, value) in row {
                columns.extend(column.to_ne_bytes());
                values.extend(value.to_be_bytes());
                count += 1;
            }
            ends.extend(count.to_ne_bytes());
        }
        (ends, columns, values)
    }

    #[test]
    fn rows_read_back() {
        let (ends, columns, values) = buffers(&[vec![(0, 5), (2, 1 << 100)], vec![], vec![(1, 9)]]);
        let rows = Rows::new(&ends, &columns, &values).unwrap();
        assert_eq!(rows.row(0).collect::<Vec<_>>(), [(0, 5), (2, 1 << 100)]);
        assert_eq!(rows.row(1).count(), 0);
        assert_eq!((rows.len(), rows.cells()), (3, 3));
        assert!(Layout::new(&[8, 8, 104]).unwrap().check(&rows).is_ok());
        assert!(Layout::new(&[8, 8, 96]).unwrap().check(&rows).is_err(), "value too wide");
        assert!(Layout::new(&[8, 8]).unwrap().check(&rows).is_err(), "no such column");
    }

    #[test]
    fn wrong_buffers_are_refused() {
        let (ends, columns, values) = buffers(&[vec![(0, 5), (2, 1)], vec![(1, 9)]]);
        assert!(Rows::new(&ends[..7], &columns, &values).is_err());
        assert!(Rows::new(&ends[..8], &columns, &values).is_err(), "cells left over");
        assert!(Rows::new(&ends, &columns, &values[1..]).is_err());
        let (_, falling, _) = buffers(&[vec![(2, 5), (2, 1)], vec![(1, 9)]]);
        assert!(Rows::new(&ends, &falling, &values).is_err());
        assert!(Layout::new(&[0]).is_err() && Layout::new(&[129]).is_err());
    }
}
