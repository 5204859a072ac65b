//! The places of one file that look like reads and that no rule knows. Enters: its facts. Leaves: [`Use`]s.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{ABOUT_FLAGS, Form, Known, Use};
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::lang::{FileFacts, Language};

/// Functions that are asked with texts everywhere, and whose answer decides: none of them is about flags by its name alone.
const COMMON: [&str; 58] = [
    "addEventListener",
    "closest",
    "contains",
    "cookie",
    "count",
    "emit",
    "endsWith",
    "equals",
    "every",
    "exec",
    "expect",
    "field",
    "filter",
    "find",
    "get",
    "getAll",
    "getAttribute",
    "getByText",
    "getElementById",
    "getItem",
    "getParam",
    "getValue",
    "getValues",
    "has",
    "hasAttribute",
    "hasOwn",
    "hasOwnProperty",
    "hasPermission",
    "header",
    "headers",
    "includes",
    "indexOf",
    "is",
    "isA",
    "join",
    "lookup",
    "match",
    "matches",
    "off",
    "on",
    "once",
    "param",
    "query",
    "querySelector",
    "querySelectorAll",
    "regex",
    "require",
    "search",
    "setItem",
    "some",
    "split",
    "startsWith",
    "starts_with",
    "t",
    "test",
    "watch",
    "matches_tag",
    "can",
];
/// A bag is named in the plural: `feature.title` is a part of one thing.
static BAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)(flags|features|toggles|experiments|gates)$").expect("BUG: a pattern"));
/// More ancestors than this lie between no value and what it decides.
const CLIMB: usize = 12;
/// Longer texts are messages.
const MAX_KEY: usize = 64;

/// The names of enums, unions and maps of texts that a file declares, and that no rule takes for definitions.
pub(super) fn owners(facts: &FileFacts, known: &Known) -> Vec<String> {
    let tree = &facts.tree;
    let is_new = |id: NodeId| !known.defined.contains(&(facts.file, tree.bytes(id).start));
    let mut found = Vec::new();
    for id in tree.ids() {
        if let Syntax::Enum { name, members, .. } = tree.syntax(id) {
            let texts = members.iter().filter_map(|member| match tree.syntax(*member) {
                Syntax::Field { value: Some(value), .. } if matches!(tree.syntax(*value), Syntax::Text(_)) => {
                    Some(*value)
                }
                _ => None,
            });
            let mut texts: Vec<NodeId> = texts.collect();
            if facts.language == Language::Rust && texts.is_empty() {
                // A variant is known by its name.
                texts.extend(members);
            }
            if !texts.is_empty() && texts.into_iter().all(is_new) {
                found.push(name.0.to_string());
            }
        }
    }
    found
}

/// The names of functions that a file declares.
pub(super) fn functions(facts: &FileFacts) -> Vec<String> {
    let tree = &facts.tree;
    let name = |id: NodeId| match tree.syntax(id) {
        Syntax::Function(function) => function.name.as_ref().map(|(name, _)| name.to_string()),
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } if matches!(tree.syntax(tree.bare(*value)), Syntax::Function(_)) => Some(facts.words(*pattern).to_owned()),
        _ => None,
    };
    tree.ids().filter_map(name).collect()
}

/// The places of a file that look like reads.
pub(super) fn uses(facts: &FileFacts, known: &Known) -> Vec<Use> {
    let tree = &facts.tree;
    let reader = Reader {
        facts,
        tree,
        tested: tested_names(facts),
        listed: &known.listed,
        language: facts.language.word(),
    };
    let mut found = Vec::new();
    for id in tree.ids().filter(|id| !known.has(facts, tree.bytes(*id))) {
        match tree.syntax(id) {
            Syntax::Call { callee, args, .. } => reader.call(id, *callee, args, &mut found),
            Syntax::New { callee, args, .. } => reader.construction(*callee, args, &mut found),
            Syntax::Member { object, .. } => reader.member(id, *object, &mut found),
            Syntax::Element {
                name: Some(name),
                attributes,
                ..
            } => reader.element(*name, attributes, &mut found),
            _ => {}
        }
    }
    found
}

/// Names that are asked for their truth somewhere in the file.
fn tested_names(facts: &FileFacts) -> BTreeSet<&str> {
    let tree = &facts.tree;
    let mut found = BTreeSet::new();
    for id in tree.ids() {
        if matches!(tree.syntax(id), Syntax::Name) && decides_here(tree, id) {
            found.insert(facts.words(id));
        }
    }
    found
}

