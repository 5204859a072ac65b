#!/usr/bin/env python3
"""Truth for public repositories, read off their own registries of flags, in the rows of flags.py.

Enters: a name (`--help` lists them) and a checkout of it. Leaves: rows on the standard output.
Definitions come from the registry, by the language's own parser where Python has one; reads and forces from an exact pattern for each
form in which the repository asks for a flag or sets one. Nothing of flagman takes part in it. Not part of CI.
"""

import argparse
import ast
import json
import os
import re

import registries_eighth
import registries_eleventh
import registries_more
import registries_ninth
import registries_seventh
import registries_tenth
from truth import any_of, asked, cargo_features, files, in_tests, row, state, text_of


def karmada(root):
    """Feature gates: constants of one file, a map of their defaults."""
    registry = "pkg/features/features.go"
    text = text_of(root, registry)
    constants = {match[1]: match for match in
                 re.finditer(r'^\t(\w+) (?:featuregate\.Feature )?= (?:"(\w+)"|logsv1\.(\w+))$', text, re.M)}
    key = {name: match[2] or match[3] for name, match in constants.items()}
    for match in re.finditer(r"^\t\t(\w+):\s+\{Default: (true|false)", text, re.M):
        line = text.count("\n", 0, match.start()) + 1
        yield row("flag", key[match[1]], registry, text, constants[match[1]], default=state(match[2]), default_line=line)
    names = any_of(key)
    for path, text in files(root, ".go"):
        if path == registry:
            continue
        for match in re.finditer(rf"\bEnabled\(\s*(?:\w+\.)?({names})\)", text):
            yield row("read", key[match[1]], path, text, match)
        test = {"test": path.endswith("_test.go")}
        form = r'\bSet\(fmt\.Sprintf\("%s=(?:%t|%v|true|false)",\s*(?:\w+\.)?' + rf"({names})(?:, ([\w.]+))?\)"
        for match in re.finditer(form, text):
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), **test)
        for match in re.finditer(rf'\bSet\("({any_of(key.values())})=(true|false)"\)', text):
            yield row("override", match[1], path, text, match, value=state(match[2]), **test)
        for match in re.finditer(rf"\b[sS]etFeatureGateDuringTest\([^()]*?,\s*(?:\w+\.)?({names}), ([\w.]+)\)", text):
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), **test)
        for match in re.finditer(rf"\bfeatures\.({names})\b", text):
            yield row("mention", key[match[1]], path, text, match)


def bitwarden(root):
    """Constants of a class of keys; a service that is asked, an attribute, mocks that are told."""
    registry = "src/Core/Constants.cs"
    text = text_of(root, registry)
    key = {}
    for match in re.compile(r'public const string (\w+) = "([^"]+)";').finditer(text, text.index("class FeatureFlagKeys")):
        key[match[1]] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    name = rf"(?:[\w.]+\.)?FeatureFlagKeys\.({any_of(key)})\b"
    asked = rf"\b(?:IsEnabled|GetIntVariation|GetStringVariation|RequireFeature|FeatureStates\.TryGetValue)\(\s*{name}"
    for path, text in files(root, ".cs"):
        is_test = re.search(r"(^|/)test/", path) is not None
        code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text)
        told = rf"\bIsEnabled\(\s*{name}[^;]*?\.Returns(?:ForAnyArgs)?\(\s*([^;]*?)\)\s*;"
        for match in re.finditer(told, code):
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), test=is_test)
        for match in re.finditer(asked, code) if not is_test else ():
            yield row("read", key[match[1]], path, text, match)
        for match in re.finditer(rf"flagValues:\{{{name}", text):
            yield row("override", key[match[1]], path, text, match, value=None, test=is_test)
        for match in re.finditer(name, text):
            yield row("mention", key[match[1]], path, text, match)


