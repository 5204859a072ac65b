//! Mocked modules and functions. Enters: a site whose rule says that a module or function is mocked. Leaves: settings, if what is mocked
//! serves flags; a module that only contains some is no force. Beside them [`Mocks`]: the names of the file that stand for such functions.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answers, Source};
use super::collect::Made;
use super::serves::{Served, Serves};
use super::told::Beside;
use super::{Ground, Setting, To, Which};
use crate::flag::FlagValue;
use crate::index::code::{At, Trail};
use crate::index::exports::Export;
use crate::index::site::ValueSource;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleRef;
use crate::rules::rule::{Covers, Reach};
use crate::source::RepoPath;

/// How deep objects of a mocked module are looked into.
pub(super) const MAX_DEPTH: usize = 4;

/// A variable of a file, or a property of one.
type Name = (usize, Option<String>);

/// The mocks of one file.
#[derive(Debug, Default)]
pub(super) struct Mocks {
    /// Variables that stand for a mocked function.
    pub(super) functions: BTreeMap<Name, Serves>,
    /// Variables that a mocked function looks its answer up in.
    pub(super) sources: BTreeMap<Source, Serves>,
    /// Python: names of patched functions whose answer is told later, and the rules that say so.
    pub(super) patched: BTreeMap<usize, (Serves, RuleRef)>,
    /// Those of them that are given a new object later: what they hold says what every flag is.
    pub(super) replaced: BTreeSet<Source>,
}

impl Mocks {
    /// What the variable behind an expression stands for.
    fn serves(&self, ground: &Ground<'_>, at: At) -> Option<&Serves> {
        self.functions.get(&name_of(ground, at)?)
    }

    /// What a mocked function answers beside what is put into the variables that it looks its answer up in.
    fn looked_up(&mut self, ground: &Ground<'_>, unit: usize, serves: &Serves, mut answers: Answers) -> Answers {
        for source in &answers.sources {
            self.sources.insert(source.clone(), serves.clone());
            let declaration = ground.code.units()[unit].bindings.declaration(source.name);
            if source.by_key && declaration.is_some_and(|of| !of.assignments.is_empty()) {
                self.replaced.insert(source.clone());
            }
        }
        if answers.sources.iter().any(|source| self.replaced.contains(source)) {
            answers.keys.clear();
            answers.rest = super::answers::Answer::Kept;
        }
        answers
    }

    pub(super) fn note(&mut self, ground: &Ground<'_>, value: At, serves: &Serves) {
        if let Some(name) = name_of(ground, value) {
            self.functions.insert(name, serves.clone());
        }
    }
}

/// The variable that an expression names.
fn name_of(ground: &Ground<'_>, at: At) -> Option<Name> {
    let bindings = &ground.code.units()[at.unit].bindings;
    let tree = ground.code.tree(at.unit);
    let node = tree.bare(at.node);
    match tree.syntax(node) {
        Syntax::Name => Some((bindings.declaration(node)?.id, None)),
        Syntax::Member { object, property } => {
            let declaration = bindings.declaration(tree.bare(*object))?;
            Some((declaration.id, Some(ground.code.slice(at.unit, *property).to_owned())))
        }
        _ => None,
    }
}

/// `vi.mock(path, factory)`: what the exports that serve flags answer.
pub(super) fn module(made: &Made<'_>, mocks: &mut Mocks) -> Vec<Setting> {
    let (ground, unit) = (made.ground, made.unit);
    let Syntax::Call { callee, args, .. } = ground.code.syntax(ground.at(unit, made.site.node)) else {
        return Vec::new();
    };
    let Some(path) = args
        .first()
        .and_then(|path| module_name(ground, ground.at(unit, *path)))
    else {
        return Vec::new();
    };
    let hoisted = ground.code.words(ground.at(unit, *callee)).ends_with(".mock");
    let reach = if hoisted { Reach::File } else { Reach::Auto };
    let mut mocked = Mocked {
        made,
        path,
        mocks,
        found: Vec::new(),
    };
    let factory = args
        .get(1)
        .map(|factory| ground.at(unit, *factory))
        .filter(|at| !is_options(ground, *at));
    match factory {
        Some(factory) => mocked.factory(factory),
        None => mocked.automatic(),
    }
    mocked
        .found
        .into_iter()
        .map(|setting| Setting { reach, ..setting })
        .collect()
}

