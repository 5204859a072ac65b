//! What can be assigned. Enters: the words of a command line (`depends_on+=013-flip`, `flags.assumes.k=on`). Leaves: [`Assignment`]s, only
//! for keys that `super::super::declared` reads; and the same as a line of YAML or TOML.

use crate::flag::FlagValue;
use crate::nearest::did_you_mean;
use crate::prd::frontmatter::Fence;
use crate::prd::id;

/// Keys that hold one word.
const WORDS: &[&str] = &["id", "title", "branch", "foundation", "hotfix"];

/// Keys that hold a list, as people write them.
pub(super) const LISTS: &[&str] = &["depends_on", "touches", "creates", "writes", "reads"];

/// What front matter can say of a flag.
pub(super) const SECTIONS: &[&str] = &["introduces", "assumes", "stubs", "flips", "states"];

/// What is assigned to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    /// `branch`, `id`, …
    Word(&'static str),
    /// `depends_on`, `touches`, …
    List(&'static str),
    /// `flags.assumes.KEY`
    Flag {
        /// `assumes`, `stubs`, …
        section: &'static str,
        /// The flag.
        flag: String,
    },
}

/// What becomes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is this: one word, or all words of a list.
    Set(Vec<String>),
    /// The list has these too.
    Add(Vec<String>),
    /// The list has these no more; or the flag is not named any more.
    Remove(Vec<String>),
}

/// One key and what becomes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// What is assigned to.
    pub key: Key,
    /// What becomes of it.
    pub change: Change,
}

