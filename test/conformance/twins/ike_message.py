"""IKE messages, read slowly from RFC 7296 section 3 and RFC 7383 section 2.5, written from their text alone.

`read(message)` gives what the recipient has to obey, and raises `Refused` where the text leaves no doubt that it is no message. Where the text
asks something of the sender only, or says that a field is unnecessary, this reader is lenient."""

import ipaddress

from ike_names import (
    AUTH_METHODS,
    CFG_ATTRIBUTES,
    CFG_TYPES,
    ENCODINGS,
    EXCHANGES,
    GROUPS,
    ID_TYPES,
    NOTIFICATIONS,
    PAYLOADS,
    PROTOCOLS,
    SELECTOR_TYPES,
    TRANSFORM_ATTRIBUTES,
    TRANSFORM_TYPES,
    TRANSFORMS,
    name,
)

IKE, AH, ESP = 1, 2, 3


class Refused(Exception):
    """`layer`: `wire` or `ike`; `where`: `header`, `payloads` (the chain), or the payload."""

    def __init__(self, layer, where, why):
        super().__init__(f"{layer}, {where}: {why}")
        self.layer = layer
        self.where = where


class Short(Exception):
    """More octets were wanted than are there."""


class Octets:
    """Octets to be taken from the front."""

    def __init__(self, octets):
        self.left = octets

    def take(self, count):
        if count > len(self.left):
            raise Short(f"{count} octets wanted, {len(self.left)} left")
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def rest(self):
        return self.take(len(self.left))


def must(condition, why):
    if not condition:
        raise Short(why)


def read(message):
    header, first = read_header(message)
    payloads = read_chain(first, Octets(message[28 : header.pop("length")]))
    for payload in payloads:
        # Section 2.5: critical, and the payload type is unrecognized: the message MUST be rejected.
        if "critical" in payload and payload["critical"]:
            raise Refused("ike", payload["payload"], "a critical payload that is not known")
    return {"header": header, "payloads": payloads}


def read_header(message):
    """Section 3.1, figure 4."""
    octets = Octets(message)
    try:
        initiator_spi, responder_spi = octets.take(8), octets.take(8)
        first = octets.number(1)
        version = octets.number(1)
        exchange = octets.number(1)
        flags = octets.number(1)
        message_id = octets.number(4)
        length = octets.number(4)
        must(initiator_spi != bytes(8), "the initiator's SPI MUST NOT be zero")
        must(version >> 4 == 2, "only major version 2 is this protocol (section 2.5)")
        must(length >= 28, "the Length includes the header")
        must(length <= len(message), "the Length is more than there is")
        must(first != 0 or length > 28, "following the header are one or more payloads")
    except Short as fault:
        raise Refused("wire", "header", str(fault)) from fault
    # |X|X|R|V|I|X|X|X|, all but R and I to be ignored, like the minor version.
    return {
        "initiatorSpi": initiator_spi.hex(),
        "responderSpi": responder_spi.hex(),
        "exchangeType": name(EXCHANGES, exchange),
        "initiator": flags & 0x08 != 0,
        "response": flags & 0x20 != 0,
        "messageId": message_id,
        "length": length,
    }, first


def read_chain(kind, octets):
    """Section 3.2."""
    payloads = []
    while kind != 0:
        where = PAYLOADS.get(kind, kind)
        try:
            following, flags, length = octets.number(1), octets.number(1), octets.number(2)
            must(length >= 4, "the Payload Length includes the generic payload header")
            body = Octets(octets.take(length - 4))
            if kind in READERS:
                content = READERS[kind](body, following)
                must(body.left == b"", "octets are left in the payload")
                payloads.append({"payload": PAYLOADS[kind], **content})
            else:
                payloads.append({"payload": where, "critical": flags & 0x80 != 0, "body": body.rest().hex()})
        except Short as fault:
            raise Refused("wire", where, str(fault)) from fault
        # Section 3.14, RFC 7383 section 2.5: MUST be the last payload; its Next Payload is about what is inside.
        kind = 0 if kind in (46, 53) else following
    if octets.left != b"":
        raise Refused("wire", "payloads", "octets behind the last payload, inside the Length")
    return payloads


