//! What a value is where it stands in a test: a constant, a column of a table, what a loop runs over, what a caller passes. Enters: the
//! expression. Leaves: [`To`]; what cannot be said is *unknown*.

use super::{Ground, Passed, To};
use crate::flag::FlagValue;
use crate::index::bindings::{Binding, Step};
use crate::index::code::{At, Declared, Part, Trail};
use crate::index::condition::Param;
use crate::index::values::value_of;
use crate::lang::Language;
use crate::lang::tree::{LogicOp, NodeId, Syntax};

/// Rows beyond these are not looked at: both values have turned up long before.
const MAX_ROWS: usize = 256;
/// Names and operators that are followed for one value.
const MAX_STEPS: u32 = 32;
/// Properties of an object that carry a value.
const VALUE_PROPERTIES: [&str; 5] = ["enabled", "isEnabled", "on", "value", "defaultValue"];
/// Functions that give their argument back, as far as truth goes.
const CONVERSIONS: [&str; 6] = ["Boolean", "String", "Some", "Ok", "Promise.resolve", "JSON.stringify"];
/// Methods that call a function for each element.
const EACH: [&str; 3] = ["forEach", "map", "flatMap"];

impl Ground<'_> {
    /// What the expression gives. `inside` is the function whose parameters stay open, for its callers to fill.
    pub(super) fn to(&self, at: At, inside: Option<NodeId>) -> To {
        let mut steps = MAX_STEPS;
        self.value(at, inside, &mut steps).unwrap_or(To::Is(FlagValue::Unknown))
    }

    fn value(&self, at: At, inside: Option<NodeId>, steps: &mut u32) -> Option<To> {
        *steps = steps.checked_sub(1)?;
        let known = value_of(self.code, at, &mut Trail::default());
        if known != FlagValue::Unknown {
            return Some(To::Is(known));
        }
        let at = at.with(self.code.tree(at.unit).bare(at.node));
        match self.code.syntax(at) {
            Syntax::Not(inner) => Some(self.value(at.with(*inner), inside, steps)?.flipped()),
            Syntax::Template(parts) => match parts.as_slice() {
                [only] => self.value(at.with(*only), inside, steps),
                _ => None,
            },
            Syntax::Choose { test, yes, no } => self.chosen(at, [*test, *yes, *no], inside, steps),
            Syntax::Call { callee, args, .. } => {
                let words = self.code.words(at.with(*callee));
                match (self.code.syntax(at.with(*callee)), args.as_slice()) {
                    (_, [only]) if CONVERSIONS.contains(&words) => self.value(at.with(*only), inside, steps),
                    (Syntax::Member { object, .. }, [])
                        if words.ends_with(".toString") || words.ends_with(".to_string") =>
                    {
                        self.value(at.with(*object), inside, steps)
                    }
                    _ => None,
                }
            }
            Syntax::Logic {
                op: LogicOp::Coalesce | LogicOp::Or,
                left,
                right,
            } => {
                let left = self.value(at.with(*left), inside, steps)?;
                self.with_fallback(left, self.value(at.with(*right), inside, steps)?)
            }
            Syntax::Object { .. } => {
                let named = |name: &&str| self.code.property(at, name, &mut Trail::default());
                let value = VALUE_PROPERTIES.iter().find_map(named)?;
                self.value(value, inside, steps)
            }
            Syntax::Name => self.of_name(at, Vec::new(), inside, steps),
            Syntax::Member { object, property } => {
                let part = Part::Property(self.code.slice(at.unit, *property).into());
                self.of_name(at.with(*object), vec![part], inside, steps)
            }
            _ => None,
        }
    }

    /// `on ? 'true' : 'false'`
    fn chosen(&self, at: At, [test, yes, no]: [NodeId; 3], inside: Option<NodeId>, steps: &mut u32) -> Option<To> {
        let test = self.value(at.with(test), inside, steps);
        let (yes, no) = (
            self.value(at.with(yes), inside, steps),
            self.value(at.with(no), inside, steps),
        );
        match (test?, yes?, no?) {
            (_, yes, no) if yes == no => Some(yes),
            (To::Both, yes, no) => To::one_of([yes, no]),
            (To::Is(FlagValue::On), yes, _) => Some(yes),
            (To::Is(FlagValue::Off), _, no) => Some(no),
            (test, To::Is(FlagValue::On), To::Is(FlagValue::Off)) => Some(test),
            (test, To::Is(FlagValue::Off), To::Is(FlagValue::On)) => Some(test.flipped()),
            _ => Some(To::Partial),
        }
    }

    /// What a name (and the parts of it in `after`) gives.
    fn of_name(&self, at: At, after: Vec<Part>, inside: Option<NodeId>, steps: &mut u32) -> Option<To> {
        *steps = steps.checked_sub(1)?;
        if let Some(rows) = self.looped(at, &after) {
            return self.of_rows(&rows, inside, steps);
        }
        match self.code.declared(at)? {
            Declared::Param {
                function,
                index,
                mut parts,
                default,
                ..
            } => {
                parts.extend(after);
                if inside == Some(function) {
                    let otherwise = default.map(|id| value_of(self.code, at.with(id), &mut Trail::default()));
                    return self.passed(at.unit, function, index, &parts, otherwise);
                }
                let rows = self.rows(at.with(function), index, &parts)?;
                self.of_rows(&rows, inside, steps)
            }
            Declared::Value {
                node,
                mut parts,
                constant: true,
                ..
            } => {
                parts.extend(after);
                match self.code.syntax(at.with(node)) {
                    Syntax::Name if !parts.is_empty() => self.of_name(at.with(node), parts, inside, steps),
                    _ => {
                        let part = self.follow(at.with(node), &parts)?;
                        self.value(part, inside, steps)
                    }
                }
            }
            _ => None,
        }
    }

    fn passed(
        &self,
        unit: usize,
        function: NodeId,
        index: usize,
        parts: &[Part],
        otherwise: Option<FlagValue>,
    ) -> Option<To> {
        let name = |part: &Part| match part {
            Part::Property(name) => Some(name.clone()),
            Part::Nth(_) => None,
        };
        let path = parts.iter().map(name).collect::<Option<Vec<_>>>()?;
        let function = (self.code.file(unit), function);
        Some(To::Passed(Passed {
            param: Param { function, index, path },
            negative: false,
            otherwise,
        }))
    }

    fn of_rows(&self, rows: &[At], inside: Option<NodeId>, steps: &mut u32) -> Option<To> {
        let mut all = Vec::new();
        for row in rows.iter().take(MAX_ROWS) {
            all.push(value_of(self.code, *row, &mut Trail::default()));
        }
        if let ([only], [FlagValue::Unknown]) = (rows, all.as_slice()) {
            return self.value(*only, inside, steps);
        }
        To::one_of(all.into_iter().map(To::Is))
    }

    /// A part of an expression.
    pub(super) fn follow(&self, at: At, parts: &[Part]) -> Option<At> {
        let mut trail = Trail::default();
        let mut at = at;
        for part in parts {
            at = match part {
                Part::Property(name) => self.code.property(at, name, &mut trail)?,
                Part::Nth(nth) => {
                    let list = self.code.settle(at, &mut trail);
                    let Syntax::Array(items) = self.code.syntax(list) else {
                        return None;
                    };
                    list.with(*items.get(*nth)?)
                }
            };
        }
        Some(at)
    }

    /// What a loop runs over, for a name that its head binds.
    fn looped(&self, at: At, after: &[Part]) -> Option<Vec<At>> {
        let declaration = self.code.units()[at.unit].bindings.declaration(at.node)?;
        let Binding::Let(binding) = declaration.binding else {
            return None;
        };
        let tree = self.code.tree(at.unit);
        let Syntax::Loop { head, .. } = tree.syntax(tree.node(binding).parent?) else {
            return None;
        };
        let over = head.iter().copied().find(|id| *id != binding)?;
        let mut parts = Vec::new();
        for step in &declaration.path {
            parts.push(match step {
                Step::Property(name) => Part::Property(name.clone()),
                Step::Element(nth) => Part::Nth(*nth),
                Step::Rest | Step::Unknown => return None,
            });
        }
        parts.extend(after.iter().cloned());
        self.elements(at.with(over), &parts)
    }

    /// A part of each element of a list.
    fn elements(&self, list: At, parts: &[Part]) -> Option<Vec<At>> {
        let list = self.code.settle(list, &mut Trail::default());
        let values: Vec<NodeId>;
        let items = match self.code.syntax(list) {
            Syntax::Array(items) | Syntax::Macro { args: items, .. } => items,
            // Go: a map of named cases.
            Syntax::Object { entries, .. } if self.code.facts(list.unit).language == Language::Go => {
                let value = |entry: &NodeId| match self.code.syntax(list.with(*entry)) {
                    Syntax::Entry { value, .. } => Some(*value),
                    _ => None,
                };
                values = entries.iter().filter_map(value).collect();
                &values
            }
            _ => return None,
        };
        let rows: Vec<At> = items
            .iter()
            .filter_map(|item| self.follow(list.with(*item), parts))
            .collect();
        (!rows.is_empty()).then_some(rows)
    }

    /// What a parameter is, one for each run of its function.
    pub(super) fn rows(&self, function: At, index: usize, parts: &[Part]) -> Option<Vec<At>> {
        self.table_rows(function, index, parts)
            .or_else(|| self.each_rows(function, index, parts))
            .or_else(|| self.case_rows(function, index))
            .or_else(|| self.parametrized(function, index, parts))
            .or_else(|| self.call_rows(function, index, parts))
    }

    /// The rows of a table of the test framework.
    fn table_rows(&self, function: At, index: usize, parts: &[Part]) -> Option<Vec<At>> {
        let outline = &self.outlines[function.unit];
        let site = (0..outline.sites.len()).find(|at| outline.functions(*at).contains(&function.node))?;
        let table = self
            .code
            .settle(function.with(outline.sites[site].table?), &mut Trail::default());
        let rows = match self.code.syntax(table) {
            Syntax::Array(rows) => rows,
            Syntax::Template(cells) => return self.template_rows(table, cells, parts),
            _ => return None,
        };
        let cell = |row: &NodeId| {
            let row = self.code.settle(table.with(*row), &mut Trail::default());
            match self.code.syntax(row) {
                // A row that is a list is spread over the parameters.
                Syntax::Array(cells) if index > 0 || !matches!(parts.first(), Some(Part::Nth(_))) => {
                    self.follow(row.with(*cells.get(index)?), parts)
                }
                _ => self.follow(row, parts).filter(|_| index == 0),
            }
        };
        let rows: Vec<At> = rows.iter().filter_map(cell).collect();
        (!rows.is_empty()).then_some(rows)
    }

    /// `each`on | total\n${true} | ${1}``: a column of the template.
    fn template_rows(&self, table: At, cells: &[NodeId], parts: &[Part]) -> Option<Vec<At>> {
        let Some(Part::Property(column)) = parts.first() else {
            return None;
        };
        let text = self.code.words(table).trim_start_matches('`').trim_start();
        let names: Vec<&str> = text.lines().next()?.split('|').map(str::trim).collect();
        let column = names.iter().position(|name| **name == **column)?;
        let holes = cells.iter().filter(|id| !self.is_part_of_template(table, **id));
        let holes: Vec<NodeId> = holes.copied().collect();
        let rows = holes.chunks(names.len()).filter_map(|row| row.get(column));
        let rows: Vec<At> = rows
            .filter_map(|cell| self.follow(table.with(*cell), &parts[1..]))
            .collect();
        (!rows.is_empty()).then_some(rows)
    }

    /// A literal part of a template has no quotes around it.
    fn is_part_of_template(&self, table: At, id: NodeId) -> bool {
        let is_text = matches!(self.code.syntax(table.with(id)), Syntax::Text(_));
        is_text && !self.code.words(table.with(id)).starts_with(['\'', '"', '`'])
    }

    /// `[true, false].forEach((on) => …)`
    fn each_rows(&self, function: At, index: usize, parts: &[Part]) -> Option<Vec<At>> {
        let tree = self.code.tree(function.unit);
        let call = tree
            .ancestors(function.node)
            .find(|id| !matches!(tree.syntax(*id), Syntax::Wrap(..)))?;
        let Syntax::Call { callee, .. } = tree.syntax(call) else {
            return None;
        };
        let Syntax::Member { object, property } = tree.syntax(*callee) else {
            return None;
        };
        let each = index == 0 && EACH.contains(&self.code.slice(function.unit, *property));
        if each {
            self.elements(function.with(*object), parts)
        } else {
            None
        }
    }

    /// `#[case(true)] #[case(false)] fn f(#[case] on: bool)`, `fn f(#[values(true, false)] on: bool)`
    fn case_rows(&self, function: At, index: usize) -> Option<Vec<At>> {
        let tree = self.code.tree(function.unit);
        let Syntax::Function(of) = tree.syntax(function.node) else {
            return None;
        };
        let decorated: Vec<(&str, &[NodeId], u32)> = of
            .decorators
            .iter()
            .filter_map(|id| self.attribute(function.with(*id)))
            .collect();
        let starts: Vec<u32> = of.params.iter().map(|param| tree.bytes(*param).start).collect();
        let before = index.checked_sub(1).and_then(|at| starts.get(at).copied());
        let first = starts.first().copied()?;
        let start = *starts.get(index)?;
        // The attributes of a parameter stand right before it.
        let own = decorated
            .iter()
            .rev()
            .find(|(_, _, at)| *at < start && before.is_none_or(|before| *at > before));
        let of_cases = |nth: usize| {
            let cases = decorated
                .iter()
                .filter(|(word, args, at)| matches!(*word, "case" | "test_case") && !args.is_empty() && *at < first);
            let rows: Vec<At> = cases
                .filter_map(|(_, args, _)| Some(function.with(*args.get(nth)?)))
                .collect();
            (!rows.is_empty()).then_some(rows)
        };
        match own {
            Some(("values", args, _)) => Some(args.iter().map(|arg| function.with(*arg)).collect()),
            Some(("case", [], at)) => {
                let earlier = decorated
                    .iter()
                    .filter(|(word, args, other)| *word == "case" && args.is_empty() && other < at);
                of_cases(earlier.count())
            }
            _ => of_cases(index),
        }
    }

    /// The last word of an attribute, its arguments and where it stands.
    fn attribute(&self, at: At) -> Option<(&str, &[NodeId], u32)> {
        let Syntax::Decorator(inner) = self.code.syntax(at) else {
            return None;
        };
        let start = self.code.tree(at.unit).bytes(at.node).start;
        let (callee, args): (NodeId, &[NodeId]) = match self.code.syntax(at.with(*inner)) {
            Syntax::Call { callee, args, .. } => (*callee, args),
            _ => (*inner, &[]),
        };
        let words = self.code.words(at.with(callee));
        Some((words.rsplit("::").next().unwrap_or(words), args, start))
    }

    /// What the callers of a function in the same file pass: a function that makes tests is called once for each variant.
    fn call_rows(&self, function: At, index: usize, parts: &[Part]) -> Option<Vec<At>> {
        let tree = self.code.tree(function.unit);
        let bindings = &self.code.units()[function.unit].bindings;
        let Syntax::Function(of) = tree.syntax(function.node) else {
            return None;
        };
        let holder = tree
            .ancestors(function.node)
            .find(|id| !matches!(tree.syntax(*id), Syntax::Wrap(..)));
        let declaration = match (&of.name, holder.map(|id| tree.syntax(id))) {
            (_, Some(Syntax::Let { pattern, .. })) => bindings.declaration(*pattern),
            (Some((name, _)), _) => bindings.top(name),
            _ => None,
        }?;
        let passed = |used: &NodeId| {
            let call = tree.node(*used).parent?;
            match tree.syntax(call) {
                Syntax::Call { callee, args, .. } if callee == used => {
                    self.follow(function.with(*args.get(index)?), parts)
                }
                _ => None,
            }
        };
        let rows: Vec<At> = bindings.uses(declaration).iter().filter_map(passed).collect();
        (!rows.is_empty()).then_some(rows)
    }
}
