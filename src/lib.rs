//! The engine of Cardseal: card rules, the half-typed form, and sealing a card so that only the vault can open it.
//! It must never do I/O, read a clock, draw randomness by itself or hold a private key.
//!
//! Browser (as WebAssembly) and vault (natively) run this same code. Modules are listed in the order in which they
//! depend on each other; `ARCHITECTURE.md` draws the picture.

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

pub mod digits;
pub mod error;
pub mod json;
pub mod secret;

pub mod card;

pub mod form;

pub mod envelope;

pub mod context;
pub mod recipient;

pub mod seal;

// Browsers write and read these few bodies in TypeScript.
#[cfg(not(target_arch = "wasm32"))]
pub mod wire;

#[cfg(target_arch = "wasm32")]
mod wasm;
