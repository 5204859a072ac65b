//! Where flags are defined, and what stands for them from there on. Enters: the sites of `define` rules. Leaves: [`FlagDefinition`]s
//! and [`Handles`]. A declared value is only what the definition itself says; nothing is assumed.

use std::collections::BTreeMap;

use super::FlagDefinition;
use super::code::{At, Code, Trail};
use super::condition::KeyTerm;
use super::keys::{self, Handle, Handles, KeyFound};
use super::site::{KeySource, Site, SiteEntry, ValueSource};
use super::values::{default_of, value_of};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::{self, RuleKind};
use crate::rules::shape::Shape;
use crate::rules::{Confidence, Rule, RuleSet};
use crate::source::{Bytes, FileId, Span};

/// Properties of a record that are the key of its flag.
const RECORDED: [&str; 5] = ["flag", "flagKey", "featureFlag", "featureFlagKey", "key"];

/// The definitions of the tree, and what stands for flags.
#[derive(Debug, Default)]
pub struct Definitions {
    /// In the order in which the sites were given.
    pub definitions: Vec<FlagDefinition>,
    /// For each definition the expression from which its value comes.
    pub sources: Vec<Span>,
    /// Expressions that stand for a flag.
    pub handles: Handles,
    /// What tests see of a flag that they do not force, where its definition states it.
    pub ambient: Vec<(FlagKey, FlagValue)>,
}

/// Reads the definitions of the files of `code`; `sites` gives those of a file.
#[must_use]
pub fn collect<'s>(
    code: &Code<'_>,
    rules: &RuleSet,
    sites: &dyn Fn(usize) -> &'s [Site],
    trail: &mut Trail,
) -> Definitions {
    let mut found = Definitions::default();
    for unit in 0..code.units().len() {
        let is_define = |site: &&Site| matches!(rules.rule(site.rule).kind, RuleKind::Define(_));
        let mut of_unit = sites(unit).iter().filter(is_define).peekable();
        if of_unit.peek().is_none() {
            continue;
        }
        let mut reader = Reader {
            code,
            rules,
            unit,
            bound: bound_names(code, unit),
            trail: &mut *trail,
        };
        for site in of_unit {
            for entry in &site.entries {
                reader.entry(site, entry, &mut found);
            }
        }
    }
    called_by_their_texts(&mut found);
    found
}

/// Two maps of one file, of which one says the keys and the other what they are by the names in code (`{ NEW_TAX: 'newTax' }`,
/// `{ NEW_TAX: { enabled: false } }`), are about the same flags: the text is the key.
fn called_by_their_texts(found: &mut Definitions) {
    let is_name = |key: &str| key.contains('_') && !key.contains(char::is_lowercase);
    let mut texts: BTreeMap<(FileId, String), FlagKey> = BTreeMap::new();
    for definition in found.definitions.iter().filter(|of| !is_name(of.key.as_str())) {
        let plain = (definition.span.file, plain(definition.key.as_str()));
        texts.entry(plain).or_insert_with(|| definition.key.clone());
    }
    let of_file = |definition: &FlagDefinition| {
        let named = is_name(definition.key.as_str());
        let plain = (definition.span.file, plain(definition.key.as_str()));
        texts.get(&plain).filter(|_| named).cloned()
    };
    for definition in &mut found.definitions {
        if let Some(text) = of_file(definition) {
            found.handles.rename(definition.span.file, &definition.key, &text);
            let name = std::mem::replace(&mut definition.key, text);
            definition.aliases.push(name.as_str().to_owned());
        }
    }
}

/// Reads the definitions of one file.
struct Reader<'a> {
    code: &'a Code<'a>,
    rules: &'a RuleSet,
    unit: usize,
    bound: BTreeMap<u32, NodeId>,
    trail: &'a mut Trail,
}

/// A key with the name of its property, where that differs (`{ newCheckout: 'new-checkout' }`).
struct Keyed {
    name: FlagKey,
    found: KeyFound,
    property: Option<String>,
}