def read_sa(octets, _):
    """Section 3.3: one or more proposals; total lengths MUST be consistent with internal lengths and counts."""
    proposals = []
    while octets.left:
        proposals.append(read_proposal(octets))
    must(len(proposals) >= 1, "one or more proposals")
    if len(proposals) > 1:
        must([each["number"] for each in proposals] == list(range(1, len(proposals) + 1)), "numbered 1, 2, 3")
    return {"proposals": proposals}


def read_proposal(octets):
    """Section 3.3.1. Last Substruc is unnecessary, as the text says: lengths tell."""
    octets.take(1), octets.take(1)
    length = octets.number(2)
    must(length >= 8, "shorter than its own header")
    inside = Octets(octets.take(length - 4))
    number, protocol, spi_size, count = (inside.number(1) for _ in range(4))
    spi = inside.take(spi_size)
    if protocol == IKE:
        must(spi_size in (0, 8), "8 for IKE, zero for an initial negotiation")
    if protocol in (AH, ESP):
        must(spi_size == 4, "4 for ESP and AH")
    transforms = []
    while inside.left:
        transforms.append(read_transform(inside))
    must(len(transforms) == count, "the number of transforms")
    must(count >= 1, "one or more transforms")
    return {"number": number, "protocol": name(PROTOCOLS, protocol), "spi": spi.hex(), "transforms": transforms}


def read_transform(octets):
    """Section 3.3.2."""
    octets.take(1), octets.take(1)
    length = octets.number(2)
    must(length >= 8, "shorter than its own header")
    inside = Octets(octets.take(length - 4))
    kind = inside.number(1)
    inside.take(1)
    number = inside.number(2)
    attributes = []
    while inside.left:
        attributes.append(read_transform_attribute(inside))
    return {"type": name(TRANSFORM_TYPES, kind), "id": name(TRANSFORMS.get(kind, {}), number), "attributes": attributes}


def read_transform_attribute(octets):
    """Section 3.3.5: AF is the first bit."""
    first = octets.number(2)
    if first & 0x8000:
        value = octets.number(2)
    else:
        value = octets.take(octets.number(2)).hex()
    return {"type": name(TRANSFORM_ATTRIBUTES, first & 0x7FFF), "value": value}


def read_ke(octets, _):
    """Section 3.4."""
    group = octets.number(2)
    octets.take(2)
    return {"method": name(GROUPS, group), "publicValue": octets.rest().hex()}


def read_id(octets, _):
    """Section 3.5."""
    kind = octets.number(1)
    octets.take(3)
    value = octets.rest()
    must(kind != 1 or len(value) == 4, "a single four octet IPv4 address")
    must(kind != 5 or len(value) == 16, "a single sixteen octet IPv6 address")
    return {"type": name(ID_TYPES, kind), "value": value.hex()}


def read_cert(octets, _):
    """Section 3.6."""
    return {"encoding": name(ENCODINGS, octets.number(1)), "certificate": octets.rest().hex()}


def read_certreq(octets, _):
    """Section 3.7."""
    return {"encoding": name(ENCODINGS, octets.number(1)), "authority": octets.rest().hex()}


def read_auth(octets, _):
    """Section 3.8."""
    method = octets.number(1)
    octets.take(3)
    return {"method": name(AUTH_METHODS, method), "value": octets.rest().hex()}


def read_nonce(octets, _):
    """Section 3.9: MUST be between 16 and 256 octets, inclusive."""
    nonce = octets.rest()
    must(16 <= len(nonce) <= 256, "between 16 and 256 octets")
    return {"nonce": nonce.hex()}


def read_notify(octets, _):
    """Section 3.10. If the SPI field is empty, the Protocol ID MUST be ignored."""
    protocol, spi_size, kind = octets.number(1), octets.number(1), octets.number(2)
    spi = octets.take(spi_size)
    must(protocol != IKE or spi_size == 0, "concerning the IKE SA, the SPI Size MUST be zero")
    must(protocol not in (AH, ESP) or spi_size in (0, 4), "the length of the SPI as defined by the protocol")
    about = {"protocol": name(PROTOCOLS, protocol), "spi": spi.hex()} if spi else {}
    return {"type": name(NOTIFICATIONS, kind), **about, "value": octets.rest().hex()}


