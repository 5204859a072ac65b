"""Truth for the repositories of the tenth look, in the same rows and by the same means as registries.py, which calls it."""

import re

from registries_eighth import neutral
from registries_more import TS, forced
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented


def spoken(text):
    """The code of a text, where `/*` in a pattern of files is no comment."""
    blank = lambda part: part[0] if part[0][0] in "'\"`" else re.sub(r"[^\n]", " ", part[0])
    return re.sub(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|(?<!:)//[^\n]*|/\*.*?\*/", blank, text, flags=re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def vue(root):
    """Variables that are declared and that a build puts values for; a test sets one."""
    registry = "packages/global.d.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^declare var (__FEATURE_\w+__): boolean$", text, re.M):
        key[match[1]] = match[1]
        also = [[path, line_of(of, at.start())] for path, of in files(root, (".js", ".ts")) if "/src/" not in path and not in_tests(path)
                for at in re.finditer(rf"\b{match[1]}\b", of)]
        yield row("flag", match[1], registry, text, match, default=None, also=also)
    yield from neutral(["__VUE_OPTIONS_API__", "__VUE_PROD_DEVTOOLS__", "__VUE_PROD_HYDRATION_MISMATCH_DETAILS__"])
    for path, text in files(root, (".ts",)):
        code = uncommented(text)
        for match in re.finditer(rf"(?<!typeof )\b({any_of(key)})\b(?! = )", code) if "/src/" in path and path.startswith("packages/") else ():
            yield row("read", match[1], path, text, match)
        for match in re.finditer(rf"\b({any_of(key)})\b", text):
            yield row("mention", match[1], path, text, match)
    yield from forced(root, (".ts",), key, [r"\bNAMES = \w+"], r"\b(NAMES) = (\w+)")


def gemini(root):
    """An object from names to numbers, which index what a server sent."""
    registry = "packages/core/src/code_assist/experiments/flagNames.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^  (\w+): \d+,$", text, re.M):
        key[f"ExperimentFlags.{match[1]}"] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    settings = text_of(root, "packages/cli/src/config/settingsSchema.ts")
    start = settings.index("\n  experimental: {")
    yield from neutral(re.compile(r"^ {6,10}(\w+): \{$", re.M).findall(settings, start, settings.index("\n  },", start)))
    yield from asked(root, TS, key, [r"\bflags\??\.?\[(NAMES)\]"])
    yield from forced(root, TS, key, [r"\[(?:actual\.)?NAMES\]: \{[^}]*\}"], r"\[(?:actual\.)?(NAMES)\]: \{\s*(?:flagId: [\w.]+,\s*)?\w+: (\S+?),")


