"""What scapy says of IKE messages that are valid: which payloads there are, and what is in those that it takes apart.

It is not asked about what its dissector of 2.5 has wrong: behind a Notify payload with an SPI it starts the next payload too late; of transform
attributes it knows one Key Length alone, of traffic selectors ranges of addresses; the least significant bit of the flags is IKEv1's to it."""

import ipaddress

import ike_names as names
import scapy
from ike_message import read
from scapy.config import conf
from scapy.contrib import ikev2

conf.verb = 0
SCAPY = f"scapy {scapy.VERSION}"

TYPES = {name: number for number, name in names.PAYLOADS.items()}


def number(registry, value):
    return {name: each for each, name in registry.items()}.get(value, value)


def same_sa(layer, payload):
    proposals = []
    proposal = layer.prop
    while isinstance(proposal, ikev2.IKEv2_payload_Proposal):
        transforms = []
        transform = proposal.trans
        while isinstance(transform, ikev2.IKEv2_payload_Transform):
            key_length = transform.key_length & 0xFFFF if transform.length > 8 else None
            transforms.append((transform.transform_type, transform.transform_id, key_length))
            transform = transform.payload
        proposals.append((proposal.proposal, proposal.proto, proposal.SPI.hex(), transforms))
        proposal = proposal.payload
    return proposals == [
        (each["number"], number(names.PROTOCOLS, each["protocol"]), each["spi"], [transform_of(one) for one in each["transforms"]])
        for each in payload["proposals"]
    ]


def transform_of(transform):
    kind = number(names.TRANSFORM_TYPES, transform["type"])
    attributes = transform["attributes"]
    return kind, number(names.TRANSFORMS.get(kind, {}), transform["id"]), attributes[0]["value"] if attributes else None


def same_selectors(layer, payload):
    found = []
    for selector in layer.traffic_selector:
        version = 4 if selector.TS_type == 7 else 6
        addresses = [getattr(selector, f"{end}_address_v{version}") for end in ("starting", "ending")]
        found.append([selector.TS_type, selector.IP_protocol_ID, selector.start_port, selector.end_port, *addresses])
    keys = ("protocol", "startPort", "endPort", "startAddress", "endAddress")
    return found == [[number(names.SELECTOR_TYPES, each["type"]), *(each[key] for key in keys)] for each in payload["selectors"]]


def same_identity(layer, payload):
    value = ipaddress.ip_address(layer.ID).packed if layer.IDtype in (1, 5) else layer.ID
    return (layer.IDtype, value.hex()) == (number(names.ID_TYPES, payload["type"]), payload["value"])


def same_attributes(layer, payload):
    """Addresses are text in scapy: the types and how many there are is what is compared."""
    return [each.type & 0x7FFF for each in layer.attributes] == [number(names.CFG_ATTRIBUTES, each["type"]) for each in payload["attributes"]]


SAME = {
    "SA": same_sa,
    "KE": lambda q, p: (q.group, q.load.hex()) == (number(names.GROUPS, p["method"]), p["publicValue"]),
    "IDi": same_identity,
    "IDr": same_identity,
    "CERT": lambda q, p: q.cert_type == number(names.ENCODINGS, p["encoding"]),
    "CERTREQ": lambda q, p: (q.cert_type, q.cert_data.hex()) == (number(names.ENCODINGS, p["encoding"]), p["authority"]),
    "AUTH": lambda q, p: (q.auth_type, q.load.hex()) == (number(names.AUTH_METHODS, p["method"]), p["value"]),
    "NONCE": lambda q, p: q.load.hex() == p["nonce"],
    "N": lambda q, p: (q.type, q.load.hex()) == (number(names.NOTIFICATIONS, p["type"]), p["value"]),
    # Blobs to scapy.
    "D": lambda q, p: q.vendorID[4:].hex() == "".join(p["spis"]),
    "EAP": lambda q, p: q.load.hex() == p["message"],
    "V": lambda q, p: q.vendorID.hex() == p["vendorId"],
    "TSi": same_selectors,
    "TSr": same_selectors,
    "SK": lambda q, p: q.load.hex() == p["body"],
    "SKF": lambda q, p: (q.frag_number, q.frag_total, q.load.hex()) == (p["fragmentNumber"], p["totalFragments"], p["body"]),
    "CP": lambda q, p: q.CFGType == number(names.CFG_TYPES, p["type"]) and same_attributes(q, p),
}


def knows(payload):
    """Whether scapy can take it apart rightly."""
    kind = payload["payload"]
    if kind == "N":
        return "spi" not in payload
    if kind == "SA":
        # It nests a transform in the one before, down to a limit.
        if any(len(each["transforms"]) > 50 for each in payload["proposals"]):
            return False
        attributes = [one["attributes"] for each in payload["proposals"] for one in each["transforms"]]
        return all(each == [] or [one["type"] for one in each] == ["KEY_LENGTH"] and isinstance(each[0]["value"], int) for each in attributes)
    if kind in ("TSi", "TSr"):
        return all("startPort" in each for each in payload["selectors"])
    return True


def scapy_confirms(case):
    """None: it was not asked. Otherwise what it finds otherwise, or an empty string."""
    message = bytes.fromhex(case["inputs"]["message"])
    if case["result"] != "valid" or message[19] & 1:
        return None
    payloads = read(message)["payloads"]
    if not all(map(knows, payloads)):
        return None
    layer = ikev2.IKEv2(message)
    header = case["expected"]["header"]
    if (layer.init_SPI.hex(), layer.resp_SPI.hex(), layer.id) != (header["initiatorSpi"], header["responderSpi"], header["messageId"]):
        return "the header"
    following = layer.next_payload
    for expected in case["expected"]["payloads"]:
        layer = layer.payload
        kind = expected["payload"]
        if following != TYPES.get(kind, kind):
            return f"a payload of type {following}, not {kind}"
        same = SAME.get(kind, lambda q, p: q.load.hex() == p["body"])
        if not same(layer, expected):
            return f"{kind}: {layer!r}"
        following = layer.next_payload
    return ""