def hypothesis(root):
    """A dictionary from keys to descriptions; a request and a service that are asked, and what is served to the browser."""
    registry = "h/models/feature.py"
    assigned = {getattr(node.targets[0], "id", ""): node.value
                for node in ast.parse(text_of(root, registry)).body if isinstance(node, ast.Assign)}
    keys = {node.value: node.lineno for node in assigned["FEATURES"].keys}
    for key, line in keys.items():
        yield {"kind": "flag", "flag": key, "file": registry, "line": line, "default": None}

    def is_key(node):
        return isinstance(node, ast.Constant) and node.value in keys

    for path, text in files(root, ".py"):
        for node in ast.walk(ast.parse(text)):
            here = {"file": path, "line": getattr(node, "lineno", 0), "end_line": getattr(node, "end_lineno", 0)}
            if isinstance(node, ast.Call) and node.args and is_key(node.args[0]):
                if ast.unparse(node.func).endswith((".feature", "feature_service.enabled")):
                    yield {"kind": "read", "flag": node.args[0].value, **here}
            elif isinstance(node, ast.Subscript) and is_key(node.slice) and ast.unparse(node.value).endswith("feature.flags"):
                kind = "mention" if isinstance(node.ctx, ast.Load) else "override"
                yield {"kind": kind, "flag": node.slice.value, "test": path.startswith("tests/"), **here}
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                for key in node.value.keys if ast.unparse(node.targets[0]).endswith("feature.flags") else ():
                    yield {"kind": "override", "flag": key.value, **here, "line": key.lineno}
    names = any_of(keys)
    for path, text in files(root, (".ts", ".tsx", ".js")):
        test = {"test": "/test/" in path}
        for match in re.finditer(rf"\bfeatures\??\.({names})\b(\s*=(?!=)\s*(\w+))?", text):
            set_to = {"value": state(match[3])} if match[2] else {}
            yield row("override" if match[2] else "read", match[1], path, text, match, **set_to, **test)
        for block in re.finditer(r"\bfeatures: \{[^{}]*\}", text) if test["test"] else ():
            for match in re.compile(rf"\b({names}): (\w+)").finditer(text, *block.span()):
                yield row("override", match[1], path, text, match, value=state(match[2]), test=True)


def meilisearch(root):
    """The fields of a struct, off unless a request turns them on, and Cargo's features. Calls of `check_…` are by way of a function."""
    registry = "crates/meilisearch-types/src/features.rs"
    text = text_of(root, registry)
    body = re.search(r"pub struct RuntimeTogglableFeatures \{.*?\n\}", text, re.S)
    fields = list(re.compile(r"^    pub (\w+): (Option<)?bool", re.M).finditer(text, *body.span()))
    for match in fields:
        yield row("flag", match[1], registry, text, match, default=None if match[2] else False)
    keys = [match[1] for match in fields]
    served = {re.sub(r"_(\w)", lambda letter: letter[1].upper(), key): key for key in keys}
    names = any_of(keys)
    yield from cargo_features(root)
    for path, text in files(root, ".rs"):
        code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text)
        for match in re.finditer(rf"\b(?:self\.runtime|runtime_features\(\)|old_features|persisted_features)\s*\.({names})\b", code):
            yield row("read", match[1], path, text, match)
        for outer in re.finditer(r"set_features\(\s*json!\(\{.*?\}\)", code, re.S):
            for match in re.compile(r'"(\w+)": (\w+)').finditer(code, *outer.span()):
                if match[1] in served:
                    first = text.count("\n", 0, outer.start()) + 1
                    yield {**row("override", served[match[1]], path, text, match, value=state(match[2]), test="/tests/" in path),
                           "start_line": first}
        if path.endswith(("src/features.rs", "routes/features.rs", "segment_analytics.rs")):
            for match in re.finditer(rf"\b({names})\b", code):
                yield row("mention", match[1], path, text, match)


