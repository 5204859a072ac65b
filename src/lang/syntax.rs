//! The words of the neutral tree: what a node can be, in every language. Enters: nothing. Leaves: [`Syntax`] and its parts. Knows no
//! language: what one of them cannot say is simply never made by its front end.

use crate::source::Bytes;

/// A node of one [`Tree`](super::tree::Tree).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// One node: what it is, which bytes it covers, what it stands in.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// The bytes that it covers.
    pub bytes: Bytes,
    /// The node that it stands in; `None` for the root.
    pub parent: Option<NodeId>,
    /// What it is.
    pub syntax: Syntax,
}

/// `&&` and `||` differ in what a guard learns from them; `??` supplies a fallback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogicOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `??`
    Coalesce,
}

/// A comparison, as far as it can decide about a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    /// `==`, `===`
    Equal,
    /// `!=`, `!==`
    NotEqual,
    /// `<`, `instanceof`, …
    Other,
}

/// What lets a value pass through unchanged for our purposes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// `await x`, `x.await`
    Await,
    /// `(x)`
    Paren,
    /// `x as T`, `<T>x`, `x satisfies T`, Rust `x as T`
    Cast,
    /// `x!`, Rust `x?`
    Assert,
    /// Rust `&x`, `*x`; Go `&x`
    Reference,
}

/// How a name was bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LetKind {
    /// Cannot be assigned again (`const`, Rust `let` without `mut`, `const`, `static`).
    Constant,
    /// Can be assigned again (`let`, `let mut`).
    Variable,
    /// Can be assigned again and is known in the whole function (`var`).
    Hoisted,
}

/// A property or entry name.
#[derive(Clone, PartialEq, Debug)]
pub enum Key {
    /// `a` or `'a'` or `"a"`: the name without quotes, and its bytes (inside the quotes).
    Name(Box<str>, Bytes),
    /// `[expression]`
    Computed(NodeId),
}

/// A name that an import brings in.
#[derive(Clone, PartialEq, Debug)]
pub struct ImportName {
    /// The name in the other module; `default` for a default import, `*` for the whole module.
    pub imported: Box<str>,
    /// The name here.
    pub local: Box<str>,
    /// Where the local name stands.
    pub bytes: Bytes,
}

/// A name that an export gives out.
#[derive(Clone, PartialEq, Debug)]
pub struct ExportName {
    /// The name here (or in the module that is re-exported); `*` for all of it.
    pub local: Box<str>,
    /// The name outside; `*` for `export * from`.
    pub exported: Box<str>,
    /// Where it stands.
    pub bytes: Bytes,
}

/// A function of any form: declaration, arrow, method, closure.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Function {
    /// Its own name; empty for arrows, closures and anonymous functions (the binding or property that holds them names them).
    pub name: Option<(Box<str>, Bytes)>,
    /// Patterns of the parameters, in order ([`Syntax::Name`], [`Syntax::ObjectPattern`], [`Syntax::ArrayPattern`], [`Syntax::Default`]); Rust's `self` is left out.
    pub params: Vec<NodeId>,
    /// The declared types of the parameters, at the same places; may be shorter than `params`.
    pub param_types: Vec<Option<NodeId>>,
    /// [`Syntax::Block`], or the expression that an arrow returns. `None` for signatures.
    pub body: Option<NodeId>,
    /// [`Syntax::Decorator`]s: decorators, annotations, attributes.
    pub decorators: Vec<NodeId>,
    /// A method of a class or an impl, or a function-valued shorthand member of an object.
    pub method: bool,
    /// A constructor: its parameters may declare fields.
    pub constructor: bool,
}

