"""Confirms vectors of the kind ah-packet: by a slow twin written from RFC 4302 over python3-cryptography, and by scapy where scapy has the algorithm.

The twin takes a packet apart into its headers, makes of each what the ICV covers, and puts the pieces together: nothing is done in place."""
from ip import DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, Packet, split_for_transport, with_payload
from packet_algorithms import INTEGRITY, Gcm
from esp import WINDOW, inner
from report import Refused, compare, main
from scapy_ah import confirm_by_scapy
from sequence import Window

AH = 51
OPTIONS, ROUTE = Refused("wire", "options"), Refused("ipsec", "route")

# RFC 4543 §5: octets of the AES key; a salt of four follows.
GMAC = {"AUTH_AES_128_GMAC": 16, "AUTH_AES_192_GMAC": 24, "AUTH_AES_256_GMAC": 32}


class Sa:
    def __init__(self, inputs):
        suite = inputs["suite"]
        self.extended = suite["sequenceNumbers"] == "ESN"
        self.mode = inputs["mode"]
        self.spi = bytes.fromhex(inputs["spi"])
        self.key = bytes.fromhex(inputs["integrityKey"])
        name = suite["integrity"]
        self.gmac = name in GMAC
        if self.gmac:
            wanted, self.iv_length, self.icv_length = GMAC[name] + 4, 8, 16
        else:
            self.mac, wanted, self.icv_length = INTEGRITY[name]
            self.iv_length = 0
        if len(self.key) != wanted:
            raise Refused("crypto", "integrityKey")

    def icv(self, covered, iv, number):
        # RFC 4302 §3.3.3.2.2: the high half follows the payload, though it is not sent.
        if self.extended:
            covered += (number >> 32).to_bytes(4, "big")
        if self.gmac:
            # RFC 4543 §3.2, §4: nonce = salt | IV; all is additional data.
            return Gcm(16).seal(self.key[:-4], self.key[-4:] + iv, b"", covered)
        return self.mac(self.key, covered)[: self.icv_length]

    def length(self, version):
        """RFC 4302 §2.6: padded to words over IPv4 and to double words over IPv6, and no further."""
        alignment = 4 if version == 4 else 8
        length = 12 + self.iv_length + self.icv_length
        return length + -length % alignment


# RFC 4302 appendix A1, IMMUTABLE: copied flag, class and number make the type.
IMMUTABLE_OPTIONS = {copy << 7 | number for copy, number in ((1, 2), (1, 5), (1, 6), (1, 20), (1, 21))}
SOURCE_ROUTES = {1 << 7 | 3, 1 << 7 | 9}


def covered_v4(header, arrived):
    """RFC 4302 §3.3.3.1.1: version and length, 0, total length, identification, 0, 0, protocol, 0, source, destination, options."""
    options, destination = covered_options(header[20:], header[16:20], arrived)
    return header[0:1] + b"\0" + header[2:6] + b"\0\0\0" + header[9:10] + b"\0\0" + header[12:16] + destination + options


def covered_options(options, destination, arrived):
    out, routes = b"", 0
    while options:
        kind = options[0]
        if kind == 0:
            return out + options, destination
        if kind == 1:
            out, options = out + options[:1], options[1:]
            continue
        if len(options) < 2 or not 2 <= options[1] <= len(options):
            raise OPTIONS
        option, options = options[: options[1]], options[options[1] :]
        if kind in SOURCE_ROUTES:
            routes += 1
            if routes > 1:
                raise ROUTE
            destination = end_of_source_route(option, destination, arrived)
        out += option if kind in IMMUTABLE_OPTIONS else bytes(len(option))
    return out, destination


def end_of_source_route(option, destination, arrived):
    """RFC 791 §3.1: the pointer counts from 1, and is beyond the option when the route has been used up."""
    if (len(option) - 3) % 4 != 0 or len(option) < 3 or option[2] < 4 or option[2] % 4 != 0:
        raise OPTIONS
    if option[2] > len(option):
        return destination
    if arrived:
        raise ROUTE
    return option[-4:]


def covered_v6(headers, protocol, arrived):
    """RFC 4302 §3.3.3.1.2 and appendix A2. `headers`: IPv6's and those between it and AH."""
    kept = [(kind, octets) for kind, octets in headers if kind != FRAGMENT]
    if len(headers) - len(kept) > 1:
        raise OPTIONS
    removed = sum(len(octets) for kind, octets in headers if kind == FRAGMENT)
    first = kept[0][1]
    payload_length = int.from_bytes(first[4:6], "big") - removed
    source, destination = first[8:24], first[24:40]
    extensions, routes = [], 0
    for kind, octets in kept[1:]:
        if kind == ROUTING:
            routes += 1
            if routes > 1:
                raise ROUTE
            octets, destination = end_of_route(octets, destination, arrived)
        else:
            octets, source = covered_extension(octets, source)
        extensions.append(octets)
    # Where the Fragment header is left out, what is before it names what is behind it.
    names = [kind for kind, _ in kept[1:]] + [protocol]
    extensions = [bytes([name]) + octets[1:] for name, octets in zip(names[1:], extensions)]
    return b"\x60\0\0\0" + payload_length.to_bytes(2, "big") + bytes([names[0], 0]) + source + destination + b"".join(extensions)


