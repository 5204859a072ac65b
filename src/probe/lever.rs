//! How a flag is set to its other state. Enters: what is known of it. Leaves: a [`Lever`]: the steps to take in the copy of the project
//! (a literal at its definition, an entry of the flag file, a variable of the environment, a Cargo feature), or why there is none.

use crate::analysis::Analysis;
use crate::assumption::table::FlagFacts;
use crate::flag::ledger::append;
use crate::flag::{FlagKey, FlagValue, NewState};
use crate::index::{FlagDefinition, FlagRead};
use crate::source::{Bytes, FileId, RepoPath, Span};

use super::literal::flipped;

/// The rule that finds Cargo's features.
const CARGO_FEATURE: &str = "rust/cargo-features/feature";

/// What a step changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The declared default.
    Definition,
    /// What a read falls back to.
    Fallback,
    /// The entry of the flag file.
    State,
    /// A variable of the environment.
    Environment,
    /// A feature of a Cargo package.
    Feature,
}

/// One thing to do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// Replace bytes of a file.
    Edit {
        /// What that changes.
        kind: Kind,
        /// The file.
        path: RepoPath,
        /// Which of its bytes.
        place: Span,
        /// By what.
        text: String,
    },
    /// Run with this variable, or without it.
    Variable {
        /// Its name.
        name: String,
        /// Its value; `None` for unset.
        value: Option<String>,
        /// The read that says so.
        place: Span,
    },
    /// Build with this feature.
    Feature {
        /// The folder of the package.
        folder: String,
        /// The feature.
        name: String,
        /// Where it is defined.
        place: Span,
    },
}

/// How one flag is flipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lever {
    /// The flag.
    pub flag: FlagKey,
    /// What it is now.
    pub from: FlagValue,
    /// What it is made.
    pub to: FlagValue,
    /// All of them are taken.
    pub steps: Vec<Step>,
    /// The code that decides is changed itself: where no test notices, none depends on it. Otherwise nobody may have asked what was set.
    pub sure: bool,
}

/// Why a flag cannot be flipped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cannot {
    /// The flag.
    pub flag: FlagKey,
    /// A sentence.
    pub why: String,
}

