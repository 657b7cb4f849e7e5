//! Which columns are treated alike, and the life of such a class: matrix first, vectors after.

use super::Pieces;
use super::columns::{Column, Columns, for_each_bit};
use super::dense::Dense;
use super::gram::Gram;
use super::pairs;
use super::patterns::{self, Patterns};
use crate::error::Result;
use crate::kernel::Kernel;
use crate::scalar::Scalar;
use crate::stop::Stop;
use std::collections::BTreeMap;

/// The most variables a matrix of pairs covers: at the last one it leaves the second-level cache.
const MOST_ROUNDS: usize = 9;
/// Nanoseconds, measured: an element through all later rounds (45 on the portable kernel, 20 to 30 on the ifma one, its
/// memory included); a pair of cells, and one of a matrix that has left the cache; a set bit on the way to an element;
/// an entry of the matrix over all its rounds; a group's pattern, summed and looked up; a pattern's products at one
/// position.
const ELEMENT: f64 = 35.0;
const PAIR: f64 = 40.0;
const FAR_PAIR: f64 = 80.0;
const BIT: f64 = 4.0;
const ENTRY: f64 = 30.0;
const PATTERN: f64 = 6.0;
const POSITION: f64 = 10_000.0;

/// The positions of a class's columns that some cell uses, even ones first: an element of a bound row each.
#[derive(Default)]
pub struct Slots {
    positions: Vec<usize>,
    evens: usize,
    scales: Vec<Scalar>,
    /// Slot of bit b of column c of the class.
    by_column: Vec<Vec<usize>>,
}

impl Slots {
    fn new(columns: &[&Column]) -> Slots {
        let mut used: Vec<(usize, usize, usize)> = vec![];
        for (c, column) in columns.iter().enumerate() {
            for_each_bit(column.used, |b| used.push((column.offset + b, c, b)));
        }
        used.sort_unstable_by_key(|(position, ..)| (position % 2, *position));
        let mut by_column: Vec<Vec<usize>> = columns.iter().map(|column| vec![0; column.bits]).collect();
        used.iter().enumerate().for_each(|(slot, (_, c, b))| by_column[*c][*b] = slot);
        let positions: Vec<usize> = used.iter().map(|(position, ..)| *position).collect();
        let evens = positions.partition_point(|position| position % 2 == 0);
        Slots { positions, evens, scales: vec![], by_column }
    }

    pub fn width(&self) -> usize {
        self.positions.len()
    }

    pub fn evens(&self) -> usize {
        self.evens
    }

    pub fn position(&self, slot: usize) -> usize {
        self.positions[slot]
    }

    /// Requires: some cell of column `c` of the class sets bit `b`.
    #[inline(always)]
    pub fn of(&self, c: usize, b: usize) -> usize {
        self.by_column[c][b]
    }

    /// What an element is stored multiplied by, y^floor(position / 2).
    #[inline(always)]
    pub fn scale(&self, slot: usize) -> Scalar {
        self.scales[slot]
    }
}

enum Stage {
    Waiting,
    Matrix(Gram),
    Vectors(Dense),
}

/// Columns that are treated alike.
pub struct Class {
    /// Variables that the matrix covers.
    pub rounds: usize,
    groups: usize,
    members: Vec<usize>,
    slots: Slots,
    patterns: Option<Patterns>,
    by_pattern: bool,
    stage: Stage,
}

