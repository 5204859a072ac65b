//! Cargo's features as flags. Enters: every `Cargo.toml`. Leaves: a definition for each feature, on where it belongs to `default`,
//! directly or through other features; and for each optional dependency that is a feature by itself. Two packages may have a feature
//! of one name: the alias `package/feature` tells them apart. A manifest below a workspace that is no part of it defines nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::members::Members;
use super::path::{Data, Name, Value};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{Confidence, FlagDefinition};
use crate::source::{FileId, Skipped, Sources, View};

/// The rule that findings cite.
const RULE: &str = "rust/cargo-features/feature";

/// Tables with dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// The features of every package of a tree.
pub(super) fn features(sources: &Sources, view: &View) -> (Vec<FlagDefinition>, Vec<Skipped>) {
    let (mut definitions, mut skipped) = (Vec::new(), Vec::new());
    let manifests = view.files.iter().filter(|(path, _)| path.file_name() == "Cargo.toml");
    let manifests: Vec<_> = manifests
        .map(|(path, file)| (path, *file, super::toml_text::read(&sources.file(*file).text)))
        .collect();
    let readable = manifests
        .iter()
        .filter_map(|(path, _, read)| Some((*path, read.as_ref().ok()?)));
    let members = Members::of(&readable.collect());
    for (path, file, read) in manifests.iter().filter(|(path, ..)| members.has(path)) {
        match read {
            Ok(manifest) => definitions.extend(of_package(manifest, *file)),
            Err(reason) => skipped.push(Skipped {
                path: (*path).clone(),
                reason: reason.clone(),
            }),
        }
    }
    (definitions, skipped)
}

fn of_package(manifest: &Data, file: FileId) -> Vec<FlagDefinition> {
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Data::scalar);
    let declared: Vec<(&Name, &Data)> = match manifest.get("features").map(|features| &features.value) {
        Some(Value::Map(entries)) => entries.iter().map(|(name, data)| (name, data)).collect(),
        _ => Vec::new(),
    };
    let lists: BTreeMap<&str, Vec<&str>> = declared
        .iter()
        .map(|(name, data)| (name.text.as_str(), items(data)))
        .collect();
    let on = reached(&lists);
    let named_with_dep: BTreeSet<&str> = lists
        .values()
        .flatten()
        .filter_map(|item| item.strip_prefix("dep:"))
        .collect();
    let mut found: Vec<&Name> = declared
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| name.text != "default")
        .collect();
    for name in optional_dependencies(manifest) {
        let implied = !lists.contains_key(name.text.as_str()) && !named_with_dep.contains(name.text.as_str());
        if implied && found.iter().all(|other| other.text != name.text) {
            found.push(name);
        }
    }
    let default = declared
        .iter()
        .find(|(name, _)| name.text == "default")
        .map(|(_, data)| data.bytes.in_file(file));
    let definition = |name: &Name| FlagDefinition {
        key: FlagKey::new(&name.text),
        declared: FlagValue::from(on.contains(name.text.as_str())),
        span: name.bytes.in_file(file),
        value_span: default.filter(|_| on.contains(name.text.as_str())),
        rule: RULE.into(),
        confidence: Confidence::High,
        aliases: package
            .iter()
            .map(|package| format!("{package}/{}", name.text))
            .collect(),
    };
    found.into_iter().map(definition).collect()
}

fn items(list: &Data) -> Vec<&str> {
    match &list.value {
        Value::List(items) => items.iter().filter_map(Data::scalar).collect(),
        _ => Vec::new(),
    }
}

/// The features that `default` switches on. `crate/feature` switches on an optional dependency too, `crate?/feature` and `dep:crate`
/// name no feature of this package.
fn reached<'a>(lists: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut on, mut open) = (BTreeSet::new(), vec!["default"]);
    while let Some(feature) = open.pop() {
        for item in lists.get(feature).into_iter().flatten() {
            let name = match item.split_once('/') {
                Some((dependency, _)) if dependency.ends_with('?') => continue,
                Some((dependency, _)) => dependency,
                None if item.starts_with("dep:") => continue,
                None => item,
            };
            if on.insert(name) {
                open.push(name);
            }
        }
    }
    on
}

fn optional_dependencies(manifest: &Data) -> Vec<&Name> {
    let mut names = Vec::new();
    for table in tables_of_dependencies(manifest) {
        let Value::Map(entries) = &table.value else { continue };
        let optional = |data: &Data| data.get("optional").and_then(Data::scalar) == Some("true");
        names.extend(entries.iter().filter(|(_, data)| optional(data)).map(|(name, _)| name));
    }
    names
}

/// `dependencies`, `dev-dependencies` and `build-dependencies`, also those of a target.
pub(super) fn tables_of_dependencies(manifest: &Data) -> Vec<&Data> {
    let mut tables: Vec<&Data> = vec![manifest];
    if let Some(Value::Map(targets)) = manifest.get("target").map(|target| &target.value) {
        tables.extend(targets.iter().map(|(_, target)| target));
    }
    tables
        .into_iter()
        .flat_map(|table| DEPENDENCIES.into_iter().filter_map(|kind| table.get(kind)))
        .collect()
}
