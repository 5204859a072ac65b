//! The options of each command. Enters: nothing. Leaves: what a command line may say after the command's name.

use clap::{Args, Subcommand};

use super::{FailOn, Switch, name, supposition};
use crate::prd::edit::Assignment;

/// `flagman plan`
#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    /// Go without this PRD and all that waits for it; the others keep their phases; repeatable, or ID,ID
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub without: Vec<String>,
    /// The plan if this flag were on (or off), and what that saves; repeatable
    #[arg(long, value_name = "KEY=V", value_parser = supposition)]
    pub what_if: Vec<(String, bool)>,
    /// The plan if each PRD wrote a part of its own of this symbol or file, and what that saves; repeatable
    #[arg(long, value_name = "SYMBOL", conflicts_with = "without")]
    pub split: Vec<String>,
    /// Why a PRD is in its phase and what would bring it forward; of two, why they are not together
    #[arg(long, value_name = "ID[,ID]", value_delimiter = ',', conflicts_with_all = ["what_if", "split", "phase"])]
    pub explain: Vec<String>,
    /// Hand over this phase alone; for github-matrix, gitlab, buildkite and argo
    #[arg(long, value_name = "N")]
    pub phase: Option<u32>,
}

/// `flagman gate`
#[derive(Debug, Args)]
pub(in crate::cli) struct Gate {
    /// One phase, by its number: 0 is the first
    #[arg(long, value_name = "N", conflicts_with = "prd", allow_negative_numbers = true)]
    pub phase: Option<String>,
    /// One PRD: its id or its number
    #[arg(long, value_name = "ID")]
    pub prd: Option<String>,
    /// The commit that the branch is to be merged onto
    #[arg(long, value_name = "REF", requires = "head")]
    pub base: Option<String>,
    /// The branch to look at
    #[arg(long, value_name = "REF", requires = "base")]
    pub head: Option<String>,
    /// Go without this PRD and all that waits for it; the others keep their phases; repeatable, or ID,ID
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub without: Vec<String>,
    /// From which level on a finding blocks [default: `gate.fail_on`]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
}

/// `flagman conflicts`
#[derive(Debug, Args)]
pub(in crate::cli) struct Conflicts {
    /// The same as --branches
    #[arg(value_name = "BRANCH", conflicts_with = "prds", hide = true)]
    pub named: Vec<String>,
    /// The branches (or tags, commits, refs) to compare, local or remote-tracking; several at one commit count once; repeatable [default: every branch that is here, and the remote ones where only one is]
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    pub branches: Vec<String>,
    /// Branches that are not compared; repeatable
    #[arg(long, value_name = "GLOB", conflicts_with = "prds")]
    pub except: Vec<String>,
    /// Compare the work trees, with what is not committed in them
    #[arg(long)]
    pub worktrees: bool,
    /// Compare the PRDs, by what they say that they change, and tell what their branches really touch
    #[arg(long, conflicts_with_all = ["branches", "worktrees", "order"])]
    pub prds: bool,
    /// List clean pairs, too, and every file
    #[arg(long)]
    pub all: bool,
    /// What git decides, and no more: no symbols, and nothing of what merges cleanly and breaks
    #[arg(long, conflicts_with = "prds")]
    pub textual: bool,
    /// Say which of them merge cleanly one after the other, by merging them
    #[arg(long)]
    pub order: bool,
    /// Keep the picture live on the terminal: it is drawn anew when a branch or a work tree changes, which is looked for every two seconds
    #[arg(long)]
    pub watch: bool,
    /// Find everything out anew, and keep nothing
    #[arg(long)]
    pub no_cache: bool,
}

impl Conflicts {
    /// The live picture of the work trees, as `flagman guard --watch` draws it.
    #[must_use]
    pub(in crate::cli) fn of_work_trees() -> Self {
        Self {
            named: Vec::new(),
            branches: Vec::new(),
            except: Vec::new(),
            worktrees: true,
            prds: false,
            all: false,
            textual: false,
            order: false,
            watch: true,
            no_cache: false,
        }
    }
}

/// `flagman resume`
#[derive(Debug, Args)]
pub(in crate::cli) struct Resume {
    /// A stuck PRD that gets another chance; repeatable
    #[arg(long, value_name = "ID")]
    pub retry: Vec<String>,
    /// A PRD whose work is on the release branch already: it counts as landed from here on; repeatable
    #[arg(long, value_name = "ID")]
    pub landed: Vec<String>,
    /// Go on from where the release branch is, although somebody else moved it
    #[arg(long)]
    pub accept_tip: bool,
    /// Another agent's command from here on [default: the one that the run was begun with]
    #[arg(long, value_name = "COMMAND")]
    pub agent: Option<String>,
}

/// `flagman probe`
#[derive(Debug, Args)]
pub(in crate::cli) struct Probe {
    /// Flags to try [default: every flag that can be flipped]
    pub keys: Vec<String>,
    /// Run every test, not only those that need the flag or reach a read of it
    #[arg(long)]
    pub all: bool,
    /// Run only test files whose path fits; repeatable
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Run the tests by this line for the shell: it is given the files as arguments and writes JUnit or jest's JSON to $FLAGMAN_RESULTS
    /// [default: `probe.command`, else the runner that the nearest manifest names]
    #[arg(long, value_name = "LINE")]
    pub command: Option<String>,
    /// The longest that one run may take, in seconds [default: `probe.timeout_seconds`, else 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub timeout: Option<u64>,
    /// Try what is checked out, without the changes that are not committed
    #[arg(long)]
    pub committed: bool,
    /// Print what would be run, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave .flagman/probe.json as it is
    #[arg(long)]
    pub no_record: bool,
}

/// `flagman flags set`
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FlagsAction {
    /// Record that a flag is on or off, with its history, in the flag file
    Set {
        /// The flag
        #[arg(value_parser = name)]
        key: String,
        /// Its value
        value: Switch,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Record a flag that neither the code nor a PRD knows
        #[arg(long)]
        new: bool,
    },
}

/// `flagman prds set`
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PrdsAction {
    /// Write the front matter of a PRD: what it waits for, its branch, what it needs of flags; every other byte stays
    Set(Declare),
}

/// What front matter is to say.
#[derive(Debug, Args)]
pub(in crate::cli) struct Declare {
    /// The PRD: its id or its number
    pub id: String,
    /// depends_on+=ID, depends_on-=ID, flags.assumes.FLAG=on (also introduces, stubs, flips, states), branch=NAME, touches+=PATH, …
    #[arg(required = true, value_name = "KEY=VALUE", value_parser = Assignment::parse)]
    pub assignments: Vec<Assignment>,
    /// Make the PRD if there is none of this id
    #[arg(long)]
    pub new: bool,
    /// Print the change and write nothing
    #[arg(long)]
    pub dry_run: bool,
}
