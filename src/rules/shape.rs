//! Shapes: what a rule matches on the neutral tree, or in a data file. Enters and leaves: nothing; these are the checked types that
//! `load` makes and the matcher follows.

use std::sync::Arc;

use globset::GlobSet;

use super::selector::Pattern;

/// The names that a shape accepts.
#[derive(Clone, PartialEq, Debug)]
pub enum Names {
    /// Any of these words (a list in the rule file).
    Words(Vec<String>),
    /// Any name that matches (a single string in the rule file).
    Pattern(Pattern),
}

impl Names {
    /// True if `name` is one of them.
    #[must_use]
    pub fn accept(&self, name: &str) -> bool {
        match self {
            Self::Words(words) => words.iter().any(|word| word == name),
            Self::Pattern(pattern) => pattern.regex().is_match(name),
        }
    }

    /// The words, where the names are words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        match self {
            Self::Words(words) => words,
            Self::Pattern(_) => &[],
        }
    }
}

/// A set of globs that remembers how it was written.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// As written.
    pub texts: Vec<String>,
    /// Compiled, without those that begin with `!`.
    pub set: GlobSet,
    /// Those that begin with `!`: what they match is none of these.
    pub not: GlobSet,
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}

impl Globs {
    /// True if no glob was given, or one matches and none that is excluded.
    #[must_use]
    pub fn allow(&self, text: &str) -> bool {
        (self.set.is_empty() || self.set.is_match(text)) && !self.not.is_match(text)
    }
}

/// `name(…)`, `receiver.name(…)`
#[derive(Clone, PartialEq, Debug)]
pub struct CallShape {
    /// The last word of what is called.
    pub names: Names,
    /// Against the words of the receiver (`this.flags`, `useClient()`), which are empty where there is none.
    pub receiver: Option<Pattern>,
    /// A call that must stand somewhere down the receiver's chain (`flag('k')` in `td.flag('k').on(true)`).
    pub receiver_call: Option<Box<CallShape>>,
    /// The module from which the called name (or the first word of the receiver) must be imported, as globs.
    pub module: Option<Globs>,
    /// How many arguments it has at least.
    pub least_args: usize,
    /// Against the words of its first argument.
    pub first: Option<Pattern>,
    /// Against the words of any of its arguments, or of the elements of a list among them: those that match are the keys of a rule without `key`.
    pub any: Option<Pattern>,
    /// Against the last word of what is called: what it must not be.
    pub unless: Option<Pattern>,
    /// Its value must decide something where it is called: an `if`, `&&`, `!`, a conditional.
    pub decides: bool,
}

/// `object.name`, `object['name']`, `const { name } = object`
#[derive(Clone, PartialEq, Debug)]
pub struct MemberShape {
    /// Against the words of the object (`process.env`, `useFlags()`), also of what the object's name was bound to.
    pub object: Option<Pattern>,
    /// Against the declared type of the object.
    pub object_type: Option<Pattern>,
    /// The module from which the first word of the object must be imported, as globs.
    pub module: Option<Globs>,
}

/// What the values of an object literal are, so that a map of flags is told from any other map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueKind {
    /// Booleans, or what becomes one: calls, comparisons, objects that describe a flag; at least one of them surely.
    Boolean,
    /// Texts: the entry names a key.
    Text,
    /// Of a single constant: whatever may be true or false, and no text, number or list.
    Switch,
}

/// `<Name attr=…>`
#[derive(Clone, PartialEq, Debug)]
pub struct JsxShape {
    /// The tag's last word.
    pub names: Names,
    /// An attribute that must be there.
    pub attr: Option<String>,
}

/// An object literal at a certain place; all conditions that are given must hold.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ObjectShape {
    /// The keys that lead to it, the last one last (`experimental.flags`).
    pub path: Vec<String>,
    /// Against the declared type of the binding (or cast, or struct) that it makes.
    pub of_type: Option<Pattern>,
    /// A call in whose arguments it stands.
    pub in_call: Option<Names>,
    /// A binding of the top level in whose value it stands (`export const config = { features: … }`).
    pub in_const: Option<Names>,
    /// It has a function of such a name (`{ isEnabled: () => true }`).
    pub has: Option<Names>,
    /// It is all that its file gives out (`export default { … }`, `module.exports = { … }`).
    pub whole: bool,
    /// What its values are.
    pub values: Option<ValueKind>,
}

/// `left = value`, `delete left`
#[derive(Clone, PartialEq, Debug)]
pub struct AssignShape {
    /// Against the words of the object that is set, without the property (`process.env`).
    pub left: Pattern,
}

