//! Memory that is read at random: huge pages against page walks, prefetching against waiting.
//!
//! Two hints to the machine that change no value; the crate's other unsafe code is `ifma`.

use rayon::prelude::*;

/// Items that are worth a thread.
const BLOCK: usize = 1 << 14;
/// Bytes from which asking is worth it.
const LARGE: usize = 4 << 20;

/// An empty vector with room for `capacity` items, on huge pages where the system has them.
pub fn with_capacity<T>(capacity: usize) -> Vec<T> {
    let vec = Vec::with_capacity(capacity);
    if capacity * size_of::<T>() >= LARGE {
        advise(vec.as_ptr() as usize, capacity * size_of::<T>());
    }
    vec
}

/// `count` copies of `value`, on huge pages where the system has them; all cores share in the first touch.
pub fn filled<T: Copy + Send + Sync>(value: T, count: usize) -> Vec<T> {
    let mut vec = with_capacity(count);
    vec.par_extend((0..count).into_par_iter().with_min_len(BLOCK).map(|_| value));
    vec
}

/// Overwrites a vector's memory, all that it ever held, and empties it. The compiler cannot leave it out.
///
/// `zeroize` writes word by word; this writes as fast as memory goes, with the same barrier behind it.
pub fn wipe<T: Copy + Default>(vec: &mut Vec<T>) {
    vec.fill(T::default());
    vec.resize(vec.capacity(), T::default());
    zeroize::optimization_barrier(vec.as_slice());
    vec.clear();
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn advise(start: usize, length: usize) {
    const HUGE: usize = 2 << 20;
    let (first, end) = (start.next_multiple_of(HUGE), (start + length) / HUGE * HUGE);
    if first < end {
        // SAFETY: the range lies within one live allocation of ours, and MADV_HUGEPAGE changes neither contents nor
        // validity of memory, only which pages back it. A refusal costs speed and nothing else.
        unsafe { libc::madvise(first as *mut libc::c_void, end - first, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_start: usize, _length: usize) {}

/// Asks for the cache line of `item`, which will be read soon.
#[inline(always)]
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
pub fn prefetch<T>(item: &T) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: SSE is part of x86-64; a prefetch reads nothing and cannot fault, and the address is a valid reference.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
}

#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
pub fn prefetch<T>(_item: &T) {}
