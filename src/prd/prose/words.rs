//! The words of `rules/prose/words.toml`. Enters: that file, embedded. Leaves: [`Words`], with every entry stemmed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;

use super::token::{Form, Token, stem};

/// A list of words or short phrases, stemmed; looked up by the first word.
#[derive(Debug, Default)]
pub(crate) struct Class {
    /// Its place among the classes of its list.
    pub(super) number: usize,
    by_first: HashMap<Box<str>, Vec<Vec<Box<str>>>>,
}

impl Class {
    fn new(number: usize, entries: &[String]) -> Self {
        let mut class = Self {
            number,
            ..Self::default()
        };
        for entry in entries {
            let mut stems: Vec<Box<str>> = split(entry);
            if stems.is_empty() {
                continue;
            }
            let first = stems.remove(0);
            class.by_first.entry(first).or_default().push(stems);
        }
        for rests in class.by_first.values_mut() {
            rests.sort_by_key(|rest| std::cmp::Reverse(rest.len()));
        }
        class
    }

    /// How many tokens of `tokens`, from its beginning, are an entry of this class; the longest entry counts. Zero for none.
    pub(crate) fn at(&self, tokens: &[Token]) -> usize {
        self.lengths(tokens).next().unwrap_or(0)
    }

    /// The lengths of all entries that `tokens` begins with, longest first.
    pub(crate) fn lengths<'a>(&'a self, tokens: &'a [Token]) -> impl Iterator<Item = usize> + 'a {
        let rests = match tokens.first() {
            Some(first) if first.form != Form::Mark && !first.ticked => self.by_first.get(&first.stem),
            _ => None,
        };
        rests.into_iter().flatten().filter_map(|rest| {
            let words = tokens.get(1..=rest.len())?;
            let same = |(stem, token): (&str, &Token)| token.form != Form::Code && *stem == *token.stem;
            let stems = rest.iter().map(|stem| &**stem);
            stems.zip(words).all(same).then_some(1 + rest.len())
        })
    }

    /// True if an entry begins anywhere in `tokens`.
    pub(crate) fn within(&self, tokens: &[Token]) -> bool {
        self.find(tokens).is_some()
    }

    /// Where the first entry in `tokens` begins.
    pub(crate) fn find(&self, tokens: &[Token]) -> Option<usize> {
        (0..tokens.len()).find(|at| self.at(&tokens[*at..]) > 0)
    }

    /// True if an entry begins with this stem.
    pub(super) fn begins_with(&self, stem: &str) -> bool {
        self.by_first.contains_key(stem)
    }

    /// True if this stem alone is an entry.
    pub(crate) fn has(&self, stem: &str) -> bool {
        self.by_first
            .get(stem)
            .is_some_and(|rests| rests.iter().any(Vec::is_empty))
    }
}

/// A set of literal words.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Literals(BTreeSet<String>);

impl Literals {
    /// True if `word` is one of them.
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// True if one of them is a part of `word`.
    pub(crate) fn part_of(&self, word: &str) -> bool {
        self.0.iter().any(|part| word.contains(part.as_str()))
    }

    /// True if `word` ends with one of them.
    pub(crate) fn end_of(&self, word: &str) -> bool {
        self.0
            .iter()
            .any(|ending| word.len() > ending.len() && word.ends_with(ending.as_str()))
    }
}

/// Things that only look like something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Looks {
    /// Products with a file-like name.
    pub(crate) not_files: Literals,
    /// Products with an identifier-like name.
    pub(crate) not_symbols: Literals,
    /// Owners that every program has (`Math.round`).
    pub(crate) builtins: Literals,
    /// First segments of paths.
    pub(crate) folders: Literals,
    /// Words whose dot ends no sentence.
    pub(crate) abbreviations: Literals,
    /// How names of constraints and indexes end.
    pub(crate) constraint_endings: Literals,
    /// Programs that things stand behind.
    pub(crate) programs: Literals,
    /// First words of names that are few flags'.
    pub(crate) no_flag_heads: Literals,
    /// Options of tools and properties of components.
    pub(crate) options: Literals,
    /// How nouns of needs end: a stem is that of their verb, too.
    pub(crate) need_nouns: Literals,
    /// What is said right beside a dependency that is none, or none any more.
    pub(crate) done_with: Literals,
    /// Parts of the names of files that configure tools.
    pub(crate) tool_files: Literals,
}