def safe(root):
    """An enum, and an older copy of it; hooks and a function that are asked, and a handle that is made for a part of the program."""
    key = {}
    for registry in ("packages/utils/src/utils/chains.ts", "packages/store/src/gateway/types.ts"):
        text = text_of(root, registry)
        start = text.index("export enum FEATURES {")
        for match in re.compile(r"^  (\w+) = '([^']+)',$", re.M).finditer(text, start, text.index("\n}", start)):
            key[f"FEATURES.{match[1]}"] = match[2]
            yield row("flag", match[2], registry, text, match, default=None)
    name = r"(NAMES)\b"
    forms = [rf"\b(?:useHasFeature|useFeatureRedirect|features\.includes)\(\s*{name}", rf"\bhasFeature\([^,;]*?,\s*{name}",
             rf"\bcreateFeatureHandle(?:<\w+>)?\(\s*'[^']*',\s*{name}"]
    yield from asked(root, (".ts", ".tsx"), key, forms)
    for path, text in files(root, (".ts", ".tsx")):
        for outer in re.finditer(r"\bfeatures: \[[^\]]*\]|\bfeature(?:Name)? === FEATURES\.\w+", text) if in_tests(path) else ():
            for match in re.compile(rf"({any_of(key)})\b").finditer(text, *outer.span()):
                yield row("override", key[match[1]], path, text, match, value=True, test=".test." in path)


def desktop(root):
    """Exported functions of one module that give a boolean, called wherever they decide."""
    registry = "app/src/lib/feature-flag.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^export (?:function (enable\w+)\(\)|const (enable\w+) =)[^\n]*(?:\n  return (\w+)\n\})?", text, re.M):
        name = match[1] or match[2]
        key[name] = name
        at = re.search(rf"\b({name})\b", text)
        const = re.search(r"=> (true|false)$", match[0])
        yield row("flag", name, registry, text, at, default=state(match[3] or (const and const[1])))
    yield from asked(root, (".ts", ".tsx"), key, [r"\b(NAMES)\(\)"], skip=(registry,))


def console(root):
    """An enum of flags in two packages, and constants of each plug-in that are named as flags or given to the hook; a hook, a bag and a
    component that are asked, also by texts that no constant holds."""
    key = {}
    folder = "frontend/packages"
    for registry, enum in ((f"{folder}/console-shared/src/constants/common.ts", "FLAGS"),
                           (f"{folder}/operator-lifecycle-manager/src/const.ts", "Flags")):
        text = text_of(root, registry)
        start = text.index(f"export enum {enum} {{")
        for match in re.compile(r"^  (\w+) = '([^']+)',$", re.M).finditer(text, start, text.index("\n}", start)):
            key[f"{enum}.{match[1]}"] = match[2]
            yield row("flag", match[2], registry, text, match, default=None)
    sources = [(f"frontend/{path}", text) for path, text in files(os.path.join(root, "frontend"), (".ts", ".tsx", ".jsx", ".js"))]
    sources = [(path, text) for path, text in sources if not in_tests(path)]
    given = {name for _, text in sources for name in re.findall(r"\buseFlag\(\s*([A-Z_0-9]+)\s*\)", text)}
    for path, text in sources:
        for match in re.finditer(r"^export const (\w+) =\s*'([^']+)';$", text, re.M):
            if match[1] in given or re.search(r"^FLAG_|_FLAG$|_FLAG_", match[1]):
                key[match[1]] = match[2]
                yield row("flag", match[2], path, text, match, default=None)
    texts = {text for _, source in sources for text in re.findall(r"\buseFlag\(\s*'([^']+)'\s*\)", source)}
    for value in set(key.values()) | texts:
        key[f"'{value}'"] = value
    forms = [r"\buseFlag\(\s*(NAMES)(?!\w)", r"\buseFlag\([^()?]*\?\s*(NAMES)\b", r"\buseFlag\([^()?]*\?[^():]*:\s*(NAMES)\b",
             r"\bflags\[(NAMES)\]", r"\bconnectToFlags(?:<[^>]*>)?\(\s*(NAMES)(?!\w)"]
    yield from asked(root, (".ts", ".tsx", ".jsx"), key, forms)


