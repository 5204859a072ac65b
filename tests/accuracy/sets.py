#!/usr/bin/env python3
"""All pairs of sets of branches through one `flagman conflicts` each, against the record.

usage: sets.py FLAGMAN SETS.jsonl FOLDER

A row of SETS.jsonl: {"set", "members": [{"pr"}], "pair_truth": [[a, b, conflict, files of both, conflicting files]]}; FOLDER/<set> is a repository
with a branch pr/<pr> for each member. Sets that have no folder are left out.
"""
import json
import pathlib
import subprocess
import sys


def said(flagman, folder):
    command = [flagman, "conflicts", "--project", str(folder), "--branches", "pr/*", "--all", "--format", "json"]
    out = subprocess.run(command, capture_output=True, text=True)
    pairs = json.loads(out.stdout)["pairs"]
    return {frozenset((pair["a"], pair["b"])): (pair["verdict"], {file["path"] for file in pair["files"]}) for pair in pairs}


def main():
    flagman, sets, root = sys.argv[1:4]
    for line in open(sets):
        row = json.loads(line)
        folder = pathlib.Path(root) / row["set"]
        if not folder.is_dir():
            continue
        answer, wrong = said(flagman, folder), 0
        recorded = {}
        for a, b, conflict, _, files in row["pair_truth"]:
            recorded[frozenset(f"pr/{row['members'][n]['pr']}" for n in (a, b))] = set(files) if conflict else None
        for pair, (verdict, files) in answer.items():
            truth = recorded.get(pair)
            wrong += (verdict == "conflict") != (truth is not None) or (truth is not None and files != truth)
        wrong += len(recorded.keys() - answer.keys())
        unknown = sum(verdict == "unknown" for verdict, _ in answer.values())
        conflicts = sum(files is not None for files in recorded.values())
        print(f"{row['set']}: {len(answer)} pairs, {conflicts} conflicts, {wrong} wrong, {unknown} unknown")


if __name__ == "__main__":
    main()
