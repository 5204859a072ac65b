//! What an expression says that a flag is. Enters: the expression where a rule expects a declared, forced or fallback value. Leaves: a
//! [`FlagValue`]; *unknown* for whatever depends on the environment without stating a default. Knows nothing of keys and reads.

use super::code::{At, Code, Trail};
use super::variables;
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::tree::{CompareOp, LogicOp, NodeId, Syntax};

/// Properties of an object that carry its value, the strongest first.
const VALUE_PROPERTIES: [&str; 19] = [
    "enabled",
    "isEnabled",
    "on",
    "value",
    "defaultValue",
    "default_value",
    "default_val",
    "defaultState",
    "defaultEnabled",
    "default_enabled",
    "defaultOn",
    "enabledByDefault",
    "isEnabledByDefault",
    "initial",
    "initialValue",
    "fallback",
    "default",
    "readyForRelease",
    "decide",
];
/// Methods that give their receiver back.
const SPELLINGS: [&str; 7] = ["lower", "strip", "to_string", "to_owned", "into", "clone", "toString"];
/// Methods of a schema that leave its default as it is.
const SCHEMA: [&str; 6] = ["transform", "optional", "nullable", "describe", "pipe", "refine"];
/// Functions that give their argument back, as far as truth goes.
const CONVERSIONS: [&str; 8] = [
    "Boolean",
    "String",
    "Some",
    "Ok",
    "ref",
    "computed",
    "Promise.resolve",
    "JSON.parse",
];

/// What is asked of an expression.
#[derive(Clone, Copy)]
struct Ask<'c> {
    code: &'c Code<'c>,
    /// A variable of the environment that nobody sets counts as not set.
    unset: bool,
}

/// The value that the expression at `at` states.
#[must_use]
pub fn value_of(code: &Code<'_>, at: At, trail: &mut Trail) -> FlagValue {
    stated(Ask { code, unset: false }, at, trail).unwrap_or_default()
}

/// The same of a definition, or of what a read falls back to: where a variable of the environment is compared with a text and no file of
/// the project sets it, the value is what holds where it is not set. What a test forces is never told so.
#[must_use]
pub fn default_of(code: &Code<'_>, at: At, trail: &mut Trail) -> FlagValue {
    stated(Ask { code, unset: true }, at, trail).unwrap_or_default()
}

/// `None` where nothing is stated.
fn stated(ask: Ask<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    let code = ask.code;
    trail.step()?;
    let at = code.settle(at, trail);
    let of = |id: NodeId| at.with(id);
    match code.syntax(at) {
        Syntax::Bool(value) => Some(FlagValue::from(*value)),
        Syntax::Text(text) => Some(FlagValue::parse(text)),
        Syntax::Number => Some(FlagValue::parse(code.words(at))),
        Syntax::Not(inner) => Some(stated(ask, of(*inner), trail)?.flipped()),
        Syntax::Object { .. } => of_object(ask, at, trail),
        Syntax::Compare { op, left, right } if ask.unset && variables::is_unset(code, of(*left), of(*right)) => {
            match op {
                CompareOp::Equal => Some(FlagValue::Off),
                CompareOp::NotEqual => Some(FlagValue::On),
                CompareOp::Other => None,
            }
        }
        Syntax::Compare { op, left, right } => {
            let (left, right) = (stated(ask, of(*left), trail)?, stated(ask, of(*right), trail)?);
            let known = left != FlagValue::Unknown && right != FlagValue::Unknown;
            match op {
                CompareOp::Equal if known => Some(FlagValue::from(left == right)),
                CompareOp::NotEqual if known => Some(FlagValue::from(left != right)),
                _ => None,
            }
        }
        // Go: what held in each version, the last one last.
        Syntax::Array(versions) if code.facts(at.unit).language == Language::Go => {
            stated(ask, of(*versions.last()?), trail)
        }
        Syntax::Logic { op, left, right } => of_logic(ask, *op, of(*left), of(*right), trail),
        Syntax::Choose { yes, no, .. } => {
            let (yes, no) = (stated(ask, of(*yes), trail), stated(ask, of(*no), trail));
            if yes == no { yes } else { None }
        }
        Syntax::Call { callee, args, .. } => of_call(ask, at, *callee, args, trail),
        Syntax::Function(function) => only_return(code, at, function.body?).and_then(|id| stated(ask, of(id), trail)),
        Syntax::Field { value: Some(value), .. } => stated(ask, of(*value), trail),
        _ => None,
    }
}

