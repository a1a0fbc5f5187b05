"""Just enough of IP to find what ESP protects. RFC 791 §3.1, RFC 8200 §4."""
from report import Refused

HOP_BY_HOP, ICMP, UDP, ROUTING, FRAGMENT, ESP, DESTINATION = 0, 1, 17, 43, 44, 50, 60


def u16(octets, at):
    return octets[at] * 256 + octets[at + 1]


def ones_complement(octets):
    """RFC 1071."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(u16(octets, i) for i in range(0, len(octets), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Packet:
    """`headers`: a list of (type, octets), of which the first is IP's; `protocol`: what the last of them names; `rest`."""

    def __init__(self, octets, malformed):
        if len(octets) < 1:
            raise malformed
        self.version = octets[0] >> 4
        self.whole = True
        if self.version == 4:
            self._v4(octets, malformed)
        elif self.version == 6:
            self._v6(octets, malformed)
        else:
            raise malformed

    def _v4(self, octets, malformed):
        if len(octets) < 20:
            raise malformed
        header, total = (octets[0] & 15) * 4, u16(octets, 2)
        if header < 20 or total < header or total > len(octets):
            raise malformed
        self.whole = u16(octets, 6) & 0x3FFF == 0
        self.headers = [(4, octets[:header])]
        self.protocol = octets[9]
        self.rest = octets[header:total]
        self.octets = octets[:total]

    def _v6(self, octets, malformed):
        if len(octets) < 40 or 40 + u16(octets, 4) > len(octets):
            raise malformed
        self.octets = octets[: 40 + u16(octets, 4)]
        self.headers = [(6, octets[:40])]
        self.protocol = octets[6]
        self.rest = self.octets[40:]
        while self.protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION):
            length = 8 if self.protocol == FRAGMENT else (self.rest[1] + 1) * 8 if len(self.rest) > 1 else 8
            if length > len(self.rest):
                raise malformed
            header = self.rest[:length]
            if self.protocol == FRAGMENT and u16(header, 2) & 0xFFF9 != 0:
                self.whole = False
            self.headers.append((self.protocol, header))
            self.protocol = header[0]
            self.rest = self.rest[length:]
            if not self.whole:
                return


def with_payload(headers, protocol, payload):
    """The same headers around something else: lengths, the last Next Header and the IPv4 checksum are new."""
    headers = [[kind, bytearray(octets)] for kind, octets in headers]
    kind, first = headers[0]
    if kind == 4:
        first[9] = protocol
        first[2:4] = (len(first) + len(payload)).to_bytes(2, "big")
        first[10:12] = b"\0\0"
        first[10:12] = (0xFFFF - ones_complement(bytes(first))).to_bytes(2, "big")
    else:
        if len(headers) == 1:
            first[6] = protocol
        else:
            headers[-1][1][0] = protocol
        extensions = sum(len(octets) for _, octets in headers[1:])
        first[4:6] = (extensions + len(payload)).to_bytes(2, "big")
    return b"".join(bytes(octets) for _, octets in headers), payload


def split_for_transport(packet):
    """RFC 4303 §3.1.1: ESP goes behind hop-by-hop, routing and fragment headers, and before destination options that none of these follows."""
    keep = 1
    for place, (kind, _) in enumerate(packet.headers[1:], 1):
        if kind in (HOP_BY_HOP, ROUTING, FRAGMENT):
            keep = place + 1
    outside = packet.headers[:keep]
    inside = packet.headers[keep:]
    protocol = inside[0][0] if inside else packet.protocol
    return outside, protocol, b"".join(octets for _, octets in inside) + packet.rest


def traffic_class(octets):
    """DSCP and ECN."""
    return octets[1] if octets[0] >> 4 == 4 else (octets[0] & 15) << 4 | octets[1] >> 4
