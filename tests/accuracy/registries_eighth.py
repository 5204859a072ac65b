"""Truth for the repositories of the eighth look, in the same rows and by the same means as registries.py, which calls it."""

import re

from registries_more import TS, forced
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented


def neutral(names):
    """Flags of which the registry says nothing, and that count neither way."""
    for name in names:
        yield {"kind": "neutral", "flag": name, "file": "", "line": 0}


def lwc(root):
    """A map from names to null, and fields of a variable of the program's world; a function sets one."""
    registry = "packages/@lwc/features/src/index.ts"
    text = text_of(root, registry)
    types = text_of(root, "packages/@lwc/features/src/types.ts")
    start = text.index("const features: FeatureFlagMap = {")
    key = {}
    for match in re.compile(r"^    (\w+): null,$", re.M).finditer(text, start, text.index("\n};", start)):
        key[match[1]] = match[1]
        at = types.count("\n", 0, types.index(f"    {match[1]}: FeatureFlagValue;")) + 1
        yield row("flag", match[1], registry, text, match, default=None, also=[["packages/@lwc/features/src/types.ts", at]])

    def is_test(path):
        return in_tests(path) or "/integration-wtr/" in path or "/perf-benchmarks/" in path

    endings = (".ts", ".js", ".mjs")
    yield from asked(root, endings, key, [r"\blwcRuntimeFlags\.(NAMES)\b(?! =)"], is_test=is_test, skip=(registry,))
    for path, text in files(root, endings):
        if not is_test(path):
            continue
        names = {f"'{name}'": name for name in key}
        names |= {match[1]: match[2] for match in re.finditer(rf"^\s*const (\w+) =\s*'({any_of(key)})'", text, re.M)}
        code = uncommented(text)
        for match in re.finditer(rf"\bsetFeatureFlag(?:For\w*Test)?\(\s*({any_of(names)}),\s*(\w+)", code):
            yield row("override", names[match[1]], path, text, match, value=state(match[2]), test=True)
        for match in re.finditer(rf"\blwcRuntimeFlags\.({any_of(key)}) = (\w+)", code):
            yield row("override", match[1], path, text, match, value=state(match[2]), test=True)
        for outer in re.finditer(r"\brequiredFeatureFlags: \[[^\]]*\]", code):
            for match in re.compile(rf"'({any_of(key)})'").finditer(code, *outer.span()):
                yield row("override", match[1], path, text, match, value=True, test=True)


def odh(root):
    """The fields of a type, with defaults in six maps; asked as fields of a configuration, or named in lists; tests make a configuration."""
    types, registry = "packages/k8s-core/src/k8sTypes.ts", "frontend/src/concepts/areas/const.ts"
    fields, text = text_of(root, types), text_of(root, registry)
    backend = text_of(root, "backend/src/utils/constants.ts")
    start = fields.index("export type DashboardCommonConfig = {")
    copies = {path: text_of(root, path) for path in ("backend/src/types.ts", "backend/src/utils/constants.ts")}
    key = {}
    for match in re.compile(r"^  (\w+)\??: boolean;$", re.M).finditer(fields, start, fields.index("\n};", start)):
        name = match[1]
        key[name] = key[f"'{name}'"] = name
        found = re.search(rf"^  {name}: (true|false),$", text, re.M)
        other = re.search(rf"^ +{name}: (true|false),$", backend, re.M)
        default = state(found[1]) if found and not (other and other[1] != found[1]) else None
        also = [[path, at + 1] for path, of in copies.items() for at, line in enumerate(of.split("\n")) if re.match(rf" +{name}\??:", line)]
        also += [[registry, text.count("\n", 0, found.start()) + 1]] if found else []
        yield row("flag", name, types, fields, match, default=default, also=also)
    areas = text_of(root, "packages/plugin-core/src/areas/types.ts")
    start = areas.index("export enum SupportedArea {")
    yield from neutral(re.compile(r"^  \w+ = '([^']+)',$", re.M).findall(areas, start, areas.index("\n}", start)))

    def is_test(path):
        return in_tests(path) or "cypress" in path or "__mocks__" in path or "contract-tests" in path

    def sets(path):
        return is_test(path) and not path.endswith(("mockDashboardConfig.ts", "cypress/types.ts"))

    quoted = {f"'{name}'": name for name in key if "'" not in name}
    fields = {f".{name}": name for name in quoted.values()}
    lists = r"\b(?:featureFlags|required|disallowed): \[[^\]]*?(?<=[\[ \n])(NAMES)(?=[^\w:])"
    yield from asked(root, TS, quoted, [lists], is_test=is_test)
    yield from asked(root, TS, fields, [r"\b[dD]ashboardConfig\??\s*(NAMES)\b(?!:)"], is_test=is_test)
    texts = list(files(root, TS))
    named = {match[1]: match[2] for _, text in texts for match in re.finditer(rf"^export const (\w+) = '({any_of(quoted.values())})';", text, re.M)}
    yield from asked(root, TS, named, [r"\buseFeatureFlag\((NAMES)\)"], is_test=is_test)
    outers = [r"\b(?:mockDashboardConfig|init\w*Intercepts|setFeatureFlags)\(\{[^}]*\}", r"\b(?:dashboardConfig|devFeatureFlags): \{[^}]*\}"]
    yield from forced(root, TS, {name: name for name in quoted.values()}, outers, r"(?<![\w.'])(NAMES)\b(?!')(?:: (\w+))?", is_test=sets)
    yield from forced(root, TS, {"setAutomlEnabled": "automl", "setAutoragEnabled": "autorag"}, [r"\bNAMES\(\w+\)"], r"(NAMES)\((\w+)",
                      is_test=is_test)
    yield from neutral(["chatPlayground"])
    for path, text in texts:
        for match in re.finditer(rf"\b({any_of(quoted.values())})\b", text):
            yield row("mention", match[1], path, text, match)


