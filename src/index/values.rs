//! What an expression says that a flag is. Enters: the expression where a rule expects a declared, forced or fallback value. Leaves: a
//! [`FlagValue`]; *unknown* for whatever depends on the environment without stating a default. Knows nothing of keys and reads.

use super::code::{At, Code, Trail};
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::tree::{CompareOp, LogicOp, NodeId, Syntax};

/// Properties of an object that carry its value, the strongest first.
const VALUE_PROPERTIES: [&str; 10] = [
    "enabled",
    "isEnabled",
    "on",
    "value",
    "defaultValue",
    "default_value",
    "default_val",
    "initial",
    "default",
    "decide",
];
/// Methods that give their receiver back.
const SPELLINGS: [&str; 7] = ["lower", "strip", "to_string", "to_owned", "into", "clone", "toString"];
/// Methods of a schema that leave its default as it is.
const SCHEMA: [&str; 6] = ["transform", "optional", "nullable", "describe", "pipe", "refine"];
/// What holds the variables of the environment.
const ENVIRONMENTS: [&str; 6] = [
    "process.env",
    "globalThis.process.env",
    "import.meta.env",
    "Bun.env",
    "Deno.env",
    "ENV",
];
/// Calls that read one and give nothing, or an empty text, where it is not set.
const READS_VARIABLE: [&str; 6] = [
    "environ.get",
    "os.getenv",
    "os.Getenv",
    "Deno.env.get",
    "env::var",
    "env::var_os",
];
/// Methods on a variable that are looked through.
const MAX_CHAIN: usize = 6;
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

/// The value that the expression at `at` states.
#[must_use]
pub fn value_of(code: &Code<'_>, at: At, trail: &mut Trail) -> FlagValue {
    stated(code, at, trail).unwrap_or_default()
}

/// `None` where nothing is stated.
fn stated(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    trail.step()?;
    let at = code.settle(at, trail);
    let of = |id: NodeId| at.with(id);
    match code.syntax(at) {
        Syntax::Bool(value) => Some(FlagValue::from(*value)),
        Syntax::Text(text) => Some(FlagValue::parse(text)),
        Syntax::Number => Some(FlagValue::parse(code.words(at))),
        Syntax::Not(inner) => Some(stated(code, of(*inner), trail)?.flipped()),
        Syntax::Object { .. } => of_object(code, at, trail),
        Syntax::Compare { op, left, right } if is_asked_of_environment(code, of(*left), of(*right)) => match op {
            CompareOp::Equal => Some(FlagValue::Off),
            CompareOp::NotEqual => Some(FlagValue::On),
            CompareOp::Other => None,
        },
        Syntax::Compare { op, left, right } => {
            let (left, right) = (stated(code, of(*left), trail)?, stated(code, of(*right), trail)?);
            let known = left != FlagValue::Unknown && right != FlagValue::Unknown;
            match op {
                CompareOp::Equal if known => Some(FlagValue::from(left == right)),
                CompareOp::NotEqual if known => Some(FlagValue::from(left != right)),
                _ => None,
            }
        }
        // Go: what held in each version, the last one last.
        Syntax::Array(versions) if code.facts(at.unit).language == Language::Go => {
            stated(code, of(*versions.last()?), trail)
        }
        Syntax::Logic { op, left, right } => of_logic(code, *op, of(*left), of(*right), trail),
        Syntax::Choose { yes, no, .. } => {
            let (yes, no) = (stated(code, of(*yes), trail), stated(code, of(*no), trail));
            if yes == no { yes } else { None }
        }
        Syntax::Call { callee, args, .. } => of_call(code, at, *callee, args, trail),
        Syntax::Function(function) => only_return(code, at, function.body?).and_then(|id| stated(code, of(id), trail)),
        Syntax::Field { value: Some(value), .. } => stated(code, of(*value), trail),
        _ => None,
    }
}

