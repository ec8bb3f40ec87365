//! The real binary as a process: kills, signals, bad input, exit codes.

mod alerts;
mod auth;
mod authorities;
mod bad_files;
mod bad_world;
mod books;
mod commands;
mod daemon;
mod dumps;
mod explain;
mod house;
mod kills;
mod layout;
mod logs;
mod networks;
mod owner;
mod planning;
mod reports;
mod secrets;
mod secrets_planted;
mod showcase;
mod state;
mod suggest;
mod systemd;
mod tokens;
mod watching;
