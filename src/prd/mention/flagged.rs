//! Names that are flags though nothing beside them says "flag". Enters: a sentence, those behind it, the token of a name in code voice, what
//! is known of the name. Leaves: whether the sentence makes a flag of it. The sentences are those of `rules/prose/names.toml`.
//!
//! A name that nothing knows is taken for a flag only where nothing else is said to be so: options of compilers, handlers and properties are
//! turned on and off too.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;

use super::noun;
use crate::flag::FlagValue;
use crate::prd::claim::default_told;
use crate::prd::names::{KnownNames, Naming, is_camel};
use crate::prd::prose::pattern::{Match, Vocabulary};
use crate::prd::prose::{Form, Pattern, Sentence, Token, words};
use crate::prd::shape;

/// A way of speaking of a flag.
struct Shape {
    patterns: Vec<Pattern>,
    /// Counts only where a default is told.
    default: bool,
    /// Counts for a word in small letters.
    word: bool,
    /// A file about flags must stand beside it.
    beside: bool,
    /// A flag of the name must be known.
    known: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    shape: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    say: Vec<String>,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    word: bool,
    #[serde(default)]
    beside: bool,
    #[serde(default)]
    known: bool,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the tests"))]
    example: Vec<String>,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are for the tests"))]
    not: Vec<String>,
}

fn file() -> File {
    toml::from_str(include_str!("../../../rules/prose/names.toml"))
        .unwrap_or_else(|error| panic!("BUG: rules/prose/names.toml: {}", error.message()))
}

fn shapes() -> &'static [Shape] {
    static SHAPES: OnceLock<Vec<Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let parse = |say: &String| {
            Pattern::parse(say).unwrap_or_else(|error| panic!("BUG: rules/prose/names.toml: `{say}`: {error}"))
        };
        let shape = |raw: Raw| Shape {
            patterns: raw.say.iter().map(parse).collect(),
            default: raw.default,
            word: raw.word,
            beside: raw.beside,
            known: raw.known,
        };
        file().shape.into_iter().map(shape).collect()
    })
}

/// What a sentence makes of its names, found once for all of them.
pub(super) struct Said<'a> {
    /// The sentence, and those behind it.
    rest: &'a [Sentence<'a>],
    /// A shape (index into [`shapes`]) and the token of its key.
    keys: OnceCell<Vec<(usize, usize)>>,
    of_tools: OnceCell<bool>,
}

impl<'a> Said<'a> {
    /// Of the first of these sentences.
    pub(super) fn of(rest: &'a [Sentence<'a>]) -> Self {
        Self {
            rest,
            keys: OnceCell::new(),
            of_tools: OnceCell::new(),
        }
    }

    /// True if the name at the token `at` is a flag's.
    pub(super) fn is_flag(&self, at: usize, names: &KnownNames) -> bool {
        let sentence = &self.rest[0];
        let token = &sentence.tokens[at];
        let text = &sentence.flow.text[token.at.clone()];
        if !shape::is_flag_key(text) || noun::says_code(sentence, at) {
            return false;
        }
        match names.naming(text) {
            Naming::Flag => true,
            Naming::Both => self.is_said(at, |_| true),
            Naming::Code => false,
            Naming::Unknown if !token.ticked || *self.of_tools.get_or_init(|| of_tools(sentence)) => false,
            Naming::Unknown if is_word(text) => {
                !words().looks.programs.contains(text) && self.is_said(at, |shape| shape.word && !shape.known)
            }
            Naming::Unknown => may_be_new(text) && self.is_said(at, |shape| !shape.known),
        }
    }

    /// True if one of the shapes fits, with the name at `at` for its key.
    fn is_said(&self, at: usize, wanted: impl Fn(&Shape) -> bool) -> bool {
        let keys = self.keys.get_or_init(|| keys(self.rest));
        keys.iter().any(|(shape, key)| *key == at && wanted(&shapes()[*shape]))
    }
}

/// The shapes that fit the first sentence, each with the token of its key.
fn keys(rest: &[Sentence<'_>]) -> Vec<(usize, usize)> {
    let sentence = &rest[0];
    let vocabulary = Vocabulary::new(sentence.tokens.iter().map(|token| &*token.stem));
    let told = OnceCell::new();
    let default = || *told.get_or_init(|| default_told(rest) != FlagValue::Unknown);
    let of_flags = |token: &Token| {
        let path = token.stem.to_lowercase();
        token.form == Form::Code
            && shape::is_path(&path)
            && ["flag", "feature", "toggle"].iter().any(|word| path.contains(word))
    };
    let beside = || sentence.tokens.iter().any(of_flags);
    let mut found = Vec::new();
    for (number, shape) in shapes().iter().enumerate() {
        let patterns = shape.patterns.iter().filter(|pattern| pattern.may_fit(&vocabulary));
        let matches = patterns.flat_map(|pattern| pattern.find(sentence, &[]));
        let whole = matches.filter(|found: &Match| ends_in_a_state(sentence, found.at.end));
        let keys: BTreeSet<usize> = whole.filter_map(|found| found.key).collect();
        if !keys.is_empty() && (!shape.default || default()) && (!shape.beside || beside()) {
            found.extend(keys.into_iter().map(|key| (number, key)));
        }
    }
    found
}

/// "Switch `tab` on click" turns nothing on.
fn ends_in_a_state(sentence: &Sentence<'_>, end: usize) -> bool {
    let bare = |token: &Token| token.form == Form::Word && matches!(&*token.stem, "on" | "off");
    let goes_on = |next: &Token| next.form != Form::Word || words().class("after_state").has(&next.stem);
    !sentence.tokens[..end].last().is_some_and(bare) || sentence.tokens.get(end).is_none_or(goes_on)
}

/// A single word in small letters.
fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_lowercase())
}

/// `newCheckout`, and not `AuthGuard` or one of [`is_other`].
fn may_be_new(name: &str) -> bool {
    is_camel(name) && !is_other(name)
}

/// `isOpen`, `onClick`, `useEffect`, `strictNullChecks`, `disabled`: states, handlers, hooks, options and properties are on and off too.
pub(crate) fn is_other(name: &str) -> bool {
    let looks = &words().looks;
    let head = name.find(char::is_uppercase).map(|end| &name[..end]);
    looks.options.contains(name) || (is_camel(name) && head.is_some_and(|head| looks.no_flag_heads.contains(head)))
}

/// The sentence tells of a compiler, a linter or a component.
fn of_tools(sentence: &Sentence<'_>) -> bool {
    let configures =
        |token: &Token| token.form == Form::Code && words().looks.tool_files.part_of(&token.stem.to_lowercase());
    words().class("tooling").within(&sentence.tokens) || sentence.tokens.iter().any(configures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prd::MentionKind;
    use crate::prd::tests::document_with;

    #[test]
    fn every_example_of_every_shape() {
        let mut names = KnownNames::default();
        names.add_flag("quickPay");
        names.add_code("quickPay");
        names.add_code("authGuard");
        let mut wrong = Vec::new();
        for raw in file().shape {
            for (sentences, expected) in [(&raw.example, true), (&raw.not, false)] {
                for sentence in sentences {
                    let (_, prd) = document_with("docs/prds/050-x.md", &format!("{sentence}\n"), &names);
                    let found = prd.mentions.iter().any(|mention| mention.kind == MentionKind::Flag);
                    if found != expected {
                        wrong.push(format!("{expected}: {sentence}"));
                    }
                }
            }
        }
        assert!(
            wrong.is_empty(),
            "{} of the examples:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}