def covered_extension(header, source):
    """RFC 8200 §4.2: the third bit of an option's type says that its data may change."""
    out, options = header[:2], header[2:]
    while options:
        if options[0] == 0:
            out, options = out + options[:1], options[1:]
            continue
        if len(options) < 2 or 2 + options[1] > len(options):
            raise OPTIONS
        kind, data, options = options[0], options[2 : 2 + options[1]], options[2 + options[1] :]
        if kind == 0xC2:
            raise OPTIONS
        if kind == 0xC9:
            # RFC 6275 §6.3: as if the addresses had changed places.
            if len(data) != 16:
                raise OPTIONS
            source, data = data, source
        out += bytes([kind, len(data)]) + (bytes(len(data)) if kind & 0x20 else data)
    return out, source


def end_of_route(header, destination, arrived):
    """The addresses as they will be: each segment puts the destination into the list, and the next address in its place."""
    kind, left = header[2], header[3]
    if left == 0:
        return header, destination
    if arrived or kind not in (0, 2) or (len(header) - 8) % 16 != 0 or left > (len(header) - 8) // 16:
        raise ROUTE
    addresses = [header[i : i + 16] for i in range(8, len(header), 16)]
    for place in range(len(addresses) - left, len(addresses)):
        addresses[place], destination = destination, addresses[place]
    return header[:3] + b"\0" + header[4:8] + b"".join(addresses), destination


def covered(packet, arrived):
    """`packet`: with AH, whose ICV is zero."""
    if packet.version == 4:
        return covered_v4(packet.headers[0][1], arrived) + packet.rest
    return covered_v6(packet.headers, AH, arrived) + packet.rest


def seal(inputs):
    sa = Sa(inputs)
    number = int(inputs["sequence"], 16)
    if not 0 < number < (2**64 if sa.extended else 2**32):
        raise Refused("ipsec", "sequence")
    packet = Packet(bytes.fromhex(inputs["packet"]), Refused("wire", "packet"))
    if not packet.whole:
        raise Refused("ipsec", "fragment")
    # RFC 4302 §3.1.1: AH stands where ESP does.
    outside, next_header, payload = split_for_transport(packet)
    length = sa.length(packet.version)
    fixed = bytes([next_header, length // 4 - 2]) + b"\0\0" + sa.spi + (number & 0xFFFFFFFF).to_bytes(4, "big")
    header, rest = with_payload(outside, AH, fixed + bytes(length - 12) + payload)
    iv = number.to_bytes(8, "big")[: sa.iv_length]
    icv = sa.icv(covered(Packet(header + rest, Refused("wire", "packet")), False), iv, number)
    padding = bytes(length - 12 - len(iv) - len(icv))
    return {"protected": (header + fixed + iv + icv + padding + payload).hex()}


def open_(inputs):
    sa = Sa(inputs)
    packet = Packet(bytes.fromhex(inputs["protected"]), Refused("wire", "packet"))
    if not packet.whole:
        raise Refused("ipsec", "fragment")
    if packet.protocol != AH:
        raise Refused("wire", "protocol")
    length = sa.length(packet.version)
    if len(packet.rest) < length or packet.rest[1] != length // 4 - 2:
        raise Refused("wire", "ah")
    ah, payload = packet.rest[:length], packet.rest[length:]
    if ah[4:8] != sa.spi:
        raise Refused("ipsec", "spi")
    window = Window(WINDOW, sa.extended, int(inputs["highest"], 16))
    number = window.number(int.from_bytes(ah[8:12], "big"))
    if window.verdict(number) != "fresh":
        raise Refused("ipsec", "sequence")
    iv, icv = ah[12 : 12 + sa.iv_length], ah[12 + sa.iv_length : 12 + sa.iv_length + sa.icv_length]
    # RFC 4302 §3.3.3.1: the ICV field is zero, IV and ICV; its padding is not (§3.4.4).
    end = 12 + sa.iv_length + sa.icv_length
    blank = Packet(b"".join(octets for _, octets in packet.headers) + ah[:12] + bytes(end - 12) + ah[end:] + payload, Refused("wire", "packet"))
    if sa.icv(covered(blank, True), iv, number) != icv:
        raise Refused("integrity", "icv")
    if sa.mode == "tunnel":
        return {"packet": inner(payload, ah[0], packet).hex()}
    header, rest = with_payload(packet.headers, ah[0], payload)
    plain = Packet(header + rest, Refused("ipsec", "innerPacket"))
    if not plain.whole:
        raise Refused("ipsec", "fragment")
    return {"packet": plain.octets.hex()}


def confirm(_kind, case):
    compare(case, seal if case["inputs"]["operation"] == "seal" else open_)
    return ["twin", *confirm_by_scapy(case)]


if __name__ == "__main__":
    main(confirm)
