#!/usr/bin/env python3
"""Truth for four public repositories, read off their own registries of flags, in the rows of flags.py.

Enters: a name (h, karmada, bitwarden, meilisearch) and a checkout of it. Leaves: rows on the standard output.
Definitions come from the registry, by the language's own parser where Python has one; reads and forces from an exact pattern for each
form in which the repository asks for a flag or sets one. Nothing of flagman takes part in it. Not part of CI.
"""

import argparse
import ast
import json
import os
import re
import tomllib

SKIPPED = {".git", "node_modules", "vendor", "target"}


def files(root, ending):
    """The texts of a checkout whose paths end so."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            if name.endswith(ending):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8-sig", errors="replace") as file:
                    yield os.path.relpath(path, root), file.read()


def text_of(root, path):
    with open(os.path.join(root, path), encoding="utf-8-sig") as file:
        return file.read()


def row(kind, flag, path, text, match, **more):
    """A row at a match, its line that of the first group."""
    line = text.count("\n", 0, match.start(1)) + 1
    first, last = (text.count("\n", 0, at) + 1 for at in match.span())
    return {"kind": kind, "flag": flag, "file": path, "line": line, "start_line": first, "end_line": last, **more}


def state(text):
    return {"true": True, "false": False}.get((text or "").strip().lower())


def any_of(names):
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


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
    manifests = {path: (tomllib.loads(text), text) for path, text in files(root, "Cargo.toml")}
    cargo = set()
    for path, (manifest, text) in manifests.items():
        given = manifest.get("features", {})
        optional = {name for table in ("dependencies", "build-dependencies") for name, of in manifest.get(table, {}).items()
                    if isinstance(of, dict) and of.get("optional")}
        named = {value for values in given.values() for value in values}
        features = (set(given) - {"default"}) | {name for name in optional if f"dep:{name}" not in named}
        on, todo = set(), ["default"]
        while todo:
            feature = todo.pop()
            if feature not in on:
                on.add(feature)
                todo += [value for value in given.get(feature, []) if "/" not in value]
        cargo |= features
        for feature in sorted(features):
            at = re.search(rf'^"?({re.escape(feature)})"?\s*=', text, re.M)
            yield row("flag", feature, path, text, at, default=feature in on)
    condition = r'\bcfg(?:_attr)?!?\s*\((?:[^()"]|"[^"]*"|\((?:[^()"]|"[^"]*"|\([^()]*\))*\))*\)'
    for path, text in files(root, ".rs"):
        code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text)
        for match in re.finditer(rf"\b(?:self\.runtime|runtime_features\(\)|old_features|persisted_features)\s*\.({names})\b", code):
            yield row("read", match[1], path, text, match)
        for outer in re.finditer(condition, code):
            for match in re.compile(r'feature\s*=\s*"([^"]+)"').finditer(code, *outer.span()):
                if match[1] in cargo:
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


def main():
    readers = {"bitwarden": bitwarden, "h": hypothesis, "karmada": karmada, "meilisearch": meilisearch}
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
