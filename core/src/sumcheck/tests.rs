//! The sumcheck against the definition, bit by bit over dense tables.

use super::*;
use crate::kernel;
use crate::rows::tests::buffers;

type Book = Vec<Vec<(u16, u128)>>;

/// A small generator of numbers without pattern.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 29
    }
}

fn random_scalar(next: &mut impl FnMut() -> u64) -> Scalar {
    Scalar::from_limbs(&[next(), next(), next(), next()])
}

/// Rows that hold each cell with probability `percent` / 100.
fn book(bits: &[usize], rows: usize, percent: u64, seed: u64) -> Book {
    let mut next = noise(seed);
    let mut value = |bits: usize| {
        let wide = (next() as u128) << 64 | next() as u128;
        ((wide >> (128 - bits)) >> (next() % bits as u64)).max(1)
    };
    let mut choose = noise(seed + 1);
    (0..rows)
        .map(|_| {
            let cells = bits.iter().enumerate().filter(|_| choose() % 100 < percent);
            cells.map(|(c, b)| (c as u16, value(*b))).collect()
        })
        .collect()
}

/// Q's rounds from the definition: tables of all rows, evaluated at three points.
struct Definition {
    rows: Vec<Vec<Scalar>>,
    tau: Vec<Scalar>,
    powers: Vec<Scalar>,
    linear: Vec<Scalar>,
}

impl Definition {
    fn q(&self, row: &[Scalar]) -> Scalar {
        row.iter().enumerate().fold(Scalar::ZERO, |sum, (k, p)| {
            let quadratic = self.powers[k] * (*p * *p - *p);
            sum + quadratic + self.linear[k] * *p
        })
    }

    fn bound(&self, r: Scalar) -> Vec<Vec<Scalar>> {
        let between =
            |pair: &[Vec<Scalar>]| pair[0].iter().zip(&pair[1]).map(|(u, v)| *u + r * (*v - *u)).collect();
        self.rows.chunks(2).map(between).collect()
    }

    fn at(&self, x: Scalar) -> Scalar {
        let weights = eq_table(&self.tau[1..], self.rows.len() / 2, Scalar::ONE);
        let rows = self.bound(x);
        rows.iter().zip(weights).fold(Scalar::ZERO, |sum, (row, weight)| sum + weight * self.q(row))
    }

    /// (b, c) through the points 0, 1 and -1.
    fn round(&self) -> Pieces {
        let half = (Scalar::ONE + Scalar::ONE).invert();
        let [zero, one, minus] = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE].map(|x| self.at(x));
        let b = (one - minus) * half;
        (b, (one + minus) * half - zero)
    }
}

/// Runs both side by side; every round and the final row must agree.
fn compare(bits: &[usize], book: &Book, y: Scalar, linear: &[(usize, Scalar)], seed: u64, zero_tau: bool) {
    compare_planned(bits, book, y, linear, (seed, zero_tau), plan::cheapest);
}

fn compare_planned(
    bits: &[usize],
    book: &Book,
    y: Scalar,
    linear: &[(usize, Scalar)],
    (seed, zero_tau): (u64, bool),
    plan: impl Fn(&Column, usize, usize) -> Plan + Copy,
) {
    for kernel in kernel::available() {
        compare_one(bits, book, y, linear, (seed, zero_tau), (kernel, plan));
    }
}

fn compare_one(
    bits: &[usize],
    book: &Book,
    y: Scalar,
    linear: &[(usize, Scalar)],
    (seed, zero_tau): (u64, bool),
    plan: (Kernel, impl Fn(&Column, usize, usize) -> Plan),
) {
    let mut next = noise(seed);
    let variables = book.len().next_power_of_two().ilog2() as usize;
    let mut tau: Vec<Scalar> = (0..variables).map(|_| random_scalar(&mut next)).collect();
    if zero_tau {
        tau.fill(Scalar::ZERO);
    }
    let layout = Layout::new(bits).unwrap();
    let (ends, columns, values) = buffers(book);
    let rows = Rows::new(&ends, &columns, &values).unwrap();
    let stop = Stop::default();
    let mut ours = RowSumcheck::planned(&rows, &layout, (y, &tau, linear), plan, &stop).unwrap();
    let mut dense = vec![vec![Scalar::ZERO; layout.row_bits()]; 1 << variables];
    for (i, row) in book.iter().enumerate() {
        for (column, value) in row {
            columns::for_each_bit(*value, |b| dense[i][layout.offset(*column as usize) + b] = Scalar::ONE);
        }
    }
    let mut coefficients = vec![Scalar::ZERO; layout.row_bits()];
    linear.iter().for_each(|(k, value)| coefficients[*k] = *value);
    let powers = y.powers(layout.row_bits());
    let mut definition = Definition { rows: dense, tau, powers, linear: coefficients };
    for t in 0..variables {
        assert_eq!(ours.round(&stop).unwrap(), definition.round(), "round {t} of {variables}");
        let r = if t == 1 { Scalar::ONE } else { random_scalar(&mut next) };
        ours.bind(r, &stop).unwrap();
        definition.rows = definition.bound(r);
        definition.tau.remove(0);
    }
    assert_eq!(ours.final_row().unwrap(), definition.rows[0]);
}

