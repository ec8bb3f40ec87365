//! The real binary as a process: kills, signals, bad input, exit codes.

mod books;
mod daemon;
mod house;
mod kills;
mod owner;
