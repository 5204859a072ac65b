#!/usr/bin/env python3
"""Rows for merges.py out of the history of a repository: its merges with two parents, as `git merge-tree` decides them today.

usage: merges_of.py OWNER/NAME MIRROR [COUNT [SEED]] [--conflicting]

Enters: MIRROR/<owner>+<name>/repo, a git folder. Leaves: up to COUNT (500) rows on the standard output, drawn at random with SEED (1) among
the merges whose parents both left their merge base (with --conflicting: only those that conflict): {"repo", "ours", "theirs", "conflict": bool, "files": [path]}.
"""
import json
import pathlib
import random
import subprocess
import sys


def git(folder, *arguments):
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True)


def decided(folder, ours, theirs):
    """Whether git finds a conflict, and in which files; nothing where it cannot tell (no common commit, say)."""
    answer = git(folder, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
    if answer.returncode not in (0, 1):
        return None
    paths = answer.stdout.decode(errors="surrogateescape").split("\0")[1:]
    return answer.returncode == 1, sorted({path for path in paths if path})


def main():
    words = [word for word in sys.argv[1:] if word != "--conflicting"]
    name, mirror, count, seed = words[0], words[1], int((words[2:] or [500])[0]), int((words[3:] or [1])[0])
    folder = pathlib.Path(mirror) / name.replace("/", "+") / "repo"
    log = git(folder, "rev-list", "--merges", "--parents", "HEAD").stdout.decode().splitlines()
    pairs = sorted({tuple(line.split()[1:]) for line in log if len(line.split()) == 3})
    random.Random(seed).shuffle(pairs)
    for ours, theirs in pairs:
        if count == 0:
            break
        base = git(folder, "merge-base", ours, theirs).stdout.decode().strip()
        if base in ("", ours, theirs):
            continue
        found = decided(folder, ours, theirs)
        if found is None or ("--conflicting" in sys.argv and not found[0]):
            continue
        count -= 1
        print(json.dumps({"repo": name, "ours": ours, "theirs": theirs, "conflict": found[0], "files": found[1]}))


if __name__ == "__main__":
    main()
