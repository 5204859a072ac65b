"""Truth for the repositories of the sixth look, in the same rows and by the same means as registries.py, which calls it."""

import ast
import re

from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented

TS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue")


def forced(root, endings, key, outers, inner, value=lambda match: state(match[2]), is_test=in_tests):
    """Overrides in tests: places of this inner form inside any of the outer ones, each with a hole for the names."""
    names = any_of(key)
    for path, text in files(root, endings):
        if not is_test(path):
            continue
        code = uncommented(text)
        for outer in outers:
            for around in re.finditer(outer.replace("NAMES", f"(?:{names})"), code, re.S):
                for match in re.compile(inner.replace("NAMES", names)).finditer(code, *around.span()):
                    first = code.count("\n", 0, around.start()) + 1
                    yield {**row("override", key[match[1]], path, text, match, value=value(match), test=True), "start_line": first}


def codeql(root):
    """An enum, and a map from its members to what is known of each; an object is asked, tests make one of a list."""
    registry = "src/feature-flags.ts"
    text = text_of(root, registry)
    start = text.index("export enum Feature {")
    config = text.index("export const featureConfig")
    key = {}
    for match in re.compile(r'^  (\w+) = "(\w+)",$', re.M).finditer(text, start, text.index("\n}", start)):
        key[f"Feature.{match[1]}"] = match[2]
        default = re.compile(rf"\[Feature\.{match[1]}\]: \{{\s*defaultValue: (\w+)").search(text, config)
        at = text.count("\n", 0, default.start()) + 1
        yield row("flag", match[2], registry, text, match, default=state(default[1]), default_line=at, also=[[registry, at + 1]])
    forms = [r"\bgetValue\(\s*(NAMES)\b", r"\baddFeatureIfEnabled\(\s*(NAMES)\b"]
    yield from asked(root, ".ts", key, forms, skip=(registry,))
    lists = [r"\bcreateFeatures\(\s*\[[^\]]*\]", r"\bfeatures: \[[^\]]*\]", r"Enablement\[NAMES\] = \w+", r"\bfeatures\.push\([^)]*\)"]
    yield from forced(root, ".ts", key, lists, r"\b(NAMES)\b(?:\] = (\w+))?", lambda match: state(match[2]) if match[2] else True)


def netlify(root):
    """Three maps of defaults, one for each package; a parameter `featureFlags` is asked, also for flags that no map has."""
    key = {}
    for registry, name in (("packages/build/src/core/feature_flags.ts", "DEFAULT_FEATURE_FLAGS"),
                           ("packages/zip-it-and-ship-it/src/feature_flags.ts", "defaultFlags"),
                           ("packages/edge-bundler/node/feature_flags.ts", "defaultFlags")):
        text = text_of(root, registry)
        start = text.index(f"const {name}")
        for match in re.compile(r"^  (\w+): (.+),$", re.M).finditer(text, start, text.index("\n}", start)):
            key[match[1]] = match[1]
            yield row("flag", match[1], registry, text, match, default=state(match[2]))
    for path, text in files(root, TS):
        for match in re.finditer(r"\bfeatureFlags\??\.(\w+)", uncommented(text)) if not in_tests(path) else ():
            key[match[1]] = match[1]
    yield from asked(root, TS, key, [r"\bfeatureFlags\??\.(NAMES)\b"])
    yield from forced(root, TS, key, [r"\b(?:featureFlags|FEATURE_FLAGS)(?:: \w+)?\s*[:=]\s*\{[^}]*\}"], r"\b(NAMES): (\w+)")


def managed_care(root):
    """A map of records with a key and a default; a client is asked with the record's key, an object with the key in writing."""
    registry = "packages/common-code/src/featureFlags/flags.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^    \w+: \{\s*flag: '([^']+)',\s*defaultValue: (\S+),$", text, re.M):
        name = re.match(r"\s*(\w+)", match[0])[1]
        key[f"featureFlags.{name}.flag"] = key[f"'{match[1]}'"] = match[1]
        at = text.count("\n", 0, match.start(2)) + 1
        yield row("flag", match[1], registry, text, match, default=state(match[2]), default_line=at,
                  also=[[registry, text.count(chr(10), 0, match.start()) + 1]])
    forms = [r"\bvariation\(\s*(NAMES)", r"\b(?:featureFlags?|activeFeatureFlags)(?:\?\.)?\[(NAMES)\]",
             r"\bgetFeatureFlag\(\{[^}]*?\bflag:\s*(NAMES)"]
    yield from asked(root, (".ts", ".tsx"), key, forms, is_test=lambda path: in_tests(path) or "estHelpers/" in path or "/cypress/" in path,
                     skip=(registry,))
    outers = [r"\bfeatureFlags: \{[^}]*\}", r"\b(?:interceptFeatureFlags|testLDService)\(\s*\{[^}]*\}", r"\{\s*'438-attestation': \w+,?\s*\}"]
    yield from forced(root, (".ts", ".tsx"), key, outers, r"(NAMES): (\w+|'[^']*')")