/// `process.env.X === 'true'`: a variable and a text that it is asked for. One that is not set is no such text.
fn is_asked_of_environment(code: &Code<'_>, left: At, right: At) -> bool {
    // A text that says neither (`'production'`) is compared with a variable that somebody always sets.
    let is_text = |at: At| match code.syntax(at.with(code.tree(at.unit).bare(at.node))) {
        Syntax::Text(text) => !text.is_empty() && FlagValue::parse(text) != FlagValue::Unknown,
        Syntax::Number | Syntax::Bool(_) => true,
        _ => false,
    };
    (is_variable(code, left) && is_text(right)) || (is_variable(code, right) && is_text(left))
}

/// A variable of the environment, however it is spelled: `process.env.X?.toLowerCase()`, `os.environ.get('X')`, `os.Getenv("X")`.
fn is_variable(code: &Code<'_>, at: At) -> bool {
    let tree = code.tree(at.unit);
    let mut node = tree.bare(at.node);
    for _ in 0..MAX_CHAIN {
        match tree.syntax(node) {
            Syntax::Member { object, .. } | Syntax::Index { object, .. } => {
                return ENVIRONMENTS.contains(&code.words(at.with(*object)));
            }
            Syntax::Call { callee, args, .. } => {
                let words = code.words(at.with(*callee));
                if args.len() == 1 && READS_VARIABLE.iter().any(|name| words.ends_with(name)) {
                    return true;
                }
                match tree.syntax(tree.bare(*callee)) {
                    Syntax::Member { object, .. } if args.is_empty() => node = tree.bare(*object),
                    _ => return false,
                }
            }
            _ => return false,
        }
    }
    false
}

/// `{ enabled: true }`, `{ variants: { on: true }, defaultVariant: 'on' }`, `{ disabled: true }`
fn of_object(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    if let Some(disabled) = property(code, at, "disabled", trail)
        && stated(code, disabled, trail) == Some(FlagValue::On)
    {
        return Some(FlagValue::Off);
    }
    if let Some(state) = property(code, at, "state", trail)
        && (stated(code, state, trail) == Some(FlagValue::Off) || code.words(state).ends_with(".Disabled"))
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
        return stated(code, variant, trail);
    }
    VALUE_PROPERTIES.iter().find_map(|name| {
        let value = property(code, at, name, trail)?;
        stated(code, value, trail)
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
fn of_logic(code: &Code<'_>, op: LogicOp, left: At, right: At, trail: &mut Trail) -> Option<FlagValue> {
    let (left, right) = (stated(code, left, trail), stated(code, right, trail));
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
fn of_call(code: &Code<'_>, at: At, callee: NodeId, args: &[NodeId], trail: &mut Trail) -> Option<FlagValue> {
    let words = code.words(at.with(callee));
    let name = words.rsplit(['.', ':']).next().unwrap_or(words);
    if let Syntax::Member { object, .. } = code.syntax(at.with(callee)) {
        if SPELLINGS.contains(&name) && args.is_empty() {
            return stated(code, at.with(*object), trail);
        }
        if SCHEMA.contains(&name) {
            return stated(code, at.with(*object), trail);
        }
        if matches!(name, "default" | "unwrap_or" | "catch") && args.len() == 1 {
            return stated(code, at.with(args[0]), trail);
        }
    }
    if let (Syntax::Member { object, property }, [only]) = (code.syntax(at.with(callee)), args)
        && code.slice(at.unit, *property) == "in"
        && matches!(code.syntax(at.with(*object)), Syntax::Array(_))
    {
        // Python: `os.environ.get('X', 'false') in ('true', '1')`
        return stated(code, at.with(*only), trail);
    }
    match args {
        [_, default] if words.ends_with("environ.get") || words.ends_with("getenv") => {
            stated(code, at.with(*default), trail)
        }
        [only] if CONVERSIONS.contains(&words) => stated(code, at.with(*only), trail),
        [_, default] if is_parser(name) => stated(code, at.with(*default), trail),
        _ => None,
    }
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
