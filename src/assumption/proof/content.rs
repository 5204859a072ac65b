//! What a proof rests on, as a hash. Enters: the files that a test reaches. Leaves: a text that changes with any of them, and with the
//! files that define the flag. The default itself is left out: a proof tells what the test needs, whatever the flag is just now.

use std::collections::{BTreeMap, BTreeSet};

use crate::flag::FlagKey;
use crate::index::CodeIndex;
use crate::source::{Bytes, FileId, RepoPath, Sources, View};

/// The hash of the files in `reach` and of those that define `flag`.
#[must_use]
pub fn content(sources: &Sources, view: &View, index: &CodeIndex, flag: &FlagKey, reach: &[RepoPath]) -> String {
    let mut defaults: BTreeMap<FileId, Vec<Bytes>> = BTreeMap::new();
    let mut paths: BTreeSet<&RepoPath> = reach.iter().collect();
    for definition in index.definitions.iter().filter(|definition| definition.key == *flag) {
        let place = definition.value_span.unwrap_or(definition.span);
        paths.insert(sources.path(place.file));
        let value = definition.value_span.map(|span| span.bytes);
        defaults.entry(place.file).or_default().extend(value);
    }
    let mut hasher = blake3::Hasher::new();
    for path in paths {
        hasher.update(path.as_str().as_bytes());
        hasher.update(&[0]);
        match view.files.get(path) {
            None => hasher.update(b"gone"),
            Some(file) => match defaults.get(file) {
                None => hasher.update(&sources.file(*file).hash),
                Some(values) => hasher.update(without(&sources.file(*file).text, values).as_bytes()),
            },
        };
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

/// The text without these parts of it.
fn without(text: &str, parts: &[Bytes]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    let (mut kept, mut from) = (String::with_capacity(text.len()), 0);
    for part in parts.iter().map(|part| part.range()) {
        kept.push_str(text.get(from..part.start.max(from)).unwrap_or(""));
        from = from.max(part.end);
    }
    kept.push_str(text.get(from..).unwrap_or(""));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flag::FlagValue;
    use crate::index::{Confidence, FlagDefinition};
    use crate::source::fixture;

    fn hash(flags: &str, test: &str) -> String {
        let (sources, view) = fixture(&format!("//- flags.ts\n{flags}\n//- a.test.ts\n{test}\n"));
        let file = view.files[&RepoPath::new("flags.ts").expect("a path")];
        let at = flags.find(": ").expect("a value") + 2;
        let end = flags[at..].find(' ').map_or(flags.len(), |length| at + length);
        let definition = FlagDefinition {
            key: FlagKey::new("k"),
            declared: FlagValue::Off,
            span: Bytes::new(0, 1).in_file(file),
            value_span: Some(Bytes::new(at, end).in_file(file)),
            rule: String::new(),
            confidence: Confidence::High,
            aliases: Vec::new(),
        };
        let index = CodeIndex {
            definitions: vec![definition],
            ..CodeIndex::default()
        };
        let reach = [RepoPath::new("a.test.ts").expect("a path")];
        content(&sources, &view, &index, &FlagKey::new("k"), &reach)
    }

    #[test]
    fn the_default_may_change_and_nothing_else() {
        let before = hash("const F = { k: false }", "it()");
        assert_eq!(before, hash("const F = { k: true }", "it()"));
        assert_ne!(before, hash("const F = { k: false, other: true }", "it()"));
        assert_ne!(before, hash("const F = { k: false }", "it(1)"));
    }
}
