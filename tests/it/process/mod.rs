//! The real binary as a process: kills, signals, bad input, exit codes.

mod auth;
mod bad_files;
mod bad_world;
mod books;
mod commands;
mod daemon;
mod house;
mod kills;
mod owner;
mod secrets;
mod showcase;
mod suggest;
