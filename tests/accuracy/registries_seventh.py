"""Truth for the repositories of the seventh look, in the same rows and by the same means as registries.py, which calls it."""

import ast
import os
import re

from registries_more import TS, forced
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of, uncommented


def browser(root):
    """An enum of three; a function is asked with a member, tests add a list of them to a set."""
    registry = "packages/browser-core/src/tools/experimentalFeatures.ts"
    if not os.path.exists(os.path.join(root, registry)):
        registry = next(path for path, _ in files(root, "experimentalFeatures.ts"))
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^  ([A-Z_]+) = '(\w+)',$", text, re.M):
        key[f"ExperimentalFeature.{match[1]}"] = key[f"'{match[2]}'"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    yield from asked(root, TS, key, [r"\bisExperimentalFeatureEnabled\(\s*(NAMES)"])
    yield from forced(root, TS, key, [r"\b(?:add|mock)ExperimentalFeatures\(\s*\[[^\]]*\]", r"enableExperimentalFeatures: \[[^\]]*\]"], r"(NAMES)",
                      lambda match: True)


def svelte(root):
    """Three variables of a module, set by functions of it; one option of the compiler."""
    folder = "packages/svelte"
    registry = f"{folder}/src/internal/flags/index.js"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^export let (\w+_flag) = (\w+);", text, re.M):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=state(match[2]))
    options = f"{folder}/src/compiler/validate-options.js"
    text = text_of(root, options)
    match = re.search(r"^\texperimental: object\(\{\s*(async): boolean\((\w+)\)", text, re.M)
    yield row("flag", "async", options, text, match, default=state(match[2]))
    sides = f"{folder}/src"

    def elsewhere(path):
        return not path.startswith(sides) or in_tests(path)

    ask = r"(?<!let )\b(NAMES)\b(?! = (?:true|false)|\s*[,}][^;]*from '|,?\s*\} from)"
    yield from asked(root, TS, key, [ask], is_test=elsewhere, skip=(registry,))
    yield from asked(root, TS, {"experimental.async": "async"}, [r"\b(NAMES)\b"], is_test=elsewhere, skip=(options,))
    for path, text in files(root, TS):
        if not elsewhere(path):
            continue
        code = uncommented(text)
        for match in re.finditer(rf"\b(enable|disable)_({any_of(key)})\(\)", code):
            yield row("override", match[2], path, text, match, value=match[1] == "enable", test=True)
        for match in re.finditer(r"\bexperimental: \{\s*(async): (\w+)", code):
            yield row("override", "async", path, text, match, value=state(match[2]), test=True)


def warp(root):
    """Exported constants of three modules, which a build replaces; the code asks for the constant, configurations and tests name it."""
    key = {}
    for name in ("canary-features", "deprecations", "debugging"):
        registry = f"warp-drive-packages/build-config/src/{name}.ts"
        text = text_of(root, registry)
        for match in re.finditer(r"^export const (\w+): boolean(?: \| null)? = (\w+);", text, re.M):
            key[match[1]] = match[1]
            copies = [[f"warp-drive-packages/core/src/build-config/{name}.ts", at] for at in range(1, 60)]
            yield row("flag", match[1], registry, text, match, default=state(match[2]), also=copies)
    skip = tuple(f"warp-drive-packages/{folder}/{name}.ts" for folder in ("build-config/src", "core/src/build-config")
                 for name in ("canary-features", "deprecations", "debugging", "deprecation-versions"))
    ask = r"(?:if \(|\? |[=(&|!?] ?|^\s*|return |/ )!?\(?\b(NAMES)\b(?=\)| \?| &&| \|\||,$|;|\s*\n?\s*[?&|])"
    yield from asked(root, TS, key, [ask], skip=skip, is_test=lambda path: path.startswith("tests/") or in_tests(path))
    yield from forced(root, (".js", ".ts", ".mjs", ".cjs"), key, [r"\bNAMES: (?:true|false)"], r"\b(NAMES): (true|false)",
                      is_test=lambda path: path.startswith("tests/") or in_tests(path))


def support(root):
    """The fields of a schema; a function is asked with a path in writing, a hook gives out an object."""
    registry = "support-frontend/assets/helpers/globalsAndSwitches/window.ts"
    text = text_of(root, registry)
    start = text.index("const featureSwitchesSchema")
    key = {}
    for match in re.compile(r"^\t(\w+): z\.optional", re.M).finditer(text, start, text.index("\n});", start)):
        key[f"'featureSwitches.{match[1]}'"] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    yield from asked(root, TS, key, [r"\bisSwitchOn\(\s*(NAMES)"])
    names = any_of(key.values())
    fields = {name: name for name in key.values()}
    for path, text in files(root, TS):
        for outer in re.finditer(r"const \{[^}]*\} =\s*useFeatureSwitches\(\)", uncommented(text)) if not in_tests(path) else ():
            for match in re.compile(rf"\b({names})\b").finditer(text, *outer.span()):
                yield row("read", match[1], path, text, match)
        for match in re.finditer(rf"(?<!\w)({names})(?!\w)", text):
            yield row("mention", match[1], path, text, match)
    outers = [r"\bfeatureSwitches: \{[^}]*\}", r"UseFeatureSwitches\.mockReturnValue(?:Once)?\(\{[^}]*\}", r"withFeatureSwitches\(\{[^}]*\}"]
    words = {"'On'": True, "'Off'": False}
    yield from forced(root, TS, fields, outers, r"\b(NAMES): (\w+|'O[nf]+')", lambda match: words.get(match[2], state(match[2])))


def synapse(root):
    """Fields that a class takes from a section of a file, with the default in the call; an enum of what is on for some users."""
    registry = "synapse/config/experimental.py"
    text = text_of(root, registry)
    attributes = {}
    for node in ast.walk(ast.parse(text)):
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        call = getattr(node, "value", None)
        if isinstance(target, ast.Attribute) and isinstance(call, ast.Call) and ast.unparse(call.func) == "experimental.get":
            name, default = call.args[0], call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else "?"
            if isinstance(default, bool):
                attributes[target.attr] = name.value
                yield {"kind": "flag", "flag": name.value, "file": registry, "line": node.lineno, "default": default,
                       "also": [[registry, line] for line in range(node.lineno, node.end_lineno + 1)]}
    key = {f".{name}": of for name, of in attributes.items()}

    def is_test(path):
        return not path.startswith("synapse/") or path == registry

    yield from asked(root, (".py", ".rs"), key, [r"\bexperimental\s*(NAMES)\b"], is_test=lambda path: is_test(path) and path[:5] != "rust/")
    listed = "synapse/rest/admin/experimental_features.py"
    text = text_of(root, listed)
    members = {}
    for match in re.finditer(r'^    (MSC\d+) = "(\w+)"$', text, re.M):
        members[f"ExperimentalFeature.{match[1]}"] = members[f"ExperimentalFeature::{match[1]}"] = members[f'"{match[2]}"'] = match[2]
        yield row("flag", match[2], listed, text, match, default=None)
    asks = [r"(?:\w+\(|,|feature=)\s*\w*(NAMES)"]
    yield from asked(root, (".py", ".rs"), members, asks, is_test=lambda path: is_test(path) and path[:5] != "rust/", skip=(listed,))
    yield from forced(root, ".py", members, [r"\bset_features_for_user\([^()]*\)"], r"(NAMES): (\w+)", lambda match: state(match[2]),
                      lambda path: path.startswith("tests/"))
    texts = {f'"{of}"': of for of in attributes.values()}
    yield from asked(root, ".py", texts, [], is_test=is_test)
    tests = {"is_test": lambda path: path.startswith("tests/")}
    value = {"value": lambda match: state(match[2])}
    yield from forced(root, ".py", texts, [r'"experimental_features"\]?(?::| =) \{[^}]*\}'], r"(NAMES): (\w+)", **value, **tests)
    yield from forced(root, ".py", key, [r"\bexperimental\s*NAMES = \w+"], r"(NAMES) = (\w+)", **value, **tests)


def kyverno(root):
    """Toggles made of a default and a variable of the environment; asked themselves, or as methods of an interface with their names."""
    registry = "pkg/toggle/toggle.go"
    text = text_of(root, registry)
    constants = dict(re.findall(r"^\t(\w+)\s+= (\S+)$", text, re.M))
    key = {}
    for match in re.finditer(r"^\t(\w+)\s+= newToggle\((\w+), (\w+)\)$", text, re.M):
        key[match[1]] = constants[match[3]].strip('"')
        places = [text.count("\n", 0, text.index(f"\t{name} ")) + 1 for name in match.groups()[1:]]
        yield row("flag", key[match[1]], registry, text, match, default=state(constants[match[2]]), also=[[registry, at] for at in places])
    forms = [r"\btoggle\.(NAMES)\.Enabled\(\)", r"\btoggle\.FromContext\([^()]*(?:\(\))?\)\.(NAMES)\(\)"]
    forms.append(r"\breturn (NAMES)\.Enabled\(\)")
    yield from asked(root, ".go", key, forms, skip=(registry,))
    yield from forced(root, ".go", key, [r"\btoggle\.NAMES\.Parse\([^()]*\)"], r"\b(NAMES)\.Parse\(\"?(\w+)")
    for path, text in files(root, "_test.go"):
        for match in re.finditer(rf'\bSetenv\("({any_of(key.values())})", "(\w*)"\)', text):
            yield row("override", match[1], path, text, match, value=state(match[2]), test=True)


def temporal(root):
    """Settings that are true or false, made of a key and a default; asked with a collection, set in tests."""
    setter = r"\b(?:\w*DynamicConfig|OverrideSetting|OverrideValue|UpdateSettings)\w*\([^()]*(?:\(\))?[^()]*$"
    made = r'^(?:\t|var )(\w+)\s+= (?:dynamicconfig\.)?New\w*BoolSetting\(\s*"([\w.]+)",\s*([^\n]+?),(?: //[^\n]*)?\n'
    key = {}
    for path, text in files(root, ".go"):
        for match in re.finditer(made, text, re.M) if not in_tests(path) else ():
            package = re.search(r"^package (\w+)", text, re.M)[1]
            key[f"{package}.{match[1]}"] = (os.path.dirname(path), match[1], match[2])
            at = text.count("\n", 0, match.start(2)) + 1
            yield row("flag", match[2], path, text, match, default=state(match[3]), also=[[path, at], [path, at + 1]])
    qualified = any_of(key)
    for path, text in files(root, ".go"):
        here = {name: of for folder, name, of in key.values() if folder == os.path.dirname(path)}
        code, test = uncommented(text), in_tests(path) or path.startswith("tests/")
        spellings = [(rf"(?<![\w.])({qualified})", lambda name: key[name][2])]
        spellings += [(rf"(?<![\w.])({any_of(here)})", here.get)] if here else []
        for name, flag in spellings:
            for match in re.finditer(rf"{name}\.(?:Get|Subscribe|WithDefault)\(", code) if not test else ():
                yield row("read", flag(match[1]), path, text, match)
            told = [rf"{name}, (\w+)\)", rf"{name}, [^\n]*?\)", rf"{name}\.Key\(\)(?:\]\s*=|:)\s*(\w+)", rf"{name}, \[\]dynamicconfig"]
            for form in told if test else ():
                for match in re.finditer(form, code):
                    line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
                    if ".Key()" in match[0] or re.search(setter, line):
                        value = state(match[2]) if match.lastindex > 1 else None
                        yield row("override", flag(match[1]), path, text, match, value=value, test=True)
            for match in re.finditer(rf"{name}\b", text):
                yield row("mention", flag(match[1]), path, text, match)


def otp(root):
    """An enum whose first argument is the default; members are asked themselves, and set around a block."""
    registry = next(path for path, _ in files(root, "OTPFeature.java"))
    text = text_of(root, registry)
    start = text.index("public enum OTPFeature {")
    key = {}
    for match in re.compile(r"^  (\w+)\(\s*(true|false),", re.M).finditer(text, start):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=state(match[2]))
    for path, text in files(root, ".java"):
        imported = set(re.findall(r"^import static [\w.]+\.OTPFeature\.(\w+);", text, re.M)) & set(key)
        if path == registry:
            continue
        name = rf"(?:OTPFeature\.({any_of(key)})" + (rf"|(?<!\.)\b({any_of(imported)})" if imported else "") + r")\b"
        code, test = uncommented(text), "/src/test/" in path or "/src/ext-test/" in path
        for match in re.finditer(rf"{name}(\s*\.\s*(?:isOn|isOff|testOn|testOff|isOnElseNull)\(|::isO\w+)?", code):
            flag, what = next(of for of in match.groups()[:-1] if of), match[match.lastindex] if match.lastindex else ""
            kind = "override" if ".test" in what else "read" if ".isO" in re.sub(r"\s|::", ".", what) and not test else "mention"
            yield row(kind, flag, path, text, match, **({"value": "testOn" in what, "test": test} if kind == "override" else {}))
        for match in re.finditer(rf"(?:Map\.of\(|enableFeatures\([^;]*?|\bset\(\s*)OTPFeature\.({any_of(key)}), (true|false)", code) if test else ():
            yield row("override", match[1], path, text, match, value=state(match[2]), test=True)


