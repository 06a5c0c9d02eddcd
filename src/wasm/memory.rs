//! Leaves no residue in linear memory: freed blocks and the dead part of the stack are wiped.
//! It must never be part of a native build, where it would slow down every allocation of the vault.

#![allow(unsafe_code)]

use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::{memory_grow, memory_size},
    cell::UnsafeCell,
    ptr,
};

/// An allocator that wipes every block before it is free for use again: wasm-bindgen frees the strings that cross the
/// boundary without wiping them, and no `Zeroize` of ours reaches them. It is also a tenth of the size of the system's:
/// blocks are powers of two, never split or joined, and each size has its list of free ones.
struct Wiping(UnsafeCell<Heap>);

struct Heap {
    /// Where no block was ever cut; 0 before the first.
    top: usize,
    /// The first free block of each size, which holds the address of the next; 0 for none.
    free: [usize; 32],
}

#[global_allocator]
static ALLOCATOR: Wiping = Wiping(UnsafeCell::new(Heap { top: 0, free: [0; 32] }));

// SAFETY: the target has no threads.
unsafe impl Sync for Wiping {}

const PAGE: usize = 65_536;
/// The smallest block, and the alignment of all of them.
const SMALLEST: usize = 16;

fn exponent(layout: Layout) -> usize {
    layout.size().max(SMALLEST).next_power_of_two().trailing_zeros() as usize
}

// SAFETY: a block is cut once from memory that nothing else uses, is as large as asked for or larger, and is in a list of
// free blocks or in use, never both.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe extern "C" {
            static __heap_base: u8;
        }
        // SAFETY: nothing else borrows the heap: no call below comes back here.
        let heap = unsafe { &mut *self.0.get() };
        let exponent = exponent(layout);
        let Some(free) = heap.free.get_mut(exponent).filter(|_| layout.align() <= SMALLEST) else {
            return ptr::null_mut();
        };
        if *free != 0 {
            let block = ptr::with_exposed_provenance_mut::<usize>(*free);
            // SAFETY: a free block holds the address of the next.
            *free = unsafe { *block };
            return block.cast();
        }
        if heap.top == 0 {
            heap.top = (&raw const __heap_base).addr().next_multiple_of(SMALLEST);
        }
        let Some(end) = heap.top.checked_add(1 << exponent) else { return ptr::null_mut() };
        let have = memory_size(0) * PAGE;
        if end > have && memory_grow(0, (end - have).div_ceil(PAGE)) == usize::MAX {
            return ptr::null_mut();
        }
        ptr::with_exposed_provenance_mut(core::mem::replace(&mut heap.top, end))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        wipe(block, layout.size());
        // SAFETY: as in `alloc`.
        let heap = unsafe { &mut *self.0.get() };
        if let Some(free) = heap.free.get_mut(exponent(layout)) {
            // SAFETY: the block is the caller's to give back, aligned for and larger than an address.
            unsafe { *block.cast() = core::mem::replace(free, block.expose_provenance()) }
        }
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
