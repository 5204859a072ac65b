"""Truth for the repositories of the eleventh look, in the same rows and by the same means as registries.py, which calls it."""

import ast
import re

from registries_eighth import neutral
from registries_more import TS, forced
from registries_tenth import line_of
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented


def stackrox(root):
    """Variables of a block that a function of the package makes of a name, a variable and options; a union of the texts in the front end."""
    registry, served = "pkg/features/list.go", "ui/apps/platform/src/types/featureFlag.ts"
    text, union = text_of(root, registry), text_of(root, served)
    key, written = {}, {}
    for match in re.finditer(r'^\t(\w+) = registerFeature\("[^"]*", "(ROX_\w+)"([^)]*)\)$', text, re.M):
        key[f"features.{match[1]}"] = match[2]
        written[f"'{match[2]}'"] = match[2]
        at = re.search(rf"^    \| '{match[2]}'$", union, re.M)
        also = [[served, line_of(union, at.start())]] if at else []
        yield row("flag", match[2], registry, text, match, default="enabled" in match[3].split(", "), also=also)

    def is_test(path):
        return in_tests(path) or "/cypress/" in path or "/test" in path or path.startswith(("tests/", "qa-tests-backend/"))

    yield from asked(root, ".go", key, [r"\b(NAMES)\.Enabled\(\)"], is_test=is_test, skip=(registry,))
    yield from asked(root, (".ts", ".tsx"), written, [r"\bisFeatureFlagEnabled\(\s*(NAMES)"], is_test=is_test)
    plain = {name.removeprefix("features."): flag for name, flag in key.items()}
    for path, text in files(root, (".go", ".tsx", ".ts", ".sh", ".yaml", ".yml", ".groovy", "Dockerfile", ".env", ".js")):
        for match in re.finditer(rf"\b({any_of(key.values())})\b", text):
            yield row("mention", match[1], path, text, match)
        for match in re.finditer(rf"\b({any_of(plain)})\b", text) if path.startswith("pkg/features/") else ():
            yield row("mention", plain[match[1]], path, text, match)
    outers = [r'\b(?:Setenv|MustUpdateFeature)\((?:[\w.]+(?:\(\))?,\s*)?NAMES(?:\.EnvVar\(\))?,\s*(?:"[^"]*"|[^\n]*)\)']
    yield from forced(root, ".go", key, outers, r'(NAMES)(?:\.EnvVar\(\))?,\s*"?(\w+)', is_test=lambda path: is_test(path) or path.endswith("_test.go"))


def snapd(root):
    """Numbers that stand for features, and a map to their names; functions and methods ask, tests set an option of a configuration."""
    registry = "features/features.go"
    text = text_of(root, registry)
    names = dict(re.findall(r'^\t(\w+):\s+"([\w-]+)",$', text, re.M))
    start = text.index("type SnapdFeature int")
    on = set(re.findall(r"^\t(\w+): true", text[text.index("var featuresEnabledWhenUnset"):text.index("var featuresExported")], re.M))
    key = {}
    for match in re.compile(r"^\t([A-Z]\w+)(?: SnapdFeature = iota)?$", re.M).finditer(text, start, text.index("\n)", start)):
        flag = names[match[1]]
        key[f"features.{match[1]}"] = flag
        at = re.search(rf"^\t{match[1]}:\s+\"", text, re.M)
        yield row("flag", flag, registry, text, match, default=match[1] in on, also=[[registry, line_of(text, at.start())]])
    yield from neutral(re.findall(r'^\t"([\w-]+)":\s+true,$', text, re.M))
    forms = [r"\bfeatures\.Flag\(\s*\w+,\s*(NAMES)\)", r"\b(NAMES)\.IsEnabled\(\)", r"\bvalidateFeatureFlag\(\s*\w+,\s*(NAMES)\)"]
    yield from asked(root, ".go", key, forms, is_test=lambda path: path.endswith("_test.go"), skip=(registry,))
    plain = {name.removeprefix("features."): flag for name, flag in key.items()}
    for match in re.finditer(rf"\b({any_of(plain)})\b", text):
        yield row("mention", plain[match[1]], registry, text, match)
    option = {f'"experimental.{flag}"': flag for flag in key.values()}
    outers = [r'\bSet\("core", NAMES, [^\n]*', r"(?<=\t)NAMES:\s+\w+", r"\bsetFeatureFlag\(\w+, NAMES\)"]

    def value(match):
        return True if match[2] is None else state(match[2])

    yield from forced(root, ".go", option, outers, r'(NAMES)(?:,\s*"?(\w+)|:\s+(?:\w+)|\))', value=value, is_test=lambda path: path.endswith("_test.go"))


