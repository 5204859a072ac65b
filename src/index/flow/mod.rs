//! How flags flow through one file. Enters: the file with the sites that the rules found in it, and what other files share. Leaves:
//! [`Flow`]: what each expression says of flags, every read, the regions that sites guard themselves, and what this file shares.
//!
//! One pass over the tree from the leaves up: a node's meaning is made of its children's. Names look at what they were bound to, which
//! as a rule stands before them; what stands after (functions used before they are written, fields set in a constructor) is known from the
//! round before. Nothing here recurses over the tree.

mod calls;
mod fields;
mod functions;
mod operators;
mod options;
mod places;
mod regions;
mod sites;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::code::{At, Code, Trail};
use super::condition::{Condition, Formula, ReadRef};
use super::demand::Words;
use super::exports::Export;
use super::keys::Handles;
use super::meaning::{LocalRead, Meaning, Shared};
use super::site::Site;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::rules::RuleSet;
use crate::source::{Bytes, FileId, RepoPath};

/// What the files of a tree share: functions and constants whose value says something of flags.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SharedTable {
    by_node: BTreeMap<(FileId, NodeId), Arc<Shared>>,
    names: HashSet<String>,
}

impl SharedTable {
    /// Notes what a file shares.
    pub fn insert(&mut self, shared: &Arc<Shared>) {
        if !shared.name.is_empty() {
            self.names.insert(shared.name.clone());
        }
        self.by_node.insert(shared.node, shared.clone());
    }

    /// What the node gives.
    #[must_use]
    pub fn at(&self, node: (FileId, NodeId)) -> Option<&Arc<Shared>> {
        self.by_node.get(&node)
    }

    /// Notes another name under which something shared is known.
    pub fn also_named(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// The names of what is shared.
    #[must_use]
    pub fn names(&self) -> &HashSet<String> {
        &self.names
    }
}

/// Everything that the pass over one file may look at.
pub struct World<'a> {
    /// The parsed files.
    pub code: &'a Code<'a>,
    /// The rules.
    pub rules: &'a RuleSet,
    /// What stands for a flag.
    pub handles: &'a Handles,
    /// What files share, from the round before.
    pub shared: &'a SharedTable,
}

impl World<'_> {
    /// False if a file without sites can use nothing of what is shared: it neither names it nor imports it as a default.
    #[must_use]
    pub fn reaches(&self, unit: usize, names: &Words) -> bool {
        let of = &self.code.units()[unit];
        if names.are_in(&of.facts.text) {
            return true;
        }
        let mut defaults = of.exports.top.values().filter_map(|export| match export {
            Export::From { module, name } if &**name == "default" => Some(module),
            _ => None,
        });
        !names.is_empty()
            && defaults.any(|module| {
                let mut unasked = Trail::default();
                let found = self.code.imported(unit, module, "default", &mut unasked);
                found.is_some_and(|at| {
                    let at = self.code.settle(at, &mut unasked);
                    let node = (self.code.file(at.unit), at.node);
                    self.shared.at(node).is_some() || self.handles.at(self.code, at).is_some()
                })
            })
    }
}

/// A region that runs only under a condition.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// The region.
    pub bytes: Bytes,
    /// What is certain where it runs.
    pub holds: Formula,
    /// The condition that decides.
    pub condition: Bytes,
}

/// How flags flow through one file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Flow {
    /// What expressions say of flags; those that say nothing are left out.
    pub meanings: HashMap<NodeId, Meaning>,
    /// Reads, by their place.
    pub reads: BTreeMap<ReadRef, LocalRead>,
    /// Lazy reads of which something was made.
    pub used: BTreeSet<ReadRef>,
    /// What other files can use.
    pub shared: Vec<Arc<Shared>>,
    /// Regions that run only under a condition.
    pub regions: Vec<Region>,
    /// Files that would have been needed.
    pub missing: BTreeSet<RepoPath>,
    /// What is certain from a statement on, by the statements before it in its block.
    reached: HashMap<NodeId, Formula>,
    /// What is certain at the end of a block.
    ended: HashMap<NodeId, Formula>,
    /// Fields of `this` that are set once.
    fields: HashMap<(NodeId, Box<str>), Meaning>,
}

/// Follows the flags through one file. `before` is the result of the round before.
#[must_use]
pub fn flow(world: &World<'_>, unit: usize, sites: &[Site], before: Option<&Flow>) -> Flow {
    let mut pass = Pass::new(world, unit, sites, before);
    for id in world.code.tree(unit).ids() {
        pass.visit(id);
    }
    pass.flow.missing = pass.trail.missing;
    pass.flow
}

