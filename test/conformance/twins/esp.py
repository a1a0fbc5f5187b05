"""Confirms vectors of the kind esp-packet: by a slow twin written from RFC 4303 over python3-cryptography, and by scapy where scapy has the suite."""
from packet_algorithms import AEADS, CIPHERS, INTEGRITY
from ip import ESP, UDP, Packet, split_for_transport, traffic_class, u16, with_payload
from report import Disagreement, Refused, compare, main
from scapy_esp import confirm_by_scapy
from sequence import Window

WINDOW = 64


class Sa:
    def __init__(self, inputs):
        suite = inputs["suite"]
        self.extended = suite["sequenceNumbers"] == "ESN"
        self.mode = inputs["mode"]
        self.spi = bytes.fromhex(inputs["spi"])
        self.key = bytes.fromhex(inputs.get("encryptionKey", ""))
        self.integrity_key = bytes.fromhex(inputs.get("integrityKey", ""))
        bits = suite.get("keyLength")
        if suite["encryption"] in AEADS:
            self.aead, salt, self.iv_length = AEADS[suite["encryption"]]
            self.cipher, self.block, self.icv_length = None, 1, self.aead.tag_length
            self.salt = self.key[len(self.key) - salt :]
        else:
            self.aead, self.cipher = None, CIPHERS[suite["encryption"]]
            salt, self.iv_length, self.block = self.cipher.salt, self.cipher.iv_length, self.cipher.block
            self.mac, mac_key, self.icv_length = INTEGRITY[suite["integrity"]]
            if len(self.integrity_key) != mac_key:
                raise Refused("crypto", "integrityKey")
        wanted = 0 if suite["encryption"] == "ENCR_NULL" else (32 if bits is None else bits // 8) + salt
        if len(self.key) != wanted:
            raise Refused("crypto", "encryptionKey")

    def _additional(self, number):
        """RFC 4106 §5, RFC 4309 §5, RFC 7634 §2.1."""
        return self.spi + (number.to_bytes(8, "big") if self.extended else number.to_bytes(4, "big"))

    def _nonce(self, number, iv):
        # RFC 8750 §4: the IV that is not sent is the number, in 64 bits.
        return self.salt + (iv or number.to_bytes(8, "big"))

    def _icv(self, number, covered):
        # RFC 4303 §2.2.1, §3.3.2.1: the high half follows what is covered, and is not sent.
        high = (number >> 32).to_bytes(4, "big") if self.extended else b""
        return self.mac(self.integrity_key, covered + high)[: self.icv_length]

    def seal(self, number, text):
        header = self.spi + (number & 0xFFFFFFFF).to_bytes(4, "big")
        iv = number.to_bytes(8, "big") if self.iv_length == 8 else b""
        if self.aead:
            key = self.key[: len(self.key) - len(self.salt)]
            return header + iv + self.aead.seal(key, self._nonce(number, iv), text, self._additional(number))
        covered = header + iv + self.cipher.encrypt(self.key, iv, text)
        return covered + self._icv(number, covered)

    def open(self, number, esp):
        iv, body = esp[8 : 8 + self.iv_length], esp[8 + self.iv_length :]
        if self.aead:
            key = self.key[: len(self.key) - len(self.salt)]
            text = self.aead.open(key, self._nonce(number, iv), body, self._additional(number))
            if text is None:
                raise Refused("integrity", "icv")
            return text
        covered, icv = esp[: -self.icv_length], esp[-self.icv_length :]
        if self._icv(number, covered) != icv:
            raise Refused("integrity", "icv")
        return self.cipher.decrypt(self.key, iv, covered[8 + self.iv_length :])


def seal(inputs):
    sa = Sa(inputs)
    number = int(inputs["sequence"], 16)
    if inputs["spi"] == "00000000":
        raise Refused("ipsec", "spi")
    if not 0 < number < (2**64 if sa.extended else 2**32):
        raise Refused("ipsec", "sequence")
    packet = Packet(bytes.fromhex(inputs["packet"]), Refused("wire", "packet"))
    if sa.mode == "tunnel":
        payload, next_header = packet.octets, 4 if packet.version == 4 else 41
    else:
        if not packet.whole:
            raise Refused("ipsec", "fragment")
        outside, next_header, payload = split_for_transport(packet)
    alignment = max(4, sa.block)
    pad = -(len(payload) + 2) % alignment
    text = payload + bytes(range(1, pad + 1)) + bytes([pad, next_header])
    esp = sa.seal(number, text)
    outputs = {"esp": esp.hex()}
    in_udp = inputs["encapsulation"] == "udp"
    around = esp
    if in_udp:
        outputs["udp"] = (4500).to_bytes(2, "big").hex() * 2 + (8 + len(esp)).to_bytes(2, "big").hex()
        around = bytes(8) + esp
    if sa.mode == "transport":
        outputs["header"] = with_payload(outside, UDP if in_udp else ESP, around)[0].hex()
    return outputs


def find_esp(packet):
    if not packet.whole:
        raise Refused("ipsec", "fragment")
    if packet.protocol == ESP:
        return packet.rest
    if packet.protocol != UDP or len(packet.rest) < 8:
        raise Refused("wire", "protocol")
    length = u16(packet.rest, 4)
    if not 8 <= length <= len(packet.rest):
        raise Refused("wire", "packet")
    return packet.rest[8:length]


def open_(inputs, lenient):
    """`lenient`: without what RFC 4303 leaves open: a look at the octets of the padding (§2.4: "SHOULD inspect"), at
    number 0, and, for the sake of a packet that a document prints, at SPI 0."""
    sa = Sa(inputs)
    if inputs["spi"] == "00000000" and not lenient:
        raise Refused("ipsec", "spi")
    packet = Packet(bytes.fromhex(inputs["protected"]), Refused("wire", "packet"))
    esp = find_esp(packet)
    text_length = len(esp) - 8 - sa.iv_length - sa.icv_length
    if text_length < 4 or text_length % max(4, sa.block) != 0:
        raise Refused("wire", "esp")
    if esp[:4] != sa.spi:
        raise Refused("ipsec", "spi")
    window = Window(WINDOW, sa.extended, int(inputs["highest"], 16))
    number = window.number(int.from_bytes(esp[4:8], "big"))
    if window.verdict(number) != "fresh" and not (lenient and number == 0):
        raise Refused("ipsec", "sequence")
    text = sa.open(number, esp)
    pad, next_header = text[-2], text[-1]
    if next_header == 59:
        return {"discarded": "dummy"}
    end = len(text) - 2 - pad
    if end < 0 or (not lenient and text[end:-2] != bytes(range(1, pad + 1))):
        raise Refused("ipsec", "padding")
    if sa.mode == "tunnel":
        return {"packet": inner(text[:end], next_header, packet).hex()}
    header, payload = with_payload(packet.headers, next_header, text[:end])
    plain = Packet(header + payload, Refused("ipsec", "innerPacket"))
    if not plain.whole:
        raise Refused("ipsec", "fragment")
    return {"packet": plain.octets.hex()}


def inner(octets, next_header, outer):
    malformed = Refused("ipsec", "innerPacket")
    packet = Packet(octets, malformed)
    if next_header != (4 if packet.version == 4 else 41):
        raise malformed
    plain = bytearray(packet.octets)
    # RFC 4301 §5.1.2.1, note 6, after RFC 3168: congestion met outside is told inside, if the inside can say so.
    if traffic_class(outer.octets) & 3 == 3 and traffic_class(plain) & 3 in (1, 2):
        if packet.version == 6:
            plain[1] |= 0x30
        else:
            plain[1] |= 3
            header = bytes(plain[: len(packet.headers[0][1])])
            return b"".join(with_payload([(4, header)], packet.protocol, packet.rest))
    return bytes(plain)


def confirm(_kind, case):
    inputs = case["inputs"]
    if inputs["operation"] == "seal":
        if inputs["suite"]["encryption"] == "ENCR_AES_CBC":
            raise Disagreement("nobody can be asked to seal with an IV that is drawn at random")
        compare(case, seal)
    else:
        compare(case, lambda each: open_(each, case["result"] == "acceptable"))
    return ["twin", *confirm_by_scapy(case)]


if __name__ == "__main__":
    main(confirm)