impl Reader<'_> {
    fn at(&self, node: NodeId) -> At {
        At { unit: self.unit, node }
    }

    fn entry(&mut self, site: &Site, entry: &SiteEntry, found: &mut Definitions) {
        let Some(key) = self.key(site, entry, &found.handles) else {
            return;
        };
        if let Some((word, name)) = &entry.handle
            && let Some(node) = self.bound.get(&name.start)
        {
            let mut handle = self.handle(site, &key.found);
            // A record is what is known of a flag: who names it has not asked yet.
            handle.is_value &= key.property.is_none() || !self.is_record(*node);
            // What a map holds may be somebody else's constant (`{ tax: IS_DEV }`): the flag is the entry.
            let own = self.at(self.code.tree(self.unit).bare(*node));
            let is_alias = || {
                let by_query = matches!(self.rules.rule(site.rule).shape, Some(Shape::Query(_)));
                by_query && matches!(self.code.syntax(own), Syntax::Name)
            };
            // A function may be another one under a flag's name (`export const enableX = betaOnly`).
            let at = if handle.is_value || is_alias() {
                own
            } else {
                self.code.settle_to_call(self.at(*node), self.trail.restart())
            };
            if handle.is_value
                && let Some(map) = self.holder(*node)
            {
                found.handles.insert_map(map);
            }
            found.handles.insert(self.code.file(at.unit), at.node, word, handle);
        }
        if let Some((of, member)) = self.enum_member(site.node) {
            found.handles.insert_member(of, member, &key.found);
        }
        let source = match &entry.key {
            KeySource::Known(_, bytes) => self.bound.get(&bytes.start).copied(),
            _ => None,
        };
        let source = self.span(source.unwrap_or(site.node));
        if let Some(ambient) = &entry.ambient {
            let value = match ambient {
                ValueSource::Node(node) => value_of(self.code, self.at(*node), self.trail.restart()),
                ValueSource::Known(value) => *value,
                ValueSource::Text(text, _) => FlagValue::parse(text),
            };
            found.ambient.push((key.name.clone(), value));
        }
        found.definitions.push(self.definition(site, entry, key));
        found.sources.push(source);
    }

    /// The names of an enum and its member, if the node is one.
    fn enum_member(&self, node: NodeId) -> Option<(&str, &str)> {
        let tree = self.code.tree(self.unit);
        match (tree.syntax(node), tree.syntax(tree.node(node).parent?)) {
            (
                Syntax::Field {
                    key: Key::Name(member, _),
                    ..
                },
                Syntax::Enum { name: (of, _), .. },
            ) => Some((of, member)),
            _ => None,
        }
    }

    /// What the map or class of the top level is called in which an entry stands.
    fn holder(&self, entry: NodeId) -> Option<&str> {
        let tree = self.code.tree(self.unit);
        let mut found = None;
        for up in tree.ancestors(entry) {
            match tree.syntax(up) {
                Syntax::Function(_) => return None,
                Syntax::Let { pattern, .. } if matches!(tree.syntax(*pattern), Syntax::Name) => {
                    found = Some(self.code.words(self.at(*pattern)));
                }
                Syntax::Class {
                    name: Some((name, _)), ..
                } => found = Some(&**name),
                _ => {}
            }
        }
        found
    }

    fn span(&self, node: NodeId) -> Span {
        let tree = self.code.tree(self.unit);
        tree.bytes(node).in_file(self.code.file(self.unit))
    }

    fn key(&mut self, site: &Site, entry: &SiteEntry, before: &Handles) -> Option<Keyed> {
        let found = match &entry.key {
            KeySource::Node(node) => {
                let none = Handles::default();
                let own = keys::key_of(self.code, &none, self.at(*node), self.trail.restart());
                // What a record says is known by what an earlier line made of the key (`Name: FeatureTax`).
                own.or_else(|| keys::key_of(self.code, before, self.at(*node), self.trail.restart()))?
            }
            KeySource::Known(key, bytes) => KeyFound {
                term: KeyTerm::Known(FlagKey::new(key)),
                place: Some(bytes.in_file(self.code.file(self.unit))),
            },
            KeySource::Every => return None,
        };
        let KeyTerm::Known(name) = found.term.clone() else {
            return None;
        };
        let accepted = self.rules.files[site.rule.file].flags.accepts(name.as_str());
        if !accepted || !self.may_be_called(site, &name) {
            return None;
        }
        let other = self.spelled_out(entry, &name).or_else(|| self.recorded(entry, &name));
        Some(other.unwrap_or(Keyed {
            name,
            found,
            property: None,
        }))
    }

    /// In a map from names in code to records the record says the key: `{ NEW_TAX: { flag: 'new-tax', defaultValue: false } }`.
    fn recorded(&mut self, entry: &SiteEntry, property: &FlagKey) -> Option<Keyed> {
        let Some(ValueSource::Node(node)) = &entry.value else {
            return None;
        };
        let record = self.at(self.code.tree(self.unit).bare(*node));
        if !matches!(self.code.syntax(record), Syntax::Object { .. }) {
            return None;
        }
        let text = RECORDED
            .iter()
            .find_map(|name| self.code.property(record, name, self.trail.restart()))?;
        let Syntax::Text(text_) = self.code.syntax(text) else {
            return None;
        };
        if !keys::is_one_word(text_) || text_.is_empty() || **text_ == *property.as_str() {
            return None;
        }
        let name = FlagKey::new(text_);
        let bytes = self.code.tree(text.unit).bytes(text.node);
        Some(Keyed {
            name: name.clone(),
            found: KeyFound {
                term: KeyTerm::Known(name),
                place: Some(bytes.in_file(self.code.file(text.unit))),
            },
            property: Some(property.as_str().to_owned()),
        })
    }

    /// A key of several words is none where a rule is unsure: the texts of a map are as likely descriptions. The members of an enum or
    /// union are keys by their form.
    fn may_be_called(&self, site: &Site, name: &FlagKey) -> bool {
        let by_form = matches!(self.rules.rule(site.rule).shape, Some(Shape::Union(_)));
        let is_sure = by_form || site.confidence != Confidence::Low;
        keys::is_one_word(name.as_str()) || (is_sure && keys::is_written_like_a_key(name.as_str()))
    }

    /// In a map from names in code to keys the text is the key.
    fn spelled_out(&mut self, entry: &SiteEntry, property: &FlagKey) -> Option<Keyed> {
        let Some(ValueSource::Node(node)) = &entry.value else {
            return None;
        };
        let value = self.code.settle(self.at(*node), self.trail.restart());
        let Syntax::Text(text) = self.code.syntax(value) else {
            return None;
        };
        // Several words are what people read of it.
        let is_said = **text != *property.as_str() && keys::is_one_word(text);
        if !is_said || plain(text) != plain(property.as_str()) {
            return None;
        }
        let name = FlagKey::new(text);
        let bytes = self.code.tree(value.unit).bytes(value.node);
        Some(Keyed {
            name: name.clone(),
            found: KeyFound {
                term: KeyTerm::Known(name),
                place: Some(bytes.in_file(self.code.file(value.unit))),
            },
            property: Some(property.as_str().to_owned()),
        })
    }

    /// Rust: what `#[serde(default)]`, `#[arg(default_value_t = true)]` or `#[derive(Default)]` say of a field.
    fn by_attribute(&mut self, entry: &SiteEntry) -> FlagValue {
        let field = match &entry.key {
            KeySource::Known(_, bytes) => self.bound.get(&bytes.start).copied(),
            _ => None,
        };
        let found = field.and_then(|field| super::declared::of_field(self.code, self.at(field), self.trail.restart()));
        found.unwrap_or_default()
    }

    fn handle(&self, site: &Site, key: &KeyFound) -> Handle {
        let rule = self.rules.rule(site.rule);
        Handle {
            key: key.clone(),
            rule: site.rule,
            confidence: site.confidence,
            is_value: is_value(rule),
            is_store: matches!(&rule.kind, RuleKind::Define(define) if define.handle == Some(rule::Handle::Store)),
        }
    }

    fn is_record(&self, node: NodeId) -> bool {
        let record = self.code.tree(self.unit).bare(node);
        matches!(self.code.syntax(self.at(record)), Syntax::Object { .. })
    }

    fn definition(&mut self, site: &Site, entry: &SiteEntry, key: Keyed) -> FlagDefinition {
        let file = self.code.file(self.unit);
        let (declared, value) = match &entry.value {
            Some(ValueSource::Node(node)) if key.property.is_none() || self.is_record(*node) => {
                let value = default_of(self.code, self.at(*node), self.trail.restart());
                (value, Some(self.span(*node)))
            }
            _ if key.property.is_some() => (FlagValue::Unknown, None),
            Some(ValueSource::Node(_)) => (FlagValue::Unknown, None),
            Some(ValueSource::Known(value)) => (*value, None),
            Some(ValueSource::Text(text, bytes)) => (FlagValue::parse(text), Some(bytes.in_file(file))),
            None => (self.by_attribute(entry), None),
        };
        let mut aliases = self.rules.files[site.rule.file].flags.spellings(key.name.as_str());
        aliases.extend(key.property);
        aliases.extend(entry.handle.iter().map(|(name, _)| name.clone()));
        aliases.retain(|alias| alias != key.name.as_str());
        aliases.sort();
        aliases.dedup();
        FlagDefinition {
            span: key.found.place.unwrap_or_else(|| self.span(site.node)),
            key: key.name,
            declared,
            value_span: value,
            rule: self.rules.name(site.rule),
            confidence: site.confidence,
            aliases,
        }
    }
}