/// The text of a module's name: `'../flags'`, `import('../flags')`.
fn module_name(ground: &Ground<'_>, at: At) -> Option<String> {
    match ground.code.syntax(at) {
        Syntax::Text(text) => Some(text.to_string()),
        Syntax::Call { args, .. } => match ground.code.syntax(at.with(*args.first()?)) {
            Syntax::Text(text) => Some(text.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// `vi.mock(path, { spy: true })`
fn is_options(ground: &Ground<'_>, at: At) -> bool {
    let spy = |name| ground.code.property(at, name, &mut Trail::default()).is_some();
    matches!(ground.code.syntax(at), Syntax::Object { .. }) && (spy("spy") || spy("virtual"))
}

/// One mocked module.
struct Mocked<'a, 'b> {
    made: &'a Made<'a>,
    path: String,
    mocks: &'b mut Mocks,
    found: Vec<Setting>,
}

impl<'a> Mocked<'a, '_> {
    fn ground(&self) -> &'a Ground<'a> {
        self.made.ground
    }

    /// What a factory gives out.
    fn factory(&mut self, factory: At) {
        let ground = self.ground();
        let settled = ground.code.settle(factory, &mut Trail::default());
        let Some(mut exports) = ground.returned(settled).or(Some(settled)) else {
            return;
        };
        for name in ["namedExports", "exports"] {
            if let Some(inner) = ground.code.property(exports, name, &mut Trail::default()) {
                exports = ground.code.settle(inner, &mut Trail::default());
            }
        }
        let name = if ground.is_object(exports) {
            None
        } else {
            Some("default")
        };
        match name {
            // `() => true`, `() => () => true`: the module is the function.
            Some(name) => self.export(name, exports),
            None => {
                for (name, value) in ground.members(exports) {
                    self.export(&name, value);
                }
            }
        }
    }

    /// Without a factory: the file in `__mocks__`, or functions that answer nothing.
    fn automatic(&mut self) {
        let ground = self.ground();
        let Some(path) = ground.code.file_of_module(self.made.unit, &self.path) else {
            return;
        };
        let Some(real) = ground.code.unit_at(&path) else {
            return;
        };
        let manual = RepoPath::new(&format!("{}/__mocks__/{}", path.parent(), path.file_name()));
        let manual = manual.and_then(|path| ground.code.unit_at(&path));
        let names: Vec<String> = ground.code.units()[real]
            .exports
            .names
            .keys()
            .map(ToString::to_string)
            .collect();
        for name in names {
            let mock = manual.and_then(
                |unit| match ground.code.units()[unit].exports.names.get(name.as_str())? {
                    Export::Node(node, parts) if parts.is_empty() => Some(ground.at(unit, *node)),
                    _ => None,
                },
            );
            match (mock, ground.serves_export(self.made.unit, &self.path, &name)) {
                (Some(mock), Some(_)) => self.export(&name, mock),
                (None, Some(serves)) if manual.is_none() => {
                    let settings = serves.settings(&To::Is(FlagValue::Unknown));
                    self.found
                        .extend(settings.into_iter().map(|(which, to)| self.made.setting(which, to)));
                }
                _ => {}
            }
        }
    }

    /// One export of the mocked module.
    fn export(&mut self, name: &str, value: At) {
        let ground = self.ground();
        if let Some(serves) = ground.serves_export(self.made.unit, &self.path, name) {
            return self.function(&serves, value);
        }
        if let Some(key) = ground.value_handle(self.made.unit, &self.path, name) {
            let to = ground.to(value, self.made.open());
            let setting = self.made.setting(Which::Key(key), to);
            return self.found.push(setting);
        }
        self.object(name, value, MAX_DEPTH);
    }

    /// A mocked function that serves flags.
    fn function(&mut self, serves: &Serves, value: At) {
        let settings = self.ground().replaced(self.mocks, serves, value, self.made.open());
        self.found
            .extend(settings.into_iter().map(|(which, to)| self.made.setting(which, to)));
    }

    /// An object of the mocked module: its methods may serve flags, its entries may be flags.
    fn object(&mut self, holder: &str, value: At, depth: usize) {
        let ground = self.ground();
        let value = ground.code.settle(value, &mut Trail::default());
        let object = ground.returned(value).unwrap_or(value);
        if depth == 0 || !ground.is_object(object) {
            return;
        }
        for (name, member) in ground.members(object) {
            let serves = ground
                .serves_member(self.made.unit, &self.path, holder, &name)
                .or_else(|| ground.ruled(&name, holder, Some(&self.path)));
            match serves {
                Some(serves) if ground.answers(member, None).is_some() => self.function(&serves, member),
                _ => match ground.defined_entry(self.made.unit, &self.path, holder, &name) {
                    Some(key) => {
                        let to = ground.to(member, self.made.open());
                        self.found.push(self.made.setting(Which::Key(key), to));
                    }
                    None => self.object(&name, member, depth - 1),
                },
            }
        }
    }
}

/// `stub(flags, 'isEnabled').withArgs('k').returns(true)`, `when(isEnabled).calledWith('k').mockReturnValue(true)`: the answer for one flag.
/// `None` if the mock is not limited so.
pub(super) fn with_args(made: &Made<'_>, mocks: &Mocks) -> Option<Vec<Setting>> {
    let (ground, unit) = (made.ground, made.unit);
    let limited = ground.limiting_call(ground.at(unit, made.site.node))?;
    let Syntax::Call { callee, args, .. } = ground.code.syntax(limited) else {
        return None;
    };
    let Syntax::Member { object, .. } = ground.code.syntax(limited.with(*callee)) else {
        return None;
    };
    let mocked = limited.with(ground.code.tree(unit).bare(*object));
    let serves = match ground.code.syntax(mocked) {
        Syntax::Call { args, .. } => match args.as_slice() {
            [object, method] => {
                let method = ground.method_name(unit, *method);
                method.and_then(|method| ground.serves_method(mocked.with(*object), method))
            }
            [only] => ground.serves(mocked.with(*only)),
            _ => None,
        },
        _ => mocks.serves(ground, mocked).cloned().or_else(|| ground.serves(mocked)),
    };
    let key = args.first().and_then(|key| match ground.key(limited.with(*key))?.term {
        crate::index::condition::KeyTerm::Known(key) => Some(key),
        crate::index::condition::KeyTerm::Param(_) => None,
    });
    let value = made.site.entries.first().and_then(|entry| match &entry.value {
        Some(ValueSource::Node(value)) => Some(ground.at(unit, *value)),
        _ => None,
    });
    let (Some(serves), Some(key), Some(value)) = (serves, key, value) else {
        return Some(Vec::new());
    };
    let to = ground.to(value, made.open());
    let to = if serves.negative() { to.flipped() } else { to };
    Some(vec![made.setting(Which::Key(key), to)])
}

/// A function that is mocked by itself: `mocked(useFlag).mockReturnValue(true)`, `spyOn(flags, 'isEnabled')`.
pub(super) fn target(made: &Made<'_>, mocks: &mut Mocks) -> Vec<Setting> {
    let (ground, unit) = (made.ground, made.unit);
    let Some(target) = made.site.target else {
        return super::told::on_object(made);
    };
    let at = ground.at(unit, target);
    let is_text = |node: NodeId| matches!(ground.code.syntax(ground.at(unit, node)), Syntax::Text(_));
    // `setattr('app.flags.is_on', fake)`: the text names the function, and what stands for one is its answer.
    let dotted = made
        .site
        .target_object
        .or(Some(target))
        .filter(|node| is_text(*node) && made.site.target_object.is_none_or(|_| !is_text(target)));
    let serves = match made.site.target_object {
        _ if dotted.is_some() => dotted.and_then(|node| super::patches::serves(ground, ground.at(unit, node))),
        Some(object) => ground.method_name(unit, target).and_then(|method| {
            let object = ground.at(unit, object);
            ground
                .serves_method(object, method)
                .or_else(|| ground.serves_entry(object, method))
        }),
        None => {
            let member = ground.member_of_mocked(ground.at(unit, made.site.node));
            let at = ground.without_mocked(member.unwrap_or(at));
            mocks.serves(ground, at).cloned().or_else(|| ground.serves(at))
        }
    };
    let Some(serves) = serves else {
        return super::told::by_call(made, at).unwrap_or_else(|| super::patches::constant(made));
    };
    let place = ground.place(ground.at(unit, made.site.node), false);
    let value = made.site.entries.first().and_then(|entry| entry.value.clone());
    let value = value.or_else(|| dotted.filter(|node| *node != target).map(|_| ValueSource::Node(target)));
    if value.is_none()
        && let Some(name) = super::later::held_name(made)
    {
        mocks.patched.insert(name, (serves.clone(), made.site.rule));
    }
    let value = match super::told::beside(made) {
        Beside::Nothing => return Vec::new(),
        Beside::Value(beside) => Some(ValueSource::Node(beside)),
        Beside::Told => value,
    };
    let settings = match (made.rule.covers, value.as_ref()) {
        (Covers::Reset, _) => serves.settings(&To::Reset),
        (Covers::Some, _) => serves.settings(&To::Partial),
        (Covers::All, Some(ValueSource::Node(value))) => {
            let value = ground.at(unit, *value);
            let answers = ground.answers(value, made.open());
            match (&serves.what, answers) {
                (Served::Bag, _) => ground.bag(value, made.open()),
                (Served::Parts(parts), _) => ground.parts_given(mocks, parts, value, made.open()),
                (_, Some(answers)) => from_answers(&serves, mocks.looked_up(ground, unit, &serves, answers)),
                (_, None) => serves.settings(&ground.to(value, made.open())),
            }
        }
        (Covers::All, _) => serves.settings(&To::Is(FlagValue::Unknown)),
    };
    let sometimes = |to: To| {
        if place.conditional && to != To::Reset {
            To::Partial
        } else {
            to
        }
    };
    settings
        .into_iter()
        .map(|(which, to)| made.setting(which, sometimes(to)))
        .collect()
}

/// What answers set, flag by flag.
pub(super) fn from_answers(serves: &Serves, answers: Answers) -> Vec<(Which, To)> {
    if let Some(list) = answers.listed.filter(|_| !serves.negative()) {
        return vec![(Which::Listed(list), To::Is(FlagValue::On))];
    }
    let mut found = Vec::new();
    for (key, answer) in answers.keys {
        if let Some(to) = answer.to() {
            found.push((Which::Key(key), if serves.negative() { to.flipped() } else { to }));
        }
    }
    if let Some(to) = answers.rest.to() {
        found.extend(serves.settings(&to));
    }
    found
}
