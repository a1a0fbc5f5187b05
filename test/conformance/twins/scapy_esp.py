"""What scapy says to a case of the kind esp-packet, as far as it has the suite. Faults of scapy 2.5 that are kept away from: an HMAC beside
ESN does not cover the high half (RFC 4303 §2.2.1); a UDP header is not taken off; behind an IPv6 extension header, what is opened is read as
one more of the same kind, which fails for routing headers. It puts ESP behind destination options, which RFC 4303 §3.1.1 allows too."""
from ip import DESTINATION, ESP, FRAGMENT, ICMP, ROUTING, UDP, Packet, traffic_class, with_payload
from report import Disagreement, Refused, same
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP as ScapyEsp
from scapy.layers.ipsec import IPSecIntegrityError, SecurityAssociation
from scapy.packet import raw
from sequence import Window

# name: (scapy's name, size of the ICV where it is not the usual one)
CIPHERS = {
    "ENCR_NULL": ("NULL", None),
    "ENCR_AES_CBC": ("AES-CBC", None),
    "ENCR_AES_CTR": ("AES-CTR", None),
    "ENCR_AES_GCM_16": ("AES-GCM", None),
    "ENCR_AES_CCM_8": ("AES-CCM", 8),
    "ENCR_AES_CCM_12": ("AES-CCM", 12),
    "ENCR_AES_CCM_16": ("AES-CCM", None),
    "ENCR_CHACHA20_POLY1305": ("CHACHA20-POLY1305", None),
}
MACS = {
    None: "NULL",
    "AUTH_HMAC_SHA1_96": "HMAC-SHA1-96",
    "AUTH_AES_CMAC_96": "AES-CMAC-96",
    "AUTH_HMAC_SHA2_256_128": "SHA2-256-128",
    "AUTH_HMAC_SHA2_384_192": "SHA2-384-192",
    "AUTH_HMAC_SHA2_512_256": "SHA2-512-256",
}


def ip_packet(octets):
    return IPv6(octets) if octets[0] >> 4 == 6 else IP(octets)


def association(inputs, version, high):
    suite = inputs["suite"]
    name, icv = CIPHERS[suite["encryption"]]
    outer = IP(src="192.0.2.1", dst="198.51.100.2") if version == 4 else IPv6(src="2001:db8::a", dst="2001:db8:1::b")
    return SecurityAssociation(
        ScapyEsp,
        spi=int(inputs["spi"], 16),
        crypt_algo=name,
        crypt_key=bytes.fromhex(inputs.get("encryptionKey", "")) or None,
        crypt_icv_size=icv,
        auth_algo=MACS[suite.get("integrity")],
        auth_key=bytes.fromhex(inputs.get("integrityKey", "")) or None,
        tunnel_header=outer if inputs["mode"] == "tunnel" else None,
        esn_en=suite["sequenceNumbers"] == "ESN",
        esn=high,
    )


def confirm_by_scapy(case):
    inputs = case["inputs"]
    suite = inputs["suite"]
    known = suite["encryption"] in CIPHERS and suite.get("integrity") in MACS
    faulty = suite["sequenceNumbers"] == "ESN" and "integrity" in suite
    if not known or faulty or case["result"] == "acceptable":
        return []
    if inputs["operation"] == "seal":
        return seal(case) if case["result"] == "valid" else []
    wrong_icv = case["result"] == "invalid" and case["expected"] == {"layer": "integrity", "field": "icv"}
    return open_(case, wrong_icv) if wrong_icv or "packet" in case["expected"] else []


def seal(case):
    inputs, expected = case["inputs"], case["expected"]
    octets = bytes.fromhex(inputs["packet"])
    packet = Packet(octets, Refused("wire", "packet"))
    if any(kind in (DESTINATION, FRAGMENT) for kind, _ in packet.headers):
        return []
    number = int(inputs["sequence"], 16)
    sa = association(inputs, packet.version, number >> 32)
    iv = number.to_bytes(8, "big")[: sa.crypt_algo.iv_size]
    sealed = raw(sa.encrypt(ip_packet(octets), seq_num=number & 0xFFFFFFFF, iv=iv))
    outer = Packet(sealed, Refused("wire", "scapy"))
    same(expected["esp"], outer.rest.hex(), "esp of scapy")
    if inputs["mode"] == "transport" and inputs["encapsulation"] == "none":
        same(expected["header"], b"".join(part for _, part in outer.headers).hex(), "header of scapy")
    return ["scapy"]


def open_(case, wrong_icv):
    inputs = case["inputs"]
    octets = bytes.fromhex(inputs["protected"])
    outer = Packet(octets, Refused("wire", "packet"))
    kinds = [kind for kind, _ in outer.headers]
    if FRAGMENT in kinds or (inputs["mode"] == "transport" and kinds[1:2] == [ROUTING]):
        return []
    if outer.protocol == UDP:
        outer = Packet(b"".join(with_payload(outer.headers, ESP, outer.rest[8:])), Refused("wire", "packet"))
    low = int.from_bytes(outer.rest[4:8], "big")
    number = Window(64, inputs["suite"]["sequenceNumbers"] == "ESN", int(inputs["highest"], 16)).number(low)
    # Where there is not one octet of ICMP, scapy makes up a header.
    if not wrong_icv:
        plain = Packet(bytes.fromhex(case["expected"]["packet"]), Refused("wire", "packet"))
        if plain.protocol == ICMP and not plain.rest:
            return []
    sa = association(inputs, outer.version, number >> 32)
    try:
        opened = raw(sa.decrypt(ip_packet(outer.octets)))
    except IPSecIntegrityError:
        if wrong_icv:
            return ["scapy"]
        raise
    if wrong_icv:
        raise Disagreement("scapy finds the ICV right")
    # scapy knows nothing of congestion marks.
    if traffic_class(octets) & 3 == 3:
        return []
    if inputs["mode"] == "tunnel":
        # Nor does it take off the padding behind the packet (RFC 4303 §2.7).
        opened = Packet(opened, Refused("ipsec", "scapy")).octets
    same(case["expected"]["packet"], opened.hex(), "packet of scapy")
    return ["scapy"]
