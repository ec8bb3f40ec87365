//! The real binary as a process: kills, signals, bad input, exit codes.
