//! What a hook sets and takes back before the tests run: `spyOn(flags, 'isOn').mockReturnValue(true); …; spyOn(flags, 'isOn').mockRestore()`.
//! Enters: settings where they take effect. Leaves: the same without those.

use std::collections::BTreeMap;

use super::owner::Owner;
use super::{Ground, Setting, To, Which};
use crate::index::site::TestRole;

/// The settings that are still there when a hook ends.
pub(super) fn kept(ground: &Ground<'_>, settings: Vec<Setting>) -> Vec<Setting> {
    let hook = |setting: &Setting| {
        let place = ground.place(setting.at, false);
        let unit = setting.at.unit;
        match place.owner {
            Owner::Site(site) if matches!(ground.outlines[unit].sites[site].role, TestRole::Hook(_)) => {
                Some(((unit, site), place.conditional))
            }
            _ => None,
        }
    };
    let start = |setting: &Setting| ground.code.tree(setting.at.unit).bytes(setting.at.node).start;
    let mut resets: BTreeMap<(usize, usize), Vec<(u32, Which)>> = BTreeMap::new();
    for setting in settings
        .iter()
        .filter(|setting| setting.to == To::Reset && !setting.held)
    {
        if let Some((hook, false)) = hook(setting) {
            let reset = (start(setting), setting.which.clone());
            resets.entry(hook).or_default().push(reset);
        }
    }
    if resets.is_empty() {
        return settings;
    }
    let taken_back = |setting: &Setting| {
        let of_hook = hook(setting).and_then(|(hook, _)| resets.get(&hook));
        let later = |(at, which): &(u32, Which)| *at > start(setting) && *which == setting.which;
        setting.to != To::Reset && of_hook.is_some_and(|resets| resets.iter().any(later))
    };
    settings.into_iter().filter(|setting| !taken_back(setting)).collect()
}
