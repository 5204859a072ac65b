//! Calls: wrappers and evaluators seen from their callers, functions that pass a value through, methods of a flag's value, handles.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Pass;
use crate::index::code::{At, Declared, Part};
use crate::index::condition::{Condition, KeyTerm, ReadRef};
use crate::index::keys::{self, KeyFound};
use crate::index::meaning::{Binder, Fallback, LocalRead, Meaning, Shared};
use crate::index::values::default_of;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::{Confidence, RuleRef};

/// Calls that give their first argument back, as far as truth goes.
const SAME: [&str; 30] = [
    "get",
    "str",
    "int",
    "strtobool",
    "str_to_bool",
    "parse_bool",
    "to_bool",
    "parseBoolean",
    "Number",
    "JSON.parse",
    "Boolean",
    "String",
    "ref",
    "unref",
    "toValue",
    "of",
    "firstValueFrom",
    "lastValueFrom",
    "combineLatest",
    "forkJoin",
    "Promise.resolve",
    "Promise.all",
    "useCallback",
    "React.useCallback",
    "bool",
    "strconv.ParseBool",
    "strings.ToLower",
    "strings.TrimSpace",
    "Boolean.parseBoolean",
    "Boolean.valueOf",
];
/// Calls that give what the function in their first argument returns.
const RUN: [&str; 5] = ["computed", "useMemo", "React.useMemo", "untracked", "toSignal"];
/// Calls that give their first argument as the first of a pair.
const STATE: [&str; 4] = ["useState", "React.useState", "createSignal", "useRef"];
/// Functions of a pipe after which the same value flows.
const STREAMS: [&str; 11] = [
    "take",
    "first",
    "tap",
    "share",
    "shareReplay",
    "takeUntil",
    "takeUntilDestroyed",
    "distinctUntilChanged",
    "debounceTime",
    "delay",
    "observeOn",
];
/// Methods of a flag's value that leave it as it is.
const KEEPS: [&str; 20] = [
    "lower",
    "upper",
    "strip",
    "casefold",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "valueOf",
    "toString",
    "toLowerCase",
    "trim",
    "asBoolean",
    "booleanValue",
    "getValue",
    "orElse",
    "toBoolean",
    "toBooleanStrict",
    "first",
    "collectAsState",
    "collectAsStateWithLifecycle",
];
/// Methods of a handle that read its flag.
const HANDLE_READS: [&str; 12] = [
    "isEnabled",
    "is_enabled",
    "isOn",
    "isActive",
    "enabled",
    "get",
    "getValue",
    "value",
    "IsEnabled",
    "Enabled",
    "Get",
    "Value",
];