/// The pass over one file.
struct Pass<'a> {
    world: &'a World<'a>,
    code: &'a Code<'a>,
    tree: &'a Tree,
    unit: usize,
    file: FileId,
    sites: HashMap<NodeId, Vec<&'a Site>>,
    before: Option<&'a Flow>,
    around: places::Around,
    /// Names under which this file knows what other files share.
    imported: HashMap<Box<str>, At>,
    /// Statements after which the next one is never reached.
    leaving: HashSet<NodeId>,
    /// The returns of each function.
    returns: HashMap<NodeId, Vec<NodeId>>,
    /// What is certain in a case of a switch.
    cases: HashMap<NodeId, Formula>,
    trail: Trail,
    flow: Flow,
}

impl<'a> Pass<'a> {
    fn new(world: &'a World<'a>, unit: usize, sites: &'a [Site], before: Option<&'a Flow>) -> Self {
        let tree = world.code.tree(unit);
        let mut by_node: HashMap<NodeId, Vec<&Site>> = HashMap::new();
        for site in sites {
            by_node.entry(site.node).or_default().push(site);
        }
        let mut pass = Self {
            world,
            code: world.code,
            tree,
            unit,
            file: world.code.file(unit),
            sites: by_node,
            before,
            around: places::Around::of(world.code, unit),
            imported: HashMap::new(),
            leaving: HashSet::new(),
            returns: HashMap::new(),
            cases: HashMap::new(),
            trail: Trail::default(),
            flow: Flow::default(),
        };
        pass.imported = pass.imports();
        pass
    }

    /// The imported names behind which something is shared.
    fn imports(&mut self) -> HashMap<Box<str>, At> {
        let mut found = HashMap::new();
        if self.world.shared.names().is_empty() && self.world.handles.is_empty() {
            return found;
        }
        let code = self.code;
        for (local, export) in &code.units()[self.unit].exports.top {
            let Export::From { module, name } = export else {
                continue;
            };
            let is_known = self.world.shared.names().contains(&**name) || self.world.handles.is_named(name);
            // A default import may be anything: it is followed as far as files are parsed, but demands none.
            let mut unasked = Trail::default();
            let trail = match &**name {
                "default" => &mut unasked,
                _ if is_known => self.trail.restart(),
                _ => continue,
            };
            let Some(at) = code.imported(self.unit, module, name, trail) else {
                continue;
            };
            let at = code.settle(at, trail);
            if self.shared_at(at).is_some() || self.world.handles.at(code, at).is_some() {
                found.insert(local.clone(), at);
            }
        }
        found
    }

    /// What the node gives that another file, or an earlier round, shares.
    fn shared_at(&self, at: At) -> Option<Arc<Shared>> {
        self.world.shared.at((self.code.file(at.unit), at.node)).cloned()
    }

    fn at(&self, node: NodeId) -> At {
        At { unit: self.unit, node }
    }

