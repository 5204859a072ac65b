//! Maps of booleans that a function looks up, and what sets them: what belongs to a suggested read. Enters: the parsed files. Leaves:
//! [`Homes`] by the function's name. Only a function that is asked with a key of its map is suggested.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Form, Suggestion, Use, from_list};
use crate::index::code::{At, Code, Declared, Unit};
use crate::index::homes::{self, Home};
use crate::index::imports::Imports;
use crate::index::modules::ViewModules;
use crate::index::site::KeySource;
use crate::lang::FileFacts;
use crate::lang::tree::Syntax;
use crate::source::{Sources, View};

/// What one function looks up.
pub(super) struct Asked {
    name: String,
    arg: usize,
    keys: BTreeSet<String>,
    is_set: bool,
}

/// The functions that look something up, by their names.
pub(super) struct Homes(BTreeMap<String, Asked>);

impl Homes {
    pub(super) fn of(sources: &Sources, view: &View, facts: &[Arc<FileFacts>]) -> Self {
        let imports = Imports::new(sources, view);
        let modules = ViewModules::new(&imports, sources, view);
        let units = facts
            .par_iter()
            .map(|facts| Arc::new(Unit::new(facts.clone())))
            .collect();
        let code = Code::new(units, &modules);
        let units: Vec<usize> = (0..code.units().len()).collect();
        let found: Vec<Asked> = units
            .into_par_iter()
            .flat_map_iter(|unit| homes::homes(&code, unit))
            .filter_map(|home| asked(&code, &home))
            .collect();
        let mut by_name = BTreeMap::new();
        for home in found {
            by_name.entry(home.name.clone()).or_insert(home);
        }
        Self(by_name)
    }

    /// Every key of every map.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.0.values().flat_map(|home| &home.keys).cloned().collect()
    }

    /// The home whose function is asked so, with one of its keys, where the answer decides something.
    pub(super) fn asked(&self, form: &Form, uses: &[&Use]) -> Option<&Asked> {
        let Form::Call { name, arg } = form else { return None };
        let home = self.0.get(name).filter(|home| home.arg == *arg)?;
        uses.iter()
            .any(|one| one.decides && (home.keys.contains(&one.key) || one.owner.is_some()))
            .then_some(home)
    }
}

impl Asked {
    /// The suggestions that belong to that of the read: the map's entries, and what sets them.
    pub(super) fn beside(&self, read: &Suggestion) -> impl Iterator<Item = Suggestion> {
        let keys: BTreeSet<&str> = self.keys.iter().map(String::as_str).collect();
        let with = |form: Form| Suggestion {
            languages: read.languages.clone(),
            ..from_list(form, &keys)
        };
        let define = Some(with(Form::Home(self.name.clone())));
        let force = self.is_set.then(|| with(Form::Setter(self.name.clone())));
        define.into_iter().chain(force)
    }
}

fn asked(code: &Code<'_>, home: &Home) -> Option<Asked> {
    let at = At {
        node: home.key,
        ..home.function
    };
    let Declared::Param { index, .. } = code.declared(at)? else {
        return None;
    };
    let keys = home.entries.iter().map(|entry| match &entry.key {
        KeySource::Known(text, _) => text.clone(),
        KeySource::Node(id) => match code.syntax(entry.value.with(*id)) {
            Syntax::Text(text) => text.to_string(),
            _ => code.words(entry.value.with(*id)).to_owned(),
        },
        KeySource::Every => String::new(),
    });
    let keys: BTreeSet<String> = keys.filter(|key| !key.is_empty()).collect();
    (!keys.is_empty() && !home.name.is_empty()).then(|| Asked {
        name: home.name.clone(),
        arg: index,
        keys,
        is_set: !home.setters.is_empty(),
    })
}