/// `{ enabled: true }`, `{ variants: { on: true }, defaultVariant: 'on' }`, `{ disabled: true }`
fn of_object(ask: Ask<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    let code = ask.code;
    if let Some(disabled) = property(code, at, "disabled", trail)
        && stated(ask, disabled, trail) == Some(FlagValue::On)
    {
        return Some(FlagValue::Off);
    }
    if let Some(state) = property(code, at, "state", trail)
        && (stated(ask, state, trail) == Some(FlagValue::Off) || code.words(state).ends_with(".Disabled"))
    {
        return Some(FlagValue::Off);
    }
    if let Some(chosen) = property(code, at, "defaultVariant", trail) {
        let chosen = code.settle(chosen, trail);
        let Syntax::Text(name) = code.syntax(chosen) else {
            return None;
        };
        let variants = property(code, at, "variants", trail)?;
        let variant = code.property(variants, name, trail)?;
        return stated(ask, variant, trail);
    }
    VALUE_PROPERTIES.iter().find_map(|name| {
        let value = property(code, at, name, trail)?;
        stated(ask, value, trail)
    })
}

/// A property by this name; Go writes it with a capital.
fn property(code: &Code<'_>, at: At, name: &str, trail: &mut Trail) -> Option<At> {
    if code.facts(at.unit).language != Language::Go {
        return code.property(at, name, trail);
    }
    let capital = name[..1].to_ascii_uppercase() + &name[1..];
    code.property(at, &capital, trail)
}

/// `x ?? false`, `x || true`: the default is stated. `a && b`: off as soon as one is.
fn of_logic(ask: Ask<'_>, op: LogicOp, left: At, right: At, trail: &mut Trail) -> Option<FlagValue> {
    let (left, right) = (stated(ask, left, trail), stated(ask, right, trail));
    match op {
        LogicOp::Coalesce => left.or(right),
        LogicOp::Or => match (left, right) {
            (Some(FlagValue::On), _) | (_, Some(FlagValue::On)) => Some(FlagValue::On),
            (Some(FlagValue::Off) | None, right) => right,
            (left, _) => left,
        },
        LogicOp::And => match (left, right) {
            (Some(FlagValue::Off), _) | (_, Some(FlagValue::Off)) => Some(FlagValue::Off),
            (Some(FlagValue::On), Some(FlagValue::On)) => Some(FlagValue::On),
            _ => None,
        },
    }
}

/// `parseBool(process.env.X, false)`, `z.boolean().default(false)`, `Boolean('on')`
fn of_call(ask: Ask<'_>, at: At, callee: NodeId, args: &[NodeId], trail: &mut Trail) -> Option<FlagValue> {
    let code = ask.code;
    let words = code.words(at.with(callee));
    let name = words.rsplit(['.', ':']).next().unwrap_or(words);
    if let Syntax::Member { object, .. } = code.syntax(at.with(callee)) {
        if SPELLINGS.contains(&name) && args.is_empty() {
            return stated(ask, at.with(*object), trail);
        }
        if SCHEMA.contains(&name) {
            return stated(ask, at.with(*object), trail);
        }
        if matches!(name, "default" | "unwrap_or" | "catch") && args.len() == 1 {
            return stated(ask, at.with(args[0]), trail);
        }
    }
    if let (Syntax::Member { object, property }, [only]) = (code.syntax(at.with(callee)), args)
        && code.slice(at.unit, *property) == "in"
        && matches!(code.syntax(at.with(*object)), Syntax::Array(_))
    {
        // Python: `os.environ.get('X', 'false') in ('true', '1')`
        return stated(ask, at.with(*only), trail);
    }
    match args {
        [_, default] if words.ends_with("environ.get") || words.ends_with("getenv") => {
            stated(ask, at.with(*default), trail)
        }
        [only] if CONVERSIONS.contains(&words) || parses(name) => stated(ask, at.with(*only), trail),
        [_, default] if is_parser(name) => stated(ask, at.with(*default), trail),
        _ => None,
    }
}

/// Helpers that read a state off a text: `parse_boolean`, `strtobool`, `toBool`; Python's `bool('false')` is true.
#[must_use]
pub fn parses(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("bool") && !matches!(&*name, "bool" | "boolean")
}

/// Helpers that read a setting and fall back to their second argument: `parseEnvVarBoolean`, `envFlag`, `getBool`.
fn is_parser(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["bool", "env", "flag", "toggle"].iter().any(|word| name.contains(word))
}

/// The expression of a function that only returns it.
fn only_return(code: &Code<'_>, at: At, body: NodeId) -> Option<NodeId> {
    let inner = match code.syntax(at.with(body)) {
        Syntax::Block(statements) => match statements.as_slice() {
            [only] => *only,
            _ => return None,
        },
        _ => body,
    };
    match code.syntax(at.with(inner)) {
        Syntax::Return(value) => *value,
        Syntax::Block(_) => None,
        _ => (inner == body).then_some(inner),
    }
}
