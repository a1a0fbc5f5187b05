"""What scapy says to a case of the kind ah-packet, as far as it has the algorithm. What it does otherwise than RFC 4302: as a sender it turns the addresses
of a routing header though no segment is left, or fewer than there are; it leaves a Fragment header where it is, a source route without its end, and a
home address as it is. It puts AH behind destination options, which §3.1.1 allows too."""
from ip import DESTINATION, FRAGMENT, ROUTING, Packet
from report import Disagreement, Refused, same
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import AH, IPSecIntegrityError, SecurityAssociation
from scapy.packet import raw
from scapy_esp import MACS, ip_packet
from sequence import Window


def association(inputs, version, high):
    outer = IP(src="192.0.2.1", dst="198.51.100.2") if version == 4 else IPv6(src="2001:db8::a", dst="2001:db8:1::b")
    return SecurityAssociation(
        AH,
        spi=int(inputs["spi"], 16),
        auth_algo=MACS[inputs["suite"]["integrity"]],
        auth_key=bytes.fromhex(inputs["integrityKey"]),
        tunnel_header=outer if inputs["mode"] == "tunnel" else None,
        esn_en=inputs["suite"]["sequenceNumbers"] == "ESN",
        esn=high,
    )


def confirm_by_scapy(case):
    inputs = case["inputs"]
    wrong_icv = case["expected"] == {"layer": "integrity", "field": "icv"}
    if inputs["suite"]["integrity"] not in MACS or (case["result"] != "valid" and not wrong_icv):
        return []
    sealing = inputs["operation"] == "seal"
    packet = Packet(bytes.fromhex(inputs["packet" if sealing else "protected"]), Refused("wire", "packet"))
    if not is_like_scapy(packet, sealing):
        return []
    return seal(inputs, packet, case["expected"]) if sealing else open_(inputs, packet, case["expected"], wrong_icv)


def is_like_scapy(packet, sealing):
    headers = dict(packet.headers[1:])
    if FRAGMENT in headers or DESTINATION in headers:
        return False
    if ROUTING in headers and sealing:
        return headers[ROUTING][3] == (len(headers[ROUTING]) - 8) // 16 > 0
    if ROUTING in headers:
        return False
    options = packet.headers[0][1][20:] if packet.version == 4 else b""
    return not (sealing and options[:1] in (b"\x83", b"\x89") and options[2] <= options[1])


def seal(inputs, packet, expected):
    number = int(inputs["sequence"], 16)
    sealed = association(inputs, packet.version, number >> 32).encrypt(ip_packet(packet.octets), seq_num=number & 0xFFFFFFFF)
    same(expected["protected"], raw(sealed).hex(), "packet of scapy")
    return ["scapy"]


def open_(inputs, packet, expected, wrong_icv):
    low = int.from_bytes(packet.rest[8:12], "big")
    number = Window(64, inputs["suite"]["sequenceNumbers"] == "ESN", int(inputs["highest"], 16)).number(low)
    try:
        opened = raw(association(inputs, packet.version, number >> 32).decrypt(ip_packet(packet.octets)))
    except IPSecIntegrityError:
        if wrong_icv:
            return ["scapy"]
        raise
    if wrong_icv:
        raise Disagreement("scapy finds the ICV right")
    same(expected["packet"], opened.hex(), "packet of scapy")
    return ["scapy"]