def publish(root):
    """A list of lists in Ruby, and a section of a file of settings; two services are asked with a symbol."""
    registry = "app/lib/feature_flags.rb"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^      \[:(\w+), ", text, re.M):
        key[f":{match[1]}"] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    settings = "config/settings.yml"
    text = text_of(root, settings)
    start = text.index("\nfeatures:\n")
    section = ""
    for match in re.compile(r"^( +)([\w?]+):(?: (true|false))?$", re.M).finditer(text, start, text.index("\n\n", start + 1)):
        if not match[3]:
            section = f"{match[2]}."
            continue
        flag = f"{section if len(match[1]) > 2 else ''}{match[2]}"
        key[f'"{flag}"'] = key[f":{flag}"] = flag
        found = re.compile(r"(\w+)").search(text, match.start(2))
        yield row("flag", flag, settings, text, found, default=state(match[3]))
    names, endings = any_of(key), (".rb", ".erb", ".rake")
    for path, text in files(root, endings):
        test = path.startswith("spec/")
        for match in re.finditer(rf"\bFeature(?:Flag\.active\?|Service\.(?:enabled\?|require))\(\s*({names})(?!\w)", text) if not test else ():
            yield row("read", key[match[1]], path, text, match)
        told = [rf"\bFeatureFlag\.(activate|deactivate)\(\s*({names})(?!\w)", rf"\b(enable_features|disable_features)\(\s*({names})(?!\w)"]
        for form in told if test else ():
            for match in re.finditer(form, text):
                yield row("override", key[match[2]], path, text, match, value=match[1] in ("activate", "enable_features"), test=True)
        stub = rf"\bFeature(?:Flag|Service)\)\.to receive\(:\w+\?\)\.with\(\s*({names})\)\.and_return\(?\s*(\w+)"
        for match in re.finditer(stub, text) if test else ():
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), test=True)
        for match in re.finditer(rf"({names})(?!\w)", text):
            yield row("mention", key[match[1]], path, text, match)


