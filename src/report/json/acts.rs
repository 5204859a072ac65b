//! What commands say that write or list something: `init`, `prds set`, `flags set`, `prds --refine`, `explain`, `schema`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// What `flagman init` found, and what it writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitDocument {
    /// `flagman/init/v1`
    pub schema: &'static str,
    /// The documents.
    pub prds: InitPrds,
    /// How many code files, by language.
    pub code: BTreeMap<&'static str, usize>,
    /// The flags.
    pub flags: InitFlags,
    /// The tests.
    pub tests: InitTests,
    /// The branch that releases are cut from.
    pub default_branch: Option<String>,
    /// How many files could not be read.
    pub skipped: usize,
    /// The text of the configuration.
    pub configuration: String,
    /// Functions that look like helpers of flags.
    pub suggestions: Vec<InitSuggestion>,
    /// The text of the rules that would find them.
    pub suggested_rules: String,
}

/// The documents of a project.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitPrds {
    /// Globs.
    pub paths: Vec<String>,
    /// How many.
    pub count: usize,
    /// The planning tool whose layout they have.
    pub tool: Option<String>,
}

/// The flags of a project.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitFlags {
    /// How many.
    pub count: usize,
    /// Reads whose key is not known.
    pub dynamic_reads: usize,
    /// Rule files that found definitions or reads, with how many.
    pub rules: BTreeMap<String, usize>,
}

/// The tests of a project.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitTests {
    /// Frameworks, with how many tests.
    pub frameworks: BTreeMap<String, usize>,
    /// What runs them.
    pub command: Option<String>,
}

/// A function that looks like a helper of flags, and what a rule for it would find.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitSuggestion {
    /// The id of the rule.
    pub id: String,
    /// How it is called.
    pub shape: String,
    /// How many reads.
    pub reads: usize,
    /// How many definitions.
    pub definitions: usize,
    /// How many places.
    pub places: usize,
    /// How many of them decide something.
    pub decides: usize,
    /// Some of the keys.
    pub keys: Vec<String>,
}

/// What `flagman flags set` wrote.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlagsSetDocument {
    /// `flagman/flags-set/v1`
    pub schema: &'static str,
    /// The flag.
    pub flag: String,
    /// Where it is so.
    pub environment: String,
    /// What it is.
    pub value: String,
    /// What was recorded before.
    pub was: Option<String>,
    /// When.
    pub at: String,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The flag file.
    pub path: String,
}

/// What `flagman prds set` wrote.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PrdsSetDocument {
    /// `flagman/prds-set/v1`
    pub schema: &'static str,
    /// The PRD.
    pub prd: String,
    /// Its file.
    pub path: String,
    /// True if anything is to be changed.
    pub changed: bool,
    /// True if it was.
    pub written: bool,
    /// The change.
    pub diff: String,
    /// PRDs that wait for each other then.
    pub cycle: Vec<String>,
}

/// What a program of the user's says that PRDs touch (`flagman prds --refine`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct RefineDocument {
    /// `flagman/refine/v1`
    pub schema: &'static str,
    /// By PRD.
    pub prds: Vec<Refined>,
}

/// What it says of one PRD.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refined {
    /// The PRD.
    pub prd: String,
    /// What is there.
    pub touches: Vec<String>,
    /// What is not.
    pub refused: Vec<RefinedNot>,
    /// The command that keeps it.
    pub command: Option<String>,
}

/// An answer that is not taken.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RefinedNot {
    /// As it was given.
    pub words: String,
    /// Why not.
    pub why: String,
}

/// All checks (`flagman explain`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChecksDocument {
    /// `flagman/checks/v1`
    pub schema: &'static str,
    /// The checks.
    pub checks: Vec<CheckPage>,
}

/// One check (`flagman explain ID`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckDocument {
    /// `flagman/check/v1`
    pub schema: &'static str,
    /// The check.
    #[serde(flatten)]
    pub page: CheckPage,
}

/// What is said of a check.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckPage {
    /// Its id.
    pub id: String,
    /// The level of its findings.
    pub level: String,
    /// One sentence.
    pub summary: String,
    /// The page.
    pub page: String,
}

/// The names of all schemas (`flagman schema`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemasDocument {
    /// `flagman/schemas/v1`
    pub schema: &'static str,
    /// What `flagman schema NAME` takes.
    pub schemas: &'static [&'static str],
}