def read_delete(octets, _):
    """Section 3.11."""
    protocol, spi_size, count = octets.number(1), octets.number(1), octets.number(2)
    must(protocol != IKE or spi_size == 0, "the SPI Size MUST be zero for IKE")
    must(protocol not in (AH, ESP) or spi_size == 4, "the SPI Size MUST be four for AH and ESP")
    must(spi_size > 0 or count == 0, "no SPIs for IKE")
    spis = [octets.take(spi_size).hex() for _ in range(count)]
    return {"protocol": name(PROTOCOLS, protocol), "spis": spis}


def read_vendor_id(octets, _):
    """Section 3.12."""
    return {"vendorId": octets.rest().hex()}


def read_ts(octets, _):
    """Section 3.13: one or more selectors."""
    count = octets.number(1)
    octets.take(3)
    must(count >= 1, "one or more individual Traffic Selectors")
    return {"selectors": [read_selector(octets) for _ in range(count)]}


def read_selector(octets):
    """Section 3.13.1."""
    kind, second, length = octets.number(1), octets.number(1), octets.number(2)
    must(length >= 4, "the Selector Length includes the header")
    inside = Octets(octets.take(length - 4))
    if kind not in (7, 8):
        return {"type": name(SELECTOR_TYPES, kind), "protocolOrReserved": second, "body": inside.rest().hex()}
    size = 4 if kind == 7 else 16
    start_port, end_port = inside.number(2), inside.number(2)
    start, end = (str(ipaddress.ip_address(inside.take(size))) for _ in range(2))
    must(inside.left == b"", "two addresses, and no more")
    ports = {"protocol": second, "startPort": start_port, "endPort": end_port}
    return {"type": SELECTOR_TYPES[kind], **ports, "startAddress": start, "endAddress": end}


def read_sk(octets, following):
    """Section 3.14."""
    return {"firstPayload": name(PAYLOADS, following), "body": octets.rest().hex()}


def read_skf(octets, following):
    """RFC 7383 sections 2.5 and 2.6, which says what a recipient checks: the Next Payload of later fragments is not among it."""
    number, total = octets.number(2), octets.number(2)
    must(number != 0, "the Fragment Number MUST NOT be zero")
    must(total != 0, "the Total Fragments MUST NOT be zero")
    must(number <= total, "the Fragment Number MUST be less than or equal to the Total Fragments")
    fragment = {"fragmentNumber": number, "totalFragments": total}
    return {"firstPayload": name(PAYLOADS, following), **fragment, "body": octets.rest().hex()}


def read_cp(octets, _):
    """Sections 3.15, 3.15.1."""
    kind = octets.number(1)
    octets.take(3)
    attributes = []
    while octets.left:
        attribute = octets.number(2) & 0x7FFF
        attributes.append({"type": name(CFG_ATTRIBUTES, attribute), "value": octets.take(octets.number(2)).hex()})
    return {"type": name(CFG_TYPES, kind), "attributes": attributes}


def read_eap(octets, _):
    """Section 3.16."""
    message = octets.rest()
    inside = Octets(message)
    code = inside.number(1)
    inside.take(1)
    must(inside.number(2) == len(message), "the Length MUST be four less than the Payload Length")
    if code in (1, 2):
        must(inside.left != b"", "a Request and a Response have a Type")
    if code in (3, 4):
        must(inside.left == b"", "the EAP message length MUST be four octets")
    return {"message": message.hex()}


READERS = {
    33: read_sa,
    34: read_ke,
    35: read_id,
    36: read_id,
    37: read_cert,
    38: read_certreq,
    39: read_auth,
    40: read_nonce,
    41: read_notify,
    42: read_delete,
    43: read_vendor_id,
    44: read_ts,
    45: read_ts,
    46: read_sk,
    47: read_cp,
    48: read_eap,
    53: read_skf,
}
