//! Which code does the bulk arithmetic: found out once at run time, or forced by who wants to compare.
//!
//! Kernels differ in speed alone. Every result is the same to the byte, which `cargo test` and tests/parity hold all
//! kernels of a machine to.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicU8, Ordering};

/// A way to do the bulk arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kernel {
    /// Plain Rust on 64-bit words; everywhere.
    Portable = 1,
    /// Eight numbers at a time with AVX-512 IFMA.
    Ifma = 2,
}

impl Default for Kernel {
    /// The one in use.
    fn default() -> Kernel {
        active()
    }
}

/// All kernels, the fastest last.
pub const KERNELS: [Kernel; 2] = [Kernel::Portable, Kernel::Ifma];

impl Kernel {
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Portable => "portable",
            Kernel::Ifma => "ifma",
        }
    }

    /// Whether this processor and this build have it.
    pub fn is_available(self) -> bool {
        match self {
            Kernel::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Kernel::Ifma => crate::ifma::is_available(),
            #[cfg(not(target_arch = "x86_64"))]
            Kernel::Ifma => false,
        }
    }
}

/// The kernels that can run here, the fastest last.
pub fn available() -> Vec<Kernel> {
    KERNELS.into_iter().filter(|kernel| kernel.is_available()).collect()
}

/// 0 until somebody asks.
static ACTIVE: AtomicU8 = AtomicU8::new(0);

/// The kernel that new work starts with: what was chosen, else the fastest available.
pub fn active() -> Kernel {
    match ACTIVE.load(Ordering::Relaxed) {
        1 => Kernel::Portable,
        2 => Kernel::Ifma,
        _ => activate(fastest()),
    }
}

fn fastest() -> Kernel {
    if Kernel::Ifma.is_available() { Kernel::Ifma } else { Kernel::Portable }
}

fn activate(kernel: Kernel) -> Kernel {
    ACTIVE.store(kernel as u8, Ordering::Relaxed);
    kernel
}

/// Chooses by name for the whole process; "auto" is the fastest available. Refuses names that are unknown and kernels
/// that this processor lacks, and leaves the choice as it was then.
pub fn choose(name: &str) -> Result<Kernel> {
    if name == "auto" {
        return Ok(activate(fastest()));
    }
    match KERNELS.into_iter().find(|kernel| kernel.name() == name) {
        None => Err(Error::Input(format!("there is no kernel {name:?}: choose auto, portable or ifma"))),
        Some(kernel) if kernel.is_available() => Ok(activate(kernel)),
        Some(_) => Err(Error::Input(format!("this processor cannot run the kernel {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_and_unknown_ones_refused() {
        for kernel in available() {
            assert_eq!(choose(kernel.name()), Ok(kernel));
        }
        assert_eq!(choose("auto"), Ok(fastest()));
        assert!(matches!(choose("fast"), Err(Error::Input(text)) if text.contains("\"fast\"")));
        for kernel in KERNELS.into_iter().filter(|kernel| !kernel.is_available()) {
            assert!(choose(kernel.name()).is_err());
            eprintln!("kernel {}: not available on this CPU, its tests did not run", kernel.name());
        }
    }
}
