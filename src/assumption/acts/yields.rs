//! What a function yields in each state of a flag. Enters: a function and the guards within it. Leaves: [`Side`]s, each with what only
//! one state yields *in this function*: a status, a returned text, a property, an error, a call. That is weaker than a text that stands
//! nowhere else in the code, and counts only for a test that calls this very function, or the route that it serves.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::flag::{FlagKey, FlagValue};
use crate::index::{FlagRead, Guard};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, Span};

use super::across::{Code, Passed, Place};
use super::deeper;
use super::inert::{hands_on, is_calm, is_inert, is_undefined};
use super::outcome::InState;
use super::value::Value;
use crate::assumption::exclusive::left_out_for;

/// One thing that a function may yield.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Yield {
    /// The status of an answer.
    Status(u16),
    /// A text.
    Text(String),
    /// A property of an object that is made.
    Property(String),
    /// An error that is thrown, by its class.
    Error(String),
    /// A function that is called, by its last name.
    Call(String),
}

/// What a function yields only where a flag has one value.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// The flag.
    pub key: &'a FlagKey,
    /// Its value.
    pub value: FlagValue,
    /// A guard that says so.
    pub guard: &'a Guard,
    /// What only this value yields, with a place.
    pub only: BTreeMap<Yield, Span>,
    /// What it may give with this value.
    pub gives: Vec<Value>,
    /// What it may give with the other one.
    pub other: Vec<Value>,
    /// The parameter that the flag only stands in for, where it is left out.
    pub left_out: Option<usize>,
    /// With the other value nothing in the function can fail.
    pub calm: bool,
    /// With the other value another function may answer.
    pub hands_on: bool,
    /// With the other value the function does nothing and gives nothing.
    pub inert: bool,
    /// With the other value the function gives nothing, not even `null`.
    pub undefined: bool,
    /// With the other value the function fails.
    pub fails: bool,
    /// With the other value the function fails whatever it is given: nothing before that leaves it.
    pub surely_fails: bool,
    /// With this value the function fails, and with the other one nothing in it can.
    pub alone_fails: bool,
    /// With the other value the function gives an error.
    pub errs: bool,
    /// With this value the function gives an error, and with the other one nothing in it does.
    pub alone_errs: bool,
    /// The functions that were followed to know what it gives: a test may put something else in the place of one.
    pub through: Vec<Passed<'a>>,
}