/// Words of titles of tests and of environments, in lower case and in one form each: a title is a name as often as a sentence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Titles {
    /// Words that say *on*.
    pub(crate) on: Literals,
    /// Words that say *off*.
    pub(crate) off: Literals,
    /// Words that may stand between a flag and its value, either way round.
    pub(crate) links: Literals,
    /// Words that call something a flag.
    pub(crate) flag: Literals,
    /// Words after which *on* has ended.
    pub(crate) after_on: Literals,
    /// Words that begin what holds of the test itself, after which nothing said before counts.
    pub(crate) opening: Literals,
    /// Words between there and the flag that take the need away.
    pub(crate) denying: Literals,
    /// Words before "that" which say that it is so.
    pub(crate) testing: Literals,
    /// Words at the end of a clause that take it away: the test passes in both states.
    pub(crate) either: Literals,
    /// What may follow "either" to the same end.
    pub(crate) way: Literals,
    /// Words that do, if they are denied.
    pub(crate) affected: Literals,
    /// Words that turn the word after them around.
    pub(crate) turning: Literals,
    /// What a test says that its code does with the name of a flag, right in front of it.
    pub(crate) doing: Literals,
    /// Words after "on" that make a place of it.
    pub(crate) places: Literals,
    /// Words after a value that hold it for a part of the world.
    pub(crate) partly: Literals,
    pub(crate) wrapping: Literals,
    pub(crate) mocking: Literals,
    /// What a test may do without, if it is denied.
    pub(crate) needing: Literals,
    /// What it then need not do.
    pub(crate) running: Literals,
    /// Words for environments; who names one speaks of that one alone.
    pub(crate) environments: Literals,
}

/// Every word list.
#[derive(Debug)]
pub(crate) struct Words {
    /// Classes by name.
    pub(crate) classes: BTreeMap<String, Class>,
    /// What is done with a thing.
    pub(crate) access: BTreeMap<String, Class>,
    /// Headings by what they mean.
    pub(crate) headings: BTreeMap<String, Class>,
    /// Things that only look like something.
    pub(crate) looks: Looks,
    /// Words of titles of tests.
    pub(crate) titles: Titles,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    classes: BTreeMap<String, Vec<String>>,
    access: BTreeMap<String, Vec<String>>,
    headings: BTreeMap<String, Vec<String>>,
    looks: Looks,
    titles: Titles,
}

impl Words {
    /// The class of this name.
    ///
    /// # Panics
    /// If the rule file has no such class; the names are in the code, and a test looks at all of them.
    pub(crate) fn class(&self, name: &str) -> &Class {
        self.classes
            .get(name)
            .unwrap_or_else(|| panic!("BUG: no word class `{name}`"))
    }

    /// The access class of this name.
    ///
    /// # Panics
    /// As [`Words::class`].
    pub(crate) fn doing(&self, name: &str) -> &Class {
        self.access
            .get(name)
            .unwrap_or_else(|| panic!("BUG: no access words `{name}`"))
    }
}

/// The words of the rule file, read once.
pub(crate) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let text = include_str!("../../../rules/prose/words.toml");
        let file: File =
            toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/prose/words.toml: {}", error.message()));
        let classes = |lists: BTreeMap<String, Vec<String>>| {
            lists
                .into_iter()
                .enumerate()
                .map(|(number, (name, entries))| (name, Class::new(number, &entries)))
                .collect()
        };
        Words {
            classes: classes(file.classes),
            access: classes(file.access),
            headings: classes(file.headings),
            looks: file.looks,
            titles: file.titles,
        }
    })
}

/// The stems of an entry, split as prose is.
fn split(entry: &str) -> Vec<Box<str>> {
    let entry = entry.replace("n't", " not");
    entry
        .split([' ', '-'])
        .filter(|word| !word.is_empty())
        .map(stem)
        .collect()
}