def wasm(root):
    """The fields of a struct that a macro makes of names, bits and defaults; asked as methods, or required. Cargo's features."""
    registry = "crates/wasmparser/src/features.rs"
    text = text_of(root, registry)
    start = text.index("\ndefine_wasm_features! {")
    key, constants = {}, {}
    for match in re.compile(r"^        pub (\w+): ([A-Z0-9_]+)\(.*\) = (true|false);$", re.M).finditer(text, start):
        key[match[1]], constants[f"WasmFeatures::{match[2]}"] = match[1], match[1]
        yield row("flag", match[1], registry, text, match, default=state(match[3]))
    yield from cargo_features(root)
    forms = [r"\brequire_feature::(NAMES)\(", r"\bfeatures(?:\(\))?\)?\s*\.(NAMES)\(\)"]
    yield from asked(root, ".rs", key, forms, skip=(registry,))
    yield from asked(root, ".rs", constants, [r"\bcontains\((NAMES)\)"], skip=(registry,))
    for path, text in files(root, ".rs"):
        body = text[text.index("#[cfg(test)]"):] if "#[cfg(test)]" in text else text if in_tests(path) else ""
        for match in re.finditer(rf"default\(\)\s*([|&])\s*(!?)({any_of(constants)})\b", body):
            at = text.index(match[0])
            found = re.compile(re.escape(match[3])).search(text, at)
            line = text.count("\n", 0, found.start()) + 1
            yield {"kind": "override", "flag": constants[match[3]], "file": path, "line": line, "value": match[1] == "|", "test": True}


READERS = {"browser": browser, "svelte": svelte, "warp": warp, "support": support, "synapse": synapse, "kyverno": kyverno,
           "temporal": temporal, "otp": otp, "publish": publish, "wasm": wasm}
