//! Precomputed points: subset sums of the bit generators and odd multiples of the blinding generator.
//!
//! A cell's value is cut into windows of `bit_window` bits; each non-zero window costs one addition. A blinding r
//! is written with signed odd digits, none of which is zero: with S = 2^(all digits' bits) and
//! B = (r + S - 1) / 2 mod n, window w of B, d, stands for the digit 2d + 1 - 2^blind_window. So a blinding costs
//! the same number of additions whatever it is, and the table holds only the positive half.

use crate::limbs::{self, Limbs};
use crate::memory;
use crate::point::{Affine, Jacobian, normalise};
use crate::rows::Layout;
use crate::scalar::{N, Scalar};
use crate::sum::{Summer, Term};
use rayon::prelude::*;

/// Bits in a blinding's digits: enough for any scalar.
const SCALAR_BITS: usize = 256;
/// Additions done at a time, and points built side by side.
const BLOCK_POINTS: usize = 2048;
/// The most memory for subset sums, in points (64 MiB).
const MOST_POINTS: usize = 1 << 20;

/// Window widths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Widths {
    pub bit_window: usize,
    pub blind_window: usize,
}

impl Widths {
    /// The widths for committing `rows` rows in all: wider windows are dearer to build and cheaper to use.
    pub fn for_rows(rows: usize, row_bits: usize) -> Widths {
        let (bit_window, blind_window) = match rows {
            0..64 => (1, 5),
            64..2048 => (4, 8),
            2048..131_072 => (8, 13),
            _ => (16, 16),
        };
        let fits = |width: &usize| (row_bits << width) / width <= MOST_POINTS;
        let bit_window = [16, 8, 4, 1].into_iter().find(|w| *w <= bit_window && fits(w)).unwrap_or(1);
        Widths { bit_window, blind_window }
    }
}

/// All precomputed points of one layout, in one slice.
pub struct Tables {
    pub points: Vec<Affine>,
    pub widths: Widths,
    /// Where each column's windows start in `points`.
    column_starts: Vec<usize>,
    blind_start: usize,
    /// S - 1, see above.
    digit_offset: Scalar,
}

impl Tables {
    /// Requires: `generators` of every bit of the layout. Cost: about one addition per point.
    pub fn new(layout: &Layout, generators: &[Affine], blinding: &Affine, widths: Widths) -> Tables {
        let width = widths.bit_window;
        let mut windows: Vec<&[Affine]> = vec![];
        let mut column_starts = vec![];
        for column in 0..layout.columns() {
            column_starts.push(windows.len() << width);
            let start = layout.offset(column);
            windows.extend(generators[start..start + layout.bits(column)].chunks(width));
        }
        let blind_start = windows.len() << width;
        let half = 1 << (widths.blind_window - 1);
        let blind_digits = SCALAR_BITS.div_ceil(widths.blind_window);
        let mut points = memory::filled(Affine::IDENTITY, blind_start + blind_digits * half);
        let (cells, multiples) = points.split_at_mut(blind_start);
        let group = group_size(width);
        cells
            .par_chunks_mut(group << width)
            .zip(windows.par_chunks(group))
            .for_each(|(points, windows)| subset_sums(windows, width, points));
        odd_multiples(blinding, widths.blind_window, multiples);
        let digits = SCALAR_BITS.div_ceil(widths.blind_window) * widths.blind_window;
        let power = (0..digits).fold(Scalar::ONE, |power, _| power + power);
        Tables { points, widths, column_starts, blind_start, digit_offset: power - Scalar::ONE }
    }

    /// How many terms a row with these many window-filling cells can have, for sizing batches.
    pub fn blind_terms(&self) -> usize {
        SCALAR_BITS.div_ceil(self.widths.blind_window)
    }

    /// Appends the terms of a cell: one per non-zero window. Requires: the value fits its column.
    #[inline]
    pub fn push_cell(&self, column: usize, value: u128, terms: &mut Vec<Term>) {
        let width = self.widths.bit_window;
        let mut start = self.column_starts[column];
        let mut rest = value;
        while rest != 0 {
            let digit = rest as usize & ((1 << width) - 1);
            if digit != 0 {
                terms.push(Term::new(start + digit, false));
            }
            rest >>= width;
            start += 1 << width;
        }
    }

    /// Appends the terms of `blinding * H`: always the same number of them.
    #[inline]
    pub fn push_blinding(&self, blinding: Scalar, terms: &mut Vec<Term>) {
        let width = self.widths.blind_window;
        let half = 1usize << (width - 1);
        let digits = half_mod_n(&(blinding + self.digit_offset).to_limbs());
        for w in 0..self.blind_terms() {
            let digit = limbs::window(&digits, w * width, width);
            let (index, negative) =
                if digit >= half { (digit - half, false) } else { (half - 1 - digit, true) };
            terms.push(Term::new(self.blind_start + w * half + index, negative));
        }
    }
}

