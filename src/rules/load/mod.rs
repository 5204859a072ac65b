//! From the form of a rule file to checked rules. Enters: TOML text and the name of its file. Leaves: [`Loaded`], or every error that
//! was found, with its line. A wrong rule fails here, loudly, and never in a run.

mod lints;
mod rules;
mod selectors;
mod shapes;

use globset::{GlobBuilder, GlobSetBuilder};
use regex::Regex;
use toml::Spanned;

use super::error::{RuleError, line_of, nearest};
use super::form::{FileForm, FlagsForm, WhenForm};
use super::selector::Pattern;
use super::shape::Globs;
use super::transform::Transform;
use super::{Ambient, Confidence, FlagTraits, ImportReach, Missing, RuleFile, When};
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::queries::LazyQuery;

/// A rule file that passed every check, with the queries of its rules.
pub(super) struct Loaded {
    pub(super) file: RuleFile,
    /// Index of the rule, and its query for one language.
    pub(super) queries: Vec<(usize, LazyQuery)>,
}

/// What a loader demands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// A built-in rule file: its tests have checked it as a [`Self::File`], and no run compiles a query that it does not ask for.
    BuiltIn,
    /// A rule file: every rule has examples.
    File,
    /// A table in the configuration: short, examples are welcome but not demanded; every error is at this line.
    Inline(u32),
}

/// Collects what is wrong while a form is checked. A `None` of its methods means that an error was recorded.
struct Checker<'a> {
    origin: &'a str,
    text: &'a str,
    strictness: Strictness,
    errors: Vec<RuleError>,
    queries: Vec<(usize, LazyQuery)>,
}

/// Reads and checks one rule file.
pub(super) fn load(text: &str, origin: &str, strictness: Strictness) -> Result<Loaded, Vec<RuleError>> {
    let mut check = Checker {
        origin,
        text,
        strictness,
        errors: Vec::new(),
        queries: Vec::new(),
    };
    let form = match toml::from_str::<FileForm>(text) {
        Ok(form) => form,
        Err(error) => {
            check.fail_toml(&error);
            return Err(check.errors);
        }
    };
    let file = check.file(form);
    match check.errors.is_empty() {
        true => Ok(Loaded {
            file,
            queries: check.queries,
        }),
        false => Err(check.errors),
    }
}

/// A table of the configuration as the text of a rule file, with what may be left out filled in.
pub(super) fn inline_text(table: &toml::Table, number: usize) -> String {
    let mut table = table.clone();
    if let Some(kind) = table.remove("kind") {
        let mut file = toml::Table::new();
        for shared in ["languages", "needles", "demand", "when", "flags"] {
            file.extend(table.remove(shared).map(|value| (shared.to_owned(), value)));
        }
        let kind = kind.as_str().map_or_else(|| kind.to_string(), str::to_owned);
        file.insert(kind, toml::Value::Array(vec![toml::Value::Table(table)]));
        table = file;
    }
    let mut default = |key: &str, value: toml::Value| {
        table.entry(key).or_insert(value);
    };
    default("schema", 1.into());
    default("id", format!("project/rule-{number}").into());
    default("languages", Language::ALL.map(Language::word).to_vec().into());
    table.to_string()
}

