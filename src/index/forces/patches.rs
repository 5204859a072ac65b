//! What a dotted text names (`patch('app.flags.is_on')`): a function that serves flags, or a constant that is one. Enters: the text.
//! Leaves: what it serves, or the setting of the constant.

use super::collect::Made;
use super::serves::Serves;
use super::{Ground, Setting, To, Which};
use crate::flag::FlagValue;
use crate::index::code::{At, Trail};
use crate::index::site::ValueSource;
use crate::lang::tree::Syntax;

/// The module and the name in it.
fn split<'g>(ground: &'g Ground<'_>, at: At) -> Option<(&'g str, &'g str)> {
    match ground.code.syntax(at) {
        Syntax::Text(path) => path.rsplit_once('.'),
        _ => None,
    }
}

/// What the function of this name serves; also a method of a class (`app.flags.Client.is_on`).
pub(super) fn serves(ground: &Ground<'_>, at: At) -> Option<Serves> {
    let (module, name) = split(ground, at)?;
    if let Some((outer, class)) = module.rsplit_once('.')
        && ground.code.file_of_module(at.unit, module).is_none()
        && let Some(class) = ground.code.imported(at.unit, outer, class, &mut Trail::default())
        && let Some(found) = ground.serves_method(class, name)
    {
        return Some(found);
    }
    ground.serves_export(at.unit, module, name)
}

/// `patch('app.flags.NEW_CHECKOUT', True)`: a constant that is a flag.
pub(super) fn constant(made: &Made<'_>) -> Vec<Setting> {
    let (ground, unit) = (made.ground, made.unit);
    let target = made
        .site
        .target_object
        .or(made.site.target)
        .map(|target| ground.at(unit, target));
    let Some((module, name)) = target.and_then(|target| split(ground, target)) else {
        return Vec::new();
    };
    let Some(key) = ground.value_handle(unit, module, name) else {
        return Vec::new();
    };
    let value = made.site.entries.first().and_then(|entry| entry.value.as_ref());
    let to = match value {
        Some(ValueSource::Node(value)) => ground.to(ground.at(unit, *value), made.open()),
        _ => To::Is(FlagValue::Unknown),
    };
    vec![made.setting(Which::Key(key), to)]
}
