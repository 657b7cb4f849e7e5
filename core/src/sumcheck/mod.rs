//! The prover's half of a sumcheck over `sum_i eq(tau, i) * Q(p_i)` for rows of bits p_i, where
//! `Q(p) = sum_k y^k (p_k^2 - p_k) + sum_k linear_k p_k`.
//!
//! Split in two. The *linear* part, coefficients `linear_k - y^k`, is one number per row from the start
//! (`linear`). The *quadratic* part, `sum_k y^k p_k^2`, is where the work is. Its columns are put into classes by
//! how full they are (`plan`). A class answers its first s rounds from a matrix of inner products of the 2^s rows
//! of a group, summed over all groups (`gram`), so that nothing of size rows * bits exists; its rows are then bound in s
//! variables at once and 2^s times fewer, and go on as plain vectors (`dense`).
//! A round's polynomial is a + bX + cX^2; b and c are added over the classes and the linear part.

mod columns;
mod dense;
mod gram;
mod linear;
mod pairs;
mod patterns;
mod plan;
mod subset;
#[cfg(target_arch = "x86_64")]
mod vectors;

use crate::eq::eq_table;
use crate::error::{Error, Result};
use crate::kernel::Kernel;
use crate::rows::{Layout, Rows};
use crate::scalar::{Scalar, Sum};
use crate::stop::Stop;
use columns::{Column, Columns};
use linear::Linear;
use plan::{Class, Plan};
use zeroize::Zeroize;

/// The coefficients (b, c) of a round polynomial, or parts of them.
pub type Pieces = (Scalar, Scalar);

/// One sumcheck; `round` then `bind`, once per variable.
pub struct RowSumcheck {
    columns: Columns,
    row_bits: usize,
    y: Scalar,
    powers: Vec<Scalar>,
    kernel: Kernel,
    /// Level t holds eq(tau_t.., i): the weights with the variables before t divided out.
    weights: Vec<Vec<Scalar>>,
    tau: Vec<Scalar>,
    challenges: Vec<Scalar>,
    linear: Linear,
    classes: Vec<Class>,
}

impl RowSumcheck {
    /// `tau` has one entry per variable and `linear` (position, coefficient) pairs.
    ///
    /// Refuses more rows than the variables number, cells that do not fit, and positions past the row's end.
    /// Cost: follows the non-zero cells. Timing: depends on the balances, like `commit`.
    pub fn new(
        rows: &Rows,
        layout: &Layout,
        y: Scalar,
        tau: &[Scalar],
        linear: &[(usize, Scalar)],
        stop: &Stop,
    ) -> Result<RowSumcheck> {
        RowSumcheck::planned(rows, layout, (y, tau, linear), (Kernel::default(), plan::cheapest), stop)
    }

    /// `new`, with a say in the kernel and in how each column is treated.
    fn planned(
        rows: &Rows,
        layout: &Layout,
        (y, tau, linear): (Scalar, &[Scalar], &[(usize, Scalar)]),
        (kernel, plan): (Kernel, impl Fn(&Column, usize, usize) -> Plan),
        stop: &Stop,
    ) -> Result<RowSumcheck> {
        let variables = tau.len();
        if variables >= 32 || rows.len() > 1 << variables {
            return Err(Error::Input(format!("{} rows do not fit {variables} variables", rows.len())));
        }
        layout.check(rows)?;
        let powers = y.powers(layout.row_bits());
        let mut coefficients: Vec<Scalar> = powers.iter().map(|power| -*power).collect();
        for (position, value) in linear {
            let bits = layout.row_bits();
            let text = || Error::Input(format!("linear term at position {position} of a row of {bits} bits"));
            let coefficient = coefficients.get_mut(*position).ok_or_else(text)?;
            *coefficient = *coefficient + *value;
        }
        let columns = Columns::new(rows, layout);
        let mut sumcheck = RowSumcheck {
            linear: Linear::new(&columns, variables, &coefficients, stop)?,
            classes: plan::classes(&columns, variables, plan),
            columns,
            row_bits: layout.row_bits(),
            y,
            powers,
            kernel,
            weights: weight_levels(tau),
            tau: tau.to_vec(),
            challenges: vec![],
        };
        let starting = sumcheck.classes.iter().filter(|class| class.rounds > 0);
        stop.expect(starting.map(|class| class.cells(&sumcheck.columns)).sum());
        for class in sumcheck.classes.iter_mut().filter(|class| class.rounds > 0) {
            class.start(&sumcheck.columns, &sumcheck.powers, &sumcheck.weights[class.rounds], stop)?;
        }
        sumcheck.materialise_due(stop)?;
        Ok(sumcheck)
    }

