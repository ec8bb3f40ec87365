//! The real binary as a process: kills, signals, bad input, exit codes.

mod alerts;
mod auth;
mod bad_files;
mod bad_world;
mod books;
mod commands;
mod daemon;
mod explain;
mod house;
mod kills;
mod layout;
mod networks;
mod owner;
mod reports;
mod secrets;
mod showcase;
mod suggest;
mod systemd;
mod tokens;
mod watching;
