//! One integration-test binary: the house, the stories, the checks, the command line, git, the dispatcher.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod action;
mod action_runner;
mod action_story;
mod branches;
mod broken_by_a_flip;
mod builds_on;
mod checks;
mod cli;
mod conflicts;
mod dispatch;
mod dispatch_crash;
mod dispatch_hostile;
mod dispatch_night;
mod flags;
mod flip;
mod git;
mod git_programs;
mod git_scratch;
mod hostile;
mod landing;
mod names;
mod night;
mod prd_flips;
mod prds_set;
mod probe;
mod probe_runners;
mod project;
mod reports;
mod schema_values;
mod schemas;
mod slips;
mod stories;
mod tidy;
mod typed;
mod ways_out;