    fn words(&self, node: NodeId) -> &'a str {
        self.code.facts(self.unit).words(node)
    }

    fn slice(&self, bytes: Bytes) -> &'a str {
        self.code.facts(self.unit).slice(bytes)
    }

    fn syntax(&self, node: NodeId) -> &'a Syntax {
        self.tree.syntax(node)
    }

    /// What a node says of flags: from this pass, or from the round before if it stands further down.
    fn meaning(&self, node: NodeId) -> Option<&Meaning> {
        let now = self.flow.meanings.get(&node);
        now.or_else(|| self.before.and_then(|before| before.meanings.get(&node)))
    }

    /// What is certain where the node is true or false; nothing, if it is no condition.
    fn condition(&self, node: NodeId) -> Condition {
        if let Some(meaning) = self.meaning(node) {
            return meaning.condition().cloned().unwrap_or_default();
        }
        match self.syntax(self.tree.bare(node)) {
            Syntax::Bool(value) => Condition::constant(*value),
            Syntax::Nothing => Condition::constant(false),
            _ => Condition::default(),
        }
    }

    /// Notes that something was made of a value, so that the reads behind it count.
    fn consume(&mut self, meaning: &Meaning) {
        if let Meaning::Condition(condition) | Meaning::Result(condition, _) = meaning {
            self.flow.used.extend(condition.reads());
        }
    }

    fn region(&mut self, region: NodeId, holds: &Formula, condition: NodeId) {
        let (bytes, condition) = (self.tree.bytes(region), self.tree.bytes(condition));
        self.region_of(bytes, holds, condition);
    }

    fn region_of(&mut self, bytes: Bytes, holds: &Formula, condition: Bytes) {
        if holds.is_always() || holds.is_never() || bytes.start == bytes.end {
            return;
        }
        let holds = holds.clone();
        self.flow.regions.push(Region {
            bytes,
            holds,
            condition,
        });
    }

    fn visit(&mut self, id: NodeId) {
        let meaning = match self.sites.get(&id).cloned() {
            Some(sites) if matches!(self.syntax(id), Syntax::Function(_)) => self.looking_up(id, &sites),
            // What a function of the project does is known better than what its name suggests.
            Some(sites) if self.calls_wrapper(id, &sites) || self.holds_part(id, &sites) => None,
            Some(sites) => self.read_sites(id, &sites),
            None => None,
        };
        let meaning = meaning.or_else(|| self.of_syntax(id));
        if let Some(meaning) = meaning
            && !meaning.is_empty()
        {
            self.consume(&meaning);
            self.flow.meanings.insert(id, meaning);
        }
        self.notice(id);
    }

    /// The meaning that a node has from its children.
    fn of_syntax(&mut self, id: NodeId) -> Option<Meaning> {
        match self.syntax(id) {
            Syntax::Name => self.name(id),
            Syntax::Member { object, property } => self.member(id, *object, self.slice(*property)),
            Syntax::Index { object, index } => self.index(id, *object, *index),
            Syntax::Call { callee, args, .. } => self.call(id, *callee, args),
            Syntax::Macro { name, args } => self.macro_call(self.slice(*name), args),
            Syntax::Not(inner) => self.not(*inner),
            Syntax::Logic { op, left, right } => self.logic(*op, *left, *right),
            Syntax::Compare { op, left, right } => self.compare(*op, *left, *right),
            Syntax::Choose { test, yes, no } => self.choose(*test, *yes, *no),
            Syntax::Wrap(_, inner) | Syntax::Decorator(inner) => self.meaning(*inner).cloned(),
            Syntax::Array(list) => self.list(list),
            Syntax::Object { entries, .. } => self.object(entries),
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            } => self.taken_from_map(id, name),
            Syntax::Function(function) => self.function(id, function),
            Syntax::Let { value: Some(value), .. } | Syntax::Assign { value, .. } if self.is_walrus(id) => {
                self.meaning(*value).cloned()
            }
            _ => None,
        }
    }

    /// What a node says of the code around it: which regions it guards, where it leaves, what it sets.
    fn notice(&mut self, id: NodeId) {
        match self.syntax(id) {
            Syntax::Block(list) | Syntax::Case { body: list, .. } => self.statements(id, list),
            Syntax::Return(_) | Syntax::Throw(_) | Syntax::Leave => self.leaves(id),
            Syntax::Call { callee, args, .. } => {
                self.exit_call(id, *callee);
                self.runs_if(id, *callee, args);
            }
            Syntax::Decorator(_) => self.decorated(id),
            Syntax::Other(list) => self.passes_leaving(id, list),
            Syntax::With { body, .. } => self.passes_leaving(id, std::slice::from_ref(body)),
            Syntax::If { test, yes, no } => self.branches(id, *test, *yes, *no),
            Syntax::Choose { test, yes, no } => self.branches(id, *test, *yes, Some(*no)),
            Syntax::Logic { op, left, right } => self.right_side(*op, *left, *right),
            Syntax::Switch { subject, cases } => self.switch(*subject, cases),
            Syntax::Loop { head, body } => self.repeated(head, *body),
            Syntax::Element { .. } => self.element(id),
            Syntax::Assign { target, value } => self.set_field(*target, *value),
            Syntax::Field {
                key,
                value: Some(value),
                ..
            } => self.class_field(id, key, *value),
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } => self.bound(id, *pattern, *value),
            Syntax::Export { item: Some(item), .. } => self.given_out(id, *item),
            _ => {}
        }
    }
}

#[cfg(all(test, feature = "csharp"))]
mod csharp_tests;
#[cfg(test)]
mod golang;
mod held;
#[cfg(all(test, feature = "ruby"))]
mod ruby_tests;
#[cfg(test)]
mod tests;