def snyk(root):
    """Constants of several files, and keys in writing; three functions that ask a server, and a set that is asked."""
    key, asked_for = {}, r"\b(?:hasFeatureFlag(?:OrDefault)?|isFeatureFlagSupportedForOrg|featureFlags\.has)\(\s*"
    sources = [(path, text) for path, text in files(root, ".ts") if path.startswith("src/") and not path.endswith(".spec.ts")]
    names = {name for _, text in sources for name in re.findall(rf"{asked_for}([A-Za-z_]+)\b(?!:)", text)} - {"featureFlag"}
    for path, text in sources:
        for match in re.finditer(r"^(?:export )?const (\w+) =\s*'([\w-]+)';$", text, re.M):
            if match[1] in names:
                key[match[1]] = match[2]
                yield row("flag", match[2], path, text, match, default=None)
    for value in [value for _, text in sources for value in re.findall(rf"{asked_for}'([\w-]+)'", text)] + list(key.values()):
        key[f"'{value}'"] = value

    def is_test(path):
        return not path.startswith("src/") or path.endswith(".spec.ts")

    yield from asked(root, (".ts", ".js"), key, [rf"{asked_for}(NAMES)(?!\w)"], is_test=is_test)
    outers = [r"\bsetFeatureFlag\([^)]*\)", r"\bnew Set(?:<\w+>)?\(\[[^\]]*\]\)", r"\b[fF]lag\s*===\s*NAMES"]
    yield from forced(root, ".ts", key, outers, r"(NAMES)(?:, (true|false))?", lambda match: state(match[2]) if match[2] else True,
                      is_test)


def joplin(root):
    """Settings whose names begin with `featureFlag.`, among several hundred others."""
    registry = "packages/lib/models/settings/builtInMetadata.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^\t\t('featureFlag\.\w+'): \{\s*value: (\w+),", text, re.M):
        key[match[1]] = match[1].strip("'")
        yield row("flag", key[match[1]], registry, text, match, default=state(match[2]))
    yield from asked(root, TS, key, [r"\bSetting\.value\((NAMES)\)"], skip=(registry,))


def workers(root):
    """The fields of a type; a function is asked with the key in writing."""
    registry = "packages/wrangler/src/experimental-flags.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^\t([A-Z_]+): boolean;$", text, re.M):
        key[match[1]] = key[f'"{match[1]}"'] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    yield from asked(root, ".ts", key, [r"\bgetFlag\((NAMES)\)"])
    yield from forced(root, ".ts", key, [r"\bexperimentalFlags = \{[^}]*\}"], r"\b(NAMES): (\w+)")


def hoppscotch(root):
    """The fields of a type inside another one."""
    registry = "packages/hoppscotch-common/src/platform/index.ts"
    text = text_of(root, registry)
    start = text.index("platformFeatureFlags: {")
    key = {}
    for match in re.compile(r"^    (\w+)\??: (?:boolean|Ref<boolean>)$", re.M).finditer(text, start, text.index("\n  }", start)):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    yield from asked(root, TS, key, [r"\bplatformFeatureFlags\??\.(NAMES)\b(?! =[^=])"], skip=(registry,))
    outers = [r"\bplatformFeatureFlags: \{[^}]*\}", r"\bplatformFeatureFlags\.\w+ = \w+"]
    yield from forced(root, TS, key, outers, r"\b(NAMES)(?:: | = )(\w+)")
    yield from cargo_features(root)


def sway(root):
    """A macro that makes an enum and a struct of its list; a field `experimental` is asked. And Cargo's features."""
    registry = "sway-features/src/lib.rs"
    text = text_of(root, registry)
    start = text.index("\nfeatures! {")
    key = {}
    for match in re.compile(r"^    (\w+) = (true|false),$", re.M).finditer(text, start, text.index("\n}", start)):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=state(match[2]))
    yield from asked(root, ".rs", key, [r"\bexperimental\s*\.(NAMES)\b(?! =[^=])"], skip=(registry,))
    yield from forced(root, ".rs", key, [r"\bExperimentalFeatures \{[^}]*\}"], r"\b(NAMES): (\w+)")
    yield from cargo_features(root)


