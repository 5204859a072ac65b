//! One integration-test binary.

mod git;
mod git_scratch;
