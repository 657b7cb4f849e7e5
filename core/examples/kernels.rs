//! Times the kernels on one core: `cargo run --release --example kernels`. Nanoseconds, least of seven runs.

use solvent_core::batch::{Adder, Pair};
use solvent_core::field::Fe;
use solvent_core::kernel::{self, Kernel};
use solvent_core::point::{Affine, Jacobian};
use solvent_core::scalar::{ProductSum, Scalar};
use solvent_core::sha256::{Bulk, Start};
use solvent_core::sum::{Summer, Term};
use std::hint::black_box;
use std::time::Instant;

fn report(name: &str, count: usize, mut run: impl FnMut()) {
    let least = (0..7)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_nanos()
        })
        .min();
    println!("{name:<44} {:8.2}", least.unwrap_or(0) as f64 / count as f64);
}

/// G, 2G, 3G, ...
fn multiples(count: usize) -> Vec<Affine> {
    let x = Fe([0x59F2815B16F81798, 0x029BFCDB2DCE28D9, 0x55A06295CE870B07, 0x79BE667EF9DCBBAC]);
    let g = Affine::with_even_y(x).expect("the base point");
    let mut sum = Jacobian::IDENTITY;
    (0..count)
        .map(|_| {
            sum = sum.add_affine(&g);
            sum.to_affine()
        })
        .collect()
}

/// Leaves of a tree: two blocks each.
fn hashes(kernel: Kernel) {
    let (start, message) = (Start::new(&[7; 64]), [5; 105]);
    let (mut bulk, mut digests) = (Bulk::new(kernel), vec![]);
    report("SHA-256 of two blocks, 128 at a time", 128 * 20, || {
        for _ in 0..20 {
            (0..128).for_each(|_| bulk.push(&start, [&message]));
            bulk.digest(|_| start.state, &mut digests);
        }
    });
}

fn main() {
    let n = 1 << 12;
    let points = multiples(2 * n);
    println!("kernel: portable");
    let scalars: Vec<Scalar> = points.iter().map(|p| Scalar::from_limbs(&p.x.0)).collect();
    report("field multiplication, independent", 2 * n, || {
        for p in &points {
            black_box(p.x * p.y);
        }
    });
    report("field square, independent", 2 * n, || {
        for p in &points {
            black_box(p.x.square());
        }
    });
    report("field inversion", 256, || {
        for p in &points[..256] {
            black_box(p.x.invert());
        }
    });
    report("scalar multiplication, independent", 2 * n - 1, || {
        for pair in scalars.windows(2) {
            black_box(pair[0] * pair[1]);
        }
    });
    report("scalar product, accumulated", 2 * n - 1, || {
        let mut sum = ProductSum::default();
        for pair in scalars.windows(2) {
            sum.add_product(&pair[0], &pair[1]);
        }
        black_box(sum.reduce());
    });
    report("scalar square, accumulated", 2 * n, || {
        let mut sum = ProductSum::default();
        for value in &scalars {
            sum.add_square(value);
        }
        black_box(sum.reduce());
    });
    for kernel in kernel::available() {
        if kernel != Kernel::Portable {
            println!("kernel: {}", kernel.name());
        }
        for size in [256, 1024, 4096] {
            let pairs: Vec<Pair> = (0..size as u32).map(|i| Pair { first: 2 * i % 8192, slot: i }).collect();
            let (mut out, mut adder) = (vec![Affine::IDENTITY; size], Adder::new(kernel));
            report(&format!("affine addition, {size} per inversion"), size * 20, || {
                for _ in 0..20 {
                    adder.add_pairs(&points, &pairs, &mut out);
                }
            });
        }
        let terms: Vec<Term> = (0..5120).map(|i| Term::new(i * 7 % (2 * n), i % 3 == 0)).collect();
        let ends: Vec<u32> = (1..=256).map(|i| i * 20).collect();
        let (mut out, mut summer) = (vec![Affine::IDENTITY; 256], Summer::new(kernel));
        report("addition in sums of 20 terms, 256 at a time", 19 * 256, || {
            summer.sum(&points, &terms, &ends, &mut out);
        });
        hashes(kernel);
    }
}
