"""What every confirming program says: one JSON object a line for each case of the vector files that it is given.

{"id": ..., "by": [who found the same]}  or  {"id": ..., "problem": text}
"""
import json
import sys


class Disagreement(Exception):
    """The case says one thing, the twin another."""


class Refused(Exception):
    """The twin refuses, at this layer and field."""

    def __init__(self, layer, field):
        super().__init__(f"{layer} {field}")
        self.place = {"layer": layer, "field": field}


def same(expected, got, what):
    if expected != got:
        raise Disagreement(f"{what}: the case has {expected}, the twin {got}")


def compare(case, answer):
    """`answer`: a function that returns outputs or raises `Refused`."""
    try:
        outputs = answer(case["inputs"])
    except Refused as refused:
        if case["result"] != "invalid":
            raise Disagreement(f"the twin refuses: {refused}")
        same(case["expected"], refused.place, "place")
        return
    if case["result"] == "invalid":
        raise Disagreement(f"the twin accepts: {json.dumps(outputs)}")
    for name, value in case["expected"].items():
        same(value, outputs.get(name), name)


def main(confirm):
    """`confirm(kind, case)`: a list of names, or raises."""
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as text:
            file = json.load(text)
        for case in file["cases"]:
            try:
                print(json.dumps({"id": case["id"], "by": confirm(file["kind"], case)}))
            except Exception as fault:  # whatever it is, the test wants to show it
                print(json.dumps({"id": case["id"], "problem": f"{type(fault).__name__}: {fault}"}))