/// What a node is.
#[derive(Clone, PartialEq, Debug)]
pub enum Syntax {
    // --- values ---
    /// An identifier (also `this`, `self`, `super`, and a Rust path `a::b::C`, whose text is the path). Its text is its bytes.
    Name,
    /// A string literal, or a template without holes; the value as the program sees it.
    Text(Box<str>),
    /// A template with holes: literal parts ([`Syntax::Text`]) and holes in order. Also Rust `format!` with its arguments.
    Template(Vec<NodeId>),
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number,
    /// `null`, `undefined`, `None`, `()`, `nil`.
    Nothing,
    /// `object.property`, `object?.property`, Rust field access.
    Member {
        /// What is read.
        object: NodeId,
        /// The bytes of the property's name.
        property: Bytes,
    },
    /// `object[index]`
    Index {
        /// What is read.
        object: NodeId,
        /// The subscript.
        index: NodeId,
    },
    /// Python's `a in b` is a call of `in` on `b`, `assert a` a call of `assert`. `callee<T>(args)`, `receiver.method::<T>(args)` (the callee is then a [`Syntax::Member`]), a tagged template (one [`Syntax::Text`] or [`Syntax::Template`] argument).
    Call {
        /// What is called.
        callee: NodeId,
        /// Type arguments.
        type_args: Vec<NodeId>,
        /// Arguments in order, comments left out.
        args: Vec<NodeId>,
    },
    /// `new Callee<T>(args)`
    New {
        /// What is constructed.
        callee: NodeId,
        /// Type arguments.
        type_args: Vec<NodeId>,
        /// Arguments in order.
        args: Vec<NodeId>,
    },
    /// A Rust macro call whose tokens are an expression list (`vec![a, b]`, `assert_eq!(a, b)`, `cfg!(feature = "x")`); other macros are [`Syntax::Other`] with what could be read.
    Macro {
        /// The bytes of its path, without `!`.
        name: Bytes,
        /// The arguments; `feature = "x"` is an [`Syntax::Assign`], `not(…)` a [`Syntax::Call`].
        args: Vec<NodeId>,
    },
    /// An object, dict, map or struct literal: [`Syntax::Entry`], [`Syntax::Spread`], methods as [`Syntax::Function`].
    Object {
        /// The type of a struct literal.
        type_name: Option<NodeId>,
        /// Its members in order.
        entries: Vec<NodeId>,
    },
    /// `key: value` of an object; for shorthand `{ a }` the value is a [`Syntax::Name`] with the same bytes.
    Entry {
        /// The key.
        key: Key,
        /// The value.
        value: NodeId,
    },
    /// `[a, b]`, a tuple.
    Array(Vec<NodeId>),
    /// `...x`, `..x`, `*x`
    Spread(NodeId),
    /// A function value or declaration.
    Function(Function),
    /// `!x`, `not x`
    Not(NodeId),
    /// `a && b`, `a || b`, `a ?? b`
    Logic {
        /// Which.
        op: LogicOp,
        /// The left side.
        left: NodeId,
        /// The right side.
        right: NodeId,
    },
    /// `a === b` and the like.
    Compare {
        /// Which.
        op: CompareOp,
        /// The left side.
        left: NodeId,
        /// The right side.
        right: NodeId,
    },
    /// `test ? yes : no`
    Choose {
        /// The condition.
        test: NodeId,
        /// The value where it holds.
        yes: NodeId,
        /// The value where it does not.
        no: NodeId,
    },
    /// A value passed through: `await`, parentheses, casts, non-null assertions, references.
    Wrap(Through, NodeId),
    /// A JSX element.
    Element {
        /// The tag ([`Syntax::Name`] or [`Syntax::Member`]); `None` for a fragment.
        name: Option<NodeId>,
        /// [`Syntax::Attribute`] and [`Syntax::Spread`].
        attributes: Vec<NodeId>,
        /// Elements, [`Syntax::Markup`] and expressions.
        children: Vec<NodeId>,
    },
    /// `name={value}`, `name="value"`, `name`; Python's named argument `name=value`, behind the others in the list of arguments.
    Attribute {
        /// The bytes of the name.
        name: Bytes,
        /// The value; `None` means true.
        value: Option<NodeId>,
    },
    /// The text between JSX tags, white space folded, never empty.
    Markup(Box<str>),
    /// `target = value`, `target += value`, `name = "value"` in an attribute.
    Assign {
        /// What is set.
        target: NodeId,
        /// To what.
        value: NodeId,
    },
    /// `delete target`
    Delete(NodeId),
    // --- statements ---
    /// Statements in order. The root of every tree is one. In Rust the last one, without `;`, is the block's value as a [`Syntax::Return`] only at the end of a function or closure.
    Block(Vec<NodeId>),
    /// `if (test) yes else no`; Rust `if let` has a [`Syntax::Other`] as its test. As an expression too.
    If {
        /// The condition.
        test: NodeId,
        /// What runs where it holds.
        yes: NodeId,
        /// What runs where it does not: a block or another `if`.
        no: Option<NodeId>,
    },
    /// `switch`, `match`.
    Switch {
        /// What is looked at.
        subject: NodeId,
        /// [`Syntax::Case`]s in order.
        cases: Vec<NodeId>,
    },
    /// One case.
    Case {
        /// The values (or patterns) that lead here; empty for `default` and `_`.
        tests: Vec<NodeId>,
        /// The statements (for `match`: the arm's expression).
        body: Vec<NodeId>,
    },
    /// `return x`; also the value of an arrow body and the tail expression of a Rust function, whose bytes are the expression's.
    Return(Option<NodeId>),
    /// `throw x`, `panic!(…)`, `todo!()`, `unreachable!()`.
    Throw(Option<NodeId>),
    /// `break`, `continue`.
    Leave,
    /// `const pattern: ty = value` (one node for each declarator).
    Let {
        /// Constant or variable.
        kind: LetKind,
        /// What is bound: a [`Syntax::Name`], [`Syntax::ObjectPattern`] or [`Syntax::ArrayPattern`].
        pattern: NodeId,
        /// The declared type.
        ty: Option<NodeId>,
        /// The value.
        value: Option<NodeId>,
    },
    /// Any loop: its head (the bound pattern as a [`Syntax::Let`], the iterated value or condition) and its body.
    Loop {
        /// What stands in the head.
        head: Vec<NodeId>,
        /// What is repeated.
        body: NodeId,
    },
    /// Python `with a as b, c: body`: a block that runs while something is held.
    With {
        /// What is held: a value, or the binding of one ([`Syntax::Let`], [`Syntax::Assign`]).
        held: Vec<NodeId>,
        /// The block.
        body: NodeId,
    },
    // --- patterns ---
    /// `{ a, b: c, d = 1, ...rest }`: [`Syntax::Entry`] (the value is a pattern), [`Syntax::Spread`].
    ObjectPattern(Vec<NodeId>),
    /// `[a, , b]`, a tuple pattern; holes are left out as [`Syntax::Nothing`].
    ArrayPattern(Vec<NodeId>),
    /// `pattern = default` in a pattern or parameter.
    Default {
        /// What is bound.
        pattern: NodeId,
        /// The value where nothing was given.
        default: NodeId,
    },
    // --- items ---
    /// A class, a struct, a trait; its members are [`Syntax::Field`] and [`Syntax::Function`].
    Class {
        /// Its name.
        name: Option<(Box<str>, Bytes)>,
        /// What it extends or implements.
        extends: Vec<NodeId>,
        /// Its members.
        members: Vec<NodeId>,
        /// Its decorators or attributes.
        decorators: Vec<NodeId>,
    },
    /// A field of a class, struct or interface; a member of an enum.
    Field {
        /// Its name.
        key: Key,
        /// Its declared type.
        ty: Option<NodeId>,
        /// Its initial value.
        value: Option<NodeId>,
        /// Its decorators or attributes.
        decorators: Vec<NodeId>,
    },
    /// `impl Trait for Type { … }`
    Impl {
        /// The trait.
        of: Option<NodeId>,
        /// The type.
        target: NodeId,
        /// Functions and constants ([`Syntax::Let`]).
        members: Vec<NodeId>,
        /// Its attributes.
        decorators: Vec<NodeId>,
    },
    /// `type Name = value`; the members of a union of literals are [`Syntax::Text`] below the value.
    TypeAlias {
        /// Its name.
        name: (Box<str>, Bytes),
        /// What it stands for.
        value: NodeId,
    },
    /// An interface: [`Syntax::Field`] and [`Syntax::Function`] members.
    Interface {
        /// Its name.
        name: (Box<str>, Bytes),
        /// Its members.
        members: Vec<NodeId>,
    },
    /// An enum: [`Syntax::Field`] members.
    Enum {
        /// Its name.
        name: (Box<str>, Bytes),
        /// Its members.
        members: Vec<NodeId>,
        /// Its attributes.
        decorators: Vec<NodeId>,
    },
    /// A Rust `mod name { … }`, a TypeScript namespace. A `mod name;` has `items: None`.
    Module {
        /// Its name.
        name: (Box<str>, Bytes),
        /// What stands in it.
        items: Option<Vec<NodeId>>,
        /// Its attributes.
        decorators: Vec<NodeId>,
    },
    /// An import, `require` bound to a pattern at the top level, a Rust `use` (one node for each leaf; `from` is the path before the leaf).
    Import {
        /// The module's name as written.
        from: Box<str>,
        /// What it brings in; empty for an import for its effects.
        names: Vec<ImportName>,
        /// `import type`: gone at run time.
        type_only: bool,
    },
    /// `export …`: names (with or without `from`) or an item.
    Export {
        /// The module that is re-exported.
        from: Option<Box<str>>,
        /// The names that are given out.
        names: Vec<ExportName>,
        /// The declaration or value that is exported.
        item: Option<NodeId>,
        /// `export default item`
        default: bool,
    },
    /// A decorator, annotation or attribute: the expression in it (`cfg(feature = "x")` is a [`Syntax::Call`]).
    Decorator(NodeId),
    /// A type, kept for the names and literals in it.
    Type(Vec<NodeId>),
    /// Anything else, with the nodes that stand in it.
    Other(Vec<NodeId>),
    /// A place that the parser did not understand.
    Error(Vec<NodeId>),
}
