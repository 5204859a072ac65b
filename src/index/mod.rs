//! The code as a whole: what is defined where, who imports whom, which flag is read where, which region runs in which state, and
//! what each test sets. Enters: [`Sources`](crate::source::Sources), a [`View`](crate::source::View), the checked rules. Leaves:
//! [`CodeIndex`]. Pure: import resolution runs over the view, not over the file system.

pub mod ambient;
pub mod bindings;
pub mod build;
pub mod build_tags;
pub mod code;
pub mod condition;
pub mod data;
mod declared;
pub mod definitions;
pub mod demand;
pub mod entries;
pub mod exports;
pub mod flow;
pub mod forces;
pub mod frameworks;
pub mod gates;
pub mod guards;
pub mod harness;
pub mod homes;
pub mod imports;
pub mod keys;
pub mod matching;
pub mod meaning;
pub mod modules;
pub mod near;
pub mod reads;
mod registries;
mod rounds;
pub mod routes;
pub mod schema;
pub mod scope;
pub mod settings;
mod site;
pub mod spelling;
pub mod stated;
pub mod store;
pub mod suggest;
pub mod symbols;
pub mod test_code;
pub mod test_side;
pub mod tests;
pub mod values;
pub mod variables;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flag::{FlagKey, FlagValue};
use crate::lang::FileFacts;
pub use crate::rules::Confidence;
use crate::source::{FileId, RepoPath, Skipped, Span};

/// What a named thing of the code is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum SymbolKind {
    /// A free function, also one bound by `const f = () => …`.
    Function,
    /// A method of a class or impl.
    Method,
    /// A class, struct or trait.
    Class,
    /// A type alias or interface.
    Type,
    /// An enum.
    Enum,
    /// A constant or variable at the top level.
    Constant,
    /// A module.
    Module,
}

/// A named thing of the code.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Symbol {
    /// The file it is in.
    pub path: RepoPath,
    /// Its name within the file, with its owners: `QuoteVersionService.create`.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole of it.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
    /// Visible outside its file.
    pub exported: bool,
}

/// An import of one file by another, resolved.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ImportEdge {
    /// The file that imports.
    pub from: RepoPath,
    /// The file that is imported.
    pub to: RepoPath,
    /// The names that are brought in (`*` for all).
    pub names: Vec<String>,
    /// Gone at run time.
    pub type_only: bool,
    /// Re-exported by the importing file.
    pub reexport: bool,
    /// Where.
    pub span: Span,
}

/// A place that defines a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagDefinition {
    /// The flag.
    pub key: FlagKey,
    /// What the definition says that it is.
    pub declared: FlagValue,
    /// Where the key stands.
    pub span: Span,
    /// Where the declared value stands.
    pub value_span: Option<Span>,
    /// The rule that found it (`js/home-grown/defaults-object`).
    pub rule: String,
    /// How sure.
    pub confidence: Confidence,
    /// Other names by which the same flag is read (transformed keys, exported constants).
    pub aliases: Vec<String>,
}

/// A place where code reads a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagRead {
    /// The flag.
    pub key: FlagKey,
    /// The read expression.
    pub span: Span,
    /// Where the flag is named in it (the argument, the property); all of it where it is not (a wrapper of one flag). The place to show.
    pub key_span: Span,
    /// The function or class around it; empty at the top level.
    pub symbol: String,
    /// The rule that found it.
    pub rule: String,
    /// Wrappers between the read and the SDK, outermost first.
    pub via: Vec<String>,
    /// What the call falls back to.
    pub fallback: Option<FlagValue>,
    /// What its SDK answers for a flag that it does not know; `None` where that is what the call falls back to.
    pub missing: Option<FlagValue>,
    /// True where the value is the opposite of the flag (`isOff`).
    pub negative: bool,
    /// How sure.
    pub confidence: Confidence,
}

/// A read whose key could not be resolved: counted and listed, never guessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DynamicRead {
    /// The call.
    pub span: Span,
    /// The rule that found it.
    pub rule: String,
}

