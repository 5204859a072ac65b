//! Rules: what flag SDKs, home-grown helpers and test frameworks look like, as data. Enters: the rule files embedded from
//! `rules/flags/`, and the project's own. Leaves: a checked [`RuleSet`]. Knows languages by name and lets them compile raw queries;
//! knows nothing of the code that is analysed. How facts become findings is typed Rust elsewhere.

// The pages of the checks.
pub mod checks;
// What is wrong with a rule file.
pub mod error;
mod form;
// How tests look.
pub mod framework;
mod load;
// The rules by what they match.
mod lookup;
// Which rule files a text concerns.
mod prefilter;
// The raw queries of a set.
mod queries;
// One rule and what its match means.
pub mod rule;
// Where in a match something stands.
pub mod selector;
// What a rule matches.
pub mod shape;
// Spellings of a key.
pub mod transform;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::flag::FlagValue;
use crate::lang::Language;
pub use error::RuleError;
use load::{Loaded, Strictness};
pub(crate) use lookup::Lookup;
use prefilter::Prefilter;
pub(crate) use queries::Asked;
pub use queries::Queries;
pub use rule::{Rule, RuleKind};
use selector::Pattern;
use shape::Globs;
use transform::Transform;

/// How sure a match of a rule is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Confidence {
    /// A generic name without its import.
    Low,
    /// A home-grown idiom, or an import that could not be confirmed.
    Medium,
    /// The SDK itself, a project's own rule, or a handle of a definition.
    High,
}

impl Confidence {
    /// One step less sure.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// How far the import condition looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ImportReach {
    /// The file imports it.
    File,
    /// Or a module that the file imports re-exports it.
    Reexport,
    /// Or the nearest manifest depends on it.
    #[default]
    Project,
}

/// The import condition of a rule file. Failing it never drops a match (unless the rule says `require_import`), it lowers its
/// confidence: reads sit behind wrappers and handles in files that import no SDK.
#[derive(Clone, PartialEq, Debug)]
pub struct When {
    /// Modules, as globs; one without `*` stands for its sub-paths too.
    pub imports: Globs,
    /// How far it looks.
    pub reach: ImportReach,
}

/// What an SDK answers for a key that it does not know, without a fallback.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Missing {
    /// It is off (or on).
    Value(FlagValue),
    /// It is undefined, hence not on.
    Undefined,
    /// What the call falls back to.
    #[default]
    CallFallback,
    /// A text that is neither on nor off (`control`).
    Literal(String),
}

/// What a test sees that forces nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ambient {
    /// On or off for every flag.
    Value(FlagValue),
    /// What the definition declares.
    Declared,
    /// What the call falls back to.
    CallFallback,
    /// Undefined, hence not on.
    Undefined,
    /// Not known: nothing that rests on it may block.
    #[default]
    Unknown,
}

/// What a rule file says of its flags as a whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FlagTraits {
    /// The answer for an unknown key.
    pub missing: Missing,
    /// What a test sees that forces nothing.
    pub ambient: Ambient,
    /// Other spellings under which the same flag is read.
    pub transforms: Vec<Transform>,
    /// Only keys that match are flags (environment variables).
    pub key_filter: Option<Pattern>,
    /// Keys that match are no flags, whatever else they look like (`…_LIMIT`).
    pub key_ignore: Option<Pattern>,
    /// Keys that match are flags on their own account. The others are settings as likely as flags: they count where a flag of that name
    /// is defined, or where the project defines no flags at all. Without a pattern every key is sure.
    pub key_sure: Option<Pattern>,
    /// What these rules find is a flag only where something defines a flag of that name.
    pub only_defined: bool,
    /// With `only_defined`: the list to which a name leads that is asked so is a list of flags, and thereby defined.
    pub shows_lists: bool,
    /// Keys that the project itself calls flags, in its flag file or in the front matter or prose of a PRD that ships them: they need to
    /// look like nothing.
    pub declared: Arc<BTreeSet<String>>,
}

