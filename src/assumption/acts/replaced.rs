//! What a test file puts something else in the place of. Enters: its facts. Leaves: the texts by which it names functions and their files.

use std::collections::BTreeSet;

use super::file::TestFile;
use super::yields::callee_name;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::RepoPath;

/// Functions that put something else in the place of what they name.
const REPLACES: [&str; 12] = [
    "proxyquire",
    "esmock",
    "mock",
    "doMock",
    "unstable_mockModule",
    "patch",
    "object",
    "setattr",
    "spyOn",
    "stub",
    "replace",
    "method",
];

/// The texts that a file gives to calls which put something else in the place of what these name.
pub(super) fn replaced(facts: &FileFacts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for id in facts.tree.ids() {
        if let Syntax::Call { callee, args, .. } = facts.tree.syntax(id)
            && REPLACES.contains(&callee_name(facts, *callee))
        {
            for arg in args {
                match facts.tree.syntax(*arg) {
                    Syntax::Text(text) => found.extend([text.to_string()]),
                    // `proxyquire('./quote', { './tax': fake })`, `patch.multiple('shop.tax', label=…)`
                    Syntax::Object { entries, .. } => found.extend(entries.iter().filter_map(|id| key(facts, *id))),
                    _ => {}
                }
            }
        }
    }
    found
}

fn key(facts: &FileFacts, entry: NodeId) -> Option<String> {
    match facts.tree.syntax(entry) {
        Syntax::Entry {
            key: Key::Name(name, _),
            ..
        } => Some(name.to_string()),
        _ => None,
    }
}

/// True for a text that may name a function, or its file: `./tax`, `shop.tax.label`, `label`.
pub(super) fn names_file(text: &str, name: &str, path: &RepoPath) -> bool {
    let file = path.file_name().split('.').next().unwrap_or_default();
    let folder = path.parent().rsplit('/').next().unwrap_or_default();
    let text = text
        .strip_suffix(".ts")
        .or_else(|| text.strip_suffix(".js"))
        .unwrap_or(text);
    let last = text.rsplit(['/', '.']).next().unwrap_or(text);
    last == name || last == file || (matches!(file, "index" | "__init__" | "mod") && last == folder)
}

impl TestFile<'_> {
    /// True if the file may put something else in the place of a function: by its name, or that of its file.
    #[must_use]
    pub fn replaces(self, name: &str, path: &RepoPath) -> bool {
        self.known.replaced.iter().any(|text| names_file(text, name, path))
    }
}