def etcd(root):
    """Feature gates: constants of one file, a map of their defaults; tests give texts of settings."""
    registry = "server/features/etcd_features.go"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r'^\t(\w+) featuregate\.Feature = "(\w+)"$', text, re.M):
        default = re.search(rf"^\t{match[1]}:\s+\{{Default: (\w+)", text, re.M)
        key[f"features.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=state(default[1]), default_line=line_of(text, default.start()))

    def is_test(path):
        return path.endswith("_test.go") or path.startswith("tests/")

    yield from asked(root, ".go", key, [r"\b(?:Feature)?Enabled\(\s*(NAMES)\)"], is_test=is_test, skip=(registry,))
    plain = {flag: flag for flag in key.values()}
    for path, text in files(root, ".go"):
        for match in re.finditer(rf"\b({any_of(plain)})\b", text):
            yield row("mention", match[1], path, text, match)
    outers = [r'\bWithServerFeatureGate\("NAMES", \w+\)', r'\bserverFeatureGates(?:JSON)?:\s+"[^"]*"', r'"--feature-gates=[^"]*"', r'\bSet\("NAMES=\w+"\)']
    yield from forced(root, ".go", plain, outers, r'\b(NAMES)(?:=|", )(\w+)', is_test=is_test)


def terra(root):
    """Constants, and a list of objects that name them; a function is asked, tests mock it."""
    registry = "src/libs/feature-previews-config.ts"
    text = text_of(root, registry)
    listed = {match[1]: line_of(text, match.start()) for match in re.finditer(r"^    id: (\w+),$", text, re.M)}
    key = {}
    for match in re.finditer(r"^export const (\w+) = '([\w-]+)';$", text, re.M):
        if match[1] in listed:
            key[match[1]] = key[f"'{match[2]}'"] = match[2]
            yield row("flag", match[2], registry, text, match, default=None, also=[[registry, listed[match[1]]]])
        else:
            yield from neutral([match[2]])
    yield from neutral(["test-feature", "feature1", "feature2"])
    yield from asked(root, TS, key, [r"\bisFeaturePreviewEnabled\(\s*(NAMES)"])
    outers = [r"\bisFeaturePreviewEnabled\)\s*\.mockImplementation\([^;]*?=== NAMES"]
    yield from forced(root, TS, key, outers, r"=== (NAMES)", value=lambda match: True)


def deck(root):
    """The fields of an interface and the section of the settings that are served; an object of the page is asked."""
    types, settings, deployed = "packages/core/src/config/settings.ts", "packages/app/src/settings.js", "halconfig/settings.js"
    fields, text, other = text_of(root, types), text_of(root, settings), text_of(root, deployed)

    def section(of, start):
        at = of.index(start)
        return {match[1]: match for match in re.compile(r"^ +(\w+)(?:\?: boolean;|: (\w+),)", re.M).finditer(of, at, of.index("}", at))}

    typed, given, theirs = (section(*of) for of in ((fields, "export interface IFeatures {"), (text, "\n  feature: {"), (other, "\n  feature: {")))
    places = [(types, fields, typed), (settings, text, given), (deployed, other, theirs)]
    for name in sorted({*typed, *given, *theirs}):
        found = [(path, of, at[name]) for path, of, at in places if name in at]
        also = [[path, line_of(of, match.start(1))] for path, of, match in found]
        default = None if name == "roscoMode" or name not in given else state(given[name][2])
        path, of, match = found[0]
        yield row("flag", name, path, of, match, default=default, also=also)
    key = {name: name for name in {*typed, *given, *theirs}}
    yield from neutral(["renderPipelineStageThreshold", "roscoSelector", "predictiveAutoscaling", "statefulMigsEnabled"])
    yield from asked(root, TS, key, [r"(?<!ProviderSettings\.)\b(?:SETTINGS|this)\.feature\.(NAMES)\b(?! = )(?! \?\? true;)"], skip=(settings, deployed))
    yield from forced(root, TS, key, [r"\bSETTINGS\.feature\.NAMES = \w+"], r"\b(NAMES) = (\w+)")


def influx(root):
    """Two maps of defaults, beside flags that only a server knows; a function and a component are asked, browser tests give maps."""
    registry = "src/shared/selectors/flags.ts"
    text = text_of(root, registry)
    found = {}
    for match in re.finditer(r"^  '?([\w-]+)'?: (true|false),$", text, re.M):
        found.setdefault(match[1], []).append(match)
    for name, matches in found.items():
        same = {match[2] for match in matches}
        default = state(matches[0][2]) if len(same) == 1 else None
        yield row("flag", name, registry, text, matches[0], default=default, also=[[registry, line_of(text, match.start(1))] for match in matches])
    forms = [r"\b(?:isFlagEnabled|getFlagValue)\(\s*'(NAMES)'", r"<FeatureFlag\b[^>]*\bname=\"(NAMES)\""]
    used = {name for path, of in files(root, (".ts", ".tsx")) for form in forms for name in re.findall(form.replace("NAMES", r"[\w-]+"), of)}
    forced_only = {name for path, of in files(root, ".ts") if path.startswith("cypress/")
                   for block in re.findall(r"\b(?:setFeatureFlags(?:NoNav)?\(|[fF]lags(?:: \w+)? = )\{([^}]*)\}", of) for name in re.findall(r"'?([\w-]+)'?:", block)}
    key = {name: name for name in {*found, *used, *forced_only}}

    def is_test(path):
        return in_tests(path) or path.startswith("cypress/")

    yield from asked(root, (".ts", ".tsx"), key, forms, is_test=is_test, skip=(registry,))
    outers = [r"\bsetFeatureFlags(?:NoNav)?\(\s*\{[^}]*\}", r"\b[fF]lags(?:: \w+)? = \{[^}]*\}"]
    yield from forced(root, (".ts", ".tsx"), key, outers, r"(?<![\w.'-])'?(NAMES)'?: (\w+)", is_test=is_test)


def papermark(root):
    """A union of texts and a map of all of them, off; a function gives the map out, a hook a function that is asked."""
    registry = "lib/featureFlags/index.ts"
    text = text_of(root, registry)
    start = text.index("export type BetaFeatures =")
    key = {}
    for match in re.compile(r'^  \| "(\w+)";?$', re.M).finditer(text, start, text.index(";", start) + 1):
        key[match[1]] = match[1]
        at = re.search(rf"^    {match[1]}: (\w+),$", text, re.M)
        yield row("flag", match[1], registry, text, match, default=state(at[1]), also=[[registry, line_of(text, at.start())]])
    forms = [r'\bisFeatureEnabled\(\s*"(NAMES)"', r"(?<![\w.])(?:features|featureFlags)\??\.(NAMES)\b",
             r"\bconst \{\s*(NAMES)\s*\} = await getFeatureFlags\("]
    yield from asked(root, (".ts", ".tsx"), key, forms, skip=(registry,))


def meltano(root):
    """An enum whose members have their own names as texts; a method is asked, tests set a setting."""
    registry, bundle, schema = "src/meltano/core/settings_service.py", "src/meltano/core/bundle/settings.yml", "src/meltano/schemas/meltano.schema.json"
    text, settings, types = text_of(root, registry), text_of(root, bundle), text_of(root, schema)
    key = {}
    block = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "FeatureFlags")
    for node in block.body:
        if isinstance(node, ast.Assign):
            name = node.targets[0].id
            key[f"FeatureFlags.{name}"] = name.lower()
            at = re.search(rf"^- name: ff\.{name.lower()}\n(?:  .*\n)*?  value: (\w+)", settings, re.M)
            also = [[bundle, line_of(settings, at.start())], [schema, line_of(types, types.index(f'"{name.lower()}"'))]]
            yield {"kind": "flag", "flag": name.lower(), "file": registry, "line": node.lineno, "default": state(at[1]), "also": also}
    yield from neutral(["experimental", "allowed", "disallowed", "ff.allowed", "ff.disallowed"])
    yield from asked(root, ".py", key, [r"\bfeature_flag\(\s*(NAMES)\b"])
    yield from forced(root, ".py", key, [r"\.set\(\s*\[FEATURE_FLAG_PREFIX, str\(NAMES\)\],\s*\w+"], r"(NAMES)\)\],\s*(\w+)",
                      is_test=lambda path: path.startswith("tests/"))


