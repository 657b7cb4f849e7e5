//! One range proof of 64 bits per balance: times `range-proofs BALANCES PER_PROOF`, all cores.
//!
//! Prints one line of JSON: seconds to set up, prove and verify, on the wall and on the processors, and the bytes of one proof with its commitments. Every
//! proof covers PER_PROOF balances (a power of two), as the crate aggregates them; verification must accept every one.

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use cpu_time::ProcessTime;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::scalar::Scalar;
use merlin::Transcript;
use rayon::prelude::*;
use std::time::Instant;

type Proof = (RangeProof, Vec<CompressedRistretto>);

const BITS: usize = 64;
const LABEL: &[u8] = b"range proofs for comparison";

/// Amounts and blindings that look random: multiples of constants.
fn balances(proof: usize, count: usize) -> (Vec<u64>, Vec<Scalar>) {
    let numbers = (0..count).map(|i| (proof * count + i) as u64 + 1);
    let odd = Scalar::from_bytes_mod_order([0x9D; 32]);
    let amounts = numbers.clone().map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    (amounts, numbers.map(|n| odd * Scalar::from(n)).collect())
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let arguments: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [count, per_proof] = arguments[..] else { return Err("two numbers are needed".into()) };
    let start = Instant::now();
    let (generators, pedersen) = (BulletproofGens::new(BITS, per_proof), PedersenGens::default());
    let setup = start.elapsed();

    let (start, busy) = (Instant::now(), ProcessTime::now());
    let proofs: Vec<Proof> = (0..count.div_ceil(per_proof))
        .into_par_iter()
        .map(|i| {
            let (amounts, blindings) = balances(i, per_proof);
            let transcript = &mut Transcript::new(LABEL);
            RangeProof::prove_multiple(&generators, &pedersen, transcript, &amounts, &blindings, BITS)
        })
        .collect::<Result<_, _>>()?;
    let (prove, prove_busy) = (start.elapsed(), busy.elapsed());

    let (start, busy) = (Instant::now(), ProcessTime::now());
    proofs.par_iter().try_for_each(|(proof, commitments)| {
        proof.verify_multiple(&generators, &pedersen, &mut Transcript::new(LABEL), commitments, BITS)
    })?;
    let (verify, verify_busy) = (start.elapsed(), busy.elapsed());

    let (proof, commitments) = proofs.first().ok_or("no balances")?;
    let bytes = proof.to_bytes().len() + 32 * commitments.len();
    let figures = [
        ("setup", setup),
        ("prove", prove),
        ("prove_processor", prove_busy),
        ("verify", verify),
        ("verify_processor", verify_busy),
    ];
    let seconds = figures.map(|(name, time)| format!("\"{name}\": {:.6}", time.as_secs_f64())).join(", ");
    println!("{{\"balances\": {}, {seconds}, \"bytes_per_proof\": {bytes}}}", proofs.len() * per_proof);
    Ok(())
}