/// The lever of a flag.
///
/// # Errors
/// Why there is none.
pub fn lever(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> Result<Lever, Cannot> {
    let cannot = |why: String| {
        let flag = key.clone();
        Err(Cannot { flag, why })
    };
    if facts.disputed {
        return cannot("its definitions state different defaults".to_owned());
    }
    let definitions: Vec<&FlagDefinition> = facts
        .definitions
        .iter()
        .map(|at| &analysis.index.definitions[*at])
        .collect();
    let reads: Vec<&FlagRead> = facts.reads.iter().map(|at| &analysis.index.reads[*at]).collect();
    let variables: Vec<Variable> = variables(analysis, &definitions, &reads);
    let from = match (facts.state.as_ref().map(|entry| entry.value), facts.default_value()) {
        (Some(value), _) if value != FlagValue::Unknown => value,
        (_, FlagValue::Unknown) => variables.first().map_or(FlagValue::Unknown, |variable| variable.unset),
        (_, value) => value,
    };
    if from == FlagValue::Unknown {
        return cannot(unknown_words(&definitions, &reads));
    }
    let mut steps: Vec<Step> = Vec::new();
    for definition in definitions.iter().filter(|definition| definition.declared == from) {
        steps.extend(at_definition(analysis, definition, from));
    }
    let sure = !steps.is_empty();
    steps.extend(in_the_flag_file(analysis, facts, from.flipped()));
    steps.extend(variables.iter().map(|variable| variable.step(from.flipped())));
    if !sure {
        steps.extend(reads.iter().filter_map(|read| at_fallback(analysis, read, from)));
    }
    steps.sort();
    steps.dedup();
    if steps.is_empty() {
        return cannot(no_lever_words(&definitions));
    }
    Ok(Lever {
        flag: key.clone(),
        from,
        to: from.flipped(),
        steps,
        sure,
    })
}

fn unknown_words(definitions: &[&FlagDefinition], reads: &[&FlagRead]) -> String {
    if !definitions.is_empty() {
        "its definition states no default that could be turned round".to_owned()
    } else if reads.is_empty() {
        "nothing in the code defines or reads it".to_owned()
    } else {
        "nothing in the code defines it, and its reads name no default: its value comes from elsewhere".to_owned()
    }
}

fn no_lever_words(definitions: &[&FlagDefinition]) -> String {
    match definitions.first() {
        Some(_) => "the default at its definition is not a literal".to_owned(),
        None => "nothing in the code defines it, and no literal at its reads could be turned round".to_owned(),
    }
}

fn at_definition(analysis: &Analysis, definition: &FlagDefinition, from: FlagValue) -> Option<Step> {
    if definition.rule == CARGO_FEATURE {
        return feature(analysis, definition, from);
    }
    edit(analysis, Kind::Definition, definition.value_span?, from)
}

fn edit(analysis: &Analysis, kind: Kind, span: Span, from: FlagValue) -> Option<Step> {
    let (range, text) = flipped(analysis.sources.text(span), from)?;
    let start = span.bytes.start as usize;
    Some(Step::Edit {
        kind,
        path: analysis.sources.path(span.file).clone(),
        place: Bytes::new(start + range.start, start + range.end).in_file(span.file),
        text,
    })
}

/// A feature that is off is asked for; one that is on leaves the list of defaults.
fn feature(analysis: &Analysis, definition: &FlagDefinition, from: FlagValue) -> Option<Step> {
    let path = analysis.sources.path(definition.span.file).clone();
    if from == FlagValue::Off {
        return Some(Step::Feature {
            folder: path.parent().to_owned(),
            name: definition.key.as_str().to_owned(),
            place: definition.span,
        });
    }
    let span = definition.value_span?;
    let place = list_entry(&analysis.sources.file(span.file).text, span)?;
    Some(Step::Edit {
        kind: Kind::Feature,
        path,
        place,
        text: String::new(),
    })
}

/// An entry of a list with the comma that goes with it.
fn list_entry(text: &str, entry: Span) -> Option<Span> {
    let range = entry.bytes.range();
    if !text.get(range.clone())?.starts_with(['"', '\'']) {
        return None;
    }
    let after = &text[range.end..];
    let blank = after.len() - after.trim_start().len();
    if after.trim_start().starts_with(',') {
        return Some(Bytes::new(range.start, range.end + blank + 1).in_file(entry.file));
    }
    let before = text[..range.start].trim_end();
    let start = if before.ends_with(',') {
        before.len() - 1
    } else {
        range.start
    };
    Some(Bytes::new(start, range.end).in_file(entry.file))
}

/// Where the flag file records a state it outranks the default, so it is turned round, too.
fn in_the_flag_file(analysis: &Analysis, facts: &FlagFacts, to: FlagValue) -> Option<Step> {
    let entry = facts.state.as_ref()?;
    let file: FileId = entry.span.file;
    let text = &analysis.sources.file(file).text;
    let state = NewState {
        flag: &entry.flag,
        environment: &entry.environment,
        value: to,
        at: entry.at.as_deref().unwrap_or("2000-01-01T00:00:00Z"),
        by: "flagman probe",
        reason: "a trial in a copy",
    };
    Some(Step::Edit {
        kind: Kind::State,
        path: analysis.sources.path(file).clone(),
        place: Bytes::new(0, text.len()).in_file(file),
        text: append(text, &state).ok()?,
    })
}

fn at_fallback(analysis: &Analysis, read: &FlagRead, from: FlagValue) -> Option<Step> {
    let in_test = analysis
        .index
        .test_files
        .contains(analysis.sources.path(read.span.file));
    if in_test || !read.via.is_empty() || read.fallback != Some(from) {
        return None;
    }
    edit(analysis, Kind::Fallback, read.span, from)
}

/// A variable of the environment that decides.
struct Variable {
    name: String,
    /// What the flag is without it.
    unset: FlagValue,
    /// What it must be set to for the other value.
    value: String,
    place: Span,
}

impl Variable {
    fn step(&self, to: FlagValue) -> Step {
        Step::Variable {
            name: self.name.clone(),
            value: (to != self.unset).then(|| self.value.clone()),
            place: self.place,
        }
    }
}

/// The variables that are read as the flag, and those that its definitions read.
fn variables(analysis: &Analysis, definitions: &[&FlagDefinition], reads: &[&FlagRead]) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    for read in reads
        .iter()
        .filter(|read| read.rule.contains("/env/") && read.via.is_empty())
    {
        let file = &analysis.sources.file(read.span.file).text;
        let tail = file.get(read.span.bytes.range().end..).unwrap_or("");
        let (unset, value) = compared(tail.lines().next().unwrap_or(""));
        let (name, place) = (read.key.as_str().to_owned(), read.key_span);
        found.push(Variable {
            name,
            unset,
            value,
            place,
        });
    }
    for definition in definitions
        .iter()
        .filter(|definition| definition.declared == FlagValue::Unknown)
    {
        let Some(span) = definition.value_span else { continue };
        let words = analysis.sources.text(span);
        let Some((name, tail)) = named(words) else { continue };
        let (unset, value) = compared(tail);
        found.push(Variable {
            name: name.to_owned(),
            unset,
            value,
            place: span,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// The variable that a value is made from, and what follows its name.
fn named(words: &str) -> Option<(&str, &str)> {
    let marks = [
        "process.env.",
        "import.meta.env.",
        "env::var(\"",
        "process.env['",
        "process.env[\"",
    ];
    let (at, mark) = marks.iter().find_map(|mark| Some((words.find(mark)?, mark)))?;
    let rest = &words[at + mark.len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    (end > 0).then(|| (&rest[..end], &rest[end..]))
}

/// What the flag is without the variable, and the value that makes it the other: `=== 'true'` wants `true`, `!== 'off'` is on without.
fn compared(tail: &str) -> (FlagValue, String) {
    let tail: String = tail.chars().take(60).collect();
    let quoted = tail.split(['\'', '"', '`']).nth(1).map(str::to_owned);
    let unequal = tail.trim_start_matches([')', ']', '\'', '"', ' ']).starts_with("!=");
    match quoted.filter(|word| FlagValue::parse(word) != FlagValue::Unknown) {
        Some(word) => {
            let set = FlagValue::parse(&word);
            let equal_means = if set == FlagValue::On {
                FlagValue::On
            } else {
                FlagValue::Off
            };
            // `x !== 'false'`: on unless it is said; `x === 'true'`: off unless it is said.
            let unset = if unequal { FlagValue::On } else { equal_means.flipped() };
            (unset, word)
        }
        None => (FlagValue::Off, "true".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_leaves_with_its_comma() {
        for (text, expected) in [
            (r#"default = ["a", "b"]"#, r#"default = [ "b"]"#),
            (r#"default = ["b", "a"]"#, r#"default = ["b"]"#),
            (r#"default = ["a"]"#, "default = []"),
        ] {
            let at = text.find(r#""a""#).expect("an entry");
            let place = list_entry(text, Bytes::new(at, at + 3).in_file(FileId(0))).expect("a place");
            let mut after = text.to_owned();
            after.replace_range(place.bytes.range(), "");
            assert_eq!(after, expected);
        }
    }

    #[test]
    fn a_variable_is_set_to_what_it_is_compared_with() {
        let on = |word: &str| (FlagValue::Off, word.to_owned());
        assert_eq!(compared(" === 'true'"), on("true"));
        assert_eq!(compared(".as_deref() == Ok(\"1\")"), on("1"));
        assert_eq!(compared(" !== 'off'"), (FlagValue::On, "off".to_owned()));
        assert_eq!(compared(") {"), on("true"));
        assert_eq!(
            named("process.env.SNAPSHOT_READ === 'true'"),
            Some(("SNAPSHOT_READ", " === 'true'"))
        );
        assert_eq!(named("settings.x"), None);
    }
}
