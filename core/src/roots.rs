//! Points from their x: square roots in bulk, one by one or 32 at a time.

use crate::field::Fe;
#[cfg(target_arch = "x86_64")]
use crate::ifma::{self, roots};
use crate::kernel::Kernel;
use crate::limbs::Limbs;
use crate::point::{Affine, curve_at};

/// How many x are worth the vectors.
#[cfg(target_arch = "x86_64")]
const FEW: usize = 4;

/// The point with this x and an even y, for each x below p; None where the curve has no such point.
pub fn even_points(kernel: Kernel, xs: &[Fe]) -> Vec<Option<Affine>> {
    #[cfg(target_arch = "x86_64")]
    if kernel == Kernel::Ifma
        && xs.len() > FEW
        && let Some(token) = ifma::Token::new()
    {
        return xs.chunks(roots::SIDE_BY_SIDE).flat_map(|xs| side_by_side(token, xs)).collect();
    }
    let _ = kernel;
    xs.iter().map(|x| Affine::with_even_y(*x)).collect()
}

/// `even_points` of at most as many as fit the vectors.
#[cfg(target_arch = "x86_64")]
fn side_by_side(token: ifma::Token, xs: &[Fe]) -> Vec<Option<Affine>> {
    let mut squares: [Limbs; roots::SIDE_BY_SIDE] = [[0; 4]; roots::SIDE_BY_SIDE];
    squares.iter_mut().zip(xs).for_each(|(square, x)| *square = curve_at(*x).canonical().0);
    let found = roots::square_roots(token, &squares);
    let points = xs.iter().zip(&squares).zip(found);
    points.map(|((x, square), root)| Affine::with_root(*x, Fe(*square), Fe(root))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel;

    #[test]
    fn points_and_what_is_none_of_any_number() {
        for count in [0u64, 1, 4, 5, 31, 32, 33, 100] {
            let xs: Vec<Fe> = (0..count).map(|i| Fe([i, i * i, 7, u64::MAX - i]).canonical()).collect();
            let expected: Vec<Option<Affine>> = xs.iter().map(|x| Affine::with_even_y(*x)).collect();
            assert!(
                count < 31 || expected.iter().any(Option::is_none) && expected.iter().any(Option::is_some)
            );
            for kernel in kernel::available() {
                assert_eq!(even_points(kernel, &xs), expected, "{} of {count}", kernel.name());
            }
        }
    }
}
