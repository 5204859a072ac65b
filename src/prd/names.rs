//! Names by which documents may speak of flags, and of each other. Enters: the names that code, flag file and documents give to flags, and those that the code
//! gives to other things. Leaves: [`KnownNames`], which says what a name in code voice is. Knows nothing of sentences: what they make of a
//! name that nothing knows is decided in `mention`.

use std::collections::{BTreeMap, BTreeSet};

use super::spelling::letters;
use super::titles::Titles;
use super::{PrdId, shape};

/// What is known of names: `newCheckout` in backticks is a flag where a flag is called so, and a function where only a function is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownNames {
    flags: BTreeSet<String>,
    /// The same without their spelling; only of names of more than one word, for a single word means too much.
    letters: BTreeSet<String>,
    code: BTreeSet<String>,
    /// Tables of the schema.
    tables: BTreeSet<String>,
    /// Flags that are there already (nobody's), or that a document ships with its default (its own).
    settled: BTreeMap<String, BTreeSet<Option<PrdId>>>,
    /// What documents are called.
    pub(crate) titles: Titles,
}

/// What a name is, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Naming {
    /// A flag, and nothing else.
    Flag,
    /// A flag, and something of the code beside it.
    Both,
    /// Something of the code.
    Code,
    /// Nothing knows it.
    Unknown,
}

impl KnownNames {
    /// Takes a name for a flag's.
    pub fn add_flag(&mut self, name: &str) {
        if is_compound(name) {
            self.letters.insert(letters(name));
        }
        self.flags.insert(name.to_owned());
    }

    /// Takes a name for that of something else in the code.
    pub fn add_code(&mut self, name: &str) {
        self.code.insert(name.to_owned());
    }

    /// Takes a name for a table's: in backticks it is one, with no noun beside it.
    pub fn add_table(&mut self, name: &str) {
        self.tables.insert(name.to_owned());
    }

    /// True if the schema has a table of this name, and nothing else is called so.
    pub(crate) fn is_table(&self, name: &str) -> bool {
        self.tables.contains(name) && self.naming(name) == Naming::Unknown
    }

    /// Takes a name for that of a flag which is there already, or which a document ships and says its default: who only tells what stands
    /// behind it does not ship it.
    pub fn add_settled(&mut self, name: &str) {
        self.settled.entry(name.to_owned()).or_default().insert(None);
    }

    /// The same of a flag that a document ships.
    pub fn add_settled_by(&mut self, name: &str, prd: &PrdId) {
        self.settled
            .entry(name.to_owned())
            .or_default()
            .insert(Some(prd.clone()));
    }

    /// True if the flag is there already, or shipped with its default.
    pub(crate) fn is_settled(&self, name: &str) -> bool {
        self.settled.contains_key(name)
    }

    /// The same, and not by this document: of several that seem to ship it the first one does, so that a remark of another one never takes the
    /// flag from who ships it.
    pub(crate) fn is_settled_elsewhere(&self, name: &str, own: &PrdId) -> bool {
        let mut by = self.settled.get(name).into_iter().flatten();
        by.any(|prd| prd.as_ref().is_none_or(|prd| prd < own))
    }

    /// The documents of the wave may be called by these titles.
    pub fn set_titles(&mut self, titles: Titles) {
        self.titles = titles;
    }

    /// What `name` is.
    pub(crate) fn naming(&self, name: &str) -> Naming {
        let spelled = || is_compound(name) && self.letters.contains(&letters(name));
        let flag = shape::is_flag_key(name) && (self.flags.contains(name) || spelled());
        match (flag, self.code.contains(name)) {
            (true, false) => Naming::Flag,
            (true, true) => Naming::Both,
            (false, true) => Naming::Code,
            (false, false) => Naming::Unknown,
        }
    }

    /// True if one of the names stands in `text`: only such a document reads otherwise than without them.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        let names = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')));
        let known = |name: &str| {
            !name.is_empty() && (self.naming(name) != Naming::Unknown || self.is_settled(name) || self.is_table(name))
        };
        self.titles.stand_in(text) || names.map(|name| name.trim_matches(['.', ':', '-'])).any(known)
    }
}

/// `newCheckout`: more than one word in one name, as code joins them.
pub(crate) fn is_camel(name: &str) -> bool {
    let small = name.starts_with(|c: char| c.is_ascii_lowercase());
    small && name.contains(char::is_uppercase) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `newCheckout`, `new_checkout`: more than one word in one name.
pub(crate) fn is_compound(name: &str) -> bool {
    let upper_inside = name
        .chars()
        .zip(name.chars().skip(1))
        .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    upper_inside || name.trim_matches(['_', '-', '.']).contains(['_', '-', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_is_known_of_it() {
        let mut names = KnownNames::default();
        names.add_flag("newCheckout");
        names.add_flag("dark");
        names.add_flag("quickPay");
        names.add_code("quickPay");
        names.add_code("AuthGuard");
        for (name, naming) in [
            ("newCheckout", Naming::Flag),
            ("new_checkout", Naming::Flag),
            ("NEW_CHECKOUT", Naming::Flag),
            ("newcheckout", Naming::Unknown),
            ("newCheckout()", Naming::Unknown),
            ("newCheckout.ts", Naming::Unknown),
            ("dark", Naming::Flag),
            ("Dark", Naming::Unknown),
            ("quickPay", Naming::Both),
            ("AuthGuard", Naming::Code),
            ("onClick", Naming::Unknown),
        ] {
            assert_eq!(names.naming(name), naming, "{name}");
        }
        assert!(names.stand_in("It is `newCheckout: true` there."));
        assert!(names.stand_in("Behind (newCheckout)."));
        assert!(!names.stand_in("The newCheckouts are many."));
    }
}
