//! The `latchd` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    latchd::cli::main()
}
