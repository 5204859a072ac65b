//! The flagman command.

use std::process::ExitCode;

fn main() -> ExitCode {
    flagman::cli::main()
}