def rush(root):
    """The fields of an interface, served by a configuration."""
    registry = "libraries/rush-lib/src/api/ExperimentsConfiguration.ts"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^  (\w+)\?: boolean;$", text, re.M):
        key[match[1]] = match[1]
        yield row("flag", match[1], registry, text, match, default=None)
    forms = [r"\b(?:experimentsConfiguration\s*\??\.configuration|experiments)\s*\??\.\s*(NAMES)\b"]
    yield from asked(root, ".ts", key, forms, skip=(registry,))


def modeler(root):
    """Constants of a module whose default export is asked; a second object of the main process, asked with the keys in writing."""
    registry = "client/src/util/Flags.js"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r"^export const (\w+) = '([^']+)';$", text, re.M):
        key[match[1]] = key[f"'{match[2]}'"] = match[2]
        yield row("flag", match[2], registry, text, match, default=None)
    for path, text in files(root, ".js"):
        for match in re.finditer(r"\bflags\.get\('([\w-]+)'", text) if not in_tests(path) else ():
            key[f"'{match[1]}'"] = match[1]
    key |= {"SENTRY_DSN_FLAG": "sentry-dsn", "DISABLE_REMOTE_INTERACTION_FLAG": "disable-remote-interaction"}
    yield from asked(root, ".js", key, [r"\b[fF]lags\.get\(\s*(NAMES)(?!\w)"], skip=(registry,))
    for path, text in files(root, ".js"):
        if not in_tests(path):
            continue
        for outer in re.finditer(r"\b(?:Flags\.init|mockFlags)\(\s*\{[^}]*\}\s*\)", text):
            for match in re.compile(rf"(?:\[\s*({any_of(key)})\s*\]|({any_of(key)})): (\w+|'[^']*')").finditer(text, *outer.span()):
                yield row("override", key[match[1] or match[2]], path, text, match, value=state(match[3]), test=True)
        for match in re.finditer(rf"\bwithArgs\(({any_of(key)})\)\.returns\((\w+)\)", text):
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), test=True)


def kops(root):
    """Variables that a constructor of the package makes; a method of each is asked; tests set them by a list of names with signs."""
    registry = "pkg/featureflag/featureflag.go"
    text = text_of(root, registry)
    key = {}
    for match in re.finditer(r'^\t(\w+) = new\("(\w+)", Bool\((true|false)\)\)', text, re.M):
        key[match[1]] = match[2]
        yield row("flag", match[2], registry, text, match, default=state(match[3]))
    for path, text in files(root, ".go"):
        is_test = path.endswith("_test.go")
        for match in re.finditer(rf"\bfeatureflag\.({any_of(key)})\.Enabled\(\)", text):
            yield row("mention" if is_test else "read", key[match[1]], path, text, match)
        for outer in re.finditer(r'\bParseFlags\("[^"]*"\)', text) if is_test else ():
            for match in re.compile(rf"([+-]?)({any_of(key.values())})\b").finditer(text, *outer.span()):
                yield row("override", match[2], path, text, match, value=match[1] != "-", test=True)


def read_the_docs(root):
    """Constants of a model that stand in its list; a method of projects is asked; tests make a row."""
    registry = "readthedocs/projects/models.py"
    found = next(node for node in ast.parse(text_of(root, registry)).body if isinstance(node, ast.ClassDef) and node.name == "Feature")
    key = {}
    for node in found.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            key[node.targets[0].id] = node.value.value
            yield {"kind": "flag", "flag": node.value.value, "file": registry, "line": node.lineno, "default": None}
    yield from asked(root, ".py", {f"Feature.{name}": value for name, value in key.items()}, [r"\bhas_feature\(\s*(NAMES)\b"])
    for path, text in files(root, ".py"):
        for match in re.finditer(rf"\bget\(\s*Feature,[^()]*?feature_id=Feature\.({any_of(key)})\b", text) if in_tests(path) else ():
            yield row("override", key[match[1]], path, text, match, value=True, test=True)


