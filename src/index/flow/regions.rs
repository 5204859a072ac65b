//! Regions: which code runs only where a condition holds.
//!
//! A branch, the right side of `&&`, a case, a loop's body are regions of their own; an early exit makes *the rest of its block* a region
//! with the opposite condition.

use super::Pass;
use crate::index::condition::{Condition, Formula};
use crate::lang::Language;
use crate::lang::tree::{LogicOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// Calls that never come back; `::` before a name is read as a dot, and a path may stand before it.
const NEVER_RETURN: [&str; 23] = [
    "sys.exit",
    "abort",
    "pytest.skip",
    "pytest.fail",
    "self.skipTest",
    "self.fail",
    "process.exit",
    "notFound",
    "redirect",
    "permanentRedirect",
    "assert.fail",
    "unreachable",
    "os.Exit",
    "log.Fatal",
    "log.Fatalf",
    "log.Fatalln",
    "klog.Fatal",
    "klog.Fatalf",
    "t.Fatal",
    "t.Fatalf",
    "t.Skip",
    "t.Skipf",
    "t.SkipNow",
];
/// Elements that show their children, or one of two attributes, by a condition in an attribute.
const CONDITIONAL_ELEMENTS: [&str; 7] = [
    "ConditionallyRender",
    "Conditional",
    "Show",
    "If",
    "When",
    "Toggle",
    "ShowIf",
];
const CONDITION_ATTRIBUTES: [&str; 5] = ["condition", "when", "if", "test", "show"];
const YES_ATTRIBUTES: [&str; 3] = ["show", "then", "render"];
const NO_ATTRIBUTES: [&str; 3] = ["elseShow", "else", "fallback"];

impl Pass<'_> {
    /// Notes what is certain from each statement of a list on.
    pub(super) fn statements(&mut self, id: NodeId, list: &[NodeId]) {
        let mut holds = Formula::always();
        for (nth, statement) in list.iter().enumerate() {
            if !holds.is_always() {
                self.flow.reached.insert(*statement, holds.clone());
            }
            if self.leaving.contains(statement) {
                self.leaving.insert(id);
            }
            let Some((test, rest)) = self.early_exit(*statement) else {
                continue;
            };
            if let (Some(next), Some(last)) = (list.get(nth + 1), list.last()) {
                let bytes = Bytes {
                    start: self.tree.bytes(*next).start,
                    end: self.tree.bytes(*last).end,
                };
                self.region_of(bytes, &rest, self.tree.bytes(test));
            }
            holds = holds.and(&rest);
        }
        if !holds.is_always() {
            self.flow.ended.insert(id, holds);
        }
    }

    /// `if (x) return;`: its test, and what is certain after it.
    fn early_exit(&self, statement: NodeId) -> Option<(NodeId, Formula)> {
        let inner = match self.syntax(statement) {
            Syntax::Other(list) => match list.as_slice() {
                [only] => *only,
                _ => return None,
            },
            // Go: `if on := f(); !on { return }`
            Syntax::Block(list) => *list.last()?,
            _ => statement,
        };
        // Rust: after `check()?` it was `Ok`.
        if let (Language::Rust, Syntax::Wrap(Through::Assert, tried)) =
            (self.code.facts(self.unit).language, self.syntax(inner))
        {
            return Some((*tried, self.condition(*tried).yes));
        }
        let Syntax::If { test, yes, no } = self.syntax(inner) else {
            return None;
        };
        let condition = self.condition(*test);
        let (yes_leaves, no_leaves) = (
            self.leaving.contains(yes),
            no.is_some_and(|no| self.leaving.contains(&no)),
        );
        match (yes_leaves, no_leaves) {
            (true, false) => Some((*test, condition.no)),
            (false, true) => Some((*test, condition.yes)),
            _ => None,
        }
    }

    pub(super) fn leaves(&mut self, id: NodeId) {
        self.leaving.insert(id);
        if let Syntax::Return(_) = self.syntax(id)
            && let Some(function) = self.around.function(id)
        {
            self.returns.entry(function).or_default().push(id);
        }
    }

    /// Python's `(name := value)`: a binding where a value is wanted.
    pub(super) fn is_walrus(&self, id: NodeId) -> bool {
        let parent = self.tree.node(id).parent.map(|parent| self.syntax(parent));
        self.code.facts(self.unit).language == Language::Python
            && !matches!(
                parent,
                None | Some(
                    Syntax::Block(_)
                        | Syntax::With { .. }
                        | Syntax::Loop { .. }
                        | Syntax::Other(_)
                        | Syntax::Class { .. }
                )
            )
    }

    /// A statement that only holds an expression or another statement leaves where that leaves.
    pub(super) fn passes_leaving(&mut self, id: NodeId, list: &[NodeId]) {
        if let [only] = list
            && self.leaving.contains(only)
        {
            self.leaving.insert(id);
        }
    }

    /// A call that never comes back leaves.
    pub(super) fn exit_call(&mut self, id: NodeId, callee: NodeId) {
        let called = self.words(callee).replace("::", ".");
        let ends = |name: &&str| {
            called
                .strip_suffix(*name)
                .is_some_and(|path| path.is_empty() || path == "std.")
        };
        if NEVER_RETURN.iter().any(ends) {
            self.leaving.insert(id);
        }
    }

    pub(super) fn branches(&mut self, id: NodeId, test: NodeId, yes: NodeId, no: Option<NodeId>) {
        if self.leaving.contains(&yes) && no.is_some_and(|no| self.leaving.contains(&no)) {
            self.leaving.insert(id);
        }
        let condition = self.condition(test);
        if condition.is_empty() {
            return;
        }
        self.region(yes, &condition.yes, test);
        if let Some(no) = no {
            self.region(no, &condition.no, test);
        }
    }

    pub(super) fn right_side(&mut self, op: LogicOp, left: NodeId, right: NodeId) {
        let condition = self.condition(left);
        let is_constant = matches!(self.syntax(self.tree.bare(right)), Syntax::Bool(_) | Syntax::Nothing);
        match op {
            _ if is_constant => {}
            LogicOp::And => self.region(right, &condition.yes, left),
            LogicOp::Or => self.region(right, &condition.no, left),
            LogicOp::Coalesce => {}
        }
    }

    pub(super) fn repeated(&mut self, head: &[NodeId], body: NodeId) {
        if let [test] = head {
            let holds = self.condition(*test).yes;
            self.region(body, &holds, *test);
        }
    }

    pub(super) fn switch(&mut self, subject: NodeId, cases: &[NodeId]) {
        let language = self.code.facts(self.unit).language;
        let falls = matches!(language, Language::TypeScript | Language::Tsx | Language::JavaScript);
        let on_true = matches!(self.syntax(self.tree.bare(subject)), Syntax::Bool(true));
        if self.meaning(subject).is_none() && !on_true {
            return;
        }
        let (mut entered, mut open, mut others) = (Formula::never(), true, Formula::always());
        for case in cases {
            let Syntax::Case { tests, body } = self.syntax(*case) else {
                continue;
            };
            let own = self.case_holds(subject, on_true, tests, &mut others);
            // Without a `break` before it, a case is entered from the one above as well.
            entered = if open { entered.or(&own) } else { own };
            self.cases.insert(*case, entered.clone());
            if let (Some(first), Some(last)) = (body.first(), body.last()) {
                let bytes = Bytes {
                    start: self.tree.bytes(*first).start,
                    end: self.tree.bytes(*last).end,
                };
                let holds = entered.clone();
                self.region_of(bytes, &holds, self.tree.bytes(subject));
            }
            let says_so = || body.last().is_some_and(|last| self.words(*last) == "fallthrough");
            let has_arrow = || body.first().is_some_and(|first| self.is_behind_arrow(*case, *first));
            let goes_on = match language {
                Language::Go => says_so(),
                Language::Java => !has_arrow(),
                _ => falls,
            };
            open = !self.leaving.contains(case) && goes_on;
        }
    }

    /// Java: `case a -> b` ends by itself, `case a: b` does not.
    fn is_behind_arrow(&self, case: NodeId, first: NodeId) -> bool {
        let (start, end) = (self.tree.bytes(case).start, self.tree.bytes(first).start);
        self.slice(Bytes { start, end }).trim_end().ends_with("->")
    }

    /// What is certain in a case by its own tests; `others` collects what is certain where no case so far holds.
    fn case_holds(&mut self, subject: NodeId, on_true: bool, tests: &[NodeId], others: &mut Formula) -> Formula {
        if tests.is_empty() {
            return others.clone();
        }
        let value = self.meaning(subject).cloned();
        let before = others.clone();
        let mut holds = Formula::never();
        for test in tests {
            let equal = match &value {
                Some(value) if !on_true => self.equal_to(value, *test),
                _ => Some(self.condition(*test)),
            };
            let Condition { yes, no } = equal.unwrap_or_default();
            holds = holds.or(&yes);
            *others = others.and(&no);
        }
        if on_true { before.and(&holds) } else { holds }
    }

    pub(super) fn element(&mut self, id: NodeId) {
        let Syntax::Element {
            name: Some(name),
            attributes,
            children,
        } = self.syntax(id)
        else {
            return;
        };
        if !CONDITIONAL_ELEMENTS.contains(&self.words(*name)) {
            return;
        }
        let Some(test) = self.attribute(attributes, &CONDITION_ATTRIBUTES) else {
            return;
        };
        let condition = self.condition(test);
        if condition.is_empty() {
            return;
        }
        for child in children {
            self.region(*child, &condition.yes, test);
        }
        for (names, holds) in [(YES_ATTRIBUTES, &condition.yes), (NO_ATTRIBUTES, &condition.no)] {
            if let Some(value) = self.attribute(attributes, &names)
                && value != test
            {
                self.region(value, holds, test);
            }
        }
    }

    /// The value of the first attribute with one of these names.
    pub(super) fn attribute(&self, attributes: &[NodeId], names: &[&str]) -> Option<NodeId> {
        attributes.iter().find_map(|id| match self.syntax(*id) {
            Syntax::Attribute {
                name,
                value: Some(value),
            } if names.contains(&self.slice(*name)) => Some(*value),
            _ => None,
        })
    }
}
