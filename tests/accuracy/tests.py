#!/usr/bin/env python3
"""What `flagman flags` says of tests, against what they really did.

Enters: the JSON of `flagman flags --format json`, and a file of truth for the same commit, one JSON object a line, in one of two forms:
  {"kind": "test", "flag", "file", "test", "mode"}   the suite was run with the flag flipped and this test failed: `default_on` (its
                                                     default was flipped, stubs won), `force_on`, `force_off` (stubs overridden)
  {"kind": "run", "flag", "mode", "paths"?}          such a run was made: tests of its flag that are not listed passed; with `paths` it
                                                     covered these files and no others
  {"kind": "file", "file"}                            the runs covered this file, whether or not one of its tests failed
  {"file", "line", "end_line", "test", "assumes": {flag: "on"}}   a test that sets the flag itself, by its own words
Leaves: for the verdicts of tests with a known need the figures by verdict; for tests that set a flag, those found, missed and false.

A test of which flagman says nothing is missed, never false. Not part of CI: see flags.py beside this file.
"""

import argparse
import collections
import json
import re


LEFT_OUT = {"maintenanceMode"}  # It stops everything: it would be most of every figure.


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def said(document):
    for flag in document["flags"]:
        for test in flag["tests"]:
            yield flag["key"], test, " ".join([*test["suite"], test["name"]])


def named(broken, path, name):
    """The tests of this name; the runner has put the row of a table into the title (`%s`, `$name`, `${…}`)."""
    holes = re.split(r"%[sdifjoOc#]|\$\{[^}]*\}|\$[A-Za-z_.]+", name)
    pattern = re.compile(".*".join(map(re.escape, holes)), re.S)
    return {(file, test) for file, test in broken if file == path and pattern.fullmatch(test)}


def flipped(document, truth, rows):
    """Verdicts against a suite that ran both ways."""
    ran = {(row["flag"], row["mode"]): row.get("paths") for row in truth if row["kind"] == "run"}
    covered = lambda flag, mode, path: (flag, mode) in ran and (ran[flag, mode] is None or path in ran[flag, mode])
    # A folder of which the runs name no file was not run: nothing is known of its tests.
    folder = lambda path: tuple(path.split("/")[:2])
    suites = {folder(row["file"]) for row in truth if "file" in row}
    broke = collections.defaultdict(set)
    for row in truth:
        if row["kind"] == "test" and row.get("again") != "passed" and not row.get("suspect"):
            broke[row["flag"], row["mode"]].add((row["file"], row["test"]))
    states = {flag["key"]: flag["defaults"]["declared"] for flag in document["flags"]}
    declared = {flag: state for flag, state in states.items() if state in ("on", "off")}
    counts, hit, shown = collections.Counter(), collections.defaultdict(set), []
    for flag, test, name in said(document):
        if flag in LEFT_OUT:
            continue
        if test["needs"] not in ("on", "off"):
            continue
        if not any(ran.values()) and folder(test["path"]) not in suites:
            counts[test["verdict"], test["certainty"], "not run"] += 1
            continue
        rows.append({"flag": flag, "file": test["path"], "test": name, "assumes": test["needs"], "stubbed": test["supply"] == "stub"})
        # The run that would break it, were the verdict true.
        mode = "default_on" if test["verdict"] in ("fragile", "blocked") else {"on": "force_off", "off": "force_on"}[test["needs"]]
        if not covered(flag, mode, test["path"]):
            outcome = "not run"
        elif test["verdict"] == "blocked":
            outcome = "wrong"  # Every test of the base run passed.
        elif test["verdict"] in ("fragile", "ok"):
            broken = named(broke[flag, mode], test["path"], name)
            outcome = "right" if broken else "wrong"
        else:
            outcome = "no claim"
        counts[test["verdict"], test["certainty"], outcome] += 1
        if outcome == "wrong":
            shown.append(("wrong", (flag, mode, test["path"], test["line"], test["verdict"], test["certainty"], name)))
        # A test that needs the default and has it by that breaks as well where the flag is forced to the other state.
        for mode in ("default_on", {"on": "force_off", "off": "force_on"}[test["needs"]]):
            if mode != "default_on" or test["needs"] == declared.get(flag, "off"):
                hit[mode] |= {(flag, *of) for of in named(broke[flag, mode], test["path"], name)}
    for (verdict, certainty, outcome), count in sorted(counts.items()):
        print(f"{verdict:14} {certainty:9} {outcome:9} {count:5}")
    for mode in ("default_on", "force_off", "force_on"):
        total = {(flag, *test) for (flag, of), tests in broke.items() if of == mode and flag not in LEFT_OUT for test in tests}
        shown += [("missed", (flag, mode, *of)) for flag, *of in sorted(total - hit[mode])]
        print(f"broke by {mode:11} {len(total):4}  foretold {len(hit[mode] & total):4}")
    return shown


def labelled(document, truth):
    """Tests that set a flag themselves."""
    judged = {row["file"] for row in truth}
    key = lambda flag: flag.removeprefix("Feature::").replace("-", "_")
    wanted = {(key(flag), row["file"], row["test"]) for row in truth for flag, value in row["assumes"].items() if value == "on"}
    soft = {(key(flag), row["file"], row["test"]) for row in truth for flag in [*row["assumes"], *row["labels"], *row["z"],
                                                                              *row["cargo_features"], *row["unstable_config"]]}
    known = {flag for flag, _, _ in wanted}
    found, blocked = set(), 0
    for flag, test, _ in said(document):
        if test["verdict"] == "blocked" and test["path"] in judged:
            blocked += 1
        if test["runs_with"] == "on" and test["supply"] == "stub" and test["path"] in judged and key(flag) in known:
            found.add((key(flag), test["path"], test["name"]))
    false = found - wanted - soft
    print(f"sets the flag: right {len(found & wanted)}  false {len(false)}  missed {len(wanted - found)};  blocked {blocked}")
    return [("false", row) for row in sorted(false)] + [("missed", row) for row in sorted(wanted - found)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flags", help="output of `flagman flags --format json`")
    parser.add_argument("truth", help="rows of truth")
    parser.add_argument("--rows", help="write the predictions as rows")
    parser.add_argument("--list", action="store_true", help="list what is missed and what is false")
    args = parser.parse_args()
    with open(args.flags, encoding="utf-8") as file:
        document = json.load(file)
    truth, rows = lines(args.truth), []
    if any("kind" in row for row in truth):
        shown = flipped(document, [row for row in truth if "kind" in row], rows)
    else:
        shown = labelled(document, truth)
    if args.rows:
        with open(args.rows, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    if args.list:
        for what, row in shown:
            print(what, *row)


if __name__ == "__main__":
    main()