def deno(root):
    """Records of a static list; a set that is asked, by a key in writing or by the constant of a crate. And Cargo's features."""
    registry = "runtime/features/data.rs"
    text = text_of(root, registry)
    keys = set()
    for match in re.compile(r'^    name: "([\w-]+)",$', re.M).finditer(text):
        keys.add(match[1])
        yield row("flag", match[1], registry, text, match, default=None)
    names = any_of(keys)
    constant = re.compile(r'\bpub const UNSTABLE_FEATURE_NAME: &str = "([\w-]+)";')
    for path, text in files(root, ".rs"):
        own = constant.search(text)
        tests = re.search(r"^#\[cfg\(test\)\]\nmod ", text, re.M)
        code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text[:tests.start() if tests else None])
        if in_tests(path) or path.startswith("tests/"):
            continue
        asked_by = r"\b(?:has_unstable|check_or_exit|checker\.check|check_unstable)\((?:\s*state,)?\s*"
        for match in re.finditer(rf'{asked_by}"({names})"', code):
            yield row("read", match[1], path, text, match)
        for match in re.finditer(rf"{asked_by}(UNSTABLE_FEATURE_NAME)\b", code) if own else ():
            yield row("read", own[1], path, text, match)
        for match in re.finditer(rf'"({names})"', text):
            yield row("mention", match[1], path, text, match)
    yield from cargo_features(root)


def kickstarter(root):
    """Three enums of keys, asked of three clients; tests give maps, or objects that answer by `when`."""
    key = {}
    folder = "app/src/main/java/com/kickstarter/libs/featureflag"
    for file, enum in (("FeatureFlagClient.kt", "FlagKey"), ("FeatureFlagClient.kt", "FlipperFlagKey"), ("StatsigClient.kt", "StatsigGateKey")):
        text = text_of(root, f"{folder}/{file}")
        start = re.search(rf"enum class {enum}\(", text).start()
        for match in re.compile(r'^    (\w+)\("([^"]+)"\)', re.M).finditer(text, start, text.index("\n}", start)):
            key[f"{enum}.{match[1]}"] = match[2]
            yield row("flag", match[2], f"{folder}/{file}", text, match, default=None)
    by = r"\b(?:getBoolean|checkGate|getFeatureGate|isBackendEnabledFlag)\((?:[^;{}]*?[\s(=,.])?(NAMES)\b"
    yield from asked(root, ".kt", key, [by])
    for path, text in files(root, ".kt"):
        for match in re.finditer(rf"\b({any_of(key)})\b(?:\.key to| ->) (true|false)", text) if in_tests(path) else ():
            yield row("override", key[match[1]], path, text, match, value=state(match[2]), test=True)
        for match in re.finditer(rf"\b({any_of(key)})(?:,\n|\) \{{)", text) if in_tests(path) else ():
            yield row("override", key[match[1]], path, text, match, value=True, test=True)


def main():
    readers = {"bitwarden": bitwarden, "h": hypothesis, "karmada": karmada, "meilisearch": meilisearch, "safe": safe,
               "desktop": desktop, "console": console, "rush": rush, "modeler": modeler, "kops": kops, "readthedocs": read_the_docs,
               "deno": deno, "kickstarter": kickstarter, **registries_more.READERS, **registries_seventh.READERS,
               **registries_eighth.READERS, **registries_ninth.READERS, **registries_tenth.READERS,
               **registries_eleventh.READERS}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(readers))
    parser.add_argument("checkout")
    args = parser.parse_args()
    rows = list(readers[args.name](args.checkout))
    strong = {(of["flag"], of["file"], of["line"]) for of in rows if of["kind"] in ("read", "override")}
    for of in rows:
        if of["kind"] != "mention" or (of["flag"], of["file"], of["line"]) not in strong:
            print(json.dumps(of))


if __name__ == "__main__":
    main()
