#!/usr/bin/env python3
"""Precision and recall of `flagman flags` on a real repository.

Enters: the JSON of `flagman flags --format json`, and a file of truth for the same commit: one JSON object a line,
  {"kind": "meta", "paths": ["src"]}                        only these folders are judged (optional)
  {"kind": "flag", "flag", "default", "file", "line"}       a flag; `default` true, false or null; more places in `*_line`, `also`
  {"kind": "read", "flag", "file", "line", "end_line"}      must be found
  {"kind": "override", "flag", "file", "line", "value"}     a place that sets it; `value` true, false or anything else
  {"kind": "mention", "flag", "file", "line"}               counts neither way
  {"kind": "neutral", "flag"}                               a flag of which the registry says nothing: it counts neither way
Leaves: figures for definitions, defaults, reads and forces on the standard output; with `--rows FILE` the predictions as rows
{"kind": "flag"|"read", "flag", "file", "line", "default"}; with `--list` every row that is missed or false.

Not part of CI: truth is made by hand or by other tools, for one commit of somebody else's repository.
"""

import argparse
import json


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def places_of(flag):
    """Every place at which a definition may be shown."""
    file = flag["file"]
    found = {(file, flag["line"])}
    found |= {(flag.get("default_file", file), flag[key]) for key in ("default_line", "schema_line") if key in flag}
    found |= {tuple(place) for key in ("also", "default_lines") for place in flag.get(key, [])}
    return found


def predictions(document, folders):
    """The rows that the JSON of flagman amounts to, within these folders."""

    def judged(path):
        return not folders or any(path == folder or path.startswith(folder + "/") for folder in folders)

    rows = []
    for flag in document["flags"]:
        key = flag["key"]
        default = {"on": True, "off": False}.get(flag["default"])
        for place in flag["definitions"]:
            if judged(place["path"]):
                rows.append({"kind": "flag", "flag": key, "file": place["path"], "line": place["line"],
                             "default": default, "note": place.get("note")})
        for read in flag["reads"]:
            if judged(read["path"]):
                rows.append({"kind": "read", "flag": key, "file": read["path"], "line": read["line"], "rule": read["rule"],
                             "via": read["via"]})
        for test in flag["tests"]:
            for place in test["because"]:
                if place["role"] == "stub" and judged(place["path"]):
                    rows.append({"kind": "force", "flag": key, "file": place["path"], "line": place["line"],
                                 "end_line": place["end_line"], "value": test["runs_with"], "note": place.get("note")})
    seen, unique = set(), []
    for row in rows:
        name = (row["kind"], row["flag"], row["file"], row["line"])
        if name not in seen:
            seen.add(name)
            unique.append(row)
    return unique


def figures(right, false, missed):
    precision = right / (right + false) if right + false else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    return f"right {right:4}  false {false:4}  missed {missed:4}  precision {precision:.3f}  recall {recall:.3f}"


def within(row, truth, slack=0):
    first = min(truth.get("start_line", truth["line"]), truth["line"]) - slack
    last = max(truth.get("end_line", truth["line"]), truth["line"]) + slack
    return row["flag"] == truth["flag"] and row["file"] == truth["file"] and first <= row["line"] <= last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flags", help="output of `flagman flags --format json`")
    parser.add_argument("truth", help="rows of truth")
    parser.add_argument("--rows", help="write the predictions as rows")
    parser.add_argument("--list", action="store_true", help="list what is missed and what is false")
    args = parser.parse_args()

    with open(args.flags, encoding="utf-8") as file:
        document = json.load(file)
    truth = lines(args.truth)
    folders = next((row.get("paths") for row in truth if row["kind"] == "meta"), None)
    apart = {row["flag"] for row in truth if row["kind"] == "neutral"}
    truth = [row for row in truth if row.get("flag") not in apart]
    rows = [row for row in predictions(document, folders) if row["flag"] not in apart]
    if args.rows:
        with open(args.rows, "w", encoding="utf-8") as file:
            for row in rows:
                if row["kind"] != "force":
                    file.write(json.dumps(row) + "\n")

    shown = []
    flags = {row["flag"]: row for row in truth if row["kind"] == "flag"}
    defined = {row["flag"]: row for row in rows if row["kind"] == "flag"}
    right, false, missed = set(flags) & set(defined), set(defined) - set(flags), set(flags) - set(defined)
    print("definitions ", figures(len(right), len(false), len(missed)))
    shown += [("definition false", defined[key]) for key in sorted(false)]
    shown += [("definition missed", flags[key]) for key in sorted(missed)]

    literal = [key for key in right if isinstance(flags[key]["default"], bool)]
    same = [key for key in literal if defined[key]["default"] == flags[key]["default"]]
    unknown = [key for key in literal if defined[key]["default"] is None]
    print(f"defaults     right {len(same):4}  false {len(literal) - len(same) - len(unknown):4}  unknown {len(unknown):4}"
          f"  of {len(literal)}")
    shown += [("default", {**flags[key], "found": defined[key]["default"]}) for key in sorted(set(literal) - set(same))]

    soft = {(row["flag"], row["file"], row["line"]) for row in truth if row["kind"] in ("mention", "override")}
    soft |= {(key, *place) for key, row in flags.items() for place in places_of(row)}
    reads = [row for row in truth if row["kind"] == "read"]
    hit, right, false = set(), 0, []
    for row in (row for row in rows if row["kind"] == "read"):
        met = [at for at, read in enumerate(reads) if within(row, read)]
        hit.update(met)
        if met:
            right += 1
        elif (row["flag"], row["file"], row["line"]) not in soft:
            false.append(row)
    missed = [read for at, read in enumerate(reads) if at not in hit]
    print("reads       ", figures(len(hit), len(false), len(missed)))
    shown += [("read false", row) for row in false] + [("read missed", row) for row in missed]

    # A helper holds the literal and its callers set the flag: what counts is which file sets which flag. Places outside tests (a
    # development server) set flags as well; they are not asked for.
    overrides = [row for row in truth if row["kind"] == "override" and row.get("test", True)]
    wanted = {(row["flag"], row["file"]) for row in overrides}
    found = {(row["flag"], row["file"]): row for row in rows if row["kind"] == "force"}
    named = {(row["flag"], row["file"]) for row in truth if row["kind"] in ("read", "mention", "override")}
    missed = [row for row in overrides if (row["flag"], row["file"]) not in found]
    by_helper = [row for pair, row in found.items() if pair not in named and pair[0] in flags]
    written = {(row["flag"], row["file"], row["line"]) for row in truth if row["kind"] in ("read", "override")}
    false = [row for pair, row in found.items() if pair not in wanted and row not in by_helper
             and not any(row[:2] == pair for row in written if row[2] == found[pair]["line"])]
    print("forces      ", figures(len(wanted & set(found)), len(false), len(wanted - set(found))), " in files;",
          f"{len(by_helper)} more through helpers or mocks that name no flag")
    shown += [("force false", row) for row in false] + [("force missed", row) for row in missed]
    shown += [("force by helper", row) for row in by_helper]
    if args.list:
        for what, row in shown:
            keep = {key: value for key, value in row.items() if key not in ("kind", "flag", "file", "line", "start_line", "end_line")}
            print(f"{what:18} {row['flag']}  {row['file']}:{row['line']}  {keep}")


if __name__ == "__main__":
    main()
