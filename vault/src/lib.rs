//! The vault of Cardseal: opens sealed cards, stores them encrypted and answers with tokens.
//! It must never show a card: not in an answer, a log, an error or a file in clear.
//!
//! [`service::Vault`] holds the use cases, [`api::capture`] and [`api::api`] are its two HTTP interfaces, and
//! [`serve::serve`] runs them. Modules are listed in the order in which they depend on each other.

#![forbid(unsafe_code)]

pub mod caller;
pub mod clock;
pub mod facts;
pub mod failure;
pub mod fingerprint;
pub mod origin;
pub mod random;
pub mod trace;

pub mod at_rest;
pub mod kek;
pub mod token;

pub mod audit;
pub mod store;

pub mod keyring;

pub mod auth;
pub mod bins;
pub mod config;
pub mod fonts;
pub mod heads;
pub mod jws;
pub mod merchant;

pub mod limits;
pub mod metrics;

pub mod files;
pub mod languages;

pub mod admin;
pub mod outgoing;
pub mod proof;
pub mod spans;
pub mod transport;

pub mod frames;
pub mod open;
pub mod releases;
pub mod row;
pub mod rule;

pub mod service;

pub mod custody;
pub mod inspect;

pub mod api;
pub mod problem;

pub mod serve;

pub mod check;
pub mod telemetry;