def iota(root):
    """The fields of a private struct, each behind a method, for which tests call setters; an enum of a compiler; an enum of keys for the
    client of a service in TypeScript. And Cargo's features."""
    first = registry = "crates/iota-protocol-config/src/lib.rs"
    text = text_of(root, registry)
    body = re.search(r"^struct FeatureFlags \{.*?^\}", text, re.S | re.M)
    key = {}
    for match in re.compile(r"^    (\w+): ([\w<>]+),$", re.M).finditer(text, *body.span()):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=False if match[2] == "bool" else None)
    yield from asked(root, ".rs", key, [r"\bfeature_flags\s*\.(NAMES)\b(?! =[^=])"])
    setters = {f"set_{name}_for_testing": name for name in key} | {"set_disable_bridge_for_testing": "bridge"}

    def is_test(path):
        return path != first and (in_tests(path) or "unit_tests/" in path)

    gates, features = {}, {}
    registry = "external-crates/move/crates/move-compiler/src/editions/mod.rs"
    text = text_of(root, registry)
    body = re.search(r"^pub enum FeatureGate \{.*?^\}", text, re.S | re.M)
    for match in re.compile(r"^    (\w+),$", re.M).finditer(text, *body.span()):
        gates[f"FeatureGate::{match[1]}"] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    form = r"\b(?:supports|supports_feature|check_feature)\((?:[^;(){}]|\([^()]*\))*?(NAMES)\b"
    yield from asked(root, ".rs", gates, [form], skip=(registry,))
    registry = "apps/core/src/constants/features.enum.ts"
    text = text_of(root, registry)
    for match in re.finditer(r"^    (\w+) = '([\w-]+)',$", text, re.M):
        features[f"Feature.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    yield from asked(root, (".ts", ".tsx"), features, [r"\b(?:useFeature(?:IsOn|Value)?|getFeatureValue)(?:<[^()]*>)?\(\s*(NAMES)\b"])
    yield from forced(root, ".rs", setters, [r"\bNAMES\("], r"\b(NAMES)\(", lambda match: None, is_test)
    yield from cargo_features(root)


def snowflake(root):
    """An enum of records with a name and a default, whose members are asked by methods."""
    registry = "src/snowflake/cli/api/feature_flags.py"
    found = next(node for node in ast.parse(text_of(root, registry)).body if getattr(node, "name", "") == "FeatureFlag")
    key = {}
    for node in found.body:
        name, default = node.value.args
        key[f"FeatureFlag.{node.targets[0].id}"] = name.value
        yield {"kind": "flag", "flag": name.value, "file": registry, "line": node.lineno, "default": default.value,
               "also": [[registry, name.lineno]]}

    def is_test(path):
        return path.startswith("tests")

    yield from asked(root, ".py", key, [r"\b(NAMES)\.(?:is_enabled|is_disabled|is_set|get_value)\(\)"], is_test=is_test)
    patch = r"\bwith_feature_flags\(\s*\{[^}]*\}"
    yield from forced(root, ".py", key, [patch], r"\b(NAMES): (\w+)", is_test=is_test)
    patch = r'\bpatch\.object\(\s*NAMES,\s*"\w+",[^()]*\)|"[\w.]*NAMES\.\w+",[^()]*\)'
    yield from forced(root, ".py", key, [patch], r"\b(NAMES)\b(?:.*?return_value=(\w+))?", is_test=is_test)


def kubevirt(root):
    """Constants that are registered with a state; functions are asked with the constant, or with a configuration and it."""
    folder = "pkg/virt-config/featuregate"
    texts = {path: text_of(root, path) for path in (f"{folder}/active.go", f"{folder}/inactive.go")}
    registered = {name for text in texts.values() for name in re.findall(r"RegisterFeatureGate\(FeatureGate\{Name: (\w+),", text)}
    key = {}
    for path, text in texts.items():
        for match in re.finditer(r'^\t(\w+)\s+= "(\w+)"$', text, re.M):
            if match[1] in registered:
                key[f"featuregate.{match[1]}"] = match[2]
                yield row("flag", match[2], path, text, match, default=None)
    by = r"\b(?:isFeatureGateEnabled\w*|hasFeatureGateEnabled|featuregate\.IsEnabled|slices\.Contains)\((?:[^();{}]*(?:\(\)[^();{}]*)*,)?\s*"
    yield from asked(root, ".go", key, [rf"{by}(NAMES)\b"],
                     is_test=lambda path: path.endswith("_test.go") or path.startswith(("tests/", "staging/", "tools/")))
    outers = [r"\b(?:[Ee]nable|[Dd]isable)FeatureGates?\([^()]*\)", r"FeatureGates\s*(?::|=) *\[\]string\{[^}]*\}", r"\bnewGraceConfig\([^()]*\)",
              r"FeatureGates = append\([^()]*\)"]
    yield from forced(root, ".go", key, outers, r"\b(NAMES)\b", lambda match: None,
                      lambda path: path.endswith("_test.go") or path.startswith("tests/"))


def agent(root):
    """Constants of a package, which is asked with a context; tests turn them on in one."""
    registry = "internal/experiments/experiments.go"
    text = text_of(root, registry)
    start = text.index("// Available experiments")
    key = {}
    for match in re.compile(r'^\t(\w+)\s+= "([\w-]+)"$', re.M).finditer(text, start, text.index("\n)", start)):
        key[f"experiments.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    yield from asked(root, ".go", key, [r"\bIsEnabled\(\s*\w+, (NAMES)\b"], skip=(registry,))
    yield from forced(root, ".go", key, [r"\bexperiments\.(?:Enable|Disable)\([^()]*(?:\(\)[^()]*)?\)"], r"\b(NAMES)\b",
                      lambda match: True)


READERS = {"codeql": codeql, "netlify": netlify, "managed-care": managed_care, "snyk": snyk, "joplin": joplin, "workers": workers,
           "hoppscotch": hoppscotch, "sway": sway, "iota": iota, "snowflake": snowflake, "kubevirt": kubevirt, "agent": agent}
