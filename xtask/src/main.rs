//! The project's tasks: `cargo xtask build | demo | release | reproduce | test | tidy`.
//! It must never hold a task's work: one file per task.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod budget;
mod build;
mod demo;
mod inventory;
mod licences;
mod manifest;
mod release;
mod reproduce;
mod run;
mod sbom;
mod surfaces;
mod tables;
mod test;
mod tidy;
mod tools;
mod translate;
mod version;

use clap::{Parser, Subcommand};

/// Builds, shows, tests and checks Cardseal.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Tasks {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the npm package's content and the frame assets into dist/
    Build,
    /// Build everything, start a vault and a shop on localhost, print the URL
    Demo(demo::Options),
    /// Raise the version, build, pack, commit and tag; publishes nothing
    Release(release::Options),
    /// Build twice, in two folders, and compare every byte
    Reproduce,
    /// Run everything CI runs
    Test(test::Options),
    /// Check the rules of the house that compilers do not
    Tidy {
        /// Rewrite what is derived (tests/api, docs/errors.md) instead of comparing it
        #[arg(long)]
        fix: bool,
    },
}

fn main() {
    let result = match Tasks::parse().task {
        Task::Build => build::run(),
        Task::Demo(options) => demo::run(&options),
        Task::Release(options) => release::run(&options),
        Task::Reproduce => reproduce::run(),
        Task::Test(options) => test::run(&options),
        Task::Tidy { fix } => tidy::run(fix),
    };
    if let Err(error) = result {
        eprintln!("xtask: {error:#}");
        std::process::exit(1);
    }
}
