//! Which names a scope has bound so far: Python and Ruby have no declarations, the first assignment of a function (or of the file) is one. Knows
//! nothing of the tree.

use std::collections::HashSet;

/// One scope: a function or the file.
#[derive(Default)]
struct Scope {
    bound: HashSet<Box<str>>,
    /// `global` and `nonlocal` names: bound elsewhere.
    elsewhere: HashSet<Box<str>>,
}

/// The open scopes, the innermost last.
pub(super) struct Names {
    scopes: Vec<Scope>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            scopes: vec![Scope::default()],
        }
    }
}

impl Names {
    /// A function begins.
    pub(super) fn enter(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// A function ends.
    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// Binds a name: true if this is the first time in its scope.
    pub(super) fn bind(&mut self, name: &str) -> bool {
        let scope = self.scope();
        !scope.elsewhere.contains(name) && scope.bound.insert(name.into())
    }

    /// `global name`, `nonlocal name`
    pub(super) fn elsewhere(&mut self, name: &str) {
        self.scope().elsewhere.insert(name.into());
    }
}
