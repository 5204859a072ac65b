//! Functions: what a call gives, from every `return` and the conditions under which it is reached.

use std::sync::Arc;

use super::Pass;
use crate::index::code::{At, Declared};
use crate::index::condition::{Condition, Formula};
use crate::index::meaning::{Fallback, Meaning};
use crate::index::site::Site;
use crate::lang::Language;
use crate::lang::tree::{Function, Key, LogicOp, NodeId, Syntax, Through};

/// A function with more returns is no wrapper.
const MAX_RETURNS: usize = 16;
/// Conditions further out than this are left out of a path.
const MAX_CLIMB: usize = 256;

impl Pass<'_> {
    pub(super) fn function(&mut self, id: NodeId, function: &Function) -> Option<Meaning> {
        let gives = self.gives(id, function.body?)?;
        if gives.is_empty() {
            return None;
        }
        let name = self.function_name(id, function);
        let mut shared = self.shared(&name, id, gives);
        shared.children = Formula::always();
        let shared = Arc::new(shared);
        self.flow.shared.push(shared.clone());
        Some(Meaning::Function(shared))
    }

    /// A function that gives out what a map holds for its parameter, whichever way it goes about it: what it does is followed where
    /// that leads to one flag, else the form tells.
    pub(super) fn looking_up(&mut self, id: NodeId, sites: &[&Site]) -> Option<Meaning> {
        let Syntax::Function(function) = self.syntax(id) else {
            return None;
        };
        let followed = self.function(id, function);
        let is_one = |condition: &Condition| condition.single().is_some();
        if let Some(Meaning::Function(shared)) = &followed
            && shared.gives.condition().is_some_and(is_one)
        {
            return followed;
        }
        let gives = self.read_sites(id, sites)?;
        self.flow.shared.retain(|shared| shared.node != (self.file, id));
        let name = self.function_name(id, function);
        let shared = Arc::new(self.shared(&name, id, gives));
        self.flow.shared.push(shared.clone());
        Some(Meaning::Function(shared))
    }

    /// The function's own name, or that of what holds it.
    fn function_name(&self, id: NodeId, function: &Function) -> String {
        if let Some((name, _)) = &function.name {
            return name.to_string();
        }
        let Some(parent) = self
            .tree
            .ancestors(id)
            .find(|id| !matches!(self.syntax(*id), Syntax::Wrap(..)))
        else {
            return String::new();
        };
        match self.syntax(parent) {
            Syntax::Let { pattern, .. } => self.words(*pattern).to_owned(),
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                ..
            } => name.to_string(),
            _ => String::new(),
        }
    }

    /// What a call gives.
    fn gives(&mut self, id: NodeId, body: NodeId) -> Option<Meaning> {
        let returns = self.returns.remove(&id).unwrap_or_default();
        let is_go = self.code.facts(self.unit).language == Language::Go;
        let value = |at: NodeId| match self.syntax(at) {
            // Go: of `return on, err` the first value is looked at.
            Syntax::Return(Some(value)) if is_go => match self.syntax(*value) {
                Syntax::Array(list) => list.first().copied(),
                _ => Some(*value),
            },
            // Ruby: `@on ||= on` gives what it sets.
            Syntax::Return(Some(value)) => match self.syntax(*value) {
                Syntax::Assign { value, .. } => Some(*value),
                _ => Some(*value),
            },
            Syntax::Return(None) => None,
            _ => Some(at),
        };
        // A function that gives something else under a flag, or nothing, is no wrapper: only one that gives the flag's value, or `true` and
        // `false` under it.
        let is_flag = |at: &NodeId| value(*at).is_some_and(|value| self.meaning(value).is_some());
        let is_bool = |at: &NodeId| {
            let value = value(*at).map(|value| self.syntax(self.tree.bare(value)));
            matches!(value, Some(Syntax::Bool(_)))
        };
        // Rust: `Ok(())` under a flag, and `Err(…)` without it.
        let answer = |at: &NodeId| self.answer(value(*at)?);
        let is_answer = returns.iter().all(|at| answer(at).is_some());
        let is_wrapper = returns.iter().any(is_flag) || returns.iter().all(is_bool) || is_answer;
        if returns.is_empty() || returns.len() > MAX_RETURNS || !is_wrapper {
            return None;
        }
        let falls_off = matches!(self.syntax(body), Syntax::Block(_)) && !self.leaving.contains(&body);
        if is_answer {
            let answers = returns.iter().filter_map(|at| Some((*at, answer(at)?))).collect();
            return self.answers(answers, body);
        }
        if let [only] = returns.as_slice()
            && !falls_off
        {
            let value = value(*only)?;
            return match self.meaning(value)? {
                Meaning::Condition(condition) => Some(Meaning::Condition(condition.reached(&self.path_to(*only)))),
                other => Some(other.clone()),
            };
        }
        let values: Vec<Option<NodeId>> = returns.iter().map(|at| value(*at)).collect();
        if !falls_off && let Some(given) = self.or_passed(&values, id) {
            return Some(given);
        }
        let mut all = Condition {
            yes: Formula::never(),
            no: Formula::never(),
        };
        for (at, value) in returns.iter().zip(&values) {
            let condition = match value {
                Some(value) => self.condition(*value),
                None => Condition::constant(false),
            };
            all = all.either(&condition.reached(&self.path_to(*at)));
        }
        if falls_off {
            let end = self.flow.ended.get(&body).cloned().unwrap_or_default();
            all = all.either(&Condition::constant(false).reached(&end));
        }
        Some(Meaning::Condition(all))
    }

    /// `if (process.env[name]) return process.env[name]; return fallback`: the flag, which is what is passed where nobody sets it.
    fn or_passed(&mut self, values: &[Option<NodeId>], function: NodeId) -> Option<Meaning> {
        let [Some(one), Some(other)] = *values else { return None };
        let (asked, index) = match (self.own_param(one, function), self.own_param(other, function)) {
            (None, Some(index)) => (one, index),
            (Some(index), None) => (other, index),
            _ => return None,
        };
        let given = self.meaning(asked)?.clone();
        given.condition()?.single()?;
        self.falls_back(asked, function, index);
        Some(given)
    }

    /// Which parameter of a function an expression is.
    fn own_param(&self, value: NodeId, function: NodeId) -> Option<usize> {
        let at = At {
            unit: self.unit,
            node: self.tree.bare(value),
        };
        match self.code.declared(at)? {
            Declared::Param {
                function: of,
                index,
                parts,
                ..
            } if of == function && parts.is_empty() && matches!(self.syntax(at.node), Syntax::Name) => Some(index),
            _ => None,
        }
    }

    /// The flags that a value rests on fall back to what is passed as a parameter.
    fn falls_back(&mut self, value: NodeId, function: NodeId, index: usize) {
        let mut reads = Vec::new();
        if let Some(meaning) = self.meaning(value) {
            meaning.reads(&mut reads);
        }
        let fallback = Fallback::Param((self.file, function), index, None);
        for at in reads {
            if let Some(read) = self.flow.reads.get_mut(&at) {
                read.fallback.get_or_insert(fallback.clone());
            }
        }
    }

    /// What a function gives whose every `return` is `Ok(())` or `Err(…)`; nothing, if no flag has a part in it.
    fn answers(&self, answers: Vec<(NodeId, Condition)>, body: NodeId) -> Option<Meaning> {
        let mut all = Condition {
            yes: Formula::never(),
            no: Formula::never(),
        };
        for (at, condition) in answers {
            all = all.either(&condition.reached(&self.path_to(at)));
        }
        // An error may come from elsewhere.
        let passes_on = |id: &NodeId| matches!(self.syntax(*id), Syntax::Wrap(Through::Assert, _));
        if self.tree.below(body).iter().any(passes_on) {
            all = all.either(&Condition::constant(false));
        }
        (!all.reads().is_empty()).then_some(Meaning::Condition(all))
    }

    /// Rust: `Ok(())` is true and `Err(…)` false, also as the ends of an `if`.
    fn answer(&self, value: NodeId) -> Option<Condition> {
        if self.code.facts(self.unit).language != Language::Rust {
            return None;
        }
        let value = self.tree.bare(value);
        match self.syntax(value) {
            Syntax::Call { callee, .. } => match self.words(*callee) {
                "Ok" => (self.words(value) == "Ok(())").then(|| Condition::constant(true)),
                "Err" => Some(Condition::constant(false)),
                _ => None,
            },
            Syntax::If {
                test,
                yes,
                no: Some(no),
            } => {
                let (yes, no, test) = (self.answer(*yes)?, self.answer(*no)?, self.condition(*test));
                Some(yes.reached(&test.yes).either(&no.reached(&test.no)))
            }
            Syntax::Block(list) | Syntax::Other(list) => match list.as_slice() {
                [only] => self.answer(*only),
                _ => None,
            },
            _ => None,
        }
    }

    /// What is certain where a node of a function is reached.
    pub(super) fn path_to(&self, node: NodeId) -> Formula {
        let mut path = Formula::always();
        let mut child = node;
        for parent in self.tree.ancestors(node).take(MAX_CLIMB) {
            if let Some(reached) = self.flow.reached.get(&child) {
                path = path.and(reached);
            }
            match self.syntax(parent) {
                Syntax::Function(_) => break,
                Syntax::If { test, yes, no } => {
                    if child == *yes {
                        path = path.and(&self.condition(*test).yes);
                    } else if Some(child) == *no {
                        path = path.and(&self.condition(*test).no);
                    }
                }
                Syntax::Choose { test, yes, no } => {
                    if child == *yes {
                        path = path.and(&self.condition(*test).yes);
                    } else if child == *no {
                        path = path.and(&self.condition(*test).no);
                    }
                }
                Syntax::Logic { op, left, right } if child == *right => {
                    let left = self.condition(*left);
                    match op {
                        LogicOp::And => path = path.and(&left.yes),
                        LogicOp::Or => path = path.and(&left.no),
                        LogicOp::Coalesce => {}
                    }
                }
                Syntax::Case { .. } => {
                    if let Some(holds) = self.cases.get(&parent) {
                        path = path.and(holds);
                    }
                }
                _ => {}
            }
            child = parent;
        }
        path
    }
}
