"""Confirms vectors of the kind checksum-repair: by checksums computed anew over the pseudo headers of RFC 768, RFC 9293 and RFC 8200, and by scapy."""
import ipaddress

from ip import ICMP, UDP, Packet, ones_complement
from report import Disagreement, Refused, compare, main, same
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.packet import raw

TCP, ICMPV6 = 6, 58
FIELD = {TCP: 16, UDP: 6, ICMPV6: 2}


def addresses(packet):
    first = packet.headers[0][1]
    return first[12:20] if packet.version == 4 else first[8:40]


def right(packet, both_addresses):
    """The checksum that the upper layer ought to have between these addresses."""
    at = FIELD[packet.protocol]
    octets = packet.rest[:at] + b"\0\0" + packet.rest[at + 2 :]
    pseudo = both_addresses + len(octets).to_bytes(4, "big") + packet.protocol.to_bytes(4, "big")
    return 0xFFFF - ones_complement(pseudo + octets)


def repair(inputs):
    octets = bytes.fromhex(inputs["packet"])
    packet = Packet(octets, Refused("wire", "packet"))
    if packet.protocol not in FIELD:
        return {"packet": inputs["packet"]}
    at = FIELD[packet.protocol]
    place = len(octets) - len(packet.rest) + at
    received = int.from_bytes(octets[place : place + 2], "big")
    if packet.protocol == UDP and received == 0:
        return {"packet": inputs["packet"]}
    original = b"".join(ipaddress.ip_address(inputs["original"][side]).packed for side in ("source", "destination"))
    # How far it is from right stays as it was: modulo 0xffff, of which 0 has two forms.
    error = (received - right(packet, original)) % 0xFFFF
    if original == addresses(packet) or ones_complement(original) == ones_complement(addresses(packet)):
        repaired = received
    else:
        repaired = (right(packet, addresses(packet)) + error) % 0xFFFF
    if packet.protocol == UDP and repaired == 0:
        repaired = 0xFFFF
    return {"packet": (octets[:place] + repaired.to_bytes(2, "big") + octets[place + 2 :]).hex()}


def by_scapy(case):
    """What came was right between the original addresses, and what comes out is right between those of the packet."""
    octets = bytes.fromhex(case["inputs"]["packet"])
    original = case["inputs"]["original"]
    packet = Packet(octets, Refused("wire", "packet"))
    if packet.protocol not in (*FIELD, ICMP):
        return False
    before = parsed(octets)
    before.src, before.dst = original["source"], original["destination"]
    if anew(before).rest != packet.rest:
        return False
    same(case["expected"]["packet"], anew(parsed(octets)).octets.hex(), "packet of scapy")
    return True


def parsed(octets):
    return IPv6(octets) if octets[0] >> 4 == 6 else IP(octets)


def anew(packet):
    """With all checksums computed again."""
    layer = packet
    while layer:
        for field in ("chksum", "cksum"):
            if field in layer.fields:
                layer.delfieldval(field)
        layer = layer.payload
    return Packet(raw(packet), Disagreement("scapy makes no packet"))


def confirm(_kind, case):
    compare(case, repair)
    return ["twin", "scapy"] if case["result"] == "valid" and by_scapy(case) else ["twin"]


if __name__ == "__main__":
    main(confirm)