/// A binding outside functions, or a field of a class or object, of that name.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstShape {
    /// Its name.
    pub names: Names,
    /// True: only where the value is an object literal (so that the binding is a map of flags); false: only where it is none.
    pub object: bool,
    /// What the values of the object are.
    pub values: Option<ValueKind>,
    /// True: only what the file gives out (`export`, `pub`).
    pub exported: bool,
}

/// A hoisted module mock.
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleMockShape {
    /// The name of the call.
    pub names: Names,
    /// Against its receiver (`vi`).
    pub receiver: Option<Pattern>,
    /// Against the module's name.
    pub path: Option<Pattern>,
}

/// Formats of data files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataFormat {
    /// YAML.
    Yaml,
    /// JSON, with comments tolerated.
    Json,
    /// TOML.
    Toml,
    /// `KEY=value` lines.
    Dotenv,
    /// `INSERT` and `UPDATE` statements.
    Sql,
    /// XML.
    Xml,
    /// `key=value` lines as Java reads them.
    Properties,
}

/// A file that is not code.
#[derive(Clone, PartialEq, Debug)]
pub struct DataShape {
    /// Which files.
    pub files: Globs,
    /// Which of them not.
    pub ignore: Globs,
    /// How to read them.
    pub format: DataFormat,
    /// SQL: the table whose rows are flags.
    pub table: Option<String>,
    /// A later file (in path order) wins over an earlier one.
    pub last_wins: bool,
}

/// Which members of a type are flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberKind {
    /// The texts of a union or an enum: each names a key.
    Texts,
    /// The fields of an interface or object type.
    Fields,
    /// Those of them whose type is true or false (TypeScript, Rust, Python).
    Booleans,
    /// The same of a type that has no other field (Rust).
    OnlyBooleans,
    /// The constants of an enum of classes (Java, Kotlin), whatever they are made of; `arg` and `kw` are what they are given.
    Constants,
    /// The fields of a class that are plainly true or false where it gives them (TypeScript, JavaScript).
    Values,
}

/// The members of a type of such a name.
#[derive(Clone, PartialEq, Debug)]
pub struct UnionShape {
    /// The type's name.
    pub names: Names,
    /// Which of its members; all of them where nothing is said.
    pub of: Option<MemberKind>,
}

/// A function that gives out, by its parameter, what a map of booleans holds: what teams write themselves, known by its form. Names are evidence
/// beside it: the end of the file's path, the map, the function, its class and the type of its parameter, with spaces between.
#[derive(Clone, PartialEq, Debug)]
pub struct LookupShape {
    /// Against these words: they must be about flags.
    pub about: Pattern,
    /// Against the same words without the path: they must be about nothing of this kind.
    pub unless: Option<Pattern>,
    /// Against the function's name: then no name need be about flags, if the map holds nothing but plain booleans and the function is asked
    /// with its keys, more than once, where the answer decides something. `unless` is then against the path too.
    pub asked: Option<Pattern>,
}

/// What a rule matches.
#[derive(Clone, PartialEq, Debug)]
pub enum Shape {
    /// A call of a function, method or hook.
    Call(CallShape),
    /// A construction.
    New(Names),
    /// A property read.
    Member(MemberShape),
    /// An element.
    Jsx(JsxShape),
    /// A decorator, annotation or attribute; its arguments are the selectors' arguments.
    Decorator(Names),
    /// An object literal.
    Object(ObjectShape),
    /// An assignment or deletion.
    Assign(AssignShape),
    /// A binding.
    Const(ConstShape),
    /// The members of a type of such a name: the texts of a union, the fields of an interface or object type, the members of an enum (outside
    /// Rust only those with texts: other enums count bits).
    Union(UnionShape),
    /// An implementation of a trait, with the constant that names the flag.
    Impl {
        /// The trait's last word.
        of: String,
        /// The constant that must be there.
        constant: Option<String>,
    },
    /// A macro call.
    Macro(Names),
    /// `#[cfg(…)]`, `#[cfg_attr(…)]` or `cfg!(…)` with `feature = "…"`: one entry for each feature named.
    Cfg,
    /// A module mock.
    ModuleMock(ModuleMockShape),
    /// A call, `with` or annotation that owns a block, to which its force is limited.
    Scope(CallShape),
    /// A comment that matches; named groups of the pattern are the captures.
    Comment(Pattern),
    /// A data file; the tree matcher passes over it.
    Data(DataShape),
    /// A map that a function looks up by its parameter: a `define` rule matches the map's entries, a `read` rule the function, a `force` rule what
    /// sets an entry by a parameter.
    Lookup(LookupShape),
    /// A raw query; the number counts the queries of the rule set (see `RuleSet::queries`).
    Query(Arc<str>),
}
