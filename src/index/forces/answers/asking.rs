//! Reads a mocked function for what it answers. Enters: the expression of the function. Leaves: [`Answers`]. Bounded in steps and
//! depth; what goes beyond is unknown.

use super::{Answer, Answers, Source, joined};
use crate::flag::FlagKey;
use crate::index::code::{At, Declared, Trail};
use crate::index::condition::KeyTerm;
use crate::index::forces::{Ground, To, Which};
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax};

/// Expressions looked at for one function.
const MAX_STEPS: u32 = 512;
/// How deep expressions may stand in each other.
const MAX_DEPTH: u32 = 48;
/// Properties of an object that carry a value.
const VALUE_PROPERTIES: [&str; 5] = ["value", "enabled", "isEnabled", "on", "data"];

/// The state of one question.
struct Asking<'a> {
    ground: &'a Ground<'a>,
    unit: usize,
    /// The function whose parameters stay open, for its callers to fill.
    open: Option<NodeId>,
    steps: u32,
    depth: u32,
}

impl Ground<'_> {
    /// What the function behind an expression answers; `None` if it is no function that can be read. `open`: the function around the mock,
    /// whose parameters its callers fill.
    pub(in crate::index::forces) fn answers(&self, at: At, open: Option<NodeId>) -> Option<Answers> {
        self.asking(at, open).function(at.node)
    }

    /// What a value is, flag by flag: `mockTax()`, `state.isOn`.
    pub(in crate::index::forces) fn answered(&self, at: At, open: Option<NodeId>) -> Answers {
        self.asking(at, open).value(at.node)
    }

    fn asking(&self, at: At, open: Option<NodeId>) -> Asking<'_> {
        Asking {
            ground: self,
            unit: at.unit,
            open,
            steps: MAX_STEPS,
            depth: 0,
        }
    }
}