#[test]
fn rounds_and_final_row_follow_the_definition() {
    let layouts: [&[usize]; 4] = [&[64], &[8, 128, 16], &[24, 7, 1, 40, 64, 64], &[5]];
    let y = random_scalar(&mut noise(77));
    for (seed, bits) in layouts.iter().enumerate() {
        for rows in [1, 2, 3, 9, 33, 257, 300] {
            for percent in [0, 3, 30, 100] {
                compare(bits, &book(bits, rows, percent, seed as u64), y, &[], 5, false);
            }
        }
    }
}

#[test]
fn special_challenges_and_linear_terms() {
    let bits = [16, 24, 8];
    let linear = [(0, Scalar::ONE), (17, -Scalar::ONE), (47, random_scalar(&mut noise(3)))];
    for percent in [10, 90] {
        let book = book(&bits, 100, percent, 9);
        for y in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, random_scalar(&mut noise(8))] {
            compare(&bits, &book, y, &linear, 6, false);
            compare(&bits, &book, y, &[], 7, true);
        }
    }
}

#[test]
fn every_plan_gives_the_same_rounds() {
    let bits = [16, 8, 40];
    let y = random_scalar(&mut noise(1));
    for rows in [8, 100, 600] {
        for percent in [5, 60] {
            let book = book(&bits, rows, percent, 4);
            let plans = (0..=rows.ilog2().min(9) as usize).map(Plan::Pairs).chain([Plan::Patterns]);
            for plan in plans {
                compare_planned(&bits, &book, y, &[], (2, false), |_, _, _| plan);
            }
            // Three classes side by side, each with its own matrix.
            let mixed = [Plan::Patterns, Plan::Pairs(2), Plan::Pairs(0)];
            compare_planned(&bits, &book, y, &[], (2, false), |column, _, _| mixed[column.offset / 16 % 3]);
        }
    }
}

#[test]
fn plans_follow_the_filling() {
    let plan_of = |percent: u64| {
        let book = book(&[64], 1 << 13, percent, 3);
        let (ends, columns, values) = buffers(&book);
        let rows = Rows::new(&ends, &columns, &values).unwrap();
        let columns = Columns::new(&rows, &Layout::new(&[64]).unwrap());
        plan::cheapest(&columns[0], 100, 16)
    };
    assert_eq!(
        plan::classes(
            &Columns::new(&Rows::new(&[], &[], &[]).unwrap(), &Layout::new(&[8]).unwrap()),
            0,
            plan::cheapest
        )
        .len(),
        0
    );
    assert!(matches!(plan_of(5), Plan::Pairs(7..=9)));
    assert!(matches!(plan_of(100), Plan::Pairs(6..=8) | Plan::Patterns));
}

#[test]
fn wrong_use_is_refused() {
    let layout = Layout::new(&[8]).unwrap();
    let (ends, columns, values) = buffers(&[vec![(0, 1)], vec![], vec![(0, 3)]]);
    let rows = Rows::new(&ends, &columns, &values).unwrap();
    let (tau, stop) = ([Scalar::ONE; 2], Stop::default());
    let start = |tau: &[Scalar], linear: &[(usize, Scalar)]| {
        RowSumcheck::new(&rows, &layout, Scalar::ONE, tau, linear, &stop)
    };
    assert!(start(&tau[..1], &[]).is_err(), "three rows, one variable");
    assert!(start(&tau, &[(8, Scalar::ONE)]).is_err());
    let mut sumcheck = start(&tau, &[]).unwrap();
    assert!(sumcheck.final_row().is_err());
    sumcheck.bind(Scalar::ONE, &stop).unwrap();
    sumcheck.bind(Scalar::ONE, &stop).unwrap();
    assert!(sumcheck.round(&stop).is_err() && sumcheck.bind(Scalar::ONE, &stop).is_err());
}