impl Checker<'_> {
    fn line(&self, byte: usize) -> u32 {
        match self.strictness {
            Strictness::BuiltIn | Strictness::File => line_of(self.text, byte),
            Strictness::Inline(line) => line,
        }
    }

    fn fail_hint(&mut self, line: u32, message: String, hint: Option<String>) {
        self.errors.push(RuleError {
            origin: self.origin.to_owned(),
            line,
            message,
            hint,
        });
    }

    fn fail(&mut self, line: u32, message: impl Into<String>) {
        self.fail_hint(line, message.into(), None);
    }

    /// serde says ``unknown field `x`, expected one of `a`, `b` ``: the words in back quotes after the first are the vocabulary.
    fn fail_toml(&mut self, error: &toml::de::Error) {
        let line = self.line(error.span().map_or(0, |span| span.start));
        let message = error.message();
        let mut words = message.split('`').skip(1).step_by(2);
        let hint = match words.next() {
            Some(word) if message.starts_with("unknown field") => nearest(word, words),
            _ => None,
        };
        let short = message.split(", expected").next().unwrap_or(message);
        let message = if hint.is_some() { short } else { message };
        self.fail_hint(line, message.to_owned(), hint);
    }

    /// The value that `table` gives to a word.
    fn word<T: Clone>(&mut self, at: &Spanned<String>, what: &str, table: &[(&str, T)]) -> Option<T> {
        let word = at.get_ref().as_str();
        if let Some((_, value)) = table.iter().find(|(known, _)| *known == word) {
            return Some(value.clone());
        }
        let known: Vec<&str> = table.iter().map(|(known, _)| *known).collect();
        let hint = nearest(word, known.iter().copied()).or_else(|| Some(format!("known: {}", known.join(", "))));
        self.fail_hint(self.line(at.span().start), format!("unknown {what} `{word}`"), hint);
        None
    }

    fn pattern(&mut self, line: u32, text: &str) -> Option<Pattern> {
        if self.strictness == Strictness::BuiltIn {
            return Some(Pattern::new(text));
        }
        match Regex::new(text) {
            Ok(regex) => Some(regex.into()),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or("it does not compile").trim();
                self.fail(line, format!("the pattern `{text}` cannot be used: {reason}"));
                None
            }
        }
    }

    /// A pattern that must hold on to one end of what it is matched against: a loose one matches too much.
    fn anchored(&mut self, line: u32, text: &str, what: &str) -> Option<Pattern> {
        let bare = text.strip_prefix("(?i)").unwrap_or(text);
        if !bare.starts_with('^') && !bare.ends_with('$') {
            let hint = Some(format!("write `^{bare}` or `{bare}$`"));
            self.fail_hint(
                line,
                format!("the pattern `{text}` of {what} is anchored on neither side"),
                hint,
            );
        }
        self.pattern(line, text)
    }

    /// Globs over paths, where `*` stays within a folder.
    fn path_globs(&mut self, globs: &[Spanned<String>]) -> Globs {
        let texts = globs
            .iter()
            .map(|glob| (self.line(glob.span().start), glob.get_ref().clone()));
        let texts: Vec<(u32, String)> = texts.collect();
        self.globs(&texts, true, false)
    }

    /// Globs over module names, in any case; one without `*` stands for its sub-paths as well.
    fn module_globs(&mut self, globs: &[(u32, String)]) -> Globs {
        self.globs(globs, false, true)
    }

    fn globs(&mut self, globs: &[(u32, String)], literal_separator: bool, modules: bool) -> Globs {
        let (mut set, mut not) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for (line, text) in globs {
            let (set, text) = match text.strip_prefix('!') {
                Some(text) => (&mut not, &text.to_owned()),
                None => (&mut set, text),
            };
            let sub_paths = (modules && !text.contains('*')).then(|| format!("{text}/**"));
            for text in std::iter::once(text).chain(&sub_paths) {
                let mut glob = GlobBuilder::new(text);
                match glob
                    .literal_separator(literal_separator)
                    .case_insensitive(modules)
                    .build()
                {
                    Ok(glob) => {
                        set.add(glob);
                    }
                    Err(error) => self.fail(*line, format!("the glob `{text}` cannot be used: {}", error.kind())),
                }
            }
        }
        let texts = globs.iter().map(|(_, text)| text.clone()).collect();
        let (set, not) = (set.build().unwrap_or_default(), not.build().unwrap_or_default());
        Globs { texts, set, not }
    }

    fn confidence(&mut self, at: Option<&Spanned<String>>) -> Option<Confidence> {
        let table = [
            ("high", Confidence::High),
            ("medium", Confidence::Medium),
            ("low", Confidence::Low),
        ];
        self.word(at?, "confidence", &table)
    }

    fn file(&mut self, mut form: FileForm) -> RuleFile {
        let schema = *form.schema.get_ref();
        if schema != 1 {
            let line = self.line(form.schema.span().start);
            self.fail(
                line,
                format!("schema {schema} is not known; this flagman reads schema 1"),
            );
        }
        self.id(&form.id, true);
        let confidence = self.confidence(form.confidence.as_ref()).unwrap_or(Confidence::High);
        let mut file = RuleFile {
            id: form.id.get_ref().clone(),
            origin: self.origin.to_owned(),
            languages: self.languages(&form.languages),
            needles: std::mem::take(&mut form.needles),
            demand: form.demand.take().and_then(|text| {
                let line = self.line(text.span().start);
                self.pattern(line, text.get_ref())
            }),
            doc: form.doc.take(),
            when: form.when.take().map(|when| self.when(&when)),
            flags: form.flags.take().map(|flags| self.flags(flags)).unwrap_or_default(),
            rules: Vec::new(),
        };
        let first_line = self.line(form.id.span().start);
        self.rules(form, confidence, &mut file);
        self.needles(&mut file, first_line);
        self.unique_ids(&file);
        file
    }

    fn id(&mut self, id: &Spanned<String>, slash: bool) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (slash && c == '/');
        let text = id.get_ref();
        if text.is_empty() || !text.chars().all(fits) {
            let line = self.line(id.span().start);
            self.fail(line, format!("the id `{text}` is not in kebab-case"));
        }
    }

    fn languages(&mut self, words: &[Spanned<String>]) -> Vec<Language> {
        let mut languages = Vec::new();
        for word in words {
            let found = Language::from_word(word.get_ref());
            if found.is_empty() {
                let known = Language::ALL.map(|language| (language.word(), ()));
                self.word(word, "language", &known);
            }
            languages.extend_from_slice(found);
        }
        languages.sort();
        languages.dedup();
        languages
    }

    fn when(&mut self, form: &WhenForm) -> When {
        let imports: Vec<(u32, String)> = form
            .imports
            .iter()
            .map(|import| (self.line(import.span().start), import.get_ref().clone()))
            .collect();
        let table = [
            ("file", ImportReach::File),
            ("reexport", ImportReach::Reexport),
            ("project", ImportReach::Project),
        ];
        let reach = form.reach.as_ref().and_then(|reach| self.word(reach, "reach", &table));
        When {
            imports: self.module_globs(&imports),
            reach: reach.unwrap_or_default(),
        }
    }

    fn flags(&mut self, form: FlagsForm) -> FlagTraits {
        let missing = match form.missing.as_deref() {
            None | Some("call_fallback") => Missing::CallFallback,
            Some("on") => Missing::Value(FlagValue::On),
            Some("off") => Missing::Value(FlagValue::Off),
            Some("undefined") => Missing::Undefined,
            Some(literal) => Missing::Literal(literal.to_owned()),
        };
        let table = [
            ("on", Ambient::Value(FlagValue::On)),
            ("off", Ambient::Value(FlagValue::Off)),
            ("declared", Ambient::Declared),
            ("call_fallback", Ambient::CallFallback),
            ("undefined", Ambient::Undefined),
            ("unknown", Ambient::Unknown),
        ];
        let ambient = form
            .ambient
            .as_ref()
            .and_then(|word| self.word(word, "ambient", &table));
        let transforms = form
            .key_transform
            .iter()
            .filter_map(|word| self.transform(word))
            .collect();
        let mut pattern = |text: Option<Spanned<String>>| {
            let text = text?;
            let line = self.line(text.span().start);
            self.pattern(line, text.get_ref())
        };
        let (key_filter, key_ignore) = (pattern(form.key_filter), pattern(form.key_ignore));
        let key_sure = pattern(form.key_sure);
        FlagTraits {
            missing,
            ambient: ambient.unwrap_or_default(),
            transforms,
            key_filter,
            key_ignore,
            key_sure,
            only_defined: form.only_defined,
            shows_lists: form.shows_lists,
            declared: std::sync::Arc::default(),
        }
    }

    fn transform(&mut self, word: &Spanned<String>) -> Option<Transform> {
        let transform = Transform::parse(word.get_ref());
        if transform.is_none() {
            let table = [
                "camel",
                "kebab",
                "snake",
                "screaming",
                "strip:<prefix>",
                "env:<template with {}>",
            ];
            self.word::<()>(word, "key_transform", &table.map(|known| (known, ())));
        }
        transform
    }
}