impl Assignment {
    /// Reads `KEY=VALUE`, `LIST+=VALUE`, `LIST-=VALUE`, `flags.SECTION.FLAG=on|off` and `flags.SECTION-=FLAG`; several values are parted by
    /// commas.
    ///
    /// # Errors
    /// A sentence that says what is wrong, with the key that was meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((left, value)) = text.split_once('=') else {
            return Err(format!("`{text}` assigns nothing: write KEY=VALUE or LIST+=VALUE"));
        };
        if value.contains(char::is_control) {
            return Err(format!("the value of `{left}` is more than one line"));
        }
        let (name, sign) = match (left.strip_suffix('+'), left.strip_suffix('-')) {
            (Some(name), _) => (name, '+'),
            (_, Some(name)) => (name, '-'),
            _ => (left, '='),
        };
        match name.strip_prefix("flags.") {
            Some(rest) => of_flag(rest, sign, value),
            None => of_document(name, sign, value),
        }
    }

    /// What to do by hand, in the language of the front matter; `is_there` if it has the key already.
    #[must_use]
    pub(crate) fn by_hand(&self, fence: Fence, is_there: bool) -> String {
        let (Change::Set(values) | Change::Add(values) | Change::Remove(values)) = &self.change;
        let words = || {
            values
                .iter()
                .map(|one| format!("`{one}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match (&self.key, &self.change) {
            (Key::Flag { section, flag }, Change::Remove(_)) => {
                format!("take `{flag}` out of `flags.{section}` by hand")
            }
            (Key::List(name), Change::Remove(_)) => format!("take {} out of `{name}` by hand", words()),
            (Key::List(name), Change::Add(_)) if is_there => format!("add {} to `{name}` by hand", words()),
            (Key::List(name), Change::Set(_)) if values.is_empty() => format!("empty `{name}` by hand"),
            _ => format!("write this line into it by hand: {}", self.line(fence)),
        }
    }

    /// What a document that is made for this says of it to people; `None` for what front matter alone says well enough.
    pub(super) fn sentence(&self) -> Option<String> {
        let Key::Flag { section, flag } = &self.key else {
            return None;
        };
        let Change::Set(values) = &self.change else { return None };
        let state = values.first()?;
        match *section {
            "flips" => Some(format!("This PRD turns `{flag}` {state} for everybody.")),
            "introduces" => Some(format!("This PRD ships the feature flag `{flag}`, {state} by default.")),
            _ => None,
        }
    }

    /// The line that says it, in the language of the front matter.
    fn line(&self, fence: Fence) -> String {
        let (Change::Set(values) | Change::Add(values) | Change::Remove(values)) = &self.change;
        let list = |quoted: fn(&str) -> String| values.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(", ");
        let value = values.first().map_or("", String::as_str);
        match (&self.key, fence) {
            (Key::Word(name), Fence::Yaml) => format!("{name}: {}", yaml_word(value)),
            (Key::Word(name), Fence::Toml) => format!("{name} = {}", toml_word(value)),
            (Key::List(name), Fence::Yaml) => format!("{name}: [{}]", list(yaml_word)),
            (Key::List(name), Fence::Toml) => format!("{name} = [{}]", list(toml_word)),
            (Key::Flag { section, flag }, Fence::Yaml) => {
                format!("flags: {{ {section}: {{ {}: {value} }} }}", yaml_word(flag))
            }
            (Key::Flag { section, flag }, Fence::Toml) => {
                format!("flags.{section}.{} = {}", toml_word(flag), toml_word(value))
            }
        }
    }
}

fn of_flag(rest: &str, sign: char, value: &str) -> Result<Assignment, String> {
    let (word, flag) = rest
        .split_once('.')
        .map_or((rest, None), |(word, flag)| (word, Some(flag)));
    let Some(section) = SECTIONS.iter().find(|section| **section == word) else {
        let near = did_you_mean(word, SECTIONS.iter().copied());
        return Err(format!(
            "front matter knows no `flags.{word}` ({}){near}",
            SECTIONS.join(", ")
        ));
    };
    let flag = flag.filter(|flag| !flag.trim().is_empty());
    let state = match FlagValue::parse(value) {
        FlagValue::Unknown => None,
        state => Some(state.word().to_owned()),
    };
    let (flag, change) = match (flag, sign, state) {
        (Some(flag), '=', Some(state)) => (flag, Change::Set(vec![state])),
        (Some(flag), '=', None) => return Err(format!("`{flag}` is on or off, not `{value}`")),
        (None, '-', _) if !value.trim().is_empty() => (value.trim(), Change::Remove(Vec::new())),
        _ => {
            return Err(format!(
                "write flags.{section}.FLAG=on (or off), or flags.{section}-=FLAG to take it out"
            ));
        }
    };
    let flag = flag.to_owned();
    Ok(Assignment {
        key: Key::Flag { section, flag },
        change,
    })
}

fn of_document(name: &str, sign: char, value: &str) -> Result<Assignment, String> {
    let name = name.trim();
    let called = super::super::declared::kebab(name).replace('-', "_");
    if let Some(list) = LISTS.iter().find(|list| **list == called) {
        let words = value.trim().trim_start_matches('[').trim_end_matches(']').split(',');
        let words: Vec<String> = words
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() && sign != '=' {
            return Err(format!(
                "say what is {} `{list}`",
                if sign == '+' { "added to" } else { "taken out of" }
            ));
        }
        let change = match sign {
            '+' => Change::Add(words),
            '-' => Change::Remove(words),
            _ => Change::Set(words),
        };
        return Ok(Assignment {
            key: Key::List(list),
            change,
        });
    }
    let Some(word) = WORDS.iter().find(|word| **word == called) else {
        let known: Vec<&str> = LISTS.iter().chain(WORDS).copied().collect();
        let near = did_you_mean(&called, known.iter().copied());
        return Err(format!(
            "front matter has no key `{name}` that can be set ({}, flags.…){near}",
            known.join(", ")
        ));
    };
    let value = value.trim();
    match *word {
        _ if sign != '=' => Err(format!("`{word}` is one word, not a list: write {word}={value}")),
        _ if value.is_empty() => Err(format!("`{word}` is set to nothing")),
        "id" if !id::is_fit(value) => Err(format!("the id `{value}` is not fit to name a branch and a file")),
        "foundation" | "hotfix" if FlagValue::parse(value) == FlagValue::Unknown => {
            Err(format!("`{word}` is true or false, not `{value}`"))
        }
        _ => Ok(Assignment {
            key: Key::Word(word),
            change: Change::Set(vec![value.to_owned()]),
        }),
    }
}

/// A word of YAML, in quotes only where it needs them.
pub(super) fn yaml_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./-".contains(c);
    let safe = word.starts_with(|c: char| c.is_alphanumeric() || c == '_') && word.chars().all(plain);
    let taken = matches!(word.to_ascii_lowercase().as_str(), "null" | "nan" | "inf");
    if safe && !taken {
        word.to_owned()
    } else if word.contains('\'') {
        format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{word}'")
    }
}

/// A word of TOML, always in quotes.
pub(super) fn toml_word(word: &str) -> String {
    toml_edit::Value::from(word).to_string()
}
