//! Flags that are defined in files which are not code. Enters: texts and the `define` rules with a `data` shape; every `Cargo.toml`.
//! Leaves: [`FlagDefinition`]s with the places of key and value, and the files that could not be understood. Knows no SDK: which files
//! hold flags, and where in them, is what the rules say.

mod cargo;
mod json;
mod lines;
mod members;
mod path;
mod rows;
mod state;
mod toml_text;
mod xml;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use super::FlagDefinition;
use crate::flag::{FlagKey, FlagValue};
use crate::lang::Language;
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::selector::{Selector, Start};
use crate::rules::shape::{DataFormat, DataShape, Shape};
use crate::rules::{Confidence, RuleFile, RuleSet};
use crate::source::{Bytes, FileId, RepoPath, SkipReason, Skipped, Sources, View};

/// The flags that data files define, by rule, path and place.
#[must_use]
pub fn definitions(sources: &Sources, view: &View, rules: &RuleSet) -> (Vec<FlagDefinition>, Vec<Skipped>) {
    let (mut definitions, mut skipped) = cargo::features(sources, view);
    for file in &rules.files {
        for rule in &file.rules {
            let (RuleKind::Define(define), Some(Shape::Data(shape)), Some(key)) = (&rule.kind, &rule.shape, &rule.key)
            else {
                continue;
            };
            let source = Source {
                file,
                rule,
                shape,
                key,
                declared: define.declared.as_ref(),
            };
            definitions.extend(source.definitions(sources, view, &mut skipped));
        }
    }
    skipped.sort();
    skipped.dedup();
    (definitions, skipped)
}

/// The settings of a dotenv file, each with its text.
#[must_use]
pub fn settings(text: &str) -> Vec<(String, String)> {
    let path::Value::Map(entries) = lines::dotenv(text).value else {
        return Vec::new();
    };
    let set = entries
        .into_iter()
        .filter_map(|(name, data)| Some((name.text, data.scalar()?.to_owned())));
    set.collect()
}

/// A rule about data files.
struct Source<'a> {
    file: &'a RuleFile,
    rule: &'a Rule,
    shape: &'a DataShape,
    key: &'a Selector,
    declared: Option<&'a Selector>,
}

/// What a data file says of one flag.
struct Entry {
    key: String,
    key_bytes: Bytes,
    declared: FlagValue,
    value_bytes: Option<Bytes>,
    confidence: Confidence,
}