impl Asking<'_> {
    fn at(&self, node: NodeId) -> At {
        At { unit: self.unit, node }
    }

    fn syntax(&self, node: NodeId) -> &Syntax {
        self.ground.code.syntax(self.at(node))
    }

    /// A function value, or a mock of one.
    fn function(&mut self, node: NodeId) -> Option<Answers> {
        let at = self.ground.code.settle(self.at(node), &mut Trail::default());
        if at.unit != self.unit || !self.step() {
            return None;
        }
        let found = match self.ground.code.syntax(at).clone() {
            Syntax::Function(function) => function.body.map(|body| self.body(body)),
            Syntax::Call { callee, args, .. } => self.mock(callee, &args),
            _ => None,
        };
        self.depth -= 1;
        found
    }

    /// `vi.fn(f)`, `jest.fn().mockReturnValue(x)`, `sinon.fake.returns(x)`
    fn mock(&mut self, callee: NodeId, args: &[NodeId]) -> Option<Answers> {
        let words = self.ground.code.words(self.at(callee)).to_owned();
        let last = words.rsplit('.').next().unwrap_or(&words);
        let first = args.first().copied();
        match last {
            "fn" | "fake" | "stub" | "mockFn" => match first {
                Some(first) => self.function(first),
                None => Some(Answers::unknown()),
            },
            "mockReturnValue" | "mockResolvedValue" | "returns" | "resolves" => Some(self.value(first?)),
            "mockImplementation" | "callsFake" => self.function(first?),
            "mockReturnValueOnce" | "mockResolvedValueOnce" | "mockImplementationOnce" => {
                Some(Answers::all(Answer::To(To::Partial)))
            }
            "useCallback" | "useMemo" => self.function(first?),
            _ => None,
        }
    }

    /// A block with returns, or the expression of an arrow.
    fn body(&mut self, body: NodeId) -> Answers {
        match self.syntax(body).clone() {
            Syntax::Block(list) => self.statements(&list),
            Syntax::Return(Some(value)) => self.value(value),
            _ => self.value(body),
        }
    }

    /// What the first `return` that is reached gives.
    fn statements(&mut self, list: &[NodeId]) -> Answers {
        let decides = |id: &NodeId| {
            matches!(
                self.syntax(*id),
                Syntax::Return(_) | Syntax::If { .. } | Syntax::Switch { .. } | Syntax::Throw(_)
            )
        };
        let Some(at) = list.iter().position(decides) else {
            return Answers::all(Answer::Absent);
        };
        let rest = &list[at + 1..];
        if !self.step() {
            return Answers::unknown();
        }
        let found = match self.syntax(list[at]).clone() {
            Syntax::Return(Some(value)) => self.value(value),
            Syntax::Return(None) => Answers::all(Answer::Absent),
            Syntax::If { test, yes, no } => {
                let test = self.value(test);
                let yes = self.branch(yes, rest);
                let no = match no {
                    Some(no) => self.branch(no, rest),
                    None => self.statements(rest),
                };
                test.choose(&yes, &no)
            }
            Syntax::Switch { subject, cases } => self.switch(subject, &cases, rest),
            _ => Answers::unknown(),
        };
        self.depth -= 1;
        found
    }

    /// A branch, and what follows it where it does not return.
    fn branch(&mut self, branch: NodeId, rest: &[NodeId]) -> Answers {
        let mut list = match self.syntax(branch).clone() {
            Syntax::Block(list) => list,
            _ => vec![branch],
        };
        list.extend_from_slice(rest);
        self.statements(&list)
    }

    /// `switch (key) { case 'a': return true; default: return false }`
    fn switch(&mut self, subject: NodeId, cases: &[NodeId], rest: &[NodeId]) -> Answers {
        if !self.is_asked(subject) {
            return Answers::unknown();
        }
        let mut found = Answers::all(Answer::Absent);
        let mut default = None;
        for (at, case) in cases.iter().enumerate() {
            let Syntax::Case { tests, .. } = self.syntax(*case).clone() else {
                continue;
            };
            // An empty case falls through to the next.
            let bodies = cases[at..].iter().filter_map(|case| match self.syntax(*case) {
                Syntax::Case { body, .. } => Some(body.clone()),
                _ => None,
            });
            let mut list: Vec<NodeId> = bodies.into_iter().find(|body| !body.is_empty()).unwrap_or_default();
            list.retain(|statement| !matches!(self.syntax(*statement), Syntax::Leave));
            list.extend_from_slice(rest);
            let answer = self.statements(&list);
            if tests.is_empty() {
                default = Some(answer.rest.clone());
            }
            for test in tests {
                if let Some(KeyTerm::Known(key)) = self.ground.key(self.at(test)).map(|found| found.term) {
                    found.keys.insert(key, answer.rest.clone());
                }
            }
        }
        found.rest = match default {
            Some(default) => default,
            None => self.statements(rest).rest,
        };
        found
    }

    /// Goes one step deeper; false where the expression is too large or too deep to be read.
    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || self.depth >= MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        true
    }

    /// What an expression gives for each flag.
    fn value(&mut self, node: NodeId) -> Answers {
        if !self.step() {
            return Answers::unknown();
        }
        let found = self.of_syntax(node);
        self.depth -= 1;
        found
    }

    fn of_syntax(&mut self, node: NodeId) -> Answers {
        let node = self.ground.code.tree(self.unit).bare(node);
        if let Some((source, first)) = self.ground.held(self.at(node)) {
            return self.held(source, first);
        }
        if self.ground.is_known(self.at(node)) && !matches!(self.syntax(node), Syntax::Logic { .. }) {
            return Answers::all(Answer::To(self.ground.to(self.at(node), self.open)));
        }
        match self.syntax(node).clone() {
            Syntax::Nothing => Answers::all(Answer::Absent),
            Syntax::Not(inner) => self.value(inner).map(Answer::flipped),
            Syntax::Compare { op, left, right } => self.compare(op, left, right),
            Syntax::Logic { op, left, right } => {
                let (left, right) = (self.value(left), self.value(right));
                let no = right.keys.is_empty() && right.listed.is_none() && right.rest.certain() == Some(false);
                if left.listed.is_some() && no && op == LogicOp::Or {
                    return left;
                }
                left.with(&right, |left, right| joined(op, left, right))
            }
            Syntax::Choose { test, yes, no } => {
                let (test, yes, no) = (self.value(test), self.value(yes), self.value(no));
                test.choose(&yes, &no)
            }
            Syntax::Call { callee, args, .. } => self.call(node, callee, &args),
            Syntax::Index { object, index } if self.is_asked(index) => self.look_up(object),
            Syntax::Object { .. } => self.object(node),
            Syntax::Name => self.name(node),
            _ => Answers::all(Answer::To(self.ground.to(self.at(node), self.open))),
        }
    }

    /// `{ value: key === 'x' }`
    fn object(&mut self, node: NodeId) -> Answers {
        let at = self.at(node);
        let value = VALUE_PROPERTIES
            .iter()
            .find_map(|name| self.ground.code.property(at, name, &mut Trail::default()));
        match value {
            Some(value) if value.unit == self.unit => self.value(value.node),
            _ => Answers::unknown(),
        }
    }

    /// A variable: what it holds at first, and what is put into it later.
    fn name(&mut self, node: NodeId) -> Answers {
        let Some(Declared::Value {
            node: first,
            parts,
            constant,
            ..
        }) = self.ground.code.declared(self.at(node))
        else {
            return Answers::all(Answer::To(self.ground.to(self.at(node), self.open)));
        };
        if !parts.is_empty() {
            return Answers::all(Answer::To(self.ground.to(self.at(node), self.open)));
        }
        let mut found = self.value(first);
        if !constant {
            found.sources.insert(Source {
                name: node,
                path: Vec::new(),
                by_key: false,
            });
        }
        found
    }

    /// A property of an object of the file: what it holds at first, and what is put into it later.
    fn held(&mut self, source: Source, first: Option<At>) -> Answers {
        let mut found = match first {
            Some(first) if first.unit == self.unit => self.value(first.node),
            _ => Answers::unknown(),
        };
        found.sources.insert(source);
        found
    }

    /// True if the expression is what the function is asked for: its parameter, or a property of it.
    fn is_asked(&self, node: NodeId) -> bool {
        let node = self.ground.code.tree(self.unit).bare(node);
        let name = match self.syntax(node) {
            Syntax::Member { object, .. } => self.ground.code.tree(self.unit).bare(*object),
            _ => node,
        };
        matches!(self.syntax(name), Syntax::Name)
            && matches!(self.ground.code.declared(self.at(name)), Some(Declared::Param { function, .. }) if Some(function) != self.open)
    }

    /// `key === 'x'`
    fn compare(&mut self, op: CompareOp, left: NodeId, right: NodeId) -> Answers {
        let other = match (self.is_asked(left), self.is_asked(right)) {
            (true, false) => right,
            (false, true) => left,
            _ => return Answers::unknown(),
        };
        let equal = match op {
            CompareOp::Equal => true,
            CompareOp::NotEqual => false,
            CompareOp::Other => return Answers::unknown(),
        };
        match self.ground.key(self.at(other)).map(|found| found.term) {
            Some(KeyTerm::Known(key)) => {
                let mut found = Answers::all(Answer::is(!equal));
                found.keys.insert(key, Answer::is(equal));
                found
            }
            _ => Answers::unknown(),
        }
    }

    /// `['x', 'y'].includes(key)`, `new Set(['x']).has(key)`, `map.get(key)`, `actual.isEnabled(key)`
    fn call(&mut self, node: NodeId, callee: NodeId, args: &[NodeId]) -> Answers {
        let asked = args.first().is_some_and(|arg| self.is_asked(*arg));
        let Syntax::Member { object, property } = self.syntax(callee).clone() else {
            let real = asked || args.iter().any(|arg| matches!(self.syntax(*arg), Syntax::Spread(_)));
            return match self.mock(callee, args) {
                Some(found) => found,
                None if real => Answers::all(self.passed_on(callee)),
                None => Answers::all(Answer::To(self.ground.to(self.at(node), self.open))),
            };
        };
        let method = self.ground.code.slice(self.unit, property).to_owned();
        match method.as_str() {
            "includes" | "has" | "some" if asked => self.listed(object),
            "get" if asked => self.look_up(object),
            _ if asked => Answers::all(self.passed_on(callee)),
            _ => Answers::all(Answer::To(self.ground.to(self.at(node), self.open))),
        }
    }

    /// What another function answers that is asked for the same: the real one as a rule; a mock of the file is asked elsewhere.
    fn passed_on(&self, callee: NodeId) -> Answer {
        let words = self.ground.code.words(self.at(callee)).to_ascii_lowercase();
        let real = ["actual", "original", "real", "importoriginal"]
            .iter()
            .any(|word| words.contains(word));
        if real { Answer::Kept } else { Answer::unknown() }
    }

    /// A list of the flags that are on.
    fn listed(&mut self, list: NodeId) -> Answers {
        if let Some(Which::Listed(param)) = self.ground.list_param(self.at(list), self.open) {
            let listed = Some(param);
            return Answers {
                listed,
                ..Answers::unknown()
            };
        }
        let mut at = self.ground.code.settle(self.at(list), &mut Trail::default());
        if let Syntax::New { args, .. } = self.ground.code.syntax(at)
            && let Some(first) = args.first()
        {
            at = self.ground.code.settle(at.with(*first), &mut Trail::default());
        }
        let Syntax::Array(items) = self.ground.code.syntax(at).clone() else {
            return Answers::unknown();
        };
        let mut found = Answers::all(Answer::is(false));
        for item in items {
            match self.ground.key(at.with(item)).map(|found| found.term) {
                Some(KeyTerm::Known(key)) => drop(found.keys.insert(key, Answer::is(true))),
                _ => return Answers::unknown(),
            }
        }
        found
    }

    /// `({ x: true })[key]`, `flags[key]`
    fn look_up(&mut self, object: NodeId) -> Answers {
        let object = self.ground.code.tree(self.unit).bare(object);
        let mut found = Answers::all(Answer::Absent);
        let held = self.ground.held(self.at(object));
        if let Syntax::Name = self.syntax(object) {
            found.sources.insert(Source {
                name: object,
                path: Vec::new(),
                by_key: true,
            });
        } else if let Some((source, _)) = &held {
            found.sources.insert(Source {
                by_key: true,
                ..source.clone()
            });
        }
        let whole = held.and_then(|(_, first)| first).unwrap_or(self.at(object));
        let mut at = self.ground.code.settle(whole, &mut Trail::default());
        if let Some(Declared::Value { node, parts, .. }) = self.ground.code.declared(at)
            && parts.is_empty()
        {
            at = self.ground.code.settle(at.with(node), &mut Trail::default());
        }
        match self.ground.code.syntax(at).clone() {
            Syntax::Object { entries, .. } => {
                for entry in entries {
                    self.entry(at.with(entry), &mut found);
                }
            }
            Syntax::New { args, .. } if args.is_empty() => {}
            _ => found.rest = Answer::unknown(),
        }
        found
    }

    fn entry(&mut self, at: At, found: &mut Answers) {
        match self.ground.code.syntax(at) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } => {
                let to = self.ground.to(at.with(*value), self.open);
                found.keys.insert(FlagKey::new(name), Answer::To(to));
            }
            Syntax::Entry {
                key: Key::Computed(key),
                value,
            } => {
                if let Some(KeyTerm::Known(key)) = self.ground.key(at.with(*key)).map(|found| found.term) {
                    let to = self.ground.to(at.with(*value), self.open);
                    found.keys.insert(key, Answer::To(to));
                }
            }
            _ => found.rest = Answer::unknown(),
        }
    }
}