impl FlagTraits {
    /// True if a key may be a flag of this rule file. Whoever resolves a key from a node must ask.
    #[must_use]
    pub fn accepts(&self, key: &str) -> bool {
        let is_of = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| pattern.regex().is_match(key));
        let fits = is_of(&self.key_filter).unwrap_or(true) && !is_of(&self.key_ignore).unwrap_or(false);
        !key.is_empty() && (fits || self.declared.contains(key))
    }

    /// True if a key is a flag on its own account.
    #[must_use]
    pub fn is_sure(&self, key: &str) -> bool {
        let looks = self
            .key_sure
            .as_ref()
            .is_none_or(|pattern| pattern.regex().is_match(key));
        looks || self.declared.contains(key)
    }

    /// How much these rules vouch for what they find, the most where they need nobody else to define it.
    #[must_use]
    pub fn vouches(&self) -> u8 {
        match (self.only_defined, self.shows_lists) {
            (false, _) => 2,
            (true, shows_lists) => u8::from(shows_lists),
        }
    }

    /// The other spellings of a key, without itself.
    #[must_use]
    pub fn spellings(&self, key: &str) -> Vec<String> {
        let mut all: Vec<String> = self.transforms.iter().map(|transform| transform.apply(key)).collect();
        all.sort();
        all.dedup();
        all.retain(|spelling| spelling != key);
        all
    }
}

/// One rule file.
#[derive(Clone, PartialEq, Debug)]
pub struct RuleFile {
    /// Its name (`js/launchdarkly-node`).
    pub id: String,
    /// Where it was read, for messages.
    pub origin: String,
    /// The languages whose files it is about.
    pub languages: Vec<Language>,
    /// Words of which one must be in a text for the file to apply; none: it applies to every text of its languages.
    pub needles: Vec<String>,
    /// What must be in a text with a needle, too, for the file to make it worth parsing; without it the needles are enough.
    pub demand: Option<Pattern>,
    /// The page of the SDK's maker.
    pub doc: Option<String>,
    /// The import condition.
    pub when: Option<When>,
    /// What it says of its flags as a whole.
    pub flags: FlagTraits,
    /// Its rules: definitions first, then reads, and so on in the order of the vocabulary, each kind in the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule of a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct RuleRef {
    /// Index into [`RuleSet::files`].
    pub file: usize,
    /// Index into [`RuleFile::rules`].
    pub rule: usize,
}

/// Every rule of a run: the built-in ones, then the project's.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The rule files, built-in ones first, in the order of their ids.
    pub files: Vec<RuleFile>,
    /// Their raw queries.
    pub queries: Queries,
    prefilter: OnceLock<Prefilter>,
    lookup: OnceLock<Lookup>,
}

/// The built-in rules.
///
/// # Panics
/// If an embedded rule file is wrong, which its tests exclude.
#[must_use]
pub fn load_builtin() -> RuleSet {
    load_builtin_without(&[])
}

/// The names of the built-in rule files (`js/env`).
#[must_use]
pub fn builtin_ids() -> Vec<String> {
    builtin_files()
        .iter()
        .map(|(origin, _)| id_of(origin).to_owned())
        .collect()
}

/// `js/env` of `rules/flags/js/env.toml`.
fn id_of(origin: &str) -> &str {
    let name = origin.strip_prefix("rules/flags/").unwrap_or(origin);
    name.strip_suffix(".toml").unwrap_or(name)
}

/// The built-in rules but for these files.
///
/// # Panics
/// If an embedded rule file is wrong, which its tests exclude.
#[must_use]
pub fn load_builtin_without(left_out: &[String]) -> RuleSet {
    let mut rules = RuleSet::default();
    let files = builtin_files();
    let wanted = files
        .into_iter()
        .filter(|(origin, _)| !left_out.iter().any(|id| id == id_of(origin)));
    for (origin, text) in wanted {
        if let Err(errors) = rules.add(text, &origin, Strictness::BuiltIn) {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("BUG: a built-in rule file is wrong:\n{}", errors.join("\n"));
        }
    }
    rules
}

/// Path and text of every embedded rule file, in the order of their paths.
fn builtin_files() -> Vec<(String, &'static str)> {
    static FLAGS: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/rules/flags");
    let (mut folders, mut found) = (vec![&FLAGS], Vec::new());
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder
            .files()
            .filter(|file| file.path().extension().is_some_and(|e| e == "toml"))
        {
            let origin = format!("rules/flags/{}", file.path().display()).replace('\\', "/");
            found.push((origin, file.contents_utf8().unwrap_or_default()));
        }
    }
    found.sort();
    found
}

impl RuleSet {
    /// Takes `keys` for flags in every rule file, whatever they look like.
    pub fn declare(&mut self, keys: BTreeSet<String>) {
        let keys = Arc::new(keys);
        for file in &mut self.files {
            file.flags.declared = Arc::clone(&keys);
        }
    }

    /// Adds a rule file of the project.
    ///
    /// # Errors
    /// Everything that is wrong with it; the set is then unchanged.
    pub fn add_project(&mut self, text: &str, origin: &str) -> Result<(), Vec<RuleError>> {
        self.add(text, origin, Strictness::File)
    }