/// A condition on one flag.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Literal {
    /// The flag.
    pub key: FlagKey,
    /// On or off.
    pub value: FlagValue,
}

/// A region of code that runs only under a condition on flags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guard {
    /// All of these hold where the region runs (`any` false), or at least one of them does (`any` true).
    pub when: Vec<Literal>,
    /// How to read `when`.
    pub any: bool,
    /// The region.
    pub region: Span,
    /// The condition that decides.
    pub condition: Span,
    /// The reads that it rests on (indices into [`CodeIndex::reads`]).
    pub reads: Vec<usize>,
}

impl Guard {
    /// The value that `key` must have for the region to run; `None` if the region says nothing certain of it.
    #[must_use]
    pub fn needs(&self, key: &FlagKey) -> Option<FlagValue> {
        let literal = self.when.iter().find(|literal| literal.key == *key)?;
        (!self.any || self.when.len() == 1).then_some(literal.value)
    }
}

/// What a test sets flags to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ForcedKey {
    /// One flag.
    Key(FlagKey),
    /// Every flag that the mocked function serves (`mockReturnValue(true)`), by the file of the module that is mocked, if known.
    Every(Option<RepoPath>),
    /// Every flag of a library but these: what happens to flags that a whole set of flags does not name.
    Others {
        /// The library, as a key of [`CodeIndex::libraries`].
        library: String,
        /// The flags that are named.
        but: std::collections::BTreeSet<FlagKey>,
    },
}

impl ForcedKey {
    /// True if it is about `key`; `is` tells whether a name is one of that flag.
    #[must_use]
    pub fn is_for(&self, index: &CodeIndex, key: &FlagKey, is: impl Fn(&FlagKey) -> bool) -> bool {
        match self {
            Self::Key(name) => is(name),
            Self::Every(_) => true,
            Self::Others { library, but } => {
                let of = index.libraries.get(library);
                of.is_some_and(|of| forces::others::reach(of, but, key, is))
            }
        }
    }
}

/// The value that a test forces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ForcedValue {
    /// Always this.
    Is(FlagValue),
    /// Both, by a table of cases.
    Both,
    /// Only the first read, or only for some.
    Partial,
    /// Taken back: from here on the state is as if nothing were forced.
    Reset,
}

/// How far a force reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ForceScope {
    /// The test (index into [`CodeIndex::tests`]) whose body holds it.
    Test(usize),
    /// Every test within this region (a suite whose hook holds it, a block).
    Region(Span),
    /// Every test of this file.
    File(RepoPath),
    /// Every test of the project (a set-up file).
    Project,
}

/// A place where a test sets a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Force {
    /// Which flag.
    pub key: ForcedKey,
    /// To what.
    pub value: ForcedValue,
    /// For which tests.
    pub scope: ForceScope,
    /// Where.
    pub span: Span,
    /// The rule that found it.
    pub rule: String,
}

/// What a test sets and nothing takes back: the tests of its file that run after it may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leak {
    /// Which flag.
    pub key: FlagKey,
    /// To what.
    pub value: FlagValue,
    /// The test (index into [`CodeIndex::tests`]).
    pub test: usize,
    /// Where.
    pub span: Span,
}

/// Why a test does not prove anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TestGate {
    /// Skipped, to be done, or expected to fail.
    Skipped,
    /// Runs only where the flag has this value.
    On(Literal),
    /// Runs only under a condition that says nothing certain.
    Conditional,
}

/// A test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestCase {
    /// The file it is in.
    pub path: RepoPath,
    /// The whole call or function.
    pub span: Span,
    /// Its title (Rust: its name).
    pub title_span: Span,
    /// The titles of the suites around it, outermost first.
    pub suite: Vec<String>,
    /// The regions of the suites around it, outermost first.
    pub suite_spans: Vec<Span>,
    /// Its title.
    pub name: String,
    /// What runs: its function's body, and the bodies of the hooks that run before it.
    pub bodies: Vec<Span>,
    /// What stands between it and running.
    pub gate: Option<TestGate>,
    /// It runs once for each row of a table.
    pub table: bool,
    /// The framework rule that found it.
    pub rule: String,
}

