#!/usr/bin/env python3
"""Phases for sets of concurrent changes whose branches are there, through one `flagman plan` each.

usage: plans.py FLAGMAN PLANS.jsonl FOLDER WAVES.jsonl

A row of PLANS.jsonl: {"plan", "set", "changes": [{"pr"}], "min_waves_conflict"}; FOLDER/<set> is a repository with the branch `base` and a branch
pr/<pr> for each change. One PRD is written for each change, which names its branch and nothing else, over the files of `base`.
A row of WAVES.jsonl, which is written: {"plan", "waves": [[number of the change, …], …]}. Plans whose set has no folder are left out.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import time


def planned(flagman, folder, changes):
    # A copy may lack its largest files: what is there is checked out.
    subprocess.run(["git", "-C", str(folder), "read-tree", "base"], check=True)
    subprocess.run(["git", "-C", str(folder), "checkout-index", "-a", "-f", "-q"], capture_output=True)
    prds = folder / ".plans"
    shutil.rmtree(prds, ignore_errors=True)
    prds.mkdir()
    for at, change in enumerate(changes):
        head = f"---\nid: {at:03}-change\nbranch: pr/{change['pr']}\n---\n"
        (prds / f"{at:03}-change.md").write_text(f"{head}# Change {change['pr']}\n")
    (folder / "flagman.toml").write_text('[prds]\npaths = [".plans/*.md"]\n')
    start = time.monotonic()
    out = subprocess.run([flagman, "plan", "--format", "json", "--project", str(folder)], capture_output=True, text=True)
    if not out.stdout:
        sys.exit(f"{folder}: {out.stderr}")
    return json.loads(out.stdout), time.monotonic() - start


def main():
    flagman, plans, root, to = sys.argv[1:5]
    with open(to, "w") as waves:
        for line in open(plans):
            row = json.loads(line)
            folder = pathlib.Path(root) / row["set"]
            if not folder.is_dir():
                continue
            answer, seconds = planned(flagman, folder, row["changes"])
            numbers = [[int(prd[:3]) for prd in phase["merge_order"]] for phase in answer["phases"]]
            waves.write(json.dumps({"plan": row["plan"], "waves": numbers}) + "\n")
            waves.flush()
            proof, alone = answer["optimality"]["proof"], len(answer.get("alone", []))
            print(f"{row['plan']}: {len(row['changes'])} changes in {len(numbers)} phases ({proof}), fewest {row['min_waves_conflict']}, {alone} alone, {seconds:.0f} s")


if __name__ == "__main__":
    main()
