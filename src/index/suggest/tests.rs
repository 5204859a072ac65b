//! What is suggested, and that it loads.

use super::*;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::load_builtin;
use crate::source::fixture;

const PROJECT: &str = "//- a.ts
import { Trial } from './trial';
if (this.access.allows('new-tax')) go();
if (!this.access.allows('old-menu')) no();
const on = experiments.inTrial(Trial.Fees); if (on) pay();
if (experiments.inTrial(Trial.Menu)) menu();
const label = t('some.label'); show(label);
//- trial.ts
export enum Trial { Fees = 'fees-trial', Menu = 'menu-trial' }
//- b.ts
if (access.allows('a-b')) a(); if (access.allows('c-d')) a(); if (access.allows('e-f')) a(); if (access.allows('g-h')) a();
if (element.hasAttribute('aria-label')) x();
if (db.columnExists('a-b')) a(); if (db.columnExists('c-d')) a(); if (db.columnExists('e-f')) a(); if (db.columnExists('g-h')) a(); if (db.columnExists('i-j')) a(); if (db.columnExists('k-l')) a();
if (auth.checkUser('a-b')) a(); if (auth.checkUser('c-d')) a(); if (auth.checkUser('e-f')) a(); if (auth.checkUser('g-h')) a(); if (auth.checkUser('i-j')) a(); if (auth.checkUser('k-l')) a();
if (client.doesServerSupportUnstableFeature('org.a.b')) a(); if (client.doesServerSupportUnstableFeature('org.c.d')) a();
if (args.hasFlag('as-columns')) a(); if (args.hasFlag('no-header')) a();
//- feature-access.ts
export class Access { allows(key: string) { return this.on.has(key); } }
//- a.test.ts
it('x', () => { if (sandbox.gateOpen('made-up')) {} });
";

#[test]
fn what_decides_and_is_asked_by_keys_is_suggested() {
    let (sources, view) = fixture(PROJECT);
    let mut rules = load_builtin();
    let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let found = suggestions(&sources, &view, &rules, &index);
    let shown: Vec<(&str, usize, usize)> = found
        .iter()
        .map(|one| (one.id.as_str(), one.places, one.decides))
        .collect();
    assert_eq!(shown, [("in-trial", 2, 2), ("trial-type", 2, 0), ("allows", 6, 6)]);

    let text = rule_file("project/suggested", &found);
    if let Err(errors) = rules.add_project(&text, "suggested.toml") {
        panic!("{errors:?}\n{text}");
    }
    let after = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let keys: Vec<&str> = after.reads.iter().map(|read| read.key.as_str()).collect();
    assert_eq!((index.reads.len(), keys.len()), (0, 8), "{keys:?}");
    assert_eq!(after.definitions.len(), 2);
}

const HOME: &str = "//- config.ts
const DEFAULTS = { newCart: false, wishlist: true };
const own: Partial<Record<keyof typeof DEFAULTS, boolean>> = {};
export function allows(name: keyof typeof DEFAULTS): boolean { return own[name] ?? DEFAULTS[name]; }
export function put(name: keyof typeof DEFAULTS, on: boolean) { own[name] = on; }
//- cart.ts
import { allows } from './config';
export function cart() { if (allows('newCart')) return 'new'; return 'old'; }
//- cart.test.ts
import { test } from 'vitest';
import { put } from './config';
test('the new cart', () => { put('newCart', true); });
";

#[test]
fn a_map_and_what_sets_it_are_suggested_with_the_read() {
    let (sources, view) = fixture(HOME);
    let mut rules = load_builtin();
    let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    assert_eq!(
        (index.definitions.len(), index.reads.len(), index.forces.len()),
        (0, 0, 0)
    );
    let found = suggestions(&sources, &view, &rules, &index);
    let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["allows", "allows-defaults", "allows-setter"]);

    let text = rule_file("project/suggested", &found);
    if let Err(errors) = rules.add_project(&text, "suggested.toml") {
        panic!("{errors:?}\n{text}");
    }
    let after = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let defined: Vec<String> = after
        .definitions
        .iter()
        .map(|of| format!("{} {}", of.key, of.declared))
        .collect();
    assert_eq!(defined, ["newCart off", "wishlist on"]);
    assert_eq!(
        (after.reads.len(), after.forces.len(), !after.guards.is_empty()),
        (1, 1, true)
    );
}

const REGISTRIES: &str = "//- toggles.ts
const toggleConfig = {
  list: [
    { id: 'newCart', title: 'Cart', initialValue: false },
    { id: 'wishlist', title: 'Wishes', initialValue: true },
    { id: 'darkMode', title: 'Dark', initialValue: false },
  ] as const,
  modes: [{ id: 'kiosk' }, { id: 'staff' }, { id: 'guest' }],
};
export default toggleConfig;
//- cart.ts
import { useFeatureFlags } from './context';
export function Cart() {
  const { newCart, wishlist, darkMode } = useFeatureFlags();
  if (newCart && wishlist && !darkMode) return 'new';
}
//- app/features_list.py
AVAILABLE_FEATURES = {'new_totals': 'Totals', 'old_menu': 'Menu', 'fast_tax': 'Tax'}
//- app/views.py
def view(access):
    if access.feature_allowed('new_totals'):
        pass
    if access.feature_allowed('old_menu'):
        pass
    if not access.feature_allowed('fast_tax'):
        pass
";

#[test]
fn registries_of_what_is_asked_are_suggested_in_any_language() {
    let (sources, view) = fixture(REGISTRIES);
    let mut rules = load_builtin();
    let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    assert_eq!((index.definitions.len(), index.reads.len()), (0, 3));
    let found = suggestions(&sources, &view, &rules, &index);
    let mut ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["available-features-map", "feature-allowed", "toggle-config-rows"]);

    let text = rule_file("project/suggested", &found);
    if let Err(errors) = rules.add_project(&text, "suggested.toml") {
        panic!("{errors:?}\n{text}");
    }
    let after = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let defined: Vec<String> = after
        .definitions
        .iter()
        .map(|of| format!("{} {}", of.key, of.declared))
        .collect();
    let expected = [
        "darkMode off",
        "fast_tax unknown",
        "newCart off",
        "new_totals unknown",
        "old_menu unknown",
        "wishlist on",
    ];
    assert_eq!(defined, expected);
    assert_eq!(after.reads.len(), 6);
}

#[test]
fn what_a_bag_tells_of_itself_is_no_flag() {
    let text = "//- a.ts
export function run(site: Site) {
  if (site.gates.newTax) a();
  if (site.gates.oldTax) b();
  if (site.gates.fees) c();
  if (site.gates.menu) c();
  if (site.gates.length) d();
  if (!site.gates.length) e();
}
";
    let (sources, view) = fixture(text);
    let mut rules = load_builtin();
    let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let found = suggestions(&sources, &view, &rules, &index);
    let text = rule_file("project/suggested", &found);
    if let Err(errors) = rules.add_project(&text, "suggested.toml") {
        panic!("{errors:?}\n{text}");
    }
    let after = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    let keys: Vec<&str> = after.reads.iter().map(|read| read.key.as_str()).collect();
    assert_eq!(keys, ["newTax", "oldTax", "fees", "menu"], "{text}");
}