def edx(root):
    """Objects of a class, made of a name with a prefix from a constant; asked themselves, set around a block."""
    registry = "enterprise/toggles.py"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^(\w+) = WaffleFlag\(\n    f'\{ENTERPRISE_NAMESPACE\}(\.\w+)'", text, re.M):
        flag = f"enterprise{match[2]}"
        key[match[1]] = flag
        first = text.count("\n", 0, match.start()) + 1
        yield row("flag", flag, registry, text, match, default=False, also=[[registry, first + at] for at in range(5)])
    yield from asked(root, ".py", key, [r"\b(NAMES)\.is_enabled\(\)"], is_test=lambda path: path.startswith("tests/"))
    yield from forced(root, ".py", key, [r"\boverride_waffle_flag\([^()]*\)"], r"\b(NAMES),\s*active=(\w+)",
                      is_test=lambda path: path.startswith("tests/"))
    yield from neutral(["ENABLE_ENTERPRISE_INTEGRATION", "ENABLE_LEGACY_INTEGRATED_CHANNELS", "local_currency"])


def boulder(root):
    """The fields of a struct; a function gives it out, tests give one to another function."""
    registry = "features/features.go"
    text = text_of(root, registry)
    start = text.index("type Config struct {")
    key = {}
    for match in re.compile(r"^\t(\w+) bool$", re.M).finditer(text, start, text.index("\n}", start)):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=False)
    yield from asked(root, ".go", key, [r"\bfeatures\.Get\(\)\.(NAMES)\b"])
    yield from forced(root, ".go", key, [r"\bfeatures\.Config\{[^}]*\}"], r"\b(NAMES): +(\w+)")


def probate(root):
    """Constants of a service with a client of an SDK, one method for each; tests tell mocks of the service."""
    registry = "src/main/java/uk/gov/hmcts/probate/service/FeatureToggleService.java"
    text = text_of(root, registry)
    key, method = {}, {}
    asks = r"\bisFeatureToggleOn\(\s*"
    for path, of in files(root, ".java"):
        if not path.startswith("src/main/"):
            continue
        for match in re.finditer(r'^    private static final String (\w+) =\s*"([^"]+)";$', of, re.M):
            if re.search(rf"{asks}{match[1]}\b", of):
                key[match[1]] = match[2]
                yield row("flag", match[2], path, of, match, default=None, also=[[path, of.count("\n", 0, match.start()) + 1]])
        for match in re.finditer(rf'{asks}("[\w-]+")', of):
            key[match[1]] = match[1].strip('"')
    for match in re.finditer(rf"public boolean (\w+)\(\) \{{\s*return (?:this\.)?{asks}({any_of(key)}),", text):
        method[match[1]] = key[match[2]]

    def is_test(path):
        return not path.startswith("src/main/")

    yield from asked(root, ".java", key, [asks + "(NAMES)"], is_test=is_test)
    for path, text in files(root, ".java"):
        if not is_test(path):
            continue
        words = rf"\.({any_of(method)})\(\)|\.isFeatureToggleOn\(\s*({any_of(name for name in key if name[0] == chr(34))})[^()]*\)"
        for match in re.finditer(rf"\bwhen\(\s*\w+(?:{words})\s*\)\s*\.thenReturn\(\s*(?:Boolean\.)?(\w+)", text):
            yield row("override", method.get(match[1]) or key[match[2]], path, text, match, value=state(match[3]), test=True)
        for match in re.finditer(rf"\bdoReturn\(\s*(?:Boolean\.)?(\w+)\)\s*\.when\(\w+\)\s*(?:{words})", text):
            yield row("override", method.get(match[2]) or key[match[3]], path, text, match, value=state(match[1]), test=True)
        for match in re.finditer(rf'\bwhen\(ldClient\.boolVariation\(\s*eq\(("[\w-]+")\)', text):
            yield row("override", match[1].strip('"'), path, text, match, value=True, test=True)