/// True for a rule whose flags are constants: to name one is to read it.
fn is_value(rule: &Rule) -> bool {
    let RuleKind::Define(define) = &rule.kind else {
        return false;
    };
    match define.handle {
        Some(rule::Handle::Binding) => matches!(rule.shape, Some(Shape::Const(_))),
        Some(rule::Handle::Property) => {
            matches!(
                rule.shape,
                Some(Shape::Const(_) | Shape::Object(_) | Shape::Lookup(_) | Shape::Union(_))
            )
        }
        _ => false,
    }
}

/// A name without its spelling.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The value behind each name that is bound, by the first byte of the name.
fn bound_names(code: &Code<'_>, unit: usize) -> BTreeMap<u32, NodeId> {
    let tree = code.tree(unit);
    let mut found = BTreeMap::new();
    for id in tree.ids() {
        let (bytes, node): (Bytes, NodeId) = match tree.syntax(id) {
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } => (tree.bytes(*pattern), *value),
            Syntax::Entry {
                key: Key::Name(_, bytes),
                value,
            } => (*bytes, *value),
            Syntax::Entry {
                key: Key::Computed(key),
                value,
            } => (tree.bytes(*key), *value),
            Syntax::Array(pair) if pair.len() == 2 && matches!(tree.syntax(pair[0]), Syntax::Text(_)) => {
                (tree.bytes(pair[0]), pair[1])
            }
            Syntax::Field {
                key: Key::Name(_, bytes),
                value,
                ..
            } => (*bytes, value.unwrap_or(id)),
            Syntax::Class {
                name: Some((_, bytes)), ..
            } => (*bytes, id),
            Syntax::Function(function) => match &function.name {
                Some((_, bytes)) => (*bytes, id),
                None => continue,
            },
            Syntax::Impl { target, .. } => (tree.bytes(*target), *target),
            _ => continue,
        };
        found.entry(bytes.start).or_insert(node);
    }
    found
}
