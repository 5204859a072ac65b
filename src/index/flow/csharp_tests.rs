//! C#: constants of another file in classes that extend others, and mocks that are told what to answer, with the rules that ship.

use crate::index::build::build;
use crate::index::store::FactsStore;
use crate::index::{ForcedKey, Wanted};
use crate::rules::load_builtin;
use crate::source::fixture;

const KEYS: &str = "//- Core/Constants.cs\nnamespace A.Core;\n\npublic static class FeatureFlagKeys\n{\n    public const string NewTax = \"new-tax\";\n}\n";

/// The reads, the forces of tests and the number of reads whose key is not known.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (sources, view) = fixture(&format!("{KEYS}{text}"));
    let index = build(
        &sources,
        &view,
        &load_builtin(),
        &Wanted::default(),
        &FactsStore::default(),
    );
    let place = |span: crate::source::Span| format!("{}:{}", sources.path(span.file), sources.start(span).line);
    let reads = index
        .reads
        .iter()
        .map(|read| format!("{} {}", place(read.span), read.key));
    let forces = index.forces.iter().filter_map(|force| match &force.key {
        ForcedKey::Key(key) => Some(format!("{} {key} set", place(force.span))),
        _ => None,
    });
    let dynamic = index.dynamic.iter().map(|read| format!("{} ?", place(read.span)));
    let found: Vec<String> = reads.chain(forces).chain(dynamic).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_class_that_extends_another_sees_the_constants_of_others() {
    let class = |head: &str| {
        format!(
            "//- Core/Cart.cs\nusing A.Core;\nnamespace A.Carts;\npublic class Cart{head}\n{{\n    private readonly IFeatureService _featureService;\n    public void Go() {{ if (_featureService.IsEnabled(FeatureFlagKeys.NewTax)) {{ Run(); }} }}\n}}\n"
        )
    };
    check(
        "//- Core/Order.cs\nnamespace A.Orders;\npublic class Order\n{\n    public void Go() { if (_featureService.IsEnabled(A.Core.FeatureFlagKeys.NewTax)) { Run(); } }\n    public void No() { if (_featureService.IsEnabled(B.Core.FeatureFlagKeys.NewTax)) { Run(); } }\n}\n",
        &["Core/Order.cs:4 new-tax", "Core/Order.cs:5 ?"],
    );
    for head in ["", " : ICart", " : Base<User>, ICart", " : A.B.Base"] {
        check(&class(head), &["Core/Cart.cs:6 new-tax"]);
    }
}

#[test]
fn attributes_read_the_flags_of_what_they_stand_before() {
    check(
        "//- Api/CartController.cs\n[RequireFeature(FeatureFlagKeys.NewTax)]\npublic class CartController : Controller\n{\n    [RequireFeature(FeatureFlagKeys.NewTax)]\n    public void Go() { }\n}\n",
        &["Api/CartController.cs:1 new-tax", "Api/CartController.cs:4 new-tax"],
    );
}

#[test]
fn what_a_mock_is_told_is_no_read() {
    check(
        "//- test/Core.Test/CartTests.cs\nusing Xunit;\npublic class CartTests : TestBase\n{\n    [Fact]\n    public void Goes()\n    {\n        _featureService.IsEnabled(FeatureFlagKeys.NewTax).Returns(true);\n        new Cart(_featureService).Go();\n    }\n}\n",
        &["test/Core.Test/CartTests.cs:7 new-tax set"],
    );
}