impl Source<'_> {
    fn definitions(&self, sources: &Sources, view: &View, skipped: &mut Vec<Skipped>) -> Vec<FlagDefinition> {
        let mut found: Vec<FlagDefinition> = Vec::new();
        for (path, file) in &view.files {
            if !may_be(self.shape.format, path) {
                continue;
            }
            let wanted = self.shape.files.set.is_match(path.as_str()) && self.rule.files.allow(path.as_str());
            if !wanted || self.shape.ignore.set.is_match(path.as_str()) {
                continue;
            }
            if let Err(reason) = self.file(&sources.file(*file).text, *file, &mut found) {
                let path = path.clone();
                skipped.push(Skipped { path, reason });
            }
        }
        found
    }

    fn file(&self, text: &str, file: FileId, found: &mut Vec<FlagDefinition>) -> Result<(), SkipReason> {
        let documents = match self.shape.format {
            DataFormat::Sql => return self.rows(text, file, found),
            DataFormat::Json => vec![json::read(text)?],
            DataFormat::Yaml => yaml::read(text)?,
            DataFormat::Toml => vec![toml_text::read(text)?],
            DataFormat::Dotenv => vec![lines::dotenv(text)],
            DataFormat::Properties => vec![lines::properties(text)],
            DataFormat::Xml => vec![xml::read(text)?],
        };
        let Start::At(paths) = &self.key.start else {
            return Ok(());
        };
        for document in &documents {
            for nth in 0..paths.len() {
                self.document(document, paths, nth, file, found);
            }
        }
        Ok(())
    }

    /// The flags on the `nth` path of the key.
    fn document(
        &self,
        document: &path::Data,
        paths: &[String],
        nth: usize,
        file: FileId,
        found: &mut Vec<FlagDefinition>,
    ) {
        let at = &paths[nth];
        for trail in path::follow(document, at) {
            let (Some((key, key_bytes)), declared) = (trail.key(), self.declared(&trail, nth)) else {
                continue;
            };
            let Some(key) = part(self.key, &key, "key") else {
                continue;
            };
            let entry = Entry {
                key: key.to_owned(),
                key_bytes,
                confidence: self.sure(at, declared.1.is_some()),
                declared: declared.0,
                value_bytes: declared.1,
            };
            self.define(file, &entry, found);
        }
    }

    /// A record that has a name and, beside it, whether it is on says itself what it is; a name alone does not.
    fn sure(&self, at: &str, stated: bool) -> Confidence {
        let is_record = !at.ends_with('*');
        let own = if is_record && stated {
            Confidence::Medium
        } else {
            Confidence::Low
        };
        self.rule.confidence.max(own)
    }

    /// The declared value, and where it stands: on the path that belongs to the key's, or on the only one.
    fn declared(&self, trail: &path::Trail<'_>, nth: usize) -> (FlagValue, Option<Bytes>) {
        let Some(selector) = self.declared else {
            return (FlagValue::Unknown, None);
        };
        let otherwise = (selector.otherwise.unwrap_or_default(), None);
        match &selector.start {
            Start::Const(value) => (*value, None),
            Start::At(paths) => {
                let near = paths.get(nth).or(paths.first()).and_then(|at| trail.near(at));
                near.map_or(otherwise, |data| {
                    let value = match (&selector.text, data.scalar()) {
                        (Some(_), Some(text)) => {
                            part(selector, text, "value").map_or(FlagValue::Unknown, FlagValue::parse)
                        }
                        _ => state::of(data),
                    };
                    (value, Some(data.bytes))
                })
            }
            _ => otherwise,
        }
    }

    fn define(&self, file: FileId, entry: &Entry, found: &mut Vec<FlagDefinition>) {
        if !self.file.flags.accepts(&entry.key) {
            return;
        }
        let value_span = entry.value_bytes.map(|bytes| bytes.in_file(file));
        found.push(FlagDefinition {
            key: FlagKey::new(&entry.key),
            declared: entry.declared,
            span: entry.key_bytes.in_file(file),
            value_span,
            rule: format!("{}/{}", self.file.id, self.rule.id),
            confidence: entry.confidence,
            aliases: self.file.flags.spellings(&entry.key),
        });
    }

    fn rows(&self, text: &str, file: FileId, found: &mut Vec<FlagDefinition>) -> Result<(), SkipReason> {
        let (Some(table), Start::Column(key)) = (&self.shape.table, &self.key.start) else {
            return Ok(());
        };
        let (column, fixed, otherwise) = match self.declared.map(|selector| (&selector.start, selector.otherwise)) {
            Some((Start::Column(column), otherwise)) => (Some(column.as_str()), None, otherwise),
            Some((Start::Const(value), _)) => (None, Some(*value), None),
            _ => (None, None, None),
        };
        let read = rows::read(text, file, table, key);
        // The places of the rows that are there, by their keys.
        let mut there: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, of) in found.iter().enumerate() {
            there.entry(of.key.as_str().to_owned()).or_default().push(at);
        }
        let mut gone = BTreeSet::new();
        for row in read.rows {
            let value = column.and_then(|column| row.values.get(column));
            let unsaid = otherwise.or(fixed).unwrap_or_default();
            let declared = value.map_or(unsaid, |(text, _)| rows::state(text));
            let value_span = value.map(|(_, span)| *span);
            let last = there.get(&row.key).and_then(|all| all.last()).copied();
            match (row.action, last) {
                (rows::Action::Insert, Some(last)) if self.shape.last_wins => {
                    (found[last].declared, found[last].value_span) = (declared, value_span);
                }
                (rows::Action::Insert, _) => {
                    let entry = Entry {
                        key: row.key.clone(),
                        key_bytes: row.span.bytes,
                        declared,
                        value_bytes: value_span.map(|span| span.bytes),
                        confidence: self.rule.confidence,
                    };
                    let before = found.len();
                    self.define(file, &entry, found);
                    if found.len() > before {
                        there.entry(row.key).or_default().push(before);
                    }
                }
                (rows::Action::Update, Some(last)) => {
                    if let Some(span) = value_span {
                        (found[last].declared, found[last].value_span) = (declared, Some(span));
                    }
                }
                (rows::Action::Update, None) => {}
                (rows::Action::Delete, _) => gone.extend(there.remove(&row.key).into_iter().flatten()),
            }
        }
        let mut at = 0..;
        found.retain(|_| at.next().is_some_and(|at| !gone.contains(&at)));
        if read.lost > 0 {
            Err(SkipReason::HalfParsed(read.lost))
        } else {
            Ok(())
        }
    }
}

/// False for a file whose ending says that it is something else; asked before any glob, for there are many rules and many files.
fn may_be(format: DataFormat, path: &RepoPath) -> bool {
    match path.extension() {
        "json" => format == DataFormat::Json,
        "yml" | "yaml" => format == DataFormat::Yaml,
        "toml" => format == DataFormat::Toml,
        "sql" => format == DataFormat::Sql,
        "xml" => format == DataFormat::Xml,
        "properties" => format == DataFormat::Properties,
        "md" | "mdx" | "css" | "scss" | "html" | "svg" | "snap" => false,
        _ => Language::of(path).is_none(),
    }
}

/// The part of a text that the selector's pattern takes: all of it without a pattern.
fn part<'t>(selector: &Selector, text: &'t str, group: &str) -> Option<&'t str> {
    let Some(pattern) = &selector.text else {
        return Some(text);
    };
    let captures = pattern.regex().captures(text)?;
    captures
        .name(group)
        .or_else(|| captures.get(0))
        .map(|part| part.as_str())
}

#[cfg(test)]
mod tests;
