//! Leaves no residue in linear memory: freed blocks and the dead part of the stack are wiped.
//! It must never be part of a native build, where it would slow down every allocation of the vault.

#![allow(unsafe_code)]

use core::ptr;
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, except that every block is wiped before it is freed: wasm-bindgen frees the strings that
/// cross the boundary without wiping them, and no `Zeroize` of ours reaches them.
struct Wiping;

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: every call is passed on to the system's allocator under the same contract; in between, bytes are only written
// inside the block that the caller gives back.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        wipe(block, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    // `realloc` keeps its default: a new block, a copy, and this `dealloc` of the old one.
}

/// Calls `call` in a frame of its own, so that everything it left on the stack is below the caller's frame.
#[inline(never)]
pub(super) fn deeper<T>(call: impl FnOnce() -> T) -> T {
    call()
}

/// Wipes the stack below the caller's frame. The linker puts the stack first in memory, growing down to address 0.
#[inline(never)]
pub(super) fn wipe_dead_stack() {
    // The marker is all that this function keeps on the stack: one slot of the stack's alignment.
    const OWN_FRAME: usize = 16;
    const BOTTOM: usize = 16;
    let marker = 0_u8;
    let here = ptr::from_ref(&marker).addr();
    wipe(ptr::without_provenance_mut(BOTTOM), here.saturating_sub(BOTTOM + OWN_FRAME));
}

#[inline(always)]
fn wipe(start: *mut u8, bytes: usize) {
    for offset in 0..bytes {
        // SAFETY: the caller names bytes that nothing alive uses; volatile, so that the write is not optimized away.
        unsafe { ptr::write_volatile(start.wrapping_add(offset), 0) }
    }
}
