"""Whether normcheck finds and names the bugs that pytorch_slips.py plants, as a Markdown table.

    normcheck conform --format json -- python3 ci/subjects/pytorch_slips.py --slip M-RUN-01 > runs/M-RUN-01
    python3 ci/subjects/slip_table.py runs/*

Each file is the JSON of one run and has the id of the bug as its name. The exit status is 1 if a bug is not detected, or not named
in any element type.
"""

import json
import pathlib
import sys


def told(diagnosis):
    named = ["{} in {}".format(" or ".join(slip["ids"]), ", ".join(slip["parts"])) for slip in diagnosis["slips"]]
    unknown = diagnosis["unexplained"]
    return "; ".join(named + ["unknown in " + ", ".join(unknown)] * bool(unknown)) or "–"


def main(paths):
    runs = {path.name: json.loads(path.read_text()) for path in map(pathlib.Path, paths)}
    missed = []
    print("| planted | wrong formula | laws that break | behaves like, float32 | behaves like, float64 |")
    print("| --- | --- | --- | --- | --- |")
    for slip, run in runs.items():
        laws = sorted({issue["law"] for issue in run["issues"]})
        diagnoses = {diagnosis["subject"].rsplit("-", 1)[1]: diagnosis for diagnosis in run["laws"]["diagnoses"]}
        named = [entry for d in diagnoses.values() for entry in d["slips"] if slip in entry["ids"]]
        if run["holds"] or not named:
            missed.append(slip)
        cells = [slip, named[0]["wrong"] if named else "–", " ".join(laws)]
        cells += [told(diagnoses[dtype]) if dtype in diagnoses else "–" for dtype in ("float32", "float64")]
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    print(f"\n**{len(runs) - len(missed)} of {len(runs)} planted bugs are detected and named.**")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
