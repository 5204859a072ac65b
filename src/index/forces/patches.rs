//! What a dotted text names (`patch('app.flags.is_on')`): a function that serves flags, or a constant that is one. Enters: the text.
//! Leaves: what it serves, or the setting of the constant.

use super::collect::Made;
use super::serves::Serves;
use super::{Ground, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Trail};
use crate::index::site::ValueSource;
use crate::lang::tree::{NodeId, Syntax};

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

/// Modules and objects whose names say that they hold flags.
const HOLDERS: [&str; 4] = ["feature", "flag", "toggle", "setting"];

/// `patch('app.flags.NEW_CHECKOUT', True)`: a constant that is a flag. Where the module makes its names at run time, the name of a known flag
/// is that flag.
pub(super) fn constant(made: &Made<'_>) -> Vec<Setting> {
    let (ground, unit) = (made.ground, made.unit);
    let Some((module, name, dotted)) = patched(made) else {
        return Vec::new();
    };
    let resolved = dotted.then(|| ground.value_handle(unit, module, name)).flatten();
    let Some(key) = resolved.or_else(|| by_name(made, module, name)) else {
        return Vec::new();
    };
    let value = made.site.entries.first().and_then(|entry| entry.value.clone());
    // `setattr('app.flags.X', True)`: the place of the name holds the value.
    let instead = made.site.target.filter(|_| dotted && made.site.target_object.is_some());
    let value = value.or(instead.map(ValueSource::Node));
    let to = match value {
        Some(ValueSource::Node(value)) => {
            let value = ground.at(unit, value);
            ground.to(named_value(ground, value, name).unwrap_or(value), made.open())
        }
        _ => To::Is(FlagValue::Unknown),
    };
    vec![made.setting(Which::Key(key), to)]
}

/// The module or object and the name in it, and whether both stand in one text.
fn patched<'g>(made: &Made<'g>) -> Option<(&'g str, &'g str, bool)> {
    let (ground, unit) = (made.ground, made.unit);
    let target = ground.at(unit, made.site.target?);
    let Some(object) = made.site.target_object else {
        return split(ground, target).map(|(module, name)| (module, name, true));
    };
    let object = ground.at(unit, object);
    match (ground.code.syntax(object), ground.code.syntax(target)) {
        (Syntax::Text(_), _) => split(ground, object).map(|(module, name)| (module, name, true)),
        (_, Syntax::Text(name)) => Some((ground.code.words(object), name, false)),
        _ => None,
    }
}

/// The known flag of exactly this name. A name of one word could be anything's, unless what holds it is named after flags.
fn by_name(made: &Made<'_>, module: &str, name: &str) -> Option<FlagKey> {
    let holder = module.rsplit('.').next().unwrap_or(module).to_lowercase();
    let holds = HOLDERS.iter().any(|word| holder.contains(word));
    let key = FlagKey::new(name);
    let known = made.ground.known.contains(&key);
    (known && (holds || name.trim_matches('_').contains('_'))).then_some(key)
}

/// `FeatureNameValue('NEW_CHECKOUT', True)`: what stands beside the name is its value.
fn named_value(ground: &Ground<'_>, at: At, name: &str) -> Option<At> {
    let Syntax::Call { args, .. } = ground.code.syntax(at) else {
        return None;
    };
    let is_name = |arg: NodeId| matches!(ground.code.syntax(at.with(arg)), Syntax::Text(text) if **text == *name);
    match args.as_slice() {
        [first, value] if is_name(*first) => Some(at.with(*value)),
        _ => None,
    }
}