/// A statement of the state that a test assumes, in a comment or annotation (`// @flag k=on`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatedNeed {
    /// The flag and its value.
    pub literal: Literal,
    /// The test (index into [`CodeIndex::tests`]).
    pub test: usize,
    /// Where it is said.
    pub span: Span,
}

/// A thing of the database.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum SchemaObject {
    /// A table.
    Table(String),
    /// A column of a table.
    Column(String, String),
    /// A named constraint or index, with its table where known.
    Constraint(Option<String>, String),
    /// An enumerated type or its model.
    Enum(String),
}

impl SchemaObject {
    /// The object's name as people write it (`reservations.status`).
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Table(name) | Self::Enum(name) | Self::Constraint(_, name) => name.clone(),
            Self::Column(table, column) => format!("{table}.{column}"),
        }
    }
}

/// What a migration does to a thing of the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum SchemaAction {
    /// Makes it.
    Create,
    /// Changes it.
    Alter,
    /// Removes it.
    Drop,
}

/// One action of one migration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaChange {
    /// On what.
    pub object: SchemaObject,
    /// What is done.
    pub action: SchemaAction,
    /// Values that an enum or a check constraint allows, as written.
    pub values: Vec<String>,
    /// What shares its values: the enumerated type of a column, the column that a check is about.
    pub about: Option<SchemaObject>,
    /// Where.
    pub span: Span,
}

/// An HTTP route that the code serves.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Route {
    /// `GET`, …; empty for any.
    pub method: String,
    /// `/quotes/:id`
    pub path: String,
    /// Where.
    pub span: Span,
}

/// The code of one tree as a whole.
#[derive(Debug, Default)]
pub struct CodeIndex {
    /// Facts of every file that was parsed, by path.
    pub files: BTreeMap<RepoPath, Arc<FileFacts>>,
    /// By path, then place.
    pub symbols: Vec<Symbol>,
    /// By importing file, then place.
    pub imports: Vec<ImportEdge>,
    /// By key, then place.
    pub definitions: Vec<FlagDefinition>,
    /// By path, then place.
    pub reads: Vec<FlagRead>,
    /// By path, then place.
    pub dynamic: Vec<DynamicRead>,
    /// By path, then place.
    pub guards: Vec<Guard>,
    /// By path, then place.
    pub tests: Vec<TestCase>,
    /// By path, then place.
    pub forces: Vec<Force>,
    /// The flags that the rules of each library define or read; those of home-grown flags and of the project's own rules under `""`.
    pub libraries: BTreeMap<String, std::collections::BTreeSet<FlagKey>>,
    /// By path, then place: what a test sets and nothing takes back.
    pub leaks: Vec<Leak>,
    /// By test, then place.
    pub stated: Vec<StatedNeed>,
    /// In the order in which the migrations run.
    pub schema: Vec<SchemaChange>,
    /// By path of the route.
    pub routes: Vec<Route>,
    /// By path of the route.
    pub served: Vec<routes::served::Served>,
    /// Files that are tests by their name or their framework.
    pub test_files: Vec<RepoPath>,
    /// What a test sees that forces nothing, where a rule or the project's harness says it.
    pub ambient: ambient::Ambients,
    /// Files that could not be parsed, wholly or in part.
    pub skipped: Vec<Skipped>,
}

impl CodeIndex {
    /// The file id of a path that was parsed.
    #[must_use]
    pub fn file_id(&self, path: &RepoPath) -> Option<FileId> {
        self.files.get(path).map(|facts| facts.file)
    }
}

/// What the caller wants parsed beside what the rules find: the paths and identifiers that PRDs mention, as they are written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Whole paths, ends of paths (`quotes/quote.service.ts`) or file names.
    pub paths: std::collections::BTreeSet<String>,
    /// Identifiers without owners (`QuoteVersionService`, `create`): files that define one of them.
    pub words: std::collections::BTreeSet<String>,
}
