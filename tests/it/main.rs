//! One integration-test binary.

mod dispatch;
mod dispatch_night;
mod git;
mod git_scratch;
