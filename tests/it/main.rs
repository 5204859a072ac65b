//! One integration-test binary.

mod dispatch;
mod dispatch_crash;
mod dispatch_night;
mod git;
mod git_scratch;
