//! flagman: the static analyzer and CI gate for cross-PRD assumptions.
//!
//! The modules in the order in which a run passes through them; each makes one noun and owns its type. ARCHITECTURE.md is the map.

// What a module is for stands here as a plain comment: a documentation comment would make the links of the module's own page resolve
// in this file.

// Texts and places.
pub mod source;

// "Did you mean".
pub mod nearest;

// Flags as such: names, values, the ledger of states.
pub mod flag;

// What SDKs, helpers and test frameworks look like, as data; the pages of the checks.
pub mod rules;

// `flagman.toml`.
pub mod config;

// Programs that others wrote: started as a group, timed, ended as a group.
pub mod process;

// Git, read and written through one hardened wrapper.
pub mod git;

// Languages: one front end each, all making the same neutral facts.
pub mod lang;

// Reading a project from its folder.
pub mod workspace;

// Documents: the PRDs and what they say.
pub mod prd;

// The code as a whole: symbols, imports, flags, guards, forces, tests, schema.
pub mod index;

// What each PRD touches.
pub mod touchpoint;

// Who needs which flag state, and who supplies it.
pub mod assumption;

// Who comes before whom.
pub mod graph;

// Which branches collide, as git would decide it.
pub mod conflict;

// May this file be written, this ref be moved?
pub mod guard;

// The order in which the PRDs go.
pub mod plan;

// The checks, and what they find.
pub mod check;

// May it go?
pub mod gate;

// The one pure function from what was read to what is concluded.
pub mod analysis;

// One flag's whole life: who sets it, what is said of it, what has gone stale.
pub mod life;

// What a PRD asks of the world, and what it gives to the others.
pub mod terms;

// What PRDs promise, held against each other and against what their branches do.
pub mod drift;

// What a flip would change.
pub mod flip;

// The proof by running: which flag, which tests, what two runs show.
pub mod probe;

// A copy of the project in which tests run.
pub mod scratch;

// Text, JSON, annotations, summaries.
pub mod report;

// Waves of agents onto a release branch, never onto a protected one.
pub mod dispatch;

// The commands.
pub mod cli;