/// True if the node's truth decides something where it stands.
fn decides_here(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    for up in tree.ancestors(id).take(CLIMB) {
        match tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Logic { .. } => at = up,
            Syntax::Not(_) => return true,
            // `.value`, `.enabled` of what a read gives.
            Syntax::Member { object, .. } if *object == at => at = up,
            Syntax::If { test, .. } | Syntax::Choose { test, .. } => return *test == at,
            Syntax::Compare { left, right, .. } => {
                let is_bool = |id: &NodeId| matches!(tree.syntax(tree.bare(*id)), Syntax::Bool(_));
                return is_bool(left) || is_bool(right);
            }
            _ => return false,
        }
    }
    false
}

struct Reader<'a> {
    facts: &'a FileFacts,
    tree: &'a Tree,
    tested: BTreeSet<&'a str>,
    listed: &'a BTreeSet<String>,
    language: &'static str,
}

impl Reader<'_> {
    /// True if the value of the node decides something, here or by the name that it is bound to.
    fn decides(&self, id: NodeId) -> bool {
        if decides_here(self.tree, id) {
            return true;
        }
        let mut above = self.tree.ancestors(id).take(CLIMB);
        let bound = above.find_map(|up| match self.tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Member { .. } | Syntax::Logic { .. } | Syntax::Compare { .. } => None,
            Syntax::Let { pattern, .. } => Some(Some(*pattern)),
            _ => Some(None),
        });
        let Some(Some(pattern)) = bound else { return false };
        let names = self.tree.below(pattern);
        names
            .into_iter()
            .any(|id| matches!(self.tree.syntax(id), Syntax::Name) && self.tested.contains(self.facts.words(id)))
    }

    fn call(&self, id: NodeId, callee: NodeId, args: &[NodeId], found: &mut Vec<Use>) {
        let callee = self.tree.bare(callee);
        let (name, receiver) = match self.tree.syntax(callee) {
            Syntax::Name => {
                let words = self.facts.words(callee);
                match words.rsplit_once("::") {
                    Some((before, name)) => (name, Some(last_word(before).to_owned())),
                    None => (words, None),
                }
            }
            Syntax::Member { object, property } => (
                self.facts.slice(*property),
                Some(last_word(self.facts.words(*object)).to_owned()),
            ),
            _ => return,
        };
        let is_about = ABOUT_FLAGS.is_match(name) || receiver.as_deref().is_some_and(|word| ABOUT_FLAGS.is_match(word));
        if name.len() < 2 || (COMMON.contains(&name) && !is_about) {
            return;
        }
        if let Some((property, key, owner)) = args.first().and_then(|arg| self.asked(*arg)) {
            found.push(Use {
                form: Form::Asked {
                    name: name.to_owned(),
                    property,
                },
                receiver: None,
                key,
                owner,
                decides: self.decides(id),
                language: self.language,
            });
            return;
        }
        let key = args
            .iter()
            .take(2)
            .enumerate()
            .find_map(|(at, arg)| Some((at, self.key(*arg)?)));
        if let Some((arg, (key, owner))) = key {
            found.push(Use {
                form: Form::Call {
                    name: name.to_owned(),
                    arg,
                },
                receiver: receiver.filter(|word| is_word(word)),
                key,
                owner,
                decides: self.decides(id),
                language: self.language,
            });
        }
    }

    /// `{ feature: key }`: the property, the key and where it comes from.
    fn asked(&self, arg: NodeId) -> Option<(String, String, Option<String>)> {
        let Syntax::Object { entries, .. } = self.tree.syntax(self.tree.bare(arg)) else {
            return None;
        };
        entries.iter().find_map(|entry| match self.tree.syntax(*entry) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } if matches!(
                &**name,
                "key" | "flag" | "feature" | "flagKey" | "featureKey" | "featureFlag" | "name"
            ) =>
            {
                let (key, owner) = self.key(*value)?;
                Some((name.to_string(), key, owner))
            }
            _ => None,
        })
    }

    /// `new Feature('new-tax', false)`
    fn construction(&self, callee: NodeId, args: &[NodeId], found: &mut Vec<Use>) {
        let name = last_word(self.facts.words(callee));
        let first = args.first().map(|arg| self.tree.syntax(self.tree.bare(*arg)));
        if let (true, true, Some(Syntax::Text(key))) = (is_word(name), ABOUT_FLAGS.is_match(name), first) {
            found.push(Use {
                form: Form::New(name.to_owned()),
                receiver: None,
                key: key.to_string(),
                owner: None,
                decides: false,
                language: self.language,
            });
        }
    }

    /// A text that looks like a key, or a member of what is written like an enum or a constant map.
    fn key(&self, arg: NodeId) -> Option<(String, Option<String>)> {
        let arg = self.tree.bare(arg);
        match self.tree.syntax(arg) {
            Syntax::Text(text) => {
                (looks_like_key(text) || self.listed.contains(&**text)).then(|| (text.to_string(), None))
            }
            Syntax::Member { object, property } => {
                let (owner, key) = (self.facts.words(*object), self.facts.slice(*property));
                let is_constant = is_word(owner) && owner.starts_with(|c: char| c.is_uppercase());
                is_constant.then(|| (key.to_owned(), Some(owner.to_owned())))
            }
            // What stands for a flag is called after it: `featureTax`.
            Syntax::Name if !self.facts.words(arg).contains(':') => {
                let word = self.facts.words(arg);
                let is_named = ABOUT_FLAGS.is_match(word) && word.len() > "feature".len();
                is_named.then(|| (word.to_owned(), None))
            }
            Syntax::Name => {
                let (owner, key) = self.facts.words(arg).rsplit_once("::")?;
                let is_variant = key.starts_with(|c: char| c.is_uppercase());
                is_variant.then(|| (key.to_owned(), Some(last_word(owner).to_owned())))
            }
            _ => None,
        }
    }

    /// `flags.newTax` where the object is called like a bag of flags.
    fn member(&self, id: NodeId, object: NodeId, found: &mut Vec<Use>) {
        let Syntax::Member { property, .. } = self.tree.syntax(id) else {
            return;
        };
        let word = last_word(self.facts.words(object));
        let key = self.facts.slice(*property);
        let is_called = self.tree.node(id).parent.is_some_and(|up| match self.tree.syntax(up) {
            Syntax::Call { callee, .. } => *callee == id,
            Syntax::Member { .. } | Syntax::Assign { .. } => true,
            _ => false,
        });
        let bag = word.trim_end_matches("()");
        // What a list or a map tells of itself.
        let is_own = matches!(key, "length" | "size" | "count");
        if is_called || is_own || !is_word(bag) || !BAG.is_match(bag) || bag.starts_with(|c: char| c.is_uppercase()) {
            return;
        }
        found.push(Use {
            form: Form::Member {
                object: word.to_owned(),
            },
            receiver: None,
            key: key.to_owned(),
            owner: None,
            decides: self.decides(id),
            language: self.language,
        });
    }

    /// `<ExperimentGate name="new-tax">`
    fn element(&self, name: NodeId, attributes: &[NodeId], found: &mut Vec<Use>) {
        let name = last_word(self.facts.words(name));
        if !ABOUT_FLAGS.is_match(name) {
            return;
        }
        for attribute in attributes {
            let Syntax::Attribute {
                name: attribute,
                value: Some(value),
            } = self.tree.syntax(*attribute)
            else {
                continue;
            };
            let attribute = self.facts.slice(*attribute);
            let is_key = matches!(
                attribute,
                "name" | "flag" | "feature" | "featureFlag" | "flagKey" | "featureKey" | "experiment" | "gate"
            );
            if let (true, Some((key, owner))) = (is_key, self.key(*value)) {
                found.push(Use {
                    form: Form::Element {
                        name: name.to_owned(),
                        attribute: attribute.to_owned(),
                    },
                    receiver: None,
                    key,
                    owner,
                    decides: true,
                    language: self.language,
                });
            }
        }
    }
}

/// The last word of a path: `service` of `this.flags?.service`.
fn last_word(words: &str) -> &str {
    let words = words.trim_end_matches(['?', '!']);
    words.rsplit(['.', ':']).next().unwrap_or(words).trim()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

/// Two words or more, put together as names of flags are: `new-tax`, `new_tax`, `newTax`, `tax.new`.
fn looks_like_key(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let joined = text.contains(['_', '-', '.', ':']) || text.chars().skip(1).any(|c| c.is_ascii_uppercase());
    starts && joined && text.len() <= MAX_KEY && text.chars().all(is_plain) && !text.ends_with(['-', '_', '.', ':'])
}