/// The sides of a function.
#[must_use]
pub fn sides<'a>(code: &'a Code<'a>, facts: &'a FileFacts, function: NodeId, reads: &[FlagRead]) -> Vec<Side<'a>> {
    let bindings = code.bindings(facts);
    let whole = facts.tree.bytes(function);
    let Syntax::Function(of) = facts.tree.syntax(function) else {
        return Vec::new();
    };
    let Some(body) = of.body else { return Vec::new() };
    let own = code.guards(facts.file).iter().copied();
    let within: Vec<&Guard> = own.filter(|guard| whole.contains(guard.region.bytes)).collect();
    // What decides in a function that this one calls decides what it gives, and says nothing of what it does beside that.
    let deeper = deeper::called(code, Place { facts, function });
    let mut all = within.clone();
    for place in deeper {
        let there = place.facts.tree.bytes(place.function);
        let guards = code.guards(place.facts.file).iter().copied();
        let is_own = |guard: &Guard| place.facts.file == facts.file && whole.contains(guard.region.bytes);
        all.extend(guards.filter(|guard| there.contains(guard.region.bytes) && !is_own(guard)));
    }
    let mut states: Vec<(&FlagKey, FlagValue, &Guard)> = Vec::new();
    for guard in &all {
        if !guard.any || guard.when.len() == 1 {
            states.extend(guard.when.iter().map(|literal| (&literal.key, literal.value, *guard)));
        }
    }
    states.sort_by_key(|(key, value, guard)| (*key, *value, guard.when.len(), guard.region));
    states.dedup_by_key(|(key, value, _)| (*key, *value));
    // What one state adds is what the other one lacks.
    let lacking: Vec<_> = states
        .iter()
        .map(|(key, value, guard)| (*key, value.flipped(), *guard))
        .collect();
    for state in lacking {
        if !states
            .iter()
            .any(|(key, value, _)| (*key, *value) == (state.0, state.1))
        {
            states.push(state);
        }
    }
    let nodes = facts.tree.below(body);
    let one = |(key, value, guard): (&'a FlagKey, FlagValue, &'a Guard)| {
        let of = |value: FlagValue| {
            let needing = within.iter().filter(move |guard| guard.needs(key) == Some(value));
            needing.map(|guard| guard.region.bytes).collect::<Vec<Bytes>>()
        };
        let gone = |value: FlagValue| {
            let needing = all.iter().filter(move |guard| guard.needs(key) == Some(value));
            needing.map(|guard| guard.region).collect::<Vec<Span>>()
        };
        let own = within.iter().any(|guard| guard.needs(key).is_some());
        let (regions, others) = (of(value), of(value.flipped()));
        let decides: Vec<Bytes> = within
            .iter()
            .filter(|guard| guard.needs(key).is_some())
            .flat_map(|guard| {
                let reads = guard.reads.iter().filter_map(|read| reads.get(*read));
                reads.map(|read| read.span.bytes).chain([guard.condition.bytes])
            })
            .collect();
        let always = |sure: bool, regions: &[Bytes], ends: &dyn Fn(&FileFacts, NodeId) -> bool| {
            let mut regions = regions.iter();
            regions.any(|region| always_ends(facts, body, *region, sure, ends))
        };
        let alone = |value: FlagValue| {
            let alone = all
                .iter()
                .filter(move |guard| guard.when.len() == 1 && guard.needs(key) == Some(value));
            alone.map(|guard| guard.region).collect::<Vec<Span>>()
        };
        let passed: RefCell<Vec<Passed<'a>>> = RefCell::default();
        let gives = |gone: &[Span], here: &[Span]| {
            InState {
                code,
                facts,
                bindings,
                gone,
                here,
                passed: &passed,
            }
            .outcomes(function)
        };
        let (ours, others_give) = (
            gives(&gone(value.flipped()), &alone(value)),
            gives(&gone(value), &alone(value.flipped())),
        );
        let spans = guard
            .reads
            .iter()
            .filter_map(|read| reads.get(*read))
            .map(|read| read.span);
        let mut spans = spans.filter(|span| span.file == facts.file && whole.contains(span.bytes));
        Side {
            key,
            value,
            guard,
            gives: ours,
            other: others_give,
            through: passed.into_inner(),
            left_out: spans.find_map(|span| Some(left_out_for(facts, span.bytes)?.1)),
            calm: own && is_calm(facts, &nodes, &regions, &decides),
            hands_on: hands_on(facts, &nodes, &regions),
            only: only(facts, &nodes, &regions),
            inert: own && is_inert(facts, &nodes, &regions, &decides),
            undefined: own && is_undefined(facts, &nodes, &regions),
            fails: always(false, &others, &ends_in_throw),
            surely_fails: always(true, &others, &ends_in_throw),
            alone_fails: always(true, &regions, &ends_in_throw) && is_calm(facts, &nodes, &regions, &decides),
            errs: always(true, &others, &ends_in_error),
            alone_errs: always(true, &regions, &ends_in_error) && is_calm(facts, &nodes, &regions, &decides),
        }
    };
    states.into_iter().map(one).collect()
}

/// What stands in the regions and nowhere else in the function.
fn only(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes]) -> BTreeMap<Yield, Span> {
    let (mut inside, mut outside) = (BTreeMap::new(), BTreeSet::new());
    for id in nodes {
        let bytes = facts.tree.bytes(*id);
        let is_inside = regions.iter().any(|region| region.contains(bytes));
        for found in yields(facts, *id) {
            if is_inside {
                inside.entry(found).or_insert(bytes.in_file(facts.file));
            } else {
                outside.insert(found);
            }
        }
    }
    inside.retain(|found, _| !outside.contains(found));
    inside
}