impl Class {
    fn columns<'a>(&self, columns: &'a Columns) -> Vec<&'a Column> {
        self.members.iter().map(|i| &columns[*i]).collect()
    }

    /// How many cells its columns have.
    pub fn cells(&self, all: &Columns) -> usize {
        self.members.iter().map(|i| all[*i].cells.len()).sum()
    }

    /// How many elements its bound rows have.
    pub fn elements(&self) -> usize {
        self.groups * self.slots.width()
    }

    /// Builds the matrix. `weights` are those of the groups.
    pub fn start(&mut self, all: &Columns, powers: &[Scalar], weights: &[Scalar], stop: &Stop) -> Result<()> {
        let columns = self.columns(all);
        let gram = if self.by_pattern {
            let patterns = Patterns::new(&columns, &self.slots, self.groups, stop)?;
            let gram = patterns.gram(&self.slots, powers, weights, stop)?;
            self.patterns = Some(patterns);
            stop.advance(self.cells(all));
            gram
        } else {
            pairs::gram(&columns, self.rounds, powers, weights, stop)?
        };
        self.stage = Stage::Matrix(gram);
        Ok(())
    }

    /// This class's share of (b, c). `tau` are the variables after this one, `weights` their eq table.
    pub fn round(&self, tau: &[Scalar], weights: &[Scalar], y: Scalar, stop: &Stop) -> Result<Pieces> {
        match &self.stage {
            Stage::Waiting => Ok((Scalar::ZERO, Scalar::ZERO)),
            Stage::Matrix(gram) => Ok(gram.round(&tau[..gram.rounds() - 1])),
            Stage::Vectors(dense) => dense.round(weights, y, stop),
        }
    }

    pub fn bind(&mut self, r: Scalar, stop: &Stop) -> Result<()> {
        match &mut self.stage {
            Stage::Waiting => Ok(()),
            Stage::Matrix(gram) => {
                gram.bind(r);
                Ok(())
            }
            Stage::Vectors(dense) => dense.bind(r, stop),
        }
    }

    /// Exchanges the matrix for the rows bound in its variables, whose eq table is `bound`.
    pub fn materialise(
        &mut self,
        all: &Columns,
        powers: &[Scalar],
        bound: &[Scalar],
        kernel: Kernel,
        stop: &Stop,
    ) -> Result<()> {
        self.slots.scales = self.slots.positions.iter().map(|position| powers[position / 2]).collect();
        let mut dense = Dense::zero(kernel, self.groups, &self.slots, &self.slots.scales);
        match self.patterns.take() {
            Some(patterns) => patterns.materialise(&self.slots, bound, &mut dense, stop)?,
            None => {
                pairs::materialise(&self.columns(all), &self.slots, self.rounds, bound, &mut dense, stop)?
            }
        }
        self.stage = Stage::Vectors(dense);
        Ok(())
    }

    /// Writes the final row's elements to their positions; `inverse_powers` are those of 1/y.
    pub fn unscale(&self, inverse_powers: &[Scalar], row: &mut [Scalar]) {
        if let Stage::Vectors(dense) = &self.stage {
            for (position, element) in self.slots.positions.iter().zip(dense.first_row()) {
                row[*position] = element * inverse_powers[position / 2];
            }
        }
    }
}

/// How a column is treated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Plan {
    /// A matrix over groups of eight rows, from bit patterns; at least three variables.
    Patterns,
    /// A matrix over groups of 2^n rows, from pairs of cells; with n = 0, vectors from the start.
    Pairs(usize),
}

/// Sorts the columns into classes. `plan` is asked with a column, the number of columns and of variables.
pub fn classes(
    columns: &Columns,
    variables: usize,
    plan: impl Fn(&Column, usize, usize) -> Plan,
) -> Vec<Class> {
    let mut members: BTreeMap<Plan, Vec<usize>> = BTreeMap::new();
    for (i, column) in columns.iter().enumerate() {
        members.entry(plan(column, columns.len(), variables)).or_default().push(i);
    }
    let class = |(plan, members): (Plan, Vec<usize>)| {
        let of_class: Vec<&Column> = members.iter().map(|i| &columns[*i]).collect();
        let slots = Slots::new(&of_class);
        let (by_pattern, rounds) = match plan {
            Plan::Patterns => (true, patterns::ROUNDS),
            Plan::Pairs(rounds) => (false, rounds),
        };
        let groups = 1 << (variables - rounds);
        Class { rounds, groups, members, slots, patterns: None, by_pattern, stage: Stage::Waiting }
    };
    members.into_iter().map(class).collect()
}

/// What costs a column least.
pub fn cheapest(column: &Column, columns: usize, variables: usize) -> Plan {
    let rows = (1u64 << variables) as f64;
    let cells = column.cells.len() as f64;
    let positions = column.used.count_ones() as f64;
    let by_pairs = |rounds: usize| {
        let group = (1u64 << rounds) as f64;
        let neighbours = cells / rows * group / 2.0;
        let pair = if rounds < MOST_ROUNDS { PAIR } else { FAR_PAIR };
        let pairs = if rounds == 0 { 0.0 } else { cells * (1.0 + neighbours) * pair };
        let elements = rows / group * positions * ELEMENT + cells * positions / 2.0 * BIT;
        pairs + elements + group * group / columns as f64 * ENTRY
    };
    let by_patterns = rows / 8.0 * positions * (PATTERN + ELEMENT) + positions * POSITION;
    let pairs = (0..=variables.min(MOST_ROUNDS)).map(|rounds| (by_pairs(rounds), Plan::Pairs(rounds)));
    let patterns = (variables >= patterns::ROUNDS).then_some((by_patterns, Plan::Patterns));
    let least = pairs.chain(patterns).min_by(|a, b| a.0.total_cmp(&b.0));
    least.map_or(Plan::Pairs(0), |(_, plan)| plan)
}
