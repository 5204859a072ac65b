//! What Go tests set, with the rules that ship.

use super::check_project;

const GATES: &str = "
//- go.mod
module example.com/a
//- pkg/features/gates.go
package features

import \"k8s.io/component-base/featuregate\"

const (
\tFast featuregate.Feature = \"Fast\"
\tSlow featuregate.Feature = \"Slow\"
)

var gates = map[featuregate.Feature]featuregate.FeatureSpec{
\tFast: {Default: false},
\tSlow: {Default: true},
}

func Enabled(f featuregate.Feature) bool { return utilfeature.DefaultFeatureGate.Enabled(f) }
//- pkg/tax/tax.go
package tax

import \"example.com/a/pkg/features\"

func total() int {
\tif features.Enabled(features.Fast) || features.Enabled(features.Slow) {
\t\treturn 1
\t}
\treturn 2
}
//- pkg/tax/tax_test.go
package tax

import (
\t\"testing\"

\t\"example.com/a/pkg/features\"
)
";

#[track_caller]
fn check(tests: &str, expected: &[&str]) {
    check_project(&format!("{GATES}\n{tests}\n"), expected);
}

#[test]
fn a_gate_is_set_for_a_test_or_its_inner_tests() {
    check(
        "func TestTotal(t *testing.T) {
\tfeaturegatetesting.SetFeatureGateDuringTest(t, utilfeature.DefaultFeatureGate, features.Fast, true)
\ttotal()
}",
        &["Fast=on in test TestTotal"],
    );
    check(
        "func TestTotal(t *testing.T) {
\tt.Run(\"fast\", func(t *testing.T) {
\t\tfeatures.SetFeatureGateDuringTest(t, features.Fast, true)
\t\ttotal()
\t})
\tt.Run(\"slow\", func(t *testing.T) {
\t\tfeatures.SetFeatureGateDuringTest(t, features.Fast, false)
\t\ttotal()
\t})
}",
        &["Fast=on in test fast", "Fast=off in test slow"],
    );
}

#[test]
fn a_gate_is_set_by_a_text_that_is_put_together() {
    check(
        "func TestTotal(t *testing.T) {
\terr := features.FeatureGate.Set(fmt.Sprintf(\"%s=%t\", features.Fast, true))
\ttotal()
}
func TestOther(t *testing.T) {
\tif err := features.FeatureGate.Set(fmt.Sprintf(\"%s=false\", features.Slow)); err != nil {
\t\tt.Fatal(err)
\t}
\ttotal()
}",
        &["Fast=on in test TestTotal", "Slow=off in test TestOther"],
    );
    check(
        "func setFeatureGateDuringTest(tb testing.TB, gate featuregate.FeatureGate, f featuregate.Feature, value bool) func() {
\toriginal := gate.Enabled(f)
\tif err := gate.(featuregate.MutableFeatureGate).Set(fmt.Sprintf(\"%s=%v\", f, value)); err != nil {
\t\ttb.Fatal(err)
\t}
\treturn func() {
\t\t_ = gate.(featuregate.MutableFeatureGate).Set(fmt.Sprintf(\"%s=%v\", f, original))
\t}
}
func TestTotal(t *testing.T) {
\tdefer setFeatureGateDuringTest(t, features.FeatureGate, features.Fast, true)()
\ttotal()
}",
        &["Fast=on in test TestTotal"],
    );
}

#[test]
fn a_table_over_both_states_sets_both() {
    check(
        "func TestTotal(t *testing.T) {
\tfor _, on := range []bool{true, false} {
\t\tt.Run(\"total\", func(t *testing.T) {
\t\t\tfeatures.SetFeatureGateDuringTest(t, features.Fast, on)
\t\t\ttotal()
\t\t})
\t}
}",
        &["Fast=both in test total"],
    );
    check(
        "func TestTotal(t *testing.T) {
\tcases := map[string]struct {
\t\tfast bool
\t\twant int
\t}{
\t\t\"fast\": {fast: true, want: 1},
\t\t\"slow\": {false, 2},
\t}
\tfor name, tc := range cases {
\t\tt.Run(name, func(t *testing.T) {
\t\t\tfeatures.SetFeatureGateDuringTest(t, features.Fast, tc.fast)
\t\t\ttotal()
\t\t})
\t}
}",
        &["Fast=both in test name"],
    );
}

#[test]
fn the_environment_is_set_for_a_test() {
    check(
        "func on() bool { return os.Getenv(\"FEATURE_X\") == \"true\" }

func TestTotal(t *testing.T) {
\tt.Setenv(\"FEATURE_X\", \"true\")
\ttotal()
}",
        &["FEATURE_X=on in test TestTotal"],
    );
}

#[test]
fn a_suite_sets_up_its_tests() {
    check(
        "//- pkg/tax/suite_test.go
package tax

import (
\t\"example.com/a/pkg/features\"
\t\"github.com/stretchr/testify/suite\"
)

type Suite struct{ suite.Suite }

func (s *Suite) SetupTest() {
\tfeatures.SetFeatureGateDuringTest(s.T(), features.Slow, false)
}

func (s *Suite) TestTotal() {
\ttotal()
}",
        &["Slow=off in file suite_test.go"],
    );
}
