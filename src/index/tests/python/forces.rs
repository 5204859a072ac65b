//! What Python tests set, and for whom.

use super::*;

#[test]
fn what_a_block_or_a_decorator_sets() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
from waffle.testutils import override_switch
from shop.total import total
@override_switch('new_totals', active=True)
def test_on():
    assert total() == 1
def test_block():
    with override_switch('new_totals', False):
        assert total() == 2
def test_computed():
    with override_switch('new_totals', active=True):
        result = total()
    assert result == 1
@override_switch('new_totals', True)
class TestAll:
    def test_a(self):
        assert total() == 1
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=on in test test_on",
            "new_totals=off in region assert total() == 2",
            "new_totals=on in test test_computed",
            "new_totals=on in region @override_switch('new_totals', T…",
        ],
    );
}

#[test]
fn what_fixtures_and_hooks_set() {
    let text = format!(
        "{SHOP}
//- tests/conftest.py
import pytest
from waffle.testutils import override_switch
@pytest.fixture
def totals_on():
    with override_switch('new_totals', active=True):
        yield
@pytest.fixture
def both(totals_on):
    return 1
//- tests/deep/conftest.py
import pytest
from waffle.testutils import override_switch
@pytest.fixture(autouse=True)
def totals_off():
    with override_switch('new_totals', active=False):
        yield
//- tests/test_total.py
import pytest
from shop.total import total
def test_on(totals_on):
    assert total() == 1
def test_both(both):
    assert total() == 1
@pytest.mark.usefixtures('totals_on')
def test_named():
    assert total() == 1
def test_plain():
    assert total() == 2
//- tests/deep/test_deep.py
from shop.total import total
def test_deep():
    assert total() == 2
//- tests/test_cases.py
from django.test import TestCase
from waffle.testutils import override_switch
class Cases(TestCase):
    def setUp(self):
        override_switch('new_totals', active=True).enable()
    def test_a(self):
        self.assertEqual(total(), 1)
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=off in file tests/deep/test_deep.py",
            "new_totals=on in region class Cases(TestCase): def setUp…",
            "new_totals=on in test test_on",
            "new_totals=on in test test_both",
            "new_totals=on in test test_named",
        ],
    );
}

#[test]
fn what_patches_set() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
from unittest.mock import patch
from shop import flags
from shop.total import total
@patch('shop.flags.is_on', return_value=True)
def test_decorated(mock):
    assert total() == 1
def test_object():
    with patch.object(flags, 'new_totals', return_value=False):
        assert total() == 2
def test_fake(monkeypatch):
    monkeypatch.setattr('shop.flags.is_on', lambda key, default=False: key == 'new_totals')
    assert total() == 1
def test_other():
    with patch('shop.total.total', return_value=3):
        assert total() == 3
"
    );
    check(
        &forces(&text),
        &[
            "*=on in test test_decorated",
            "new_totals=off in region assert total() == 2",
            "*=off in test test_fake",
            "new_totals=on in test test_fake",
        ],
    );
}

#[test]
fn a_patched_name_of_a_known_flag_is_that_flag_though_nothing_declares_it() {
    let text = "\
//- shop/features.py
import sys
class FeatureNameValue:
    pass
def import_features(config):
    for name, value in config.items():
        setattr(sys.modules[__name__], name, value)
//- shop/total.py
import features
def total():
    if features.NEW_TOTALS:
        return 1
    if features.SEARCH:
        return 2
    return 3
//- tests/test_total.py
from unittest.mock import patch
from shop import features
from shop.features import FeatureNameValue
from shop.total import total
@patch('features.NEW_TOTALS', True)
def test_decorated():
    assert total() == 1
def test_block():
    with patch('features.NEW_TOTALS', FeatureNameValue('NEW_TOTALS', False)):
        assert total() == 2
def test_object():
    with patch.object(features, 'SEARCH', False):
        assert total() == 4
def test_attribute(monkeypatch):
    monkeypatch.setattr('features.NEW_TOTALS', False)
    assert total() == 2
def test_computed():
    with patch('features.NEW_TOTALS', make()):
        assert total() == 5
def test_other():
    with patch('shop.words.SEARCH', True), patch('features.NEW_TOTALS_LIMIT', 3):
        assert total() == 3
";
    check(
        &forces(text),
        &[
            "NEW_TOTALS=on in test test_decorated",
            "NEW_TOTALS=off in region assert total() == 2",
            "SEARCH=off in region assert total() == 4",
            "NEW_TOTALS=off in test test_attribute",
            "NEW_TOTALS=unknown in region assert total() == 5",
        ],
    );
}