    /// Variables that are not bound yet.
    pub fn unbound(&self) -> usize {
        self.tau.len() - self.challenges.len()
    }

    /// Refuses when every variable is bound.
    pub fn check_unbound(&self) -> Result<()> {
        if self.unbound() == 0 {
            return Err(Error::Input("every variable is bound".into()));
        }
        Ok(())
    }

    /// (b, c) of this round's polynomial. Refuses when every variable is bound.
    pub fn round(&self, stop: &Stop) -> Result<Pieces> {
        self.check_unbound()?;
        let t = self.challenges.len();
        let weights = &self.weights[t + 1];
        let mut total = (self.linear.round(weights), Scalar::ZERO);
        for class in &self.classes {
            let (b, c) = class.round(&self.tau[t + 1..], weights, self.y, stop)?;
            total = (total.0 + b, total.1 + c);
        }
        Ok(total)
    }

    /// Fixes this round's variable at `r`. Refuses when every variable is bound; once stopped midway, the object is of no
    /// further use.
    pub fn bind(&mut self, r: Scalar, stop: &Stop) -> Result<()> {
        self.check_unbound()?;
        self.challenges.push(r);
        self.linear.bind(r);
        for class in &mut self.classes {
            class.bind(r, stop)?;
        }
        self.materialise_due(stop)
    }

    /// Gives the classes whose matrix has answered its last round their bound rows.
    fn materialise_due(&mut self, stop: &Stop) -> Result<()> {
        let t = self.challenges.len();
        stop.expect(self.classes.iter().filter(|class| class.rounds == t).map(Class::elements).sum());
        for class in self.classes.iter_mut().filter(|class| class.rounds == t) {
            let bound = eq_table(&self.challenges, 1 << t, Scalar::ONE);
            class.materialise(&self.columns, &self.powers, &bound, self.kernel, stop)?;
        }
        Ok(())
    }

    /// sum_i eq(r, i) p_i. Refuses while a variable is not bound.
    pub fn final_row(&self) -> Result<Vec<Scalar>> {
        match self.unbound() {
            0 if self.y.is_zero() => Ok(self.combined_bits()),
            0 => {
                let mut row = vec![Scalar::ZERO; self.row_bits];
                let inverse_powers = self.y.invert().powers(self.row_bits);
                self.classes.iter().for_each(|class| class.unscale(&inverse_powers, &mut row));
                Ok(row)
            }
            unbound => Err(Error::Input(format!("{unbound} variables are not bound yet"))),
        }
    }

    /// The final row straight from the cells, for y = 0, whose powers cannot be divided out again.
    fn combined_bits(&self) -> Vec<Scalar> {
        let weights = eq_table(&self.challenges, 1 << self.challenges.len(), Scalar::ONE);
        let mut row = vec![Sum::default(); self.row_bits];
        for column in self.columns.iter() {
            for cell in &column.cells {
                columns::for_each_bit(cell.value, |b| {
                    row[column.offset + b].add(&weights[cell.row as usize])
                });
            }
        }
        row.iter().map(Sum::reduce).collect()
    }
}

impl Drop for RowSumcheck {
    fn drop(&mut self) {
        self.challenges.zeroize();
    }
}

/// eq(tau_t.., i) for every t: level t has 2^(variables - t) entries.
fn weight_levels(tau: &[Scalar]) -> Vec<Vec<Scalar>> {
    let mut levels = vec![vec![Scalar::ONE]];
    for r in tau.iter().rev() {
        let above = &levels[levels.len() - 1];
        let split = |weight: &Scalar| {
            let upper = *weight * *r;
            [*weight - upper, upper]
        };
        levels.push(above.iter().flat_map(split).collect());
    }
    levels.reverse();
    levels
}

#[cfg(test)]
mod tests;
