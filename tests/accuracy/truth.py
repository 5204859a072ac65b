"""What the makers of truth in this folder share: the files of a checkout, rows, and reads by a form.

Enters: a checkout, texts, names. Leaves: rows as flags.py reads them. Nothing of flagman takes part in it. Not part of CI.
"""

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
    line = text.count("\n", 0, max(match.start(1), match.start())) + 1
    first, last = (text.count("\n", 0, at) + 1 for at in match.span())
    return {"kind": kind, "flag": flag, "file": path, "line": line, "start_line": first, "end_line": last, **more}


def state(text):
    return {"true": True, "false": False}.get((text or "").strip().lower())


def any_of(names):
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


def in_tests(path):
    """Tests, stories, mocks and fixtures by where they lie."""
    return re.search(r"(?:^|/)(?:__tests__|__mocks__|tests?|mocks?|e2e|integration-tests|fixtures?|testing|test-utils)/"
                     r"|\.(?:test|spec|stories|e2e)\.\w+$|(?:Spec|_test|Test)\.\w+$|(?:^|/)test_\w+\.py$", path) is not None


def uncommented(text):
    """The text with its comments blanked, every line where it was."""
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", lambda comment: re.sub(r"[^\n]", " ", comment[0]), text, flags=re.S)


def asked(root, endings, key, forms, is_test=in_tests, skip=()):
    """Reads outside of tests by these forms, each with a hole for the names, and mentions wherever else a name stands."""
    names = any_of(key)
    for path, text in files(root, endings):
        if path in skip:
            continue
        code = uncommented(text)
        if not is_test(path):
            for form in forms:
                for match in re.finditer(form.replace("NAMES", names), code, re.S):
                    yield row("read", key[match[1]], path, text, match)
        for match in re.finditer(rf"(?<!\w)({names})(?!\w)", text):
            yield row("mention", key[match[1]], path, text, match)


def cargo_features(root):
    """Cargo's features, on where `default` names them, and the conditions that ask for them."""
    manifests = {path: (tomllib.loads(text), text) for path, text in files(root, "Cargo.toml") if not in_tests(path)}
    cargo = set()
    for path, (manifest, text) in manifests.items():
        given = manifest.get("features", {})
        tables = [manifest, *manifest.get("target", {}).values()]
        optional = {name for at in tables for table in ("dependencies", "build-dependencies") for name, of in at.get(table, {}).items()
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
            if at:
                yield row("flag", feature, path, text, at, default=feature in on)
    condition = r'\bcfg(?:_attr)?!?\s*\((?:[^()"]|"[^"]*"|\((?:[^()"]|"[^"]*"|\([^()]*\))*\))*\)'
    for path, text in files(root, ".rs"):
        code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment[0]), text)
        for outer in re.finditer(condition, code):
            for match in re.compile(r'feature\s*=\s*"([^"]+)"').finditer(code, *outer.span()):
                if match[1] in cargo:
                    yield row("read", match[1], path, text, match)
