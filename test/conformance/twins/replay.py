"""Confirms vectors of the kinds replay-window and esn-inference by the twin in sequence.py."""
from report import compare, main
from sequence import Window, infer


def replay_window(inputs):
    window = Window(inputs["windowSize"], inputs["sequenceNumbers"] == "ESN", int(inputs["highest"], 16))
    return {"verdicts": [window.receive(int(each["sequence"], 16), each["icv"] == "right") for each in inputs["received"]]}


def esn_inference(inputs):
    number = infer(inputs["windowSize"], int(inputs["highest"], 16), int(inputs["low"], 16))
    # A2.3: "Arithmetic is mod 2^32".
    return {"sequence": f"{number % 2**64:016x}"}


def confirm(kind, case):
    compare(case, {"replay-window": replay_window, "esn-inference": esn_inference}[kind])
    return ["twin"]


if __name__ == "__main__":
    main(confirm)
