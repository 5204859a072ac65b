"""Truth for the repositories of the ninth look, in the same rows and by the same means as registries.py, which calls it."""

import re

from registries_eighth import neutral
from registries_more import TS, forced
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented

WEB = TS + (".svelte",)


def signoz(root):
    """An enum of the front end, found in a list by name; names of Go in variables of a block, with records that say their default."""
    key = {}
    registry = "pkg/flagger/registry.go"
    text = text_of(root, registry)
    for match in re.finditer(r'^\t(Feature\w+) += featuretypes\.MustNewName\("(\w+)"\)$', text, re.M):
        default = re.search(rf'Name: +{match[1]},.*?DefaultVariant: featuretypes\.MustNewName\("(\w+)"\)', text, re.S)
        key[f"flagger.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default={"disabled": False, "enabled": True}[default[1]])
    front = "frontend/src/constants/features.ts"
    enum, both = text_of(root, front), set(key.values())
    for match in re.finditer(r"^\t(\w+) = '(\w+)',$", enum, re.M):
        key[f"FeatureKeys.{match[1]}"] = match[2]
        yield row("mention" if match[2] in both else "flag", match[2], front, enum, match, default=None)
    web = {name: flag for name, flag in key.items() if name.startswith("FeatureKeys")}
    yield from asked(root, TS, web, [r"\bfeatureFlags\s*\??\s*\.find\(\s*\(?\w+\)?\s*=>\s*\w+\.name === (NAMES)\b"])
    yield from neutral(["SERVICE_DETAIL_DRILLDOWN_ENABLED", "EXPERIMENTAL_INCREASE_WITHOUT_NEGATIVE", "EXPERIMENTAL_RATE_WITHOUT_NEGATIVE"])
    yield from asked(root, ".go", key, [r"\.Boolean(?:OrEmpty)?\(\s*(?:ctx|\w+\.Context\(\)),\s*(NAMES)\b"],
                     is_test=lambda path: path.endswith("_test.go") or "/flaggertest/" in path)
    yield from forced(root, TS, web, [r"\{\s*name: NAMES,\s*active: \w+"], r"(NAMES),\s*active: (\w+)", is_test=lambda path: in_tests(path) or "/tests/" in path)
    yield from forced(root, ".go", key, [r"\b[bB]ool(?:ean)?\w*\{[^}]*\}"], r"(NAMES)\.String\(\): +(\w+)",
                      is_test=lambda path: path.endswith("_test.go") or "/flaggertest/" in path)


def streamlabs(root):
    """An enum whose members a view is asked about."""
    registry = "app/services/incremental-rollout.ts"
    text = text_of(root, registry)
    start = text.index("export enum EAvailableFeatures {")
    key = {}
    for match in re.compile(r"^  (\w+) = '([\w-]+)',$", re.M).finditer(text, start, text.index("\n}", start)):
        key[f"EAvailableFeatures.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    forms = [r"\bfeatureIsEnabled\(\s*(NAMES)\b", r"\bconst featureName = [\w.]+\s*\? (NAMES)\s*:[^;]*;\s*return [\w.]+\(featureName\)",
             r"\bconst featureName = [\w.]+\s*\? [\w.]+\s*: (NAMES);\s*return [\w.]+\(featureName\)"]
    yield from asked(root, (".ts", ".tsx"), key, forms)


def cosmos(root):
    """The fields of a type, which a function fills from the page's address; tests give an object."""
    registry = "src/Platform/Hosted/extractFeatures.ts"
    text = text_of(root, registry)
    start = text.index("export type Features = {")
    key = {}
    for match in re.compile(r"^  (?:readonly )?(\w+)\??: (\w+);", re.M).finditer(text, start, text.index("\n};", start)):
        if match[2] != "boolean":
            yield from neutral([match[1]])
            continue
        key[match[1]] = match[1]
        value = re.search(rf"^    {match[1]}: (.+),$", text, re.M)
        also = [[registry, text.count("\n", 0, value.start()) + 1]] if value else []
        yield row("flag", match[1], registry, text, match, default=state(value and value[1]), also=also)
    yield from asked(root, TS, {f".{name}": name for name in key}, [r"\bfeatures\??(NAMES)\b(?! = )"])
    yield from forced(root, TS, key, [r"\bfeatures: \{[^}]*\}", r"\bfeatures\.NAMES = \w+"], r"\b(NAMES)(?:: | = )(\w+)")
    yield from forced(root, TS, {f'"feature.{name}"': name for name in key}, [r"\bnew URLSearchParams\(\{[^}]*\}"], r'(NAMES): "(\w+)"')


def boundary(root):
    """Maps of names in writing, one for each edition; a service of an add-on is asked, and turned on by tests."""
    registry = "ui/admin/config/features.js"
    text = text_of(root, registry)
    found, key = {}, {}
    for match in re.finditer(r"^  '?([\w-]+)'?: (true|false),$", text, re.M):
        found.setdefault(match[1], []).append((match, text.count("\n", 0, match.start()) + 1))
    for name, places in found.items():
        key[f"'{name}'"] = name
        default = state(places[0][0][2]) if len(places) == 1 else None
        yield row("flag", name, registry, text, places[0][0], default=default, also=[[registry, line] for _, line in places])
    yield from asked(root, ".js", key, [r"\bfeatures\.isEnabled\(\s*(NAMES)"], is_test=lambda path: "/tests/" in path)
    for path, text in files(root, ".js"):
        if "/tests/" in path:
            names = dict(key) | {match[1]: match[2] for match in re.finditer(rf"\bconst (\w+) = '({any_of(found)})';", text)}
            for match in re.finditer(rf"\bfeatures(?:Service)?\.isEnabled\(\s*({any_of(names)})", text):
                yield row("mention", names[match[1]], path, text, match)
            for match in re.finditer(rf"\bfeatures(?:Service)?\.(enable|disable)\(\s*({any_of(names)})", text):
                yield row("override", names[match[2]], path, text, match, value=match[1] == "enable", test=True)


def trigger(root):
    """A map from names to themselves; functions are asked with an object that holds the key, bags of an organization with the name."""
    registry = "apps/webapp/app/v3/featureFlags.ts"
    text = text_of(root, registry)
    start = text.index("export const FEATURE_FLAG = {")
    key, plain = {}, {}
    for match in re.compile(r'^  (\w+): "(\w+)",$', re.M).finditer(text, start, text.index("\n}", start)):
        key[f"FEATURE_FLAG.{match[1]}"] = key[f'"{match[2]}"'] = plain[match[1]] = match[2]
        at = text.count("\n", 0, text.index(f"  [FEATURE_FLAG.{match[1]}]:")) + 1
        yield row("flag", match[2], registry, text, match, default=None, also=[[registry, at]])

    def is_test(path):
        return in_tests(path) or "/test/" in path

    forms = [r"\b(?:\w*[fF]lag)\(\{\s*key: (NAMES)", r"\bvalidateFeatureFlagValue\(\s*(NAMES)", r"[fF]lags\w*(?:\(\))?(?:\?\.)?\[(NAMES)\](?!:)",
             r"\| null\)\?\.\[(NAMES)\]"]
    yield from asked(root, (".ts", ".tsx"), key, forms, is_test=is_test)
    for path, text in files(root, (".ts", ".tsx")):
        code = uncommented(text)
        if not is_test(path) and path.startswith("apps/webapp/app/"):
            for match in re.finditer(rf"(?:\b\w*[fF]lags|\(\w*[fF]lags as [^()]*\))\??\.({any_of(plain)})\b(?!\w)", code):
                yield row("read", match[1], path, text, match)
    outers = [r"\[NAMES\]: \w+", r"\bkey: NAMES,\s*value: \w+"]
    yield from forced(root, (".ts", ".tsx"), key, outers, r"(NAMES)(?:\]: |,\s*value: )(\w+)", is_test=is_test)
    yield from forced(root, (".ts", ".tsx"), plain, [r"\b\w*[fF](?:eatureFlags|lags)\w*(?:: | = )\{[^}]*\}"], r"\b(NAMES): (\w+)", is_test=is_test)


def roo(root):
    """A map from constants to keys, and one from the same constants to records that say what is on; a function is asked with two arguments."""
    registry, types = "src/shared/experiments.ts", "packages/types/src/experiment.ts"
    text, schema = text_of(root, registry), text_of(root, types)
    key, plain = {}, {}
    for match in re.finditer(r'^\t(\w+): "(\w+)",$', text, re.M):
        default = re.search(rf"^\t{match[1]}: \{{ enabled: (\w+) \}},$", text, re.M)
        key[f"EXPERIMENT_IDS.{match[1]}"] = plain[match[2]] = match[2]
        also = [[registry, text.count("\n", 0, default.start()) + 1]]
        also += [[types, at + 1] for at, line in enumerate(schema.split("\n")) if re.search(rf"\b{match[2]}\b", line)]
        yield row("flag", match[2], registry, text, match, default=state(default[1]), also=also)
    for path, of in files(root, (".ts", ".tsx")):
        for match in re.finditer(r"\bexperimentConfigsMap\.([A-Z_]+)", of):
            yield row("mention", key[f"EXPERIMENT_IDS.{match[1]}"], path, of, match)
    yield from asked(root, (".ts", ".tsx"), key, [r"\bexperiments\.isEnabled\([^;]*?,\s*(NAMES)\b", r"\bexperiments\[(NAMES)\]"])
    yield from asked(root, (".ts", ".tsx"), {f".{name}": name for name in plain}, [r"[eE]xperiments\??(NAMES)\b"])
    both = {f"[{name}]": flag for name, flag in key.items()} | plain
    yield from forced(root, (".ts", ".tsx"), both, [r"\bexperiments: \{[^}]*\}", r"\b\w+Config = \{[^}]*\}",
                                                    r"\bexperiments: Record<ExperimentId, boolean> = \{[^}]*\}"], r"(?<![\w.])(NAMES): (\w+)")


def cline(root):
    """An enum and a map of its members' defaults, and an object of one key beside them; a service is asked."""
    key = {}
    for registry, form in (("apps/vscode/src/shared/services/feature-flags/feature-flags.ts", r'^\t(\w+) = "([\w-]+)",$'),
                           ("sdk/packages/shared/src/feature-flags.ts", r'^\t(\w+): "([\w-]+)",$')):
        text = text_of(root, registry)
        for match in re.finditer(form, text, re.M):
            default = re.search(rf"^\t\[FeatureFlag\.{match[1]}\]: (.+),$", text, re.M)
            key[f"FeatureFlag.{match[1]}"] = match[2]
            at = text.count("\n", 0, default.start()) + 1
            yield row("flag", match[2], registry, text, match, default=state(default[1]), also=[[registry, at]])
    yield from asked(root, (".ts", ".tsx"), key, [r"\b(?:getBooleanFlagEnabled|getFlagPayload|cache\.get)\(\s*(NAMES)\b"])
    told = key | {f'"{flag}"': flag for flag in key.values()}
    yield from neutral(["ext-sdk-bundle-rollout"])
    yield from cargo_features(root)
    yield from forced(root, (".ts", ".tsx"), told, [r"\bflag === NAMES \?[^:]*:"], r"=== (NAMES) \? ([^:]*):")


def gitbutler(root):
    """The fields of a struct, with defaults in a file of settings, where the front end asks; stores of the front end; Cargo's features."""
    registry, defaults = "crates/but-settings/src/app_settings.rs", "crates/but-settings/assets/defaults.jsonc"
    text, data = text_of(root, registry), text_of(root, defaults)
    start, section = text.index("pub struct FeatureFlags {"), data.index('"featureFlags": {')
    key = {}
    for match in re.compile(r"^    pub (\w+): bool,$", re.M).finditer(text, start, text.index("\n}", start)):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    served = {}
    for match in re.compile(r'"(\w+)": (true|false)').finditer(data, section, data.index("}", section)):
        served[match[1]] = match[1]
        yield row("flag", match[1], defaults, data, match, default=state(match[2]))
    yield from neutral(["watch_mode", "watchMode", "feature-staging-behavior", "mock_instant"])

    def is_test(path):
        return in_tests(path) or "testsupport" in path or path.endswith("/tests.rs")

    yield from asked(root, ".rs", {f".{name}": name for name in key}, [r"\bfeature_flags(NAMES)\b(?! =[^=])"], is_test=is_test)
    yield from forced(root, ".rs", key, [r"\bfeature_flags\.NAMES = \w+", r"\b(?<!struct )FeatureFlags \{[^}]*\}"], r"\b(NAMES)(?:: | = )(\w+)", is_test=is_test)
    yield from asked(root, WEB, {f".{name}": name for name in served}, [r"\bfeatureFlags\??(NAMES)\b(?! =[^=])"])
    stores = {}
    for path in ("apps/desktop/src/lib/config/uiFeatureFlags.ts", "apps/web/src/lib/featureFlags.ts"):
        text = text_of(root, path)
        for match in re.finditer(r'^export const (\w+) = persist\w+\((true|false), "([\w-]+)"', text, re.M):
            stores[match[1]] = match[3]
            yield row("flag", match[3], path, text, match, default=state(match[2]))
    for path, text in files(root, (".ts", ".svelte")):
        for match in re.finditer(rf"(?:\$|\bget\()({any_of(stores)})\b(?! =[^=])", text) if path.startswith("apps/") else ():
            yield row("read", stores[match[1]], path, text, match)
        for match in re.finditer(rf"\b({any_of(stores)})\b", text):
            yield row("mention", stores[match[1]], path, text, match)
    yield from cargo_features(root)


def oncall(root):
    """Settings that a helper takes from the environment; in the front end an enum, asked of a store and of a bag."""
    registry = "engine/settings/base.py"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r'^(\w+) = getenv_boolean\("\w+", default=(\w+)\)', text, re.M):
        if not match[1].startswith("FEATURE_"):
            yield from neutral([match[1]])
            continue
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=state(match[2]))
    yield from neutral(re.findall(r'getenv_\w+\(\s*"(\w+)"', text_of(root, "engine/settings/ci_test.py")))
    yield from neutral(set(re.findall(r'getenv_(?:list|integer|float)\(\s*"(\w+)"', text)))

    def is_test(path):
        return in_tests(path) or path.endswith("conftest.py") or path.endswith("settings/ci_test.py")

    yield from asked(root, ".py", key, [r"\bsettings\.(NAMES)\b(?! =)", r"^if (NAMES)\b"], is_test=is_test)
    for path, text in files(root, ".py"):
        for match in re.finditer(rf"^if ({any_of(key)})\b", text, re.M) if path.startswith("engine/settings/") else ():
            yield row("mention" if is_test(path) else "read", match[1], path, text, match)
    yield from forced(root, ".py", key, [r"\bsettings\.NAMES = \w+", r"\boverride_settings\([^()]*\)"], r"\b(NAMES) ?= ?(\w+)", is_test=is_test)
    yield from neutral(["accessControlOnCall", "externalServiceAccounts", "EXPERIMENTAL_MIGRATE_EVENT_RULES"])
    front, back = "grafana-plugin/src/state/features.ts", "engine/apps/api/views/features.py"
    text, served = text_of(root, front), text_of(root, back)
    members = {}
    for match in re.finditer(r"^  (\w+) = '(\w+)',$", text, re.M):
        members[f"AppFeature.{match[1]}"] = match[2]
        at = re.search(rf'^    \w+ = "{match[2]}"$', served, re.M)
        yield row("flag", match[2], front, text, match, default=None, also=[[back, served.count("\n", 0, at.start()) + 1]])
    yield from neutral({match for match in re.findall(r'^    \w+ = "(\w+)"$', served, re.M)} - set(members.values()))
    yield from asked(root, (".ts", ".tsx"), members, [r"\bhasFeature(?:Fn)?\(\s*(NAMES)\b", r"\bfeatures\?\.\[(NAMES)\]"],
                     is_test=lambda path: in_tests(path) or "/e2e-tests/" in path)


