//! Mocks that are told the answer of a method, in the languages that tell them so, with the rules that ship.

use super::check_project;

const JAVA: &str = "
//- src/main/java/a/Toggles.java
package a;
public class Toggles {
  private final LDClient client;
  public boolean isOn(String key, boolean otherwise) { return this.client.boolVariation(key, null, otherwise); }
  public boolean isNewTax() { return isOn(\"new-tax\", false); }
  public int size() { return 3; }
}
";

#[track_caller]
fn java(body: &str, expected: &[&str]) {
    let test = format!(
        "{JAVA}//- src/test/java/a/ShopTest.java\npackage a;\nimport org.junit.jupiter.api.Test;\nclass ShopTest {{\n  @Mock private Toggles toggles;\n  @Test void t() {{ {body} }}\n}}\n"
    );
    check_project(&test, expected);
}

#[test]
fn mockito_tells_a_method_that_gives_a_flag() {
    java("when(toggles.isNewTax()).thenReturn(true);", &["new-tax=on in test t"]);
    java(
        "given(toggles.isNewTax()).willReturn(Boolean.FALSE);",
        &["new-tax=off in test t"],
    );
    java("doReturn(true).when(toggles).isNewTax();", &["new-tax=on in test t"]);
    java(
        "when(toggles.isOn(\"new-tax\", false)).thenReturn(true);",
        &["new-tax=on in test t"],
    );
    java(
        "when(toggles.isOn(eq(\"new-tax\"), any())).thenReturn(true);",
        &["new-tax=on in test t"],
    );
    java("when(toggles.size()).thenReturn(2); verify(toggles).isNewTax();", &[]);
    java("when(other.isNewTax()).thenReturn(true);", &[]);
}

#[test]
fn kotlin_tells_by_mockk_and_mockito() {
    let check = |body: &str, expected: &[&str]| {
        let project = "
//- src/Toggles.kt
package a
class Toggles(private val client: LDClient) {
    fun isNewTax(): Boolean = client.boolVariation(\"new-tax\", ctx, false)
}
//- src/test/kotlin/ShopTest.kt
package a
import org.junit.jupiter.api.Test
class ShopTest {
    private val toggles: Toggles = made()
    private val other = mockk<Toggles>()
    @Test fun t() { BODY }
}
";
        check_project(&project.replace("BODY", body), expected);
    };
    check("every { toggles.isNewTax() } returns true", &["new-tax=on in test t"]);
    check("coEvery { other.isNewTax() } returns false", &["new-tax=off in test t"]);
    check(
        "whenever(toggles.isNewTax()).thenReturn(true)",
        &["new-tax=on in test t"],
    );
    check("every { clock.now() } returns true", &[]);
}

#[test]
fn csharp_tells_a_substitute() {
    let project = "
//- src/Toggles.cs
namespace A {
public class Toggles { private readonly ILdClient _client; public bool IsNewTax() { return _client.BoolVariation(\"new-tax\", c, false); } public int Size() { return 3; } }
}
//- tests/ShopTests.cs
namespace A {
public class ShopTests { private readonly Toggles _toggles = Substitute.For<Toggles>();
  [Fact] public void T() { _toggles.IsNewTax().Returns(true); _toggles.Size().Returns(4); }
}
}
";
    check_project(project, &["new-tax=on in test T"]);
}

#[test]
fn python_tells_a_patch_later() {
    let check = |body: &str, expected: &[&str]| {
        let project = "
//- app/toggles.py
from openfeature import api
client = api.get_client()
def new_tax():
    return client.get_boolean_value('new-tax', False)
//- app/__init__.py
//- app/clock.py
def now():
    return 1
//- tests/test_price.py
from unittest.mock import patch
BODY
";
        check_project(&project.replace("BODY", body), expected);
    };
    let told = ["new-tax=unknown in region ", "new-tax=on in test test_t"];
    let held = [
        "new-tax=unknown in region with patch('app.toggles.new_tax') as…",
        "new-tax=on in region on.return_value = True run()",
    ];
    check(
        "@patch('app.toggles.new_tax')\ndef test_t(new_tax):\n    new_tax.return_value = True\n    run()",
        &told,
    );
    check(
        "@patch('app.toggles.new_tax')\n@patch('app.clock.now')\ndef test_t(now, new_tax):\n    now.return_value = 3\n    new_tax.return_value = True\n    run()",
        &[
            "new-tax=unknown in region now.return_value = 3",
            "new-tax=on in region new_tax.return_value = True run()",
        ],
    );
    check(
        "def test_t():\n    with patch('app.toggles.new_tax') as on:\n        on.return_value = True\n        run()",
        &held,
    );
    check(
        "@patch('app.toggles.new_tax')\ndef test_t(new_tax):\n    other.return_value = True",
        &["new-tax=unknown in test test_t"],
    );
}

#[test]
fn a_saga_is_provided_with_the_answer_of_a_selector() {
    let check = |body: &str, expected: &[&str]| {
        let project = "
//- src/selectors.ts
import { isFeatureEnabled } from 'shop-flags'
export const getTax = (state) => { if (loaded(state)) { return isFeatureEnabled('new-tax') } return false }
//- src/saga.spec.ts
import { getTax } from './selectors'
it('t', () => expectSaga(saga).provide([BODY]).run())
";
        check_project(&project.replace("BODY", body), expected);
    };
    check("[select(getTax), true]", &["new-tax=on in test t"]);
    check(
        "[select(getTax), false], [select(getName), 'x']",
        &["new-tax=off in test t"],
    );
    check("select(getTax)", &[]);
}
