//! Ruby's constants across files, through the whole index.

use crate::index::build::build;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, Wanted};
use crate::rules::RuleSet;
use crate::source::{Sources, fixture};

const RULES: &str = r##"
schema = 1
id = "project/test"
languages = ["ruby"]
needles = ["Flags."]
confidence = "high"

[[read]]
id = "enabled"
call = { name = ["enabled?"], receiver = '(^|\.)Flags$' }
key = { arg = 0 }
example = ["Flags.enabled?(:k)"]
not = ["plan.enabled?(:k)"]
"##;

fn index(text: &str) -> (Sources, CodeIndex) {
    let mut rules = RuleSet::default();
    if let Err(errors) = rules.add_project(RULES, "test.toml") {
        panic!("{errors:?}");
    }
    let (sources, view) = fixture(text);
    let index = build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    (sources, index)
}

/// The reads and guards that do not stand in the folder `lib`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (sources, index) = index(text);
    let place = |span: crate::source::Span| format!("{}:{}", sources.path(span.file), sources.start(span).line);
    let reads = index
        .reads
        .iter()
        .map(|read| format!("{} {} via {}", place(read.span), read.key, read.via.join(">")));
    let guards = index.guards.iter().map(|guard| {
        let when: Vec<String> = guard.when.iter().map(|of| format!("{}={}", of.key, of.value)).collect();
        format!(
            "{} {}: {}",
            place(guard.region),
            when.join(" "),
            sources.text(guard.region)
        )
    });
    let found: Vec<String> = reads.chain(guards).filter(|line| !line.starts_with("lib/")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_method_of_a_constant_is_a_wrapper_in_every_file() {
    check(
        "//- lib/features.rb\nmodule Features\n  def self.new_ui?\n    Flags.enabled?(:new_ui)\n  end\nend\n//- app/ui.rb\nrender :new if Features.new_ui?\n",
        &["app/ui.rb:1 new_ui via new_ui?", "app/ui.rb:1 new_ui=on: render :new"],
    );
}

#[test]
fn wrappers_may_be_two_deep_and_remember() {
    check(
        "//- lib/features.rb\nmodule Admin\n  class Features\n    class << self\n      def new_ui?\n        @new_ui ||= Flags.enabled?(:new_ui)\n      end\n    end\n  end\nend\n//- lib/admin/page.rb\nmodule Admin\n  module Page\n    def self.fresh?\n      Features.new_ui?\n    end\n  end\nend\n//- app/ui.rb\nrender :new if Admin::Page.fresh?\n",
        &[
            "app/ui.rb:1 new_ui via fresh?>new_ui?",
            "app/ui.rb:1 new_ui=on: render :new",
        ],
    );
}

#[test]
fn a_constant_holds_a_key() {
    check(
        "//- lib/keys.rb\nmodule Keys\n  NEW = 'new_ui'.freeze\nend\n//- app/ui.rb\nFlags.enabled?(Keys::NEW)\n",
        &["app/ui.rb:1 new_ui via "],
    );
}

#[test]
fn what_two_files_define_is_not_guessed() {
    check(
        "//- lib/a.rb\nmodule Keys\n  NEW = 'a'\nend\n//- lib/b.rb\nmodule Keys\n  NEW = 'b'\nend\n//- app/ui.rb\nFlags.enabled?(Keys::NEW)\n",
        &[],
    );
}
