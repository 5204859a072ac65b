//! Names that stand for the value of a flag, or for a store of it. Enters: a name and what it leads to. Leaves: the read, where naming it there
//! takes the value: a list of all flags, an attribute of Rust and `tax.set(true)` do not.

use super::Pass;
use crate::index::code::{At, Declared};
use crate::index::meaning::Meaning;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

/// Functions that take out what the store holds that they are given.
const TAKES: [&str; 11] = [
    "get",
    "unref",
    "toValue",
    "useStore",
    "useAtom",
    "useAtomValue",
    "useRecoilValue",
    "useRecoilState",
    "useSnapshot",
    "useSignal",
    "useObservable",
];
/// Words in the path of a module that say what it is about.
const ABOUT: [&str; 3] = ["flag", "toggle", "feature"];
/// Properties of a store that are what it holds.
const HELD: [&str; 3] = ["value", "current", "get"];

impl Pass<'_> {
    /// A name that stands for the value of a flag.
    pub(super) fn value_handle(&mut self, id: NodeId, at: At) -> Option<Meaning> {
        let handle = self.world.handles.at(self.code, at)?;
        let is_read = handle.is_value || (handle.is_store && self.takes_what_is_held(id));
        let is_read = is_read && !self.is_in_attribute(id) && !self.is_listed(id);
        if is_read { self.read_handle(id, at) } else { None }
    }

    /// `$NEW_TAX`, `get(NEW_TAX)`: a store that a module about flags gives out under the name of a flag which nothing else is called, however it
    /// makes it (`export const { NEW_TAX } = featureFlagsStore`).
    pub(super) fn store_of_its_name(&mut self, id: NodeId) -> Option<Meaning> {
        let Some(Declared::Import { module, name }) = self.code.declared(self.at(id)) else {
            return None;
        };
        let module = module.to_ascii_lowercase();
        let is_about = ABOUT.iter().any(|word| module.contains(word));
        if !is_about || !self.takes_what_is_held(id) {
            return None;
        }
        let handle = self.world.handles.only_named(&name)?;
        let (key, rule, confidence) = (handle.key.term.clone(), handle.rule, handle.confidence);
        Some(self.read_of(id, key, rule, confidence))
    }

    /// True where the name of a store stands for what it holds: `$tax` (Svelte), `get(tax)`, `useAtomValue(tax)`, `tax.value`.
    fn takes_what_is_held(&self, id: NodeId) -> bool {
        let mut above = self.tree.ancestors(id);
        let above = above.find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)));
        self.words(id).starts_with('$')
            || match above.map(|up| self.syntax(up)) {
                Some(Syntax::Call { callee, args, .. }) => {
                    let is_given = args.iter().any(|arg| self.tree.bare(*arg) == id);
                    is_given && TAKES.contains(&self.words(*callee))
                }
                Some(Syntax::Member { object, property }) => {
                    self.tree.bare(*object) == id && HELD.contains(&self.slice(*property))
                }
                _ => false,
            }
    }

    /// True in a Rust attribute (`#[with(FLAG)]`), which names what a macro makes something of: it reads no flag here.
    fn is_in_attribute(&self, id: NodeId) -> bool {
        let is_rust = self.code.facts(self.unit).language == Language::Rust;
        is_rust
            && self
                .tree
                .ancestors(id)
                .any(|up| matches!(self.syntax(up), Syntax::Decorator(_)))
    }

    /// True in a list of names at the top of a file (`static ALL: &[&Flag] = &[&TAX, &FEES]`): it says which flags there are.
    fn is_listed(&self, id: NodeId) -> bool {
        let mut above = self.tree.ancestors(id);
        let list = above.find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)));
        let Some(Syntax::Array(items)) = list.map(|list| self.syntax(list)) else {
            return false;
        };
        let is_name =
            |item: &NodeId| matches!(self.syntax(self.tree.bare(*item)), Syntax::Name | Syntax::Member { .. });
        items.len() > 1 && items.iter().all(is_name) && !above.any(|up| matches!(self.syntax(up), Syntax::Function(_)))
    }
}
