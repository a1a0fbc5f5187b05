"""What tshark says of IKE messages. It looks into everything by itself, so that it has to be wrong about some, which are named here: a complaint
about a message that is valid, or a field that it reads otherwise, is a disagreement unless it is one of these."""

import functools
import re
import struct
import subprocess
import tempfile

import ike_names as names

ERROR = 0x800000

# Of the ids of cases, what tshark 4.0 says of them, and why that does not count.
FAULTS = {
    r"idi-null": "an assertion of its dissector fails where the Identification Data are empty",
    r"cert-(crl|hash-and-url-bundle|raw-public-key|private-use)": "reads every Cert Encoding but 12 as a certificate in DER",
    r"certreq-private-use": "has no format for such a Cert Encoding",
    r"unknown-(1|several)$": "reads type 1 as the SA payload of IKEv1; RFC 7296 section 2.5 has it skipped",
}


@functools.lru_cache
def tshark_version():
    first = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return "tshark " + re.search(r"\d+\.\d+\.\d+", first).group()


def numbers(registry):
    inverted = {text: number for number, text in registry.items()}
    return lambda value: inverted.get(value, value)


# Fields of tshark, and what they have to hold by the reading of a case.
def of_payloads(kinds, value):
    return lambda payloads: [str(value(each)) for each in payloads if each["payload"] in kinds]


def of_transforms(value):
    return lambda payloads: [
        str(value(transform))
        for payload in payloads
        if payload["payload"] == "SA"
        for proposal in payload["proposals"]
        for transform in proposal["transforms"]
    ]


def of_selectors(kind, value):
    """`kind`: all where it is empty."""
    return lambda payloads: [
        str(value(selector))
        for payload in payloads
        for selector in payload.get("selectors", [])
        if not kind or selector["type"] in kind
    ]


RANGES = ("TS_IPV4_ADDR_RANGE", "TS_IPV6_ADDR_RANGE")
FIELDS = {
    "isakmp.key_exchange.dh_group": of_payloads(["KE"], lambda p: numbers(names.GROUPS)(p["method"])),
    "isakmp.key_exchange.data": of_payloads(["KE"], lambda p: p["publicValue"]),
    "isakmp.id.type": of_payloads(["IDi", "IDr"], lambda p: numbers(names.ID_TYPES)(p["type"])),
    "isakmp.cert.encoding": of_payloads(["CERT"], lambda p: numbers(names.ENCODINGS)(p["encoding"])),
    "isakmp.certreq.type": of_payloads(["CERTREQ"], lambda p: numbers(names.ENCODINGS)(p["encoding"])),
    "isakmp.auth.method": of_payloads(["AUTH"], lambda p: numbers(names.AUTH_METHODS)(p["method"])),
    "isakmp.nonce": of_payloads(["NONCE"], lambda p: p["nonce"]),
    "isakmp.notify.msgtype": of_payloads(["N"], lambda p: numbers(names.NOTIFICATIONS)(p["type"])),
    "isakmp.delete.protoid": of_payloads(["D"], lambda p: numbers(names.PROTOCOLS)(p["protocol"])),
    "isakmp.delete.spi": lambda payloads: [spi for p in payloads if p["payload"] == "D" for spi in p["spis"]],
    "isakmp.vid_bytes": of_payloads(["V"], lambda p: p["vendorId"]),
    "isakmp.prop.number": lambda payloads: [str(q["number"]) for p in payloads if p["payload"] == "SA" for q in p["proposals"]],
    "isakmp.prop.transforms": lambda payloads: [str(len(q["transforms"])) for p in payloads if p["payload"] == "SA" for q in p["proposals"]],
    "isakmp.tf.type": of_transforms(lambda t: numbers(names.TRANSFORM_TYPES)(t["type"])),
    "isakmp.ts.type": of_selectors((), lambda s: numbers(names.SELECTOR_TYPES)(s["type"])),
    "isakmp.ts.start_port": of_selectors(RANGES, lambda s: s["startPort"]),
    "isakmp.ts.end_port": of_selectors(RANGES, lambda s: s["endPort"]),
    "isakmp.ts.start_ipv4": of_selectors(RANGES[:1], lambda s: s["startAddress"]),
    "isakmp.ts.end_ipv4": of_selectors(RANGES[:1], lambda s: s["endAddress"]),
    "isakmp.ts.start_ipv6": of_selectors(RANGES[1:], lambda s: s["startAddress"]),
    "isakmp.ts.end_ipv6": of_selectors(RANGES[1:], lambda s: s["endAddress"]),
    "isakmp.cfg.type": of_payloads(["CP"], lambda p: numbers(names.CFG_TYPES)(p["type"])),
    "isakmp.frag.number": of_payloads(["SKF"], lambda p: p["fragmentNumber"]),
    "isakmp.frag.total": of_payloads(["SKF"], lambda p: p["totalFragments"]),
}
HEADER = ["_ws.malformed", "_ws.expert.severity", "isakmp.ispi", "isakmp.rspi", "isakmp.exchangetype", "isakmp.messageid", "isakmp.typepayload"]


