#!/usr/bin/env python3
"""Breaks planted into a real repository: does `flagman conflicts` see them?

usage: planted.py FLAGMAN REPOSITORY REVISION [COUNT [SEED]] [--list]

For up to COUNT (40) exported TypeScript functions of REVISION that another file imports and calls on one line, drawn with SEED (1): one branch gives
the function one required parameter more, or another name; the other adds a file beside the caller that imports it and calls it as the caller does.
Git merges both cleanly. REPOSITORY is left alone: the branches lie in a scratch repository that borrows its objects.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

WHO = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in (("NAME", "t"), ("EMAIL", "t@example.org"))}


def git(folder, *arguments, text=None):
    answer = subprocess.run(["git", "-C", str(folder), *arguments], input=text, text=True, capture_output=True, errors="replace", env={**os.environ, **WHO})
    return answer.stdout


def branch(folder, name, base, path, text):
    blob = git(folder, "hash-object", "-w", "--stdin", text=text).strip()
    git(folder, "read-tree", base)
    git(folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    tree = git(folder, "write-tree", "--missing-ok").strip()
    commit = git(folder, "commit-tree", tree, "-p", base, "-m", name).strip()
    git(folder, "update-ref", f"refs/heads/{name}", commit)


def candidates(folder, base):
    """(name, file with the function, its text, caller, import line, call line)"""
    found = git(folder, "grep", "-nE", r"^export (async )?function \w+\(", base, "--", "*.ts", "*.tsx").splitlines()
    once = {}
    for line in found:
        _, path, _, text = line.split(":", 3)
        once.setdefault(re.search(r"function (\w+)", text).group(1), []).append(path)
    calls = git(folder, "grep", "-nE", r"^import \{ \w+ \} from ", base, "--", "*.ts", "*.tsx").splitlines()
    for line in calls:
        _, caller, _, text = line.split(":", 3)
        name = re.search(r"\{ (\w+) \}", text).group(1)
        if len(once.get(name, [])) == 1 and once[name][0] != caller:
            yield name, once[name][0], caller, text


def call_in(text, name):
    for line in text.splitlines():
        found = re.search(rf"(?<![\w.]){name}\(([^()]*)\)", line)
        if found and "function" not in line and "..." not in line:
            return found.group(0)
    return None


def main():
    words = [word for word in sys.argv[1:] if word != "--list"]
    flagman, source, revision = words[:3]
    count, seed = int((words[3:] or [40])[0]), int((words[4:] or [1])[0])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder) / "r"
        git(folder.parent, "init", "--quiet", str(folder))
        objects = git(source, "rev-parse", "--git-path", "objects").strip()
        (folder / ".git/objects/info").mkdir(exist_ok=True)
        (folder / ".git/objects/info/alternates").write_text(f"{(pathlib.Path(source) / objects).resolve()}\n")
        inherited = pathlib.Path(source) / objects / "info/alternates"
        if inherited.exists():
            with open(folder / ".git/objects/info/alternates", "a") as list_:
                list_.write(inherited.read_text())
        base = git(source, "rev-parse", revision).strip()
        rows = sorted(set(candidates(folder, base)))
        random.Random(seed).shuffle(rows)
        planted, seen = 0, {"signature": 0, "renamed": 0}
        for name, path, caller, line in rows:
            if planted == count:
                break
            text = git(folder, "show", f"{base}:{path}")
            call = call_in(git(folder, "show", f"{base}:{caller}"), name)
            head = re.search(rf"function {name}\(([^()]*)\)", text)
            if call is None or head is None or text.count(f"{name}(") != 1 or ("..." in head.group(1)):
                continue
            planted += 1
            parameters = head.group(1).rstrip().rstrip(",")
            more = f"function {name}({parameters}{', ' if parameters.strip() else ''}planted: number)"
            if "=" in parameters or "?:" in parameters:
                more = f"function {name}(planted: number, second: number, third: Planted, fourth: Planted, fifth: Planted)"
            branch(folder, f"signature/{planted}", base, path, text.replace(head.group(0), more))
            branch(folder, f"renamed/{planted}", base, path, text.replace(head.group(0), head.group(0).replace(name, f"{name}Anew")))
            new = str(pathlib.PurePosixPath(caller).parent / f"planted{planted}.ts")
            branch(folder, f"caller/{planted}", base, new, f"{line}\n\nexport const planted = () => {call};\n")
            for kind in seen:
                command = [flagman, "conflicts", "--project", str(folder), "--format", "json", "--branches", f"{kind}/{planted}", f"caller/{planted}"]
                out = subprocess.run(command, capture_output=True, text=True)
                pairs = json.loads(out.stdout)["pairs"] if out.stdout else []
                hit = any(finding["kind"] == kind for pair in pairs for finding in pair["findings"])
                seen[kind] += hit
                if "--list" in sys.argv and not hit:
                    print(kind, name, path, caller, line, call, out.stderr[:200])
        print(json.dumps({"planted": planted, "seen": seen}))


if __name__ == "__main__":
    main()