fn yields(facts: &FileFacts, id: NodeId) -> Vec<Yield> {
    let tree = &facts.tree;
    match tree.syntax(id) {
        Syntax::Text(text) => vec![Yield::Text(text.trim().to_owned())],
        Syntax::Entry {
            key: Key::Name(key, _),
            value,
        } => {
            let status = matches!(&**key, "status" | "statusCode")
                .then(|| number(facts, *value))
                .flatten();
            let property = Yield::Property(key.to_string());
            std::iter::once(property).chain(status.map(Yield::Status)).collect()
        }
        Syntax::Throw(Some(thrown)) => match tree.syntax(tree.bare(*thrown)) {
            Syntax::New { callee, .. } | Syntax::Call { callee, .. } => {
                let name = last_word(facts.words(*callee));
                let status = status_of_name(name).map(Yield::Status);
                std::iter::once(Yield::Error(name.to_owned())).chain(status).collect()
            }
            _ => Vec::new(),
        },
        Syntax::Call { callee, args, .. } => {
            let mut found = vec![Yield::Call(callee_name(facts, *callee).to_owned())];
            found.extend(status_of_call(facts, *callee, args).map(Yield::Status));
            found
        }
        Syntax::Member { .. } | Syntax::Name => named_status(facts.words(id)).map(Yield::Status).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The status that a call sets: `res.status(204)`, `respond(200, res)`, `reply.code(404)`; 200 for `res.json(x)`.
pub(super) fn status_of_call(facts: &FileFacts, callee: NodeId, args: &[NodeId]) -> Option<u16> {
    let Syntax::Member { object, property } = facts.tree.syntax(callee) else {
        return None;
    };
    let name = facts.slice(*property).to_ascii_lowercase();
    if ["status", "code", "respond", "writehead"]
        .iter()
        .any(|word| name.contains(word))
    {
        return args
            .iter()
            .find_map(|arg| number(facts, *arg))
            .filter(|status| (100..600).contains(status));
    }
    let answers = matches!(facts.words(*object), "res" | "response" | "reply");
    (answers && matches!(name.as_str(), "json" | "send" | "end")).then_some(200)
}

/// A number as it is written.
#[must_use]
pub fn number(facts: &FileFacts, id: NodeId) -> Option<u16> {
    let id = facts.tree.bare(id);
    match facts.tree.syntax(id) {
        Syntax::Number => facts.words(id).parse().ok(),
        Syntax::Member { .. } | Syntax::Name => named_status(facts.words(id)),
        _ => None,
    }
}

/// `StatusCode::NOT_FOUND`, `HttpStatus.CREATED`, `HttpResponse::Ok`
fn named_status(words: &str) -> Option<u16> {
    if !["Status", "Http", "http"].iter().any(|word| words.contains(word)) {
        return None;
    }
    status_of_name(last_word(words))
}

/// The status that a word stands for: `NOT_FOUND`, `NotFoundError`.
fn status_of_name(name: &str) -> Option<u16> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let name = ["error", "exception"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(&name);
    Some(match name {
        "ok" => 200,
        "created" => 201,
        "accepted" => 202,
        "nocontent" => 204,
        "badrequest" => 400,
        "unauthorized" => 401,
        "forbidden" => 403,
        "notfound" => 404,
        "conflict" => 409,
        "gone" => 410,
        "unprocessableentity" => 422,
        "notimplemented" => 501,
        _ => return None,
    })
}

/// True if the region is a whole branch of a statement of the body, and ends so. `sure`: the flag alone decides whether it runs.
fn always_ends(
    facts: &FileFacts,
    body: NodeId,
    region: Bytes,
    sure: bool,
    ends: &dyn Fn(&FileFacts, NodeId) -> bool,
) -> bool {
    let tree = &facts.tree;
    let Syntax::Block(statements) = tree.syntax(body) else {
        return false;
    };
    let at = statements.iter().position(|statement| {
        let statement = match tree.syntax(*statement) {
            Syntax::Return(Some(value)) => tree.bare(*value),
            _ => *statement,
        };
        let Syntax::If { test, yes, no } = tree.syntax(statement) else {
            return false;
        };
        let branches = std::iter::once(yes).chain(no);
        let mut branches = branches.filter(|branch| region.contains(tree.bytes(**branch)));
        branches.any(|branch| ends(facts, *branch)) && !(sure && is_mixed(facts, *test))
    });
    at.is_some_and(|at| !sure || !statements[..at].iter().any(|statement| may_leave(facts, *statement)))
}

/// True for a condition of several parts.
fn is_mixed(facts: &FileFacts, test: NodeId) -> bool {
    let test = facts.tree.bare(test);
    match facts.tree.syntax(test) {
        Syntax::Not(inner) => is_mixed(facts, *inner),
        Syntax::Logic { .. } | Syntax::Choose { .. } => true,
        _ => false,
    }
}

/// True if a statement may end the function with a value, or gives its values one by one.
fn may_leave(facts: &FileFacts, statement: NodeId) -> bool {
    facts
        .tree
        .below(statement)
        .into_iter()
        .any(|id| match facts.tree.syntax(id) {
            Syntax::Return(_) => true,
            Syntax::Other(_) => facts.words(id).starts_with("yield"),
            _ => false,
        })
}

fn ends_in_throw(facts: &FileFacts, branch: NodeId) -> bool {
    match facts.tree.syntax(branch) {
        Syntax::Throw(_) => true,
        Syntax::Block(list) => list.last().is_some_and(|last| ends_in_throw(facts, *last)),
        _ => false,
    }
}

/// `return Err(…)`, `return nil, err`
fn ends_in_error(facts: &FileFacts, branch: NodeId) -> bool {
    let tree = &facts.tree;
    match tree.syntax(branch) {
        Syntax::Block(list) => list.last().is_some_and(|last| ends_in_error(facts, *last)),
        Syntax::Return(Some(value)) => {
            let value = tree.bare(*value);
            match (facts.language, tree.syntax(value)) {
                (Language::Rust, Syntax::Call { callee, .. }) => callee_name(facts, *callee) == "Err",
                (Language::Go, Syntax::Array(list)) => list.last().is_some_and(|last| is_error(facts, *last)),
                (Language::Go, _) => is_error(facts, value),
                _ => false,
            }
        }
        _ => false,
    }
}

/// An error of Go as it is written: `errors.New("…")`, `fmt.Errorf("…")`, `ErrDisabled`.
fn is_error(facts: &FileFacts, value: NodeId) -> bool {
    let value = facts.tree.bare(value);
    match facts.tree.syntax(value) {
        Syntax::Call { callee, .. } => matches!(facts.words(*callee), "errors.New" | "fmt.Errorf"),
        Syntax::Name | Syntax::Member { .. } => last_word(facts.words(value)).starts_with("Err"),
        _ => false,
    }
}

/// True for a function that gives a promise: what it throws is seen only where that is awaited.
#[must_use]
pub fn promises(facts: &FileFacts, function: NodeId) -> bool {
    let Syntax::Function(of) = facts.tree.syntax(function) else {
        return false;
    };
    let end = of.body.map_or(0, |body| facts.tree.bytes(body).start);
    let start = facts.tree.bytes(function).start.min(end);
    let head = facts.slice(Bytes { start, end });
    head.split(|c: char| !c.is_alphanumeric()).any(|word| word == "async")
}

/// The last name of what is called.
#[must_use]
pub fn callee_name(facts: &FileFacts, callee: NodeId) -> &str {
    let callee = facts.tree.bare(callee);
    match facts.tree.syntax(callee) {
        Syntax::Member { property, .. } => facts.slice(*property),
        _ => last_word(facts.words(callee)),
    }
}

/// `isEnabled` of `this.flags.isEnabled`, `NotFound` of `errors::NotFound`
#[must_use]
pub fn last_word(path: &str) -> &str {
    let path = path.split(['(', '<']).next().unwrap_or(path);
    path.rsplit(['.', ':']).next().unwrap_or(path).trim()
}