def atproto(root):
    """An enum; an object of the request holds it and is asked; tests answer in its place."""
    registry = "packages/bsky/src/feature-gates/gates.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^  (\w+) = '([\w:-]+)',$", text, re.M):
        key[f"Gate.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    yield from asked(root, (".ts",), key, [r"\bcheckGate\(\s*(?:[\w.]+\.)?(NAMES)\b", r"\bcheckGates\(\s*\[\s*(?:[\w.]+\.)?(NAMES)\b",
                                           r"\bcheckedGates\w*\.get\(\s*(?:[\w.]+\.)?(NAMES)\b", r"\.get\(\s*(?:[\w.]+\.)?(NAMES)\b"])
    yield from forced(root, (".ts",), key, [r"=== NAMES(?: \? \w+)?"], r"=== (NAMES)(?: \? (\w+))?")


def nuxt(root):
    """The section `experimental` of the defaults of a configuration; its options have documentation in a type."""
    registry, types = "packages/schema/src/config/experimental.ts", "packages/schema/src/types/schema.ts"
    text, schema = text_of(root, registry), text_of(root, types)
    start, described = text.index("\n  experimental: {"), schema.index("\n  experimental: {")
    told = {match[1]: line_of(schema, match.start(1))
            for match in re.compile(r"^    (\w+)\??:", re.M).finditer(schema, described, schema.index("\n  }", described))}
    apart = {"watcher", "checkOutdatedBuildInterval", "extraPageMetaExtractionKeys", "defaults", "spaLoadingTemplateLocation"}
    key = {}
    for match in re.compile(r"^    (\w+): (.+?),?$", re.M).finditer(text, start, text.index("\n  },", start)):
        if match[1] not in apart:
            key[match[1]] = match[1]
            also = [[types, told[match[1]]]] if match[1] in told else []
            yield row("flag", match[1], registry, text, match, default=state(match[2]), also=also)
    sections = text[text.index("\n  future: {"):start]
    yield from neutral(apart | (set(told) - set(key)) | set(re.findall(r"^    (\w+):", sections, re.M)))

    def is_test(path):
        return in_tests(path) or path.startswith("test/") or ".bench." in path or path.startswith("playground")

    dotted = {f".{name}": name for name in key}
    endings = (*TS, ".mts")
    for path, text in files(root, endings):
        for match in re.finditer(rf"\.experimental\??({any_of(dotted)})\b(?! = )", spoken(text)) if not is_test(path) else ():
            yield row("read", dotted[match[1]], path, text, match)
    yield from asked(root, endings, key, [])
    yield from forced(root, endings, key, [r"\bexperimental: \{(?:[^{}]|\{[^{}]*\})*\}"], r"(?<![\w.])(NAMES): (\w+)", is_test=is_test)
    yield from forced(root, endings, key, [r"\bexperimental\.NAMES = \w+"], r"\b(NAMES) = (\w+)", is_test=is_test)


def flowfuse(root):
    """An object with which every part registers its feature; the back end asks it, the front end a bag of the same names."""
    found, key = {}, {}
    for path, text in files(root, (".js",)):
        for match in re.finditer(r"\bfeatures\.register\('([\w-]+)', ([^,)]+)", text):
            if path.startswith("forge/"):
                found.setdefault(match[1], []).append((path, text, match))
    for name, places in found.items():
        key[f"'{name}'"] = name
        path, text, match = places[0]
        also = [[at, line_of(of, by.start())] for at, of, by in places]
        yield row("flag", name, path, text, match, default=state(match[2]), also=also)
    listed = text_of(root, "forge/lib/features.js")
    others = set(re.findall(r"^\s*'?([\w-]+)'?:", listed, re.M)) | set(re.findall(r"'([\w-]+)'", listed))
    views = {name for _, text in files(root, (".js", ".vue")) for name in re.findall(r"\b(is\w+Enabled\w*)\b", text)}
    yield from neutral((others | views | {"test-public-feature", "test-private-feature", "fileStorageLimit", "contextLimit"}) - set(found))

    def is_test(path):
        return in_tests(path) or path.startswith("test/") or path.endswith("_spec.js") or path.endswith(".spec.js")

    yield from asked(root, (".js", ".vue"), key, [r"\bfeatures\.enabled\(\s*(NAMES)", r"(?<!properties\.)(?<!properties\?\.)\bfeatures\??\.?\[(NAMES)\](?! = )"],
                     is_test=is_test)
    plain = {name: name for name in found}
    for path, text in files(root, (".js", ".vue")):
        code = uncommented(text)
        if path.startswith("frontend/src/") and not is_test(path):
            for match in re.finditer(rf"(?<![\w?.])(?:(?:this|state|store|\w*[sS]ettings(?:Store)?|rootState\.account)\??\.)?features\??\.({any_of(plain)})\b(?! = )(?![\w(])", code):
                yield row("read", match[1], path, text, match)
        for match in re.finditer(rf"(?<![\w-])({any_of(plain)})(?![\w-])", text) if not path.startswith("node_modules") else ():
            if match[1] not in ("ai", "ha", "sso", "bom", "npm", "mfa", "billing", "tables") or "eature" in text:
                yield row("mention", match[1], path, text, match)
    yield from forced(root, (".js",), key, [r"\bfeatures\.register\(\s*NAMES, \w+"], r"(NAMES), (\w+)", is_test=is_test)
    yield from forced(root, (".js",), plain, [r"\bbody\.features\.NAMES = \w+"], r"\b(NAMES) = (\w+)", is_test=is_test)
    for path, text in files(root, (".js",)):
        for around in re.finditer(r"(?<!\w)features: \{([^{}]*)\}", uncommented(text)) if is_test(path) and path.startswith("test/unit/frontend") else ():
            for match in re.compile(rf"(?<![\w.])'?({any_of(plain)})'?: (true|false)").finditer(text, *around.span()):
                yield row("override", match[1], path, text, match, value=state(match[2]), test=True)


def openhands(root):
    """Functions of a module that load a flag by its name; a section of a configuration that a server sends."""
    registry, types = "frontend/src/utils/feature-flags.ts", "frontend/src/api/option-service/option.types.ts"
    text, schema = text_of(root, registry), text_of(root, types)
    asked_by, key = {}, {}
    start = schema.index("FEATURE_FLAGS: {")
    fields = {match[1]: match for match in re.compile(r"^    (\w+): boolean;$", re.M).finditer(schema, start, schema.index("\n  };", start))}
    places = {}
    for path, of in files(root, (".py",)):
        for section in re.finditer(r"'FEATURE_FLAGS': \{([^}]*)\}", of):
            for match in re.compile(r"'(\w+)':").finditer(of, section.start(1), section.end()):
                places.setdefault(match[1], []).append([path, line_of(of, match.start())])
    for match in re.finditer(r'^export const (\w+) = \(\) =>\s*loadFeatureFlag\("(\w+)"\);$', text, re.M):
        asked_by[match[1]] = match[2]
        also = [[registry, line_of(text, match.start(2))]]
        also += [[types, line_of(schema, fields[match[2]].start())]] if match[2] in fields else []
        yield row("flag", match[2], registry, text, match, default=None, also=also + places.get(match[2], []))
    for name, match in fields.items():
        key[name] = name
        if name not in asked_by.values():
            yield row("flag", name, types, schema, match, default=None, also=places.get(name, []))
    yield from neutral({name for path, of in files(root, (".py",)) for name in re.findall(r"\b(ENABLE_[A-Z_]+)\b", of)} - set(key))
    yield from asked(root, (".ts", ".tsx"), {f".{name}": name for name in key}, [r"\bFEATURE_FLAGS\??(NAMES)\b"])
    yield from asked(root, (".ts", ".tsx"), asked_by, [r"(?<![\w.])(NAMES)\(\)"], skip=(registry,))
    yield from asked(root, (".ts", ".tsx", ".py"), key, [])
    yield from forced(root, (".ts", ".tsx"), key, [r"\bFEATURE_FLAGS: \{[^}]*\}"], r"\b(NAMES): (\w+)")
    yield from forced(root, (".ts", ".tsx"), asked_by, [r"\bNAMES: \(\) => \w+"], r"\b(NAMES): \(\) => (\w+)")


def qdrant(root):
    """The fields of a struct and their `Default`; a function gives the struct out; Cargo's features."""
    registry = "lib/common/common/src/flags.rs"
    text = text_of(root, registry)
    start, given = text.index("pub struct FeatureFlags {"), text.index("impl Default for FeatureFlags {")
    key = {}
    for match in re.compile(r"^    (?:pub )?(\w+): bool,$", re.M).finditer(text, start, text.index("\n}", start)):
        key[match[1]] = match[1]
        default = re.compile(rf"^            {match[1]}: (\w+),$", re.M).search(text, given)
        yield row("flag", match[1], registry, text, match, default=state(default[1]), also=[[registry, line_of(text, default.start())]])

    def is_test(path):
        return in_tests(path) or path.endswith("tests.rs") or "/tests/" in path

    dotted = {f".{name}": name for name in key if name != "all"} | {".all": "all"}
    yield from asked(root, ".rs", dotted, [r"\bfeature_flags(?:\(\))?\s*(NAMES)\b(?! = )"], is_test=is_test, skip=(registry,))
    for name in key:
        for match in re.finditer(rf"(?<=\.)({name})\b", text):
            yield row("mention", name, registry, text, match)
    yield from forced(root, ".rs", key, [r"\bflags\.NAMES = \w+"], r"\b(NAMES) = (\w+)", is_test=is_test)
    tests = text.index("#[cfg(test)]")
    for match in re.compile(rf"^            ({any_of(key)}): (true|false),$", re.M).finditer(text, tests):
        yield row("override", match[1], registry, text, match, value=state(match[2]), test=True)
    yield from neutral(["USE_MUTABLE_ID_TRACKER_WITHOUT_ROCKSDB"])
    yield from cargo_features(root)


def firezone(root):
    """The fields of a struct that a service fills; functions of the module ask for one each; Cargo's features."""
    registry = "rust/libs/telemetry/src/feature_flags.rs"
    text = text_of(root, registry)
    sent, start = text.index("struct FeatureFlagsResponse {"), text.index("\nstruct FeatureFlags {")
    key = {"stream_logs_active": "stream_logs"}
    for match in re.compile(r"^    (\w+): ([\w<>]+),$", re.M).finditer(text, start, text.index("\n}", start)):
        key[match[1]] = match[1]
        wire = re.compile(rf"^    {match[1]}: bool,$", re.M).search(text, sent)
        yield row("flag", match[1], registry, text, match, default=False if match[2] == "AtomicBool" else None,
                  also=[[registry, line_of(text, wire.start())]])
    yield from neutral(re.findall(r'"(FZFF_\w+)"', text))
    yield from asked(root, ".rs", key, [r"\bfeature_flags::(NAMES)\("], skip=(registry,))
    for match in re.finditer(rf"\b({any_of(key)})\b", text):
        yield row("mention", key[match[1]], registry, text, match)
    tests = text.index("#[cfg(test)]")
    for match in re.compile(rf"^                ({any_of(key)}): (true|false),$", re.M).finditer(text, tests):
        yield row("override", key[match[1]], registry, text, match, value=state(match[2]), test=True)
    yield from cargo_features(root)


def rancher(root):
    """Variables of a block that a function of the package makes of a name, a description and a default; methods ask and set."""
    registry = "pkg/features/feature.go"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r'^\t(\w+) = new(?:Prime)?Feature\(\s*"([\w-]+)",\s*"[^"]*",\s*([\w()]+),', text, re.M):
        key[f"features.{match[1]}"] = match[2]
        yield row("flag", match[2], registry, text, match, default=state(match[3]), also=[[registry, line_of(text, match.start(2))]])
    yield from neutral(["WatchListClient"])

    def is_test(path):
        return path.endswith("_test.go") or path.startswith("tests/")

    yield from asked(root, ".go", key, [r"\b(NAMES)\.Enabled\(\)"], is_test=is_test, skip=(registry,))
    yield from forced(root, ".go", key, [r"\bNAMES\.Set\([\w.]+\)", r"\bsetFeatureForTest\(NAMES, \w+\)"], r"\b(NAMES)(?:\.Set\(|, )([\w.]+)\)", is_test=is_test)
    named = {f'"{name}"': name for name in key.values()}
    yield from forced(root, ".go", named, [r"\bGetFeatureByName\(NAMES\)\.Set\(\w+\)"], r"(NAMES)\)\.Set\((\w+)", is_test=is_test)


def tracecat(root):
    """An enum in Python, of which the front end has a generated union; a function asks, tests replace a set of a configuration."""
    registry, served = "tracecat/feature_flags/enums.py", "frontend/src/client/types.gen.ts"
    text, types = text_of(root, registry), text_of(root, served)
    key, written = {}, {}
    start = types.index("export type FeatureFlag =")
    for match in re.finditer(r'^    (\w+) = "([\w-]+)"$', text, re.M):
        key[f"FeatureFlag.{match[1]}"], written[f'"{match[2]}"'] = match[2], match[2]
        at = types.index(f'  | "{match[2]}"', start)
        yield row("flag", match[2], registry, text, match, default=None, also=[[served, line_of(types, at)]])
    for path, of in files(root, (".py",)):
        for block in re.finditer(r"^class Entitlement\w*\(StrEnum\):\n((?:    .*\n|\n)+)", of, re.M):
            yield from neutral(re.findall(r'= "([\w-]+)"', block[1]))
    editor = text_of(root, "frontend/src/components/tiptap-templates/simple/simple-editor.tsx")
    yield from neutral(re.findall(r"^  (\w+): false,$", re.search(r"const SIMPLE_EDITOR_FEATURE_FLAGS = \{[^}]*\}", editor)[0], re.M))
    yield from asked(root, ".py", key, [r"\bis_feature_enabled\(\s*(NAMES)\b"])
    yield from asked(root, (".ts", ".tsx"), written, [r"\bisFeatureEnabled\w*\(\s*(NAMES)"])
    yield from asked(root, ".py", written, [])
    yield from forced(root, ".py", key, [r'"[\w.]*TRACECAT__FEATURE_FLAGS",\s*\{[^}]*\}'], r"(NAMES)\b", value=lambda match: True)
    yield from forced(root, ".py", {name.strip('"'): flag for name, flag in written.items()}, [r'\bsetenv\("TRACECAT__FEATURE_FLAGS", "[^"]*"'], r"\b(NAMES)\b",
                      value=lambda match: True)


READERS = {"vue": vue, "gemini": gemini, "atproto": atproto, "nuxt": nuxt, "flowfuse": flowfuse, "openhands": openhands, "qdrant": qdrant,
           "firezone": firezone, "rancher": rancher, "tracecat": tracecat}