def redash(root):
    """Settings of a module that are read from variables of the environment, and one of an organisation."""
    key = {}
    for registry in ("redash/settings/__init__.py", "redash/settings/organization.py"):
        text = text_of(root, registry)
        for match in re.finditer(r'^(FEATURE_\w+) = parse_boolean\(\s*os\.environ\.get\("\w+", "(\w+)"\)\s*\)$', text, re.M):
            key[match[1]] = match[1]
            yield row("flag", match[1], registry, text, match, default=state(match[2]))
        yield from neutral(name for name in re.findall(r"^([A-Z]\w+) = ", text, re.M) if not name.startswith("FEATURE_") or name == "FEATURE_POLICY")
        yield from neutral(re.findall(r'"(REDASH_\w+)"', text))
    yield from asked(root, ".py", key, [r"\bsettings\.(NAMES)\b"], is_test=lambda path: path.startswith("tests/"))


def moon(root):
    """The fields of a struct of a configuration, in a macro; Cargo's features."""
    registry = "crates/config/src/workspace/experiments_config.rs"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"#\[setting\(([^\n]*)\)\]\n        pub (\w+): bool,", text):
        default = re.search(r"default = (\w+)", match[1])
        key[match[2]] = match[2]
        at = line_of(text, match.start(2))
        yield {"kind": "flag", "flag": match[2], "file": registry, "line": at, "default": bool(default and default[1] == "true"), "also": [[registry, at - 1]]}
    yield from neutral(re.findall(r'"(MOON_\w+)"', text))

    def is_test(path):
        return in_tests(path) or "/tests/" in path or "/test-utils/" in path

    yield from asked(root, ".rs", key, [r"\bexperiments\s*\.(NAMES)\b(?! = )"], is_test=is_test, skip=(registry,))
    yield from forced(root, ".rs", key, [r"\bexperiments\.NAMES = !?\w+"], r"\b(NAMES) = (!?\w+)", is_test=is_test)
    yield from cargo_features(root)


READERS = {"stackrox": stackrox, "snapd": snapd, "etcd": etcd, "terra": terra, "deck": deck, "influx": influx, "papermark": papermark,
           "meltano": meltano, "redash": redash, "moon": moon}
