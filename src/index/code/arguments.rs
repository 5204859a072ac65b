//! Arguments in the order of a function's parameters. Enters: a call's arguments, some of which may be given by name, and the function.
//! Leaves: the expressions by place.

use super::{At, Code};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::FileId;

impl Code<'_> {
    /// The arguments of a call in file `unit`, as `function` takes them. A place that nothing is given for holds the argument that was
    /// given by name after it: that is no value, and nothing is read out of it.
    #[must_use]
    pub fn arguments(&self, unit: usize, args: &[NodeId], function: (FileId, NodeId)) -> Vec<At> {
        let at = |node: &NodeId| At { unit, node: *node };
        let is_named = |node: &&NodeId| matches!(self.syntax(at(node)), Syntax::Attribute { .. });
        let Some(filler) = args.iter().find(is_named) else {
            return args.iter().map(at).collect();
        };
        let mut placed: Vec<At> = args.iter().filter(|node| !is_named(node)).map(at).collect();
        let Some(params) = self.params(function) else {
            return placed;
        };
        for node in args.iter().filter(is_named) {
            let Syntax::Attribute {
                name,
                value: Some(value),
            } = self.syntax(at(node))
            else {
                continue;
            };
            let name = self.slice(unit, *name);
            if let Some(place) = params.iter().position(|param| *param == name) {
                while placed.len() <= place {
                    placed.push(at(filler));
                }
                placed[place] = at(value);
            }
        }
        placed
    }

    /// The names of a function's parameters; empty where one is no name.
    fn params(&self, (file, function): (FileId, NodeId)) -> Option<Vec<&str>> {
        let unit = self.units.iter().position(|unit| unit.facts.file == file)?;
        let at = |node| At { unit, node };
        let Syntax::Function(function) = self.syntax(at(function)) else {
            return None;
        };
        let name = |param: &NodeId| match self.syntax(at(*param)) {
            Syntax::Name => self.words(at(*param)),
            Syntax::Default { pattern, .. } => self.words(at(*pattern)),
            _ => "",
        };
        Some(function.params.iter().map(name).collect())
    }
}