def capture(messages):
    """A pcap of datagrams from port 500 to port 500."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101)]
    for second, message in enumerate(messages):
        udp = struct.pack("!HHHH", 500, 500, 8 + len(message), 0) + message
        ends = bytes([192, 0, 2, 1, 192, 0, 2, 2])
        packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), second & 0xFFFF, 0, 64, 17, 0) + ends + udp
        out.append(struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet)
    return b"".join(out)


def dissect(messages):
    """Of each message a dictionary from fields to lists of values."""
    wanted = [*HEADER, *FIELDS]
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(capture(messages))
        file.flush()
        options = ["-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator=,"]
        command = ["tshark", "-n", "-r", file.name, *options, *(word for field in wanted for word in ("-e", field))]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    if len(lines) != len(messages):
        raise RuntimeError(f"tshark tells of {len(lines)} frames, not of {len(messages)}")
    return [{field: value.split(",") if value else [] for field, value in zip(wanted, line.split("|"), strict=True)} for line in lines]


def complains(found):
    return found["_ws.malformed"] != [] or any(int(severity) >= ERROR for severity in found["_ws.expert.severity"])


def otherwise(case, found):
    """The first field that tshark reads otherwise than the case does."""
    header, payloads = case["expected"]["header"], case["expected"]["payloads"]
    kinds = [str(numbers(names.PAYLOADS)(each["payload"])) for each in payloads]
    # Proposals and transforms are told like payloads, and so is the type that SK names.
    told = [kind for kind in found["isakmp.typepayload"] if kind not in ("2", "3")]
    if kinds and kinds[-1] in ("46", "53"):
        told = told[: len(kinds)]
    fields = {
        "isakmp.ispi": [header["initiatorSpi"]],
        "isakmp.rspi": [header["responderSpi"]],
        "isakmp.exchangetype": [str(numbers(names.EXCHANGES)(header["exchangeType"]))],
        "isakmp.messageid": [f"0x{header['messageId']:08x}"],
        **{field: value(payloads) for field, value in FIELDS.items()},
    }
    if told != kinds:
        return f"payloads: {told}, not {kinds}"
    for field, value in fields.items():
        if found[field] != value:
            return f"{field}: {found[field]}, not {value}"
    return None


def tshark_confirms(cases):
    """Ids of the cases that tshark confirms, and by id how it finds others otherwise."""
    confirmed, contradicted = set(), {}
    for case, found in zip(cases, dissect([bytes.fromhex(case["inputs"]["message"]) for case in cases]), strict=True):
        identifier = case["id"]
        if case["result"] == "invalid":
            if complains(found):
                confirmed.add(identifier)
            continue
        problem = "a complaint" if complains(found) else otherwise(case, found)
        if problem is None:
            confirmed.add(identifier)
        elif case["result"] == "valid" and not any(re.search(pattern, identifier) for pattern in FAULTS):
            contradicted[identifier] = problem
    return confirmed, contradicted
