//! One binary for all integration tests.

mod architecture;
#[path = "../bodies/mod.rs"]
mod bodies;
mod company;
mod expectations;
mod faults;
mod fixtures;
mod histories;
mod inputs;
mod matching;
mod merges;
mod passes;
mod process;
mod readme;
mod scenarios;
mod schema;
mod states;
mod sweep;
mod ways_in;
mod worked_example;