def pomerium(root):
    """Variables of a block that a function of the package makes of a key and a default; a method is asked, a map is set."""
    registry = "config/runtime_flags.go"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r'^\t(RuntimeFlag\w+) = runtimeFlag\("(\w+)", (true|false)\)$', text, re.M):
        key[match[1]] = match[2]
        yield row("flag", match[2], registry, text, match, default=state(match[3]))

    def is_test(path):
        return path.endswith("_test.go") or "/testenv/" in path

    forms = [r"\bIsRuntimeFlagSet\(\s*(?:config\.)?(NAMES)\b", r"\bRuntimeFlags\[(?:config\.)?(NAMES)\](?! = )"]
    yield from asked(root, ".go", key, forms, is_test=is_test, skip=(registry,))
    served = {f".{flag}": flag for flag in key.values()}
    yield from asked(root, (".ts", ".tsx"), served, [r"\bruntimeFlags\??(NAMES)\b"])
    outers = [r"\bRuntimeFlags\[(?:config\.)?NAMES\] = [\w.]+", r"\b(?:RuntimeFlags|map\[RuntimeFlag\]bool)\{[^}]*\}"]
    yield from forced(root, ".go", key, outers, r"\b(NAMES)(?:\] = |: +)([\w.]+)", is_test=is_test)


READERS = {"signoz": signoz, "streamlabs": streamlabs, "cosmos": cosmos, "boundary": boundary, "trigger": trigger, "roo": roo, "cline": cline,
           "gitbutler": gitbutler, "oncall": oncall, "pomerium": pomerium}
