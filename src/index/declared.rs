//! What the attributes of a Rust field say that it is by default. Enters: the field. Leaves: a value; nothing where no attribute says one.

use super::code::{At, Code, Trail};
use super::exports::Export;
use super::values::value_of;
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

/// The default of a field, by its own attributes, else by those of its type.
pub(super) fn of_field(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    let Syntax::Field { decorators, .. } = code.syntax(at) else {
        return None;
    };
    if code.facts(at.unit).language != Language::Rust {
        return None;
    }
    let own = decorators.iter().find_map(|id| of_attribute(code, at.with(*id), trail));
    own.or_else(|| {
        let parent = code.tree(at.unit).node(at.node).parent?;
        let Syntax::Class { decorators, .. } = code.syntax(at.with(parent)) else {
            return None;
        };
        let derives = |id: &NodeId| {
            let words = code.words(at.with(*id));
            words.contains("derive") && words.contains("Default")
        };
        decorators.iter().any(derives).then_some(FlagValue::Off)
    })
}

fn of_attribute(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    let Syntax::Decorator(inner) = code.syntax(at) else {
        return None;
    };
    let Syntax::Call { callee, args, .. } = code.syntax(at.with(code.tree(at.unit).bare(*inner))) else {
        return None;
    };
    let is_option = match code.words(at.with(*callee)) {
        "serde" => false,
        "arg" | "clap" | "structopt" => true,
        _ => return None,
    };
    let said = args.iter().find_map(|arg| match code.syntax(at.with(*arg)) {
        Syntax::Name if !is_option && code.words(at.with(*arg)) == "default" => Some(FlagValue::Off),
        Syntax::Assign { target, value } => match (is_option, code.words(at.with(*target))) {
            (false, "default") => function_named(code, at.with(*value), trail),
            (true, "default_value_t" | "default_value") => Some(value_of(code, at.with(*value), trail)),
            _ => None,
        },
        _ => None,
    });
    // A switch of a command line is off where it is not given.
    said.or_else(|| is_option.then_some(FlagValue::Off))
}

/// `"yes"` of `#[serde(default = "yes")]`: what the function of this file gives.
fn function_named(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<FlagValue> {
    let Syntax::Text(name) = code.syntax(at) else {
        return None;
    };
    match code.units()[at.unit].exports.top.get(name) {
        Some(Export::Node(node, parts)) if parts.is_empty() => Some(value_of(code, at.with(*node), trail)),
        _ => Some(FlagValue::Unknown),
    }
}
