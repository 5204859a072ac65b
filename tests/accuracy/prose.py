#!/usr/bin/env python3
"""Which files a commit changed, told by `flagman prds` from nothing but the commit's message, at its parent.

usage: prose.py FLAGMAN PAIRS.jsonl MIRROR [--limit N] [--dump OUT.jsonl]

A row of PAIRS.jsonl: {"id", "repo", "commit", "parent", "files": [path]}, the files being those of the parent's tree that count as changed.
MIRROR/<owner>+<name>/repo is a git folder that has the commits. In a scratch work tree at each parent the message is written as the only PRD, and
flagman is asked for it; nothing of the commit itself is there to be seen (HEAD is the parent). Files are ranked by the best score of their
touchpoints, then by path; several files of one score share no place. `--limit N` takes N rows of each repository, evenly spread.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

PRD = "docs/prds/001-what-to-do.md"
# No rules for flags: they have most files parsed, and the guess needs them only to tell some tests from code.
RULES = pathlib.Path(__file__).resolve().parents[2] / "rules/flags"
WITHOUT = sorted(str(path.relative_to(RULES).with_suffix("")) for path in RULES.rglob("*.toml"))
CONFIGURATION = f'[prds]\npaths = ["{PRD}"]\n[flags]\nwithout = {json.dumps(WITHOUT)}\n'
# Lines that say nothing of the work: trailers, check boxes, lists of squashed commits, comments of a template.
TRAILER = re.compile(
    r"\s*(co-authored-by|signed-off-by|reviewed-by|closes|fixes|resolves|refs?|change-id|tested-by|approved-by|---+|\*{3,}|<!--|r\?)\b", re.I
)
BOX = re.compile(r"\s*[-*]\s*\[[ x]\]", re.I)
SQUASHED = re.compile(r"\s*\*\s+(fix|chore|feat|wip|lint|update|merge|address|review|format|tweak|typo|cleanup|changeset)\b.{0,60}$", re.I)


def git(folder, *arguments):
    answer = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, errors="replace")
    if answer.returncode:
        raise RuntimeError((arguments, answer.stderr[-400:]))
    return answer.stdout


def check_out(tree, commit):
    """The commit's files; those whose blobs the mirror lacks (very large ones) are left out."""
    git(tree, "update-ref", "--no-deref", "HEAD", commit)
    git(tree, "read-tree", commit)
    subprocess.run(["git", "-C", str(tree), "checkout-index", "--quiet", "--force", "--all"], capture_output=True)
    git(tree, "clean", "-qfdx")


def prose(folder, commit):
    """The message as a document: its subject is the title."""
    subject, _, body = git(folder, "log", "-1", "--format=%s%n%n%b", commit).partition("\n")
    body = re.sub(r"<!--.*?(-->|\Z)", " ", body, flags=re.S)
    kept = [line for line in body.splitlines() if not any(mark.match(line) for mark in (TRAILER, BOX, SQUASHED))]
    body = "\n".join(re.sub(r"https?://\S+", " ", line) for line in kept).strip()
    return "# " + re.sub(r"\s*\(#\d+\)\s*$", "", subject) + "\n\n" + body + "\n"


def ranked(answer):
    """The files with their scores, best first."""
    scores = collections.defaultdict(float)
    for touch in answer["prds"][0]["touchpoints"]:
        if touch["path"]:
            scores[touch["path"]] = max(scores[touch["path"]], touch["score"])
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def main():
    flagman, pairs, mirror = sys.argv[1:4]
    options = dict(zip(sys.argv[4::2], sys.argv[5::2]))
    limit = int(options.get("--limit", 10**9))
    dump = open(options["--dump"], "w") if "--dump" in options else None
    by_repository = collections.defaultdict(list)
    for line in open(pairs):
        row = json.loads(line)
        by_repository[row["repo"]].append(row)
    every, sure = [], [0, 0]
    for name, rows in sorted(by_repository.items()):
        rows = rows[:: max(1, len(rows) // limit)][:limit]
        source = pathlib.Path(mirror).resolve() / name.replace("/", "+") / "repo"
        figures, high, seconds = [], [0, 0], 0.0
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder) / "tree"
            git(folder, "init", "--quiet", str(tree))
            (tree / ".git/objects/info/alternates").write_text(f"{source / 'objects'}\n")
            for row in rows:
                check_out(tree, row["parent"])
                document = tree / PRD
                document.parent.mkdir(parents=True, exist_ok=True)
                document.write_text(prose(tree, row["commit"]))
                (tree / "flagman.toml").write_text(CONFIGURATION)
                began = time.monotonic()
                out = subprocess.run([flagman, "prds", "--project", str(tree), "--format", "json"], capture_output=True, text=True)
                seconds += time.monotonic() - began
                files = ranked(json.loads(out.stdout)) if out.stdout else []
                place = {path: at + 1 for at, (path, _) in enumerate(files)}
                truth = {path for path in row["files"] if (tree / path).is_file()}
                if not truth:
                    continue
                first = min((place[path] for path in truth if path in place), default=None)
                recall = [sum(place.get(path, most + 1) <= most for path in truth) / len(truth) for most in (5, 10, 20)]
                figures.append([*recall, 1 / first if first else 0.0])
                high[0] += sum(score >= 0.8 for _, score in files)
                high[1] += sum(score >= 0.8 and path in truth for path, score in files)
                if dump:
                    touches = json.loads(out.stdout)["prds"][0]["touchpoints"] if out.stdout else []
                    dump.write(json.dumps({"id": row["id"], "repo": name, "truth": sorted(truth), "touchpoints": touches}) + "\n")
        say(name, figures, high, seconds)
        every += figures
        sure = [sure[0] + high[0], sure[1] + high[1]]
    say("all", every, sure, 0.0)


def say(name, figures, high, seconds):
    means = [sum(column) / len(figures) for column in zip(*figures)] if figures else [0.0] * 4
    told = " ".join(f"{word} {mean:.3f}" for word, mean in zip(("r@5", "r@10", "r@20", "mrr"), means))
    share = f"{high[1]}/{high[0]}"
    print(f"{name}: {len(figures)} commits, {told}; of score >= 0.8: {share} changed; {seconds / max(1, len(figures)):.1f} s each", flush=True)


if __name__ == "__main__":
    main()