    /// Adds a `[[flags.rule]]` table of the configuration, whose line is known to the caller. Two forms: a whole rule file, in which `schema`,
    /// `id`, `languages`, ids and examples may be left out; or one rule with its `kind` beside its fields.
    ///
    /// # Errors
    /// Everything that is wrong with it; the set is then unchanged.
    pub fn add_inline(&mut self, table: &toml::Table, origin: &str, line: u32) -> Result<(), Vec<RuleError>> {
        let number = 1 + self
            .files
            .iter()
            .filter(|file| file.id.starts_with("project/rule-"))
            .count();
        let text = load::inline_text(table, number);
        self.add(&text, origin, Strictness::Inline(line))
    }

    fn add(&mut self, text: &str, origin: &str, strictness: Strictness) -> Result<(), Vec<RuleError>> {
        let Loaded { file, queries } = load::load(text, origin, strictness)?;
        if let Some(known) = self.files.iter().find(|known| known.id == file.id) {
            let message = format!("the id `{}` is already that of {}", file.id, known.origin);
            let origin = origin.to_owned();
            return Err(vec![RuleError {
                origin,
                line: 1,
                message,
                hint: None,
            }]);
        }
        let at = self.files.len();
        for (rule, query) in queries {
            self.queries.push(RuleRef { file: at, rule }, query);
        }
        self.files.push(file);
        self.prefilter = OnceLock::new();
        self.lookup = OnceLock::new();
        Ok(())
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self, at: RuleRef) -> &Rule {
        &self.files[at.file].rules[at.rule]
    }

    /// The name that findings cite (`js/unleash/use-flag`).
    #[must_use]
    pub fn name(&self, at: RuleRef) -> String {
        format!("{}/{}", self.files[at.file].id, self.rule(at).id)
    }

    /// Every rule with its place in the set.
    pub fn rules(&self) -> impl Iterator<Item = (RuleRef, &Rule)> {
        self.files.iter().enumerate().flat_map(|(file, of)| {
            let at = move |rule| RuleRef { file, rule };
            of.rules.iter().enumerate().map(move |(i, rule)| (at(i), rule))
        })
    }

    /// The rules that vouch for the names in them: not those that count only where a flag of that name is defined.
    pub fn vouching(&self) -> impl Iterator<Item = (RuleRef, &Rule)> {
        self.rules().filter(|(at, _)| !self.files[at.file].flags.only_defined)
    }

    /// The rule whose query has this number.
    #[must_use]
    pub fn query_owner(&self, query: usize) -> Option<RuleRef> {
        self.queries.owner(query)
    }

    /// Every needle of every rule file, sorted: a text without any of them holds no match.
    #[must_use]
    pub fn needles(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .files
            .iter()
            .flat_map(|file| &file.needles)
            .map(String::as_str)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// For each rule file of the set, whether it applies to a text: it knows the language, and the text has one of its needles.
    #[must_use]
    pub fn applicable(&self, language: Language, text: &str) -> Vec<bool> {
        let mut hits = self.prefilter().hits(text, self.files.len());
        for (hit, file) in hits.iter_mut().zip(&self.files) {
            *hit = (*hit || file.needles.is_empty()) && file.languages.contains(&language);
        }
        hits
    }

    /// The queries of the rule files that apply to a text; those of the others find nothing that counts.
    #[must_use]
    pub(crate) fn asked(&self, language: Language, text: &str) -> Asked {
        match self.queries.speak(language) {
            true => self.queries.asked(language, &self.applicable(language, text)),
            false => Asked::nothing(),
        }
    }

    /// The same, one query after the other.
    #[must_use]
    pub(crate) fn asked_each(&self, language: Language, text: &str) -> Asked {
        self.queries.asked_each(language, &self.applicable(language, text))
    }

    /// True if a text is worth parsing on its own account: it may define or read a flag, or name one in a test. Test files that name none
    /// are parsed because of what they import.
    #[must_use]
    pub fn demands(&self, language: Language, text: &str) -> bool {
        self.prefilter().demands(language, text)
    }

    /// True if a text is worth parsing as soon as it names a flag that something defines: it asks, or sets, by rules that count for no
    /// other.
    #[must_use]
    pub fn asks(&self, language: Language, text: &str) -> bool {
        self.prefilter().asks(language, text)
    }

    fn prefilter(&self) -> &Prefilter {
        self.prefilter.get_or_init(|| Prefilter::new(&self.files))
    }

    /// The rules by what they match, for the matcher.
    pub(crate) fn lookup(&self) -> &Lookup {
        self.lookup.get_or_init(|| Lookup::new(self))
    }
}
