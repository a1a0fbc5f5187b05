"""Says of each case of the files of vectors named on the command line who confirms it, one JSON object a line:
{"id": ..., "by": [names with versions]} or {"id": ..., "problem": who finds otherwise, and what}.

The twin has to agree to every case. tshark confirms that a message is malformed, or, without a complaint, which payloads there are and what is
in some of them; scapy what is in the payloads that it knows. That tshark is silent about a malformed message does not count against the case;
that either of the two finds otherwise of a valid one does, unless it is known to be wrong there."""

import json
import re
import sys

from ike_message import Refused, read
from scapy_messages import SCAPY, scapy_confirms
from tshark_messages import tshark_confirms, tshark_version

TWIN = "twin written from RFC 7296 and RFC 7383"


def twin_confirms(case):
    """Raises where the twin finds otherwise."""
    message = bytes.fromhex(case["inputs"]["message"])
    try:
        reading = read(message)
    except Refused as refused:
        if case["result"] != "invalid":
            raise AssertionError(f"the twin refuses: {refused}") from refused
        same_place(case, refused)
        return
    if case["result"] == "invalid":
        raise AssertionError(f"the twin reads {json.dumps(reading)}")
    for part in ("header", "payloads"):
        if reading[part] != case["expected"][part]:
            raise AssertionError(f"the twin reads {part} as {json.dumps(reading[part])}")
    if case["expected"].get("encoded", message.hex()) != message.hex():
        raise AssertionError("what is encoded is not what was read")


def same_place(case, refused):
    """The layer, and of the field its first word: the header, the chain of payloads, or a payload. A Length that is smaller than the datagram may
    as well be found where the payload is cut that it ends in."""
    expected = case["expected"]
    if refused.layer != expected["layer"]:
        raise AssertionError(f"the twin refuses at {refused.layer}: {refused}")
    where = re.fullmatch(r"(?:private use|unknown) \((\d+)\)", re.split(r"[.\[]", expected["field"])[0])
    first = int(where.group(1)) if where else re.split(r"[.\[]", expected["field"])[0]
    message = bytes.fromhex(case["inputs"]["message"])
    shortened = expected["field"] == "header.length" and int.from_bytes(message[24:28], "big") < len(message)
    if first != refused.where and not shortened:
        raise AssertionError(f"the twin refuses at {refused.where}: {refused}")


def main(paths):
    for path in paths:
        with open(path, encoding="utf8") as text:
            cases = json.load(text)["cases"]
        confirmed, contradicted = tshark_confirms(cases)
        for case in cases:
            try:
                by = confirmers(case, confirmed, contradicted)
            except AssertionError as fault:
                print(json.dumps({"id": case["id"], "problem": str(fault)}))
            else:
                print(json.dumps({"id": case["id"], "by": by}))


def confirmers(case, confirmed, contradicted):
    twin_confirms(case)
    if case["id"] in contradicted:
        raise AssertionError(f"tshark: {contradicted[case['id']]}")
    by_scapy = scapy_confirms(case)
    if by_scapy:
        raise AssertionError(f"scapy: {by_scapy}")
    return [TWIN, *([tshark_version()] if case["id"] in confirmed else []), *([SCAPY] if by_scapy == "" else [])]


main(sys.argv[1:])
