//! One binary for all integration tests.

mod architecture;
mod company;
mod expectations;
mod fixtures;
mod histories;
mod matching;
mod passes;
mod process;
mod readme;
mod scenarios;
mod schema;
mod states;
mod worked_example;
