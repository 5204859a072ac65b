//! Calls of a method behind a receiver of which nobody wrote the type, that no longer fit it. Enters: the [`Work`] of both. Leaves: [`Misfit`]s; they hold where
//! the tree has only one function of the name ([`Store::declares`] counts), so that no other can be meant.

use super::arity::CallShape;
use super::contract::{How, short};
use super::touched::number;
use super::vanished::Vanished;
use super::work::{Parsed, Store, Work};
use super::{BreachKind, Certainty};
use crate::index::schema::is_migration;
use crate::lang::tree::{Key, Syntax};
use crate::source::{FileId, RepoPath, Sources, Span};

/// A call that does not fit what it means, if it means that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misfit {
    /// What is told of it.
    pub told: Vanished,
    /// The file with the function.
    pub path: RepoPath,
}

/// The new calls of each side that fit a method of the other one's as it was, and not as it is.
#[must_use]
pub fn misfits(sources: &Sources, works: [&Work; 2], store: &Store) -> Vec<Misfit> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let user = works[other];
        for gone in &works[by].gone {
            let How::Called { from, to } = &gone.how else { continue };
            let name = gone.short();
            if !gone.name.contains(['.', ':']) || !user.says(number(name)) {
                continue;
            }
            let misses = |call: &CallShape| from.takes(call) && (!to.takes(call) || from.swaps(to, call));
            let Some(used) = calls(sources, user, name, misses, store) else {
                continue;
            };
            let (file, line) = (sources.path(used.file), sources.start(used).line);
            let how = match from.shown() == to.shown() {
                true => "its arguments in another order, or others".to_owned(),
                false => format!("{} (before: {})", to.shown(), from.shown()),
            };
            let told = Vanished {
                by,
                word: name.to_owned(),
                subject: gone.name.clone(),
                kind: BreachKind::Signature,
                certainty: [Some(Certainty::Likely); 2],
                deeds: [
                    format!("makes {} {} of {} take {how}", gone.kind.word(), gone.name, gone.path),
                    format!("calls {name} as before in {file}:{line}, and nothing else is called so"),
                ],
                was: gone.now.unwrap_or(gone.was),
                used,
            };
            let path = gone.path.clone();
            found.push(Misfit { told, path });
        }
    }
    found
}

/// The first call of a method of this name on a new line that `misses`; nothing where the side has a function of the name of its own.
fn calls(
    sources: &Sources,
    user: &Work,
    name: &str,
    misses: impl Fn(&CallShape) -> bool,
    store: &Store,
) -> Option<Span> {
    let asked = number(name);
    let mut first = None;
    for (path, touched) in &user.touched {
        if !touched.said.contains(&asked) || !touched.code || is_migration(path) {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        let parsed = store.parsed(sources, file)?;
        let facts = &parsed.unit.facts;
        let new = user.new_lines(path);
        let is_new = |span: Span| new.contains(&sources.start(span).line);
        for id in facts.tree.ids() {
            match facts.tree.syntax(id) {
                Syntax::Member { property, .. } if facts.slice(*property) == name => {
                    let span = property.in_file(file);
                    let call = CallShape::of(&facts.tree, id, |id| facts.words(id).to_owned());
                    if is_new(span) && call.is_some_and(|call| misses(&call)) {
                        first = first.or(Some(span));
                    }
                }
                Syntax::Function(function) => {
                    let own = function.name.as_ref().filter(|(own, _)| &**own == name);
                    if own.is_some_and(|(_, bytes)| is_new(bytes.in_file(file))) {
                        return None;
                    }
                }
                _ => {}
            }
        }
    }
    first
}

/// How many functions of a name a text has, and fields that may hold one; `None` for a text that was not understood.
fn declares(parsed: Option<&Parsed>, name: &str) -> Option<usize> {
    let facts = &parsed?.unit.facts;
    let mut found = 0;
    for id in facts.tree.ids() {
        found += usize::from(match facts.tree.syntax(id) {
            Syntax::Function(function) => function.name.as_ref().is_some_and(|(own, _)| &**own == name),
            Syntax::Field {
                key: Key::Name(own, _), ..
            } => &**own == name,
            Syntax::Entry {
                key: Key::Name(own, _), ..
            } => &**own == name,
            Syntax::Import { names, .. } => names.iter().any(|one| short(&one.local) == name),
            _ => false,
        });
    }
    Some(found)
}

impl Store {
    /// How many functions of a name a file has; `None` where it was not understood.
    #[must_use]
    pub fn declares(&self, sources: &Sources, file: FileId, name: &str) -> Option<usize> {
        declares(self.parsed(sources, file).as_ref(), name)
    }
}