impl Pass<'_> {
    pub(super) fn call(&mut self, id: NodeId, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        if self.is_told(id) {
            return None;
        }
        if let Some(flag) = self.flag_function(id, callee, args) {
            return Some(flag);
        }
        if let Some(Meaning::Function(shared)) = self.meaning(callee).cloned() {
            let inline = matches!(self.syntax(self.tree.bare(callee)), Syntax::Function(_));
            if inline {
                return Some(shared.gives.clone());
            }
            let args = self.code.arguments(self.unit, args, shared.node);
            let words = self.words(callee);
            let name = words.rsplit(['.', ':']).next().unwrap_or(words);
            return self.called(id, &shared, name, &args);
        }
        self.passed_through(callee, args)
            .or_else(|| self.optional(callee, args))
            .or_else(|| self.method(callee))
            .or_else(|| self.piped(callee, args))
            .or_else(|| self.predicate(callee, args))
            .or_else(|| self.membership(callee, args))
            .or_else(|| self.handle_call(id, callee))
            .or_else(|| self.asked_by_its_name(id, callee, args))
    }

    /// `Boolean(x)`, `useMemo(() => x)`, `useState(x)`
    fn passed_through(&self, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let first = self.meaning(*args.first()?)?;
        let words = self.words(callee);
        let name = words.rsplit('.').next().unwrap_or(words);
        // `toBoolean(process.env.X)`
        if SAME.contains(&words) || crate::index::values::parses(name) {
            return Some(first.clone());
        }
        if STATE.contains(&words) {
            let parts = BTreeMap::from([(Part::Nth(0), first.clone())]);
            return Some(Meaning::Parts(Arc::new(parts)));
        }
        match first {
            Meaning::Function(shared) if RUN.contains(&words) => Some(shared.gives.clone()),
            _ => None,
        }
    }

    /// `x.unwrap_or(false)`, `x.toString()`
    fn method(&self, callee: NodeId) -> Option<Meaning> {
        let Syntax::Member { object, property } = self.syntax(callee) else {
            return None;
        };
        let meaning = self.meaning(*object)?;
        match KEEPS.contains(&self.slice(*property)) {
            true => Some(meaning.clone()),
            false => None,
        }
    }

    /// `flag$.pipe(take(1), map((on) => !on))`: what its one `map` makes of it, or the same where nothing is made of it.
    fn piped(&self, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let Syntax::Member { object, property } = self.syntax(callee) else {
            return None;
        };
        if self.slice(*property) != "pipe" {
            return None;
        }
        let mut meaning = self.meaning(*object)?.clone();
        let mut is_mapped = false;
        for arg in args {
            let Syntax::Call { callee, args, .. } = self.syntax(self.tree.bare(*arg)) else {
                return None;
            };
            match self.words(*callee) {
                operator if STREAMS.contains(&operator) => {}
                // What a second `map` is given is not what stands before the pipe.
                "map" if !is_mapped => match self.meaning(*args.first()?)? {
                    Meaning::Function(shared) => (meaning, is_mapped) = (shared.gives.clone(), true),
                    _ => return None,
                },
                _ => return None,
            }
        }
        Some(meaning)
    }

    /// `on.then(|| x)` of a Rust `bool`: the closure runs only where it is true.
    pub(super) fn runs_if(&mut self, id: NodeId, callee: NodeId, args: &[NodeId]) {
        let (Language::Rust, Syntax::Member { object, property }, [closure]) =
            (self.code.facts(self.unit).language, self.syntax(callee), args)
        else {
            return;
        };
        if let ("then", Syntax::Function(function)) = (self.slice(*property), self.syntax(self.tree.bare(*closure)))
            && let Some(body) = function.body
        {
            let holds = self.condition(*object).yes;
            self.region(body, &holds, id);
        }
    }

    /// `not(x)`, `all(x, y)`, `any(x, y)` of a Rust `cfg` predicate, and `cfg(x)` itself.
    fn predicate(&self, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        if self.code.facts(self.unit).language != Language::Rust {
            return None;
        }
        let mut conditions = args.iter().map(|arg| self.condition(*arg));
        let condition = match self.words(callee) {
            "cfg" => conditions.next()?,
            "not" => conditions.next()?.negated(),
            "all" => conditions.fold(Condition::constant(true), |all, one| all.and(&one)),
            "any" => conditions.fold(Condition::constant(false), |any, one| any.or(&one)),
            _ => return None,
        };
        Some(Meaning::Condition(condition))
    }

    /// Python: `x in ('true', '1')`, `all((x, y))`, `any([x, y])`
    fn membership(&mut self, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let ([only], Language::Python) = (args, self.code.facts(self.unit).language) else {
            return None;
        };
        if let Syntax::Member { object, property } = self.syntax(callee)
            && self.slice(*property) == "in"
            && let Syntax::Array(list) = self.syntax(self.tree.bare(*object))
        {
            let value = self.meaning(*only)?.clone();
            let mut any = Condition::constant(false);
            for one in list {
                any = any.or(&self.equal_to(&value, *one)?);
            }
            return Some(Meaning::Condition(any));
        }
        let Syntax::Array(list) = self.syntax(self.tree.bare(*only)) else {
            return None;
        };
        if list.iter().all(|one| self.meaning(*one).is_none()) {
            return None;
        }
        let conditions = list.iter().map(|one| self.condition(*one));
        let condition = match self.words(callee) {
            "all" => conditions.fold(Condition::constant(true), |all, one| all.and(&one)),
            "any" => conditions.fold(Condition::constant(false), |any, one| any.or(&one)),
            _ => return None,
        };
        Some(Meaning::Condition(condition))
    }

    pub(super) fn macro_call(&mut self, name: &str, args: &[NodeId]) -> Option<Meaning> {
        match name {
            "cfg" => self.meaning(*args.first()?).cloned(),
            "matches" => self.matched(args),
            _ => None,
        }
    }

    /// `handle()`, `handle.isEnabled()`
    fn handle_call(&mut self, id: NodeId, callee: NodeId) -> Option<Meaning> {
        if self.world.handles.is_empty() {
            return None;
        }
        let object = match self.syntax(callee) {
            Syntax::Name => callee,
            Syntax::Member { object, property } if HANDLE_READS.contains(&self.slice(*property)) => *object,
            _ => return None,
        };
        let words = self.words(object);
        let name = words.rsplit('.').next().unwrap_or(words);
        let original = match self.code.declared(self.at(object)) {
            Some(Declared::Import { name, .. }) => name,
            _ => name.into(),
        };
        if !self.world.handles.is_named(&original) {
            return None;
        }
        let at = self
            .world
            .handles
            .place(self.code, self.at(object), self.trail.restart())?;
        self.read_handle(id, at)
    }

    /// Go: `toggle.FromContext(ctx).Tax()`, where the package has a toggle `Tax`: the methods of what it gives out ask those of their names.
    fn asked_by_its_name(&mut self, id: NodeId, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let Syntax::Member { object, property } = self.syntax(callee) else {
            return None;
        };
        let name = self.slice(*property);
        let is_go = self.code.facts(self.unit).language == Language::Go;
        if !is_go || !args.is_empty() || !self.world.handles.is_named(name) {
            return None;
        }
        let Syntax::Call { callee: gives, .. } = self.syntax(self.tree.bare(*object)) else {
            return None;
        };
        let Syntax::Member { object: package, .. } = self.syntax(*gives) else {
            return None;
        };
        let Some(Declared::Import { .. }) = self.code.declared(self.at(*package)) else {
            return None;
        };
        let toggle = self.code.property(self.at(*package), name, self.trail.restart())?;
        let at = self.world.handles.place(self.code, toggle, self.trail.restart())?;
        self.read_handle(id, at)
    }

    /// A call of a function that is itself the flag, whatever it is made of (`export function enableX() { return beta() }`).
    fn flag_function(&mut self, id: NodeId, callee: NodeId, args: &[NodeId]) -> Option<Meaning> {
        let may_be = args.is_empty() && matches!(self.syntax(callee), Syntax::Name) && !self.world.handles.is_empty();
        if !may_be || !self.is_named_handle(callee) {
            return None;
        }
        let at = self
            .world
            .handles
            .place(self.code, self.at(callee), self.trail.restart())?;
        let stands = matches!(self.code.syntax(at), Syntax::Function(_) | Syntax::Name);
        if stands { self.read_handle(id, at) } else { None }
    }

    /// True if something of the name, or of what it is in the file that it comes from, stands for a flag.
    fn is_named_handle(&self, name: NodeId) -> bool {
        match self.code.declared(self.at(name)) {
            Some(Declared::Import { name, .. }) => self.world.handles.is_named(&name),
            _ => self.world.handles.is_named(self.words(name)),
        }
    }

    pub(super) fn read_handle(&mut self, id: NodeId, at: At) -> Option<Meaning> {
        let handle = self.world.handles.at(self.code, at)?;
        let (key, rule, confidence) = (handle.key.term.clone(), handle.rule, handle.confidence);
        Some(self.read_of(id, key, rule, confidence))
    }

    /// Notes that a node reads a flag whose definition is known; what it says.
    pub(super) fn read_of(&mut self, id: NodeId, key: KeyTerm, rule: RuleRef, confidence: Confidence) -> Meaning {
        let read = ReadRef { node: id, nth: 0 };
        let condition = Condition::flag(&key, read, false);
        let local = LocalRead {
            key: Some(key),
            key_bytes: None,
            rule,
            via: Vec::new(),
            fallback: None,
            negative: false,
            confidence,
            lazy: false,
        };
        self.flow.reads.insert(read, local);
        Meaning::Condition(condition)
    }

    /// What a call of (or the name of) something shared gives here: its reads become reads of this place.
    pub(super) fn called(&mut self, id: NodeId, shared: &Shared, name: &str, args: &[At]) -> Option<Meaning> {
        let mut known: BTreeMap<KeyTerm, Option<KeyFound>> = BTreeMap::new();
        let mut refs: BTreeMap<ReadRef, ReadRef> = BTreeMap::new();
        let lazy = matches!(shared.gives, Meaning::Parts(_) | Meaning::Function(_));
        for (nth, (at, read)) in (0u32..).zip(&shared.reads) {
            let mut read = read.through(name)?;
            read.lazy |= lazy;
            read.key_bytes = None;
            if let Some(KeyTerm::Param(param)) = read.key.clone()
                && param.function == shared.node
            {
                let term = KeyTerm::Param(param.clone());
                let trail = self.trail.restart();
                let found = keys::passed(self.code, self.world.handles, &param, args, trail);
                if found.as_ref().is_some_and(|found| !self.may_be(&found.term, read.rule)) {
                    // The wrapper reads settings of every kind, and this is no flag.
                    known.insert(term, None);
                    continue;
                }
                read.key = found.as_ref().map(|found| found.term.clone());
                let arg = args.get(param.index).filter(|arg| arg.unit == self.unit);
                read.key_bytes = arg.map(|arg| self.tree.bytes(arg.node));
                known.insert(term, found);
            }
            read.fallback = self.passed_fallback(read.fallback, shared, args);
            // A function that looks at one setting twice reads it once.
            let same = refs
                .values()
                .find(|of| self.flow.reads.get(*of) == Some(&read))
                .copied();
            let here = same.unwrap_or(ReadRef { node: id, nth });
            refs.insert(*at, here);
            self.flow.reads.insert(here, read);
        }
        let key = |term: &KeyTerm| match known.get(term) {
            Some(found) => found.as_ref().map(|found| found.term.clone()),
            None => Some(term.clone()),
        };
        let binder = Binder {
            key: &key,
            reads: Some(&refs),
        };
        Some(shared.gives.bound(&binder))
    }

    /// False for a key that the rule which reads it says is no flag.
    fn may_be(&self, term: &KeyTerm, rule: RuleRef) -> bool {
        match term {
            KeyTerm::Known(key) => self.world.rules.files[rule.file].flags.accepts(key.as_str()),
            KeyTerm::Param(_) => true,
        }
    }

    fn passed_fallback(&mut self, fallback: Option<Fallback>, shared: &Shared, args: &[At]) -> Option<Fallback> {
        match fallback {
            Some(Fallback::Param(function, index, otherwise)) if function == shared.node => match args.get(index) {
                Some(arg) => Some(Fallback::Is(default_of(self.code, *arg, self.trail.restart()))),
                None => otherwise.map(Fallback::Is),
            },
            other => other,
        }
    }
}
