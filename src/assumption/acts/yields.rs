//! What a function yields in each state of a flag. Enters: a function and the guards within it. Leaves: [`Side`]s, each with what only
//! one state yields *in this function*: a status, a returned text, a property, an error, a call. That is weaker than a text that stands
//! nowhere else in the code, and counts only for a test that calls this very function, or the route that it serves.

use std::collections::{BTreeMap, BTreeSet};

use crate::flag::{FlagKey, FlagValue};
use crate::index::{FlagRead, Guard};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, Span};

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
    /// With the other value the function does nothing and gives nothing.
    pub inert: bool,
    /// With the other value the function fails.
    pub fails: bool,
}

/// The sides of a function; `guards` are those of its file.
#[must_use]
pub fn sides<'a>(facts: &FileFacts, function: NodeId, guards: &[&'a Guard], reads: &[FlagRead]) -> Vec<Side<'a>> {
    let whole = facts.tree.bytes(function);
    let Syntax::Function(of) = facts.tree.syntax(function) else {
        return Vec::new();
    };
    let Some(body) = of.body else { return Vec::new() };
    let within: Vec<&Guard> = guards
        .iter()
        .copied()
        .filter(|guard| whole.contains(guard.region.bytes))
        .collect();
    let mut states: Vec<(&FlagKey, FlagValue, &Guard)> = Vec::new();
    for guard in &within {
        if let (false, [literal]) = (guard.any, guard.when.as_slice()) {
            states.push((&literal.key, literal.value, guard));
        }
    }
    states.sort_by_key(|(key, value, guard)| (*key, *value, guard.region));
    states.dedup_by_key(|(key, value, _)| (*key, *value));
    let nodes = facts.tree.below(body);
    let one = |(key, value, guard): (&'a FlagKey, FlagValue, &'a Guard)| {
        let of = |value: FlagValue| {
            let needing = within.iter().filter(move |guard| guard.needs(key) == Some(value));
            needing.map(|guard| guard.region.bytes).collect::<Vec<Bytes>>()
        };
        let (regions, others) = (of(value), of(value.flipped()));
        let decides: Vec<Bytes> = within
            .iter()
            .filter(|guard| guard.needs(key).is_some())
            .flat_map(|guard| {
                let reads = guard.reads.iter().filter_map(|read| reads.get(*read));
                reads.map(|read| read.span.bytes).chain([guard.condition.bytes])
            })
            .collect();
        Side {
            key,
            value,
            guard,
            only: only(facts, &nodes, &regions),
            inert: is_inert(facts, &nodes, &regions, &decides),
            fails: others.iter().any(|region| always_fails(facts, body, *region)),
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
fn status_of_call(facts: &FileFacts, callee: NodeId, args: &[NodeId]) -> Option<u16> {
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

/// True if nothing outside of the regions does or gives anything: no call but for a log, no assignment, no value.
fn is_inert(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes], decides: &[Bytes]) -> bool {
    let tree = &facts.tree;
    let apart = |bytes: Bytes| {
        let covered = regions.iter().chain(decides).any(|region| region.contains(bytes));
        // The read itself, where a name of its own stands between it and the condition.
        !covered && !decides.iter().chain(regions).any(|region| bytes.contains(*region))
    };
    !regions.is_empty()
        && nodes
            .iter()
            .filter(|id| apart(tree.bytes(**id)))
            .all(|id| match tree.syntax(*id) {
                Syntax::Call { callee, .. } => is_quiet(facts.words(*callee)),
                Syntax::New { .. }
                | Syntax::Assign { .. }
                | Syntax::Delete(_)
                | Syntax::Throw(_)
                | Syntax::Macro { .. } => false,
                Syntax::Return(Some(value)) => is_nothing(facts, *value),
                _ => true,
            })
}

/// Calls that change nothing that a test would see.
fn is_quiet(callee: &str) -> bool {
    let callee = callee.to_ascii_lowercase();
    ["log.", "logger.", "console.", "tracing::"]
        .iter()
        .any(|logs| callee.contains(logs))
}

fn is_nothing(facts: &FileFacts, value: NodeId) -> bool {
    match facts.tree.syntax(facts.tree.bare(value)) {
        Syntax::Nothing | Syntax::Bool(false) => true,
        Syntax::Array(list) => list.is_empty(),
        Syntax::Object { entries, .. } => entries.is_empty(),
        Syntax::Name => facts.words(value) == "undefined",
        _ => false,
    }
}

/// True if the region is a whole branch of a statement of the body, and ends in a throw.
fn always_fails(facts: &FileFacts, body: NodeId, region: Bytes) -> bool {
    let tree = &facts.tree;
    let Syntax::Block(statements) = tree.syntax(body) else {
        return false;
    };
    statements.iter().any(|statement| {
        let Syntax::If { yes, no, .. } = tree.syntax(*statement) else {
            return false;
        };
        let branches = std::iter::once(yes).chain(no);
        branches
            .filter(|branch| region.contains(tree.bytes(**branch)))
            .any(|branch| ends_in_throw(facts, *branch))
    })
}

fn ends_in_throw(facts: &FileFacts, branch: NodeId) -> bool {
    match facts.tree.syntax(branch) {
        Syntax::Throw(_) => true,
        Syntax::Block(list) => list.last().is_some_and(|last| ends_in_throw(facts, *last)),
        _ => false,
    }
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
