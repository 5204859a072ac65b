#!/usr/bin/env python3
"""Replays real merges through `flagman conflicts` and compares the answers with the record.

usage: merges.py FLAGMAN MERGES.jsonl MIRROR [--list]

A row of MERGES.jsonl: {"repo", "ours", "theirs", "conflict": bool, "files": [path]}. MIRROR/<owner>+<name>/repo is a git folder that has the commits. For
each repository a scratch repository is made that borrows its objects, with one pair of branches for each merge; rows whose commits are missing are
counted and left out.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time


def git(folder, *arguments, text=None):
    return subprocess.run(["git", "-C", str(folder), *arguments], input=text, text=True, capture_output=True)


def scratch(folder, mirror, rows):
    """A repository with branches a/<n> and b/<n>; the rows that have both commits."""
    git(folder.parent, "init", "--quiet", str(folder))
    (folder / ".git/objects/info").mkdir(exist_ok=True)
    (folder / ".git/objects/info/alternates").write_text(f"{mirror / 'objects'}\n")
    asked = "".join(f"{row['ours']}\n{row['theirs']}\n" for row in rows)
    kinds = git(folder, "cat-file", "--batch-check=%(objecttype)", text=asked).stdout.split("\n")
    found = [(n, row) for n, row in enumerate(rows) if kinds[2 * n] == kinds[2 * n + 1] == "commit"]
    update = "".join(f"create refs/heads/a/{n} {row['ours']}\ncreate refs/heads/b/{n} {row['theirs']}\n" for n, row in found)
    answer = git(folder, "update-ref", "--stdin", text=update)
    assert answer.returncode == 0, answer.stderr
    return found


def main():
    flagman, merges, mirror = sys.argv[1:4]
    listed = "--list" in sys.argv
    by_repository = {}
    for line in open(merges):
        row = json.loads(line)
        by_repository.setdefault(row["repo"], []).append(row)
    total = {"merges": 0, "missing": 0, "verdict": 0, "files": 0, "conflicts": 0, "unknown": 0}
    for name, rows in sorted(by_repository.items()):
        source = pathlib.Path(mirror) / name.replace("/", "+") / "repo"
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder) / "r"
            found = scratch(folder, source, rows) if source.exists() else []
            began, right = time.process_time(), 0
            for n, row in found:
                command = [flagman, "conflicts", "--project", str(folder), "--all", "--format", "json"]
                out = subprocess.run([*command, "--branches", f"a/{n}", f"b/{n}"], capture_output=True, text=True)
                try:
                    pair = json.loads(out.stdout)["pairs"][0]
                except (ValueError, IndexError):
                    pair = {"verdict": "none", "files": []}
                verdict = {"conflict": True, "overlap": False, "clean": False}.get(pair["verdict"])
                files = sorted({file["path"] for file in pair["files"]})
                total["unknown"] += verdict is None
                total["conflicts"] += row["conflict"]
                total["verdict"] += verdict == row["conflict"]
                same = verdict == row["conflict"] and (not row["conflict"] or files == sorted(set(row["files"])))
                total["files"] += same
                right += same
                if listed and not same:
                    print(name, row["ours"][:12], row["theirs"][:12], pair["verdict"], files, "record:", row["conflict"], row["files"], out.stderr[:300])
            total["merges"] += len(found)
            total["missing"] += len(rows) - len(found)
            print(f"{name}: {len(found)} of {len(rows)} merges, {right} as recorded")
    print(json.dumps(total))


if __name__ == "__main__":
    main()