/// `a / 2 mod n`. Requires: a < n.
fn half_mod_n(a: &Limbs) -> Limbs {
    let (t, carry) = if a[0] & 1 == 1 { limbs::add(a, &N) } else { (*a, false) };
    let above = [t[1], t[2], t[3], carry as u64];
    std::array::from_fn(|i| t[i] >> 1 | above[i] << 63)
}

/// Windows built side by side: several small ones share inversions.
fn group_size(width: usize) -> usize {
    (BLOCK_POINTS >> width).max(1)
}

/// For every window of at most `width` generators, 2^width points: entry d is the sum of the generators at d's bits.
fn subset_sums(windows: &[&[Affine]], width: usize, points: &mut [Affine]) {
    let mut adder = TableAdder::default();
    for bit in 0..width {
        for (w, window) in windows.iter().enumerate() {
            let Some(generator) = window.get(bit) else { continue };
            let (start, top) = (w << width, (w << width) + (1 << bit));
            points[top] = *generator;
            (1..1 << bit).for_each(|i| adder.add(points, start + i, generator, top + i));
        }
        adder.flush(points);
    }
}

/// For each digit w of `width` bits, the 2^(width-1) points (2i + 1) * 2^(w*width) * H.
fn odd_multiples(h: &Affine, width: usize, points: &mut [Affine]) {
    let half = 1 << (width - 1);
    let doublings = std::iter::successors(Some(Jacobian::from(h)), |point| Some(point.double()));
    let powers = normalise(&doublings.take(points.len() / half * width).collect::<Vec<_>>());
    points.par_chunks_mut(half).zip(powers.par_chunks(width)).for_each(|(points, powers)| {
        let mut adder = TableAdder::default();
        points[0] = powers[0];
        for level in 0..width - 1 {
            // The first 2^level odd multiples and 2^(level+1) times the base make the next 2^level.
            (0..1 << level).for_each(|i| adder.add(points, i, &powers[level + 1], (1 << level) + i));
            adder.flush(points);
        }
    });
}

/// Additions of table entries, done some thousand at a time.
#[derive(Default)]
struct TableAdder {
    summer: Summer,
    operands: Vec<Affine>,
    targets: Vec<usize>,
    sums: Vec<Affine>,
}

impl TableAdder {
    /// `points[target] = points[i] + constant`, at the latest at the next `flush`.
    #[inline(always)]
    fn add(&mut self, points: &mut [Affine], i: usize, constant: &Affine, target: usize) {
        self.operands.extend([points[i], *constant]);
        self.targets.push(target);
        if self.targets.len() == BLOCK_POINTS {
            self.flush(points);
        }
    }

    fn flush(&mut self, points: &mut [Affine]) {
        let terms: Vec<Term> = (0..self.operands.len()).map(|i| Term::new(i, false)).collect();
        let ends: Vec<u32> = (1..=self.targets.len() as u32).map(|i| 2 * i).collect();
        self.sums.resize(self.targets.len(), Affine::IDENTITY);
        self.summer.sum(&self.operands, &terms, &ends, &mut self.sums);
        for (target, sum) in self.targets.iter().zip(&self.sums) {
            points[*target] = *sum;
        }
        self.operands.clear();
        self.targets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::oracle;

    fn total(tables: &Tables, terms: &[Term]) -> Affine {
        let mut out = [Affine::IDENTITY];
        Summer::default().sum(&tables.points, terms, &[terms.len() as u32], &mut out);
        out[0]
    }

    #[test]
    fn cells_and_blindings_of_every_width() {
        let layout = Layout::new(&[8, 24]).unwrap();
        // Bit k of the row stands for 2^k * G, so a row's bits are the multiple of G they spell.
        let generators: Vec<Affine> = (0..32).map(|k| oracle(1 << k)).collect();
        for (bit_window, blind_window) in [(1, 5), (4, 8), (8, 13), (5, 7), (16, 16)] {
            let widths = Widths { bit_window, blind_window };
            let tables = Tables::new(&layout, &generators, &oracle(1), widths);
            for value in [1u128, 0x80, 0xFF, 0xABCDEF, 0x800001] {
                let mut terms = vec![];
                tables.push_cell(1, value, &mut terms);
                assert_eq!(total(&tables, &terms), oracle((value as i64) << 8));
            }
            for value in [0i64, 1, 2, 3, -1, -5, 0x1234_5678_9ABC] {
                let magnitude = Scalar::from_limbs(&[value.unsigned_abs(), 0, 0, 0]);
                let mut terms = vec![];
                tables.push_blinding(if value < 0 { -magnitude } else { magnitude }, &mut terms);
                assert_eq!(terms.len(), tables.blind_terms());
                assert_eq!(total(&tables, &terms), oracle(value));
            }
        }
    }

    #[test]
    fn widths_follow_rows_and_memory() {
        assert_eq!(Widths::for_rows(1 << 20, 64), Widths { bit_window: 16, blind_window: 16 });
        assert_eq!(Widths::for_rows(1 << 20, 6400).bit_window, 8);
        assert_eq!(Widths::for_rows(1 << 20, 1 << 19).bit_window, 1);
        assert_eq!(Widths::for_rows(3, 64).bit_window, 1);
    }
}