def nns(root):
    """A map of booleans; a module gives out a store for each, which components ask with a dollar sign."""
    registry = "frontend/src/lib/constants/environment.constants.ts"
    text = text_of(root, registry)
    start = text.index("export const defaultFeatureFlagValues")
    key = {}
    for match in re.compile(r"^  (\w+): (true|false),$", re.M).finditer(text, start, text.index("\n};", start)):
        key[match[1]] = match[1]
        at = text.count("\n", 0, text.index(f"  {match[1]}: T;")) + 1
        yield row("flag", match[1], registry, text, match, default=state(match[2]), also=[[registry, at]])

    def is_test(path):
        return "/tests/" in path or path.endswith("vitest.setup.ts")

    stores = "frontend/src/lib/stores/feature-flags.store.ts"
    for path, text in files(root, (".ts", ".svelte")):
        for match in re.finditer(rf"(?:\$|\bget\(\s*)({any_of(key)})\b", text) if not is_test(path) and path != stores else ():
            if not re.search(r"\(\[[^\]]*$", text[max(0, match.start() - 200):match.start()]):
                yield row("read", match[1], path, text, match)
        for match in re.finditer(rf"\b({any_of(key)})\b", text):
            yield row("mention", match[1], path, text, match)
    names = {f'"{name}"': name for name in key}
    yield from forced(root, ".ts", names, [r"\boverrideFeatureFlagsStore\s*\.setFlag\([^()]*\)"], r"(NAMES),\s*(\w+)", is_test=is_test)
    names = {"editableFlag": "TEST_FLAG_EDITABLE", "notEditable": "TEST_FLAG_NOT_EDITABLE"}
    yield from forced(root, "feature-flags.store.spec.ts", names, [r"\.setFlag\(NAMES, [^()]*\)"], r"(NAMES), (\w+)", is_test=is_test)
    yield from cargo_features(root)
    yield from neutral(["ENABLE_QR_CODE_READER"])
    yield from forced(root, "vitest.setup.ts", key, [r"\bFEATURE_FLAG_ENVIRONMENT: \{[^}]*\}"], r"\b(NAMES): (\w+)", is_test=is_test)


def market(root):
    """An enum; a selector for each of its members, which tests of sagas answer."""
    registry = "webapp/src/modules/features/types.ts"
    text = text_of(root, registry)
    key = {}
    start = text.index("export enum FeatureName {")
    for match in re.compile(r"^  (\w+) = '([\w-]+)'", re.M).finditer(text, start, text.index("\n}", start)):
        key[f"FeatureName.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    yield from asked(root, TS, key, [r"\bget(?:IsFeatureEnabled|FeatureVariant)\([^()]*?(NAMES)\b"])
    selectors = "webapp/src/modules/features/selectors.ts"
    parts = re.split(r"^export const (\w+) = ", text_of(root, selectors), flags=re.M)
    made = {name: key[found[1]] for name, body in zip(parts[1::2], parts[2::2])
            if name.startswith("getIs") and (found := re.search(rf"({any_of(key)})\b", body))}
    yield from forced(root, TS, made, [r"\[\s*select\(NAMES\), \w+\s*\]"], r"\((NAMES)\), (\w+)")


def quickwit(root):
    """Cargo's features; variables of the environment that two functions and a macro of the program's own ask for."""
    yield from cargo_features(root)
    key = {}
    ask = r"\bget_bool_from_env(?:_opt|_cached)?!?\(\s*"
    sources = list(files(root, ".rs"))
    wanted = {match[1] for _, text in sources for match in re.finditer(rf'{ask}("\w+"|[A-Z]\w+)', text)}
    for path, text in sources:
        for match in re.finditer(r'\bconst (\w+): &str =\s*"(\w+)";', text):
            if match[1] in wanted:
                key[match[1]] = key[f'"{match[2]}"'] = match[2]
    key |= {name: name.strip('"') for name in wanted if name[0] == '"'}
    names = any_of(key)
    yield from asked(root, ".rs", key, [ask + "(NAMES)"], skip=("quickwit/quickwit-common/src/env.rs",))
    for path, text in sources:
        for match in re.finditer(rf"\bset_var\(\s*({names}),\s*\"(\w*)\"", text):
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), test=True)


READERS = {"lwc": lwc, "odh": odh, "edx": edx, "boulder": boulder, "probate": probate, "nns": nns, "market": market, "quickwit": quickwit}