#[test]
fn what_the_environment_and_settings_are_set_to() {
    let text = "
//- shop/settings.py
import os
FEATURE_X = os.environ.get('FEATURE_X', 'false') == 'true'
FEATURES = {'ENABLE_Y': False}
//- shop/total.py
from django.conf import settings
def total():
    if settings.FEATURE_X: return 1
    if settings.FEATURES['ENABLE_Y']: return 2
//- tests/test_total.py
import os
from unittest import mock
from django.conf import settings
from django.test import override_settings
def test_a(monkeypatch):
    monkeypatch.setenv('FEATURE_X', 'true')
    assert total() == 1
@mock.patch.dict(os.environ, {'FEATURE_X': 'false'})
def test_b():
    assert total() == 2
@override_settings(FEATURE_X=True, DEBUG=True)
def test_c():
    assert total() == 1
@mock.patch.dict(settings.FEATURES, {'ENABLE_Y': True})
def test_d():
    assert total() == 2
";
    check(
        &forces(text),
        &[
            "FEATURE_X=on in test test_a",
            "FEATURE_X=off in test test_b",
            "FEATURE_X=on in test test_c",
            "ENABLE_Y=on in test test_d",
        ],
    );
}

#[test]
fn tables_set_both() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
import pytest
from waffle.testutils import override_switch
from shop.total import total
@pytest.mark.parametrize('on, expected', [(True, 1), pytest.param(False, 2, id='off')])
def test_table(on, expected):
    with override_switch('new_totals', active=on):
        result = total()
    assert result == expected
def test_loop():
    for on in (True, False):
        with override_switch('new_totals', active=on):
            assert total()
def enabled(value=True):
    return override_switch('new_totals', active=value)
def test_helper():
    with enabled(value=False):
        result = total()
    assert result == 2
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=both in test test_table",
            "new_totals=both in region assert total()",
            "new_totals=off in test test_helper",
        ],
    );
}

#[test]
fn rows_and_whole_sets_of_settings() {
    let text = "
//- app/views.py
from django.conf import settings
import waffle
def total(request):
    if waffle.flag_is_active(request, 'new_totals') or waffle.switch_is_active('fast_tax'):
        return 1
    return 2 if settings.FEATURE_X else 3
//- tests/conftest.py
from django.conf import settings
settings.configure(FEATURE_X=True, DEBUG=True)
//- tests/test_rows.py
from waffle.models import Flag, Switch
from waffle.testutils import override_flag
from django.test import TestCase, override_settings
from app.views import total
def test_updated():
    Flag.objects.filter(name='new_totals').update(everyone=True)
    assert total(None) == 1
def test_saved():
    flag = Flag.objects.get(name='new_totals')
    flag.everyone = True
    flag.save()
    assert total(None) == 1
def test_made():
    switch = Switch(name='fast_tax', active=True)
    switch.save()
    assert total(None) == 1
def test_factory():
    SwitchFactory(name='fast_tax', active=False)
    assert total(None) == 3
def test_baked():
    baker.make(Switch, name='fast_tax', active=True)
    assert total(None) == 1
def test_added(session):
    session.add(Flag(name='new_totals', everyone=False))
    assert total(None) == 3
@override_settings(FEATURE_X=False)
class TestOff(TestCase):
    def test_a(self):
        assert total(None) == 3
def test_setattr(monkeypatch):
    monkeypatch.setattr('django.conf.settings.FEATURE_X', False)
    assert total(None) == 3
";
    check(
        &forces(text),
        &[
            "FEATURE_X=on in file tests/test_rows.py",
            "new_totals=on in test test_updated",
            "new_totals=on in test test_saved",
            "fast_tax=on in test test_made",
            "fast_tax=off in test test_factory",
            "fast_tax=on in test test_baked",
            "new_totals=off in test test_added",
            "FEATURE_X=off in region @override_settings(FEATURE_X=Fal…",
            "FEATURE_X=off in test test_setattr",
        ],
    );
}

#[test]
fn a_row_is_set_where_it_is_written_and_only_if_it_is_one_of_flags() {
    let text = "
//- app/views.py
import waffle
def total(request):
    return 1 if waffle.flag_is_active(request, 'new_totals') else 2
//- tests/test_rows.py
from waffle.models import Flag
from app.views import total
def test_not_saved():
    flag = Flag.objects.get(name='new_totals')
    flag.everyone = True
    assert total(None) == 2
def test_saved_late():
    flag = Flag.objects.get(name='new_totals')
    flag.everyone = True
    assert total(None) == 2
    flag.save()
    assert total(None) == 1
def test_sometimes():
    flag = Flag.objects.get(name='new_totals')
    flag.everyone = True
    if CI:
        flag.save()
    assert total(None) == 1
def test_something_else():
    plan = Account.objects.get(flag='new_totals')
    plan.active = True
    plan.save()
    assert total(None) == 2
def test_all_others():
    Flag.objects.exclude(name='new_totals').update(everyone=True)
    assert total(None) == 2
def test_another_model():
    baker.make(Country, name='new_totals', active=True)
    assert total(None) == 2
";
    check(
        &forces(text),
        &[
            "new_totals=on in region flag.save() assert total(None) =…",
            "new_totals=partial in test test_sometimes",
        ],
    );
}
