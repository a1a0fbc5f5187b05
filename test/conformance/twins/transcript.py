"""A whole negotiation with a pre-shared key, retraced from its datagrams and private keys. RFC 7296, RFC 4303, RFC 3948."""

from contextlib import contextmanager

from algorithms import (
    AEAD_IV_LENGTH,
    AEADS,
    CIPHERS,
    INTEGRITIES,
    aead_open,
    agree,
    cipher_decrypt,
    icv,
    public_value,
)
from ikev2 import (
    NAMES,
    Refused,
    child_keys,
    ike_keys,
    open_message,
    read_chain,
    read_message,
    shared_key_auth,
    signed_octets,
    skeyseed,
)

# IANA, "Internet Key Exchange Version 2 (IKEv2) Parameters".
ENCRYPTION = {
    11: "ENCR_NULL",
    12: "ENCR_AES_CBC",
    13: "ENCR_AES_CTR",
    14: "ENCR_AES_CCM_8",
    15: "ENCR_AES_CCM_12",
    16: "ENCR_AES_CCM_16",
    18: "ENCR_AES_GCM_8",
    19: "ENCR_AES_GCM_12",
    20: "ENCR_AES_GCM_16",
    21: "ENCR_NULL_AUTH_AES_GMAC",
    28: "ENCR_CHACHA20_POLY1305",
}
PRF = {
    2: "PRF_HMAC_SHA1",
    4: "PRF_AES128_XCBC",
    5: "PRF_HMAC_SHA2_256",
    6: "PRF_HMAC_SHA2_384",
    7: "PRF_HMAC_SHA2_512",
    8: "PRF_AES128_CMAC",
}
INTEGRITY = {
    2: "AUTH_HMAC_SHA1_96",
    5: "AUTH_AES_XCBC_96",
    8: "AUTH_AES_CMAC_96",
    12: "AUTH_HMAC_SHA2_256_128",
    13: "AUTH_HMAC_SHA2_384_192",
    14: "AUTH_HMAC_SHA2_512_256",
}
GROUP = {14: "MODP_2048", 15: "MODP_3072", 19: "ECP_256", 20: "ECP_384", 21: "ECP_521", 31: "CURVE25519", 32: "CURVE448"}

SA, KE, ID_I, ID_R, AUTH, NONCE = 33, 34, 35, 36, 39, 40
IKE_SA_INIT, IKE_AUTH = 34, 35
RESPONSE_FLAG = 0x20


def retrace(inputs):
    messages, packets = sort_datagrams(inputs["datagrams"])
    init = [(sender, message, *read_message(message)) for sender, message in messages if message[18] == IKE_SA_INIT]
    response = next(at for at, one in enumerate(init) if one[2]["flags"] & RESPONSE_FLAG and has(one[3], SA))
    request = max(at for at in range(response) if not init[at][2]["flags"] & RESPONSE_FLAG)
    message_1, payloads_1 = init[request][1], init[request][3]
    message_2, header_2, payloads_2 = init[response][1], init[response][2], init[response][3]

    suite = chosen_suite(payloads_2)
    suite["prf"] = PRF[suite.pop("prf_id")]
    group = GROUP[suite.pop("group_id")]
    ke_i, ke_r = body(payloads_1, KE), body(payloads_2, KE)
    private_i, private_r = bytes.fromhex(inputs["privateKeyI"]), bytes.fromhex(inputs["privateKeyR"])
    # Section 3.4: group, RESERVED, data.
    for name, ke, private in (("privateKeyI", ke_i, private_i), ("privateKeyR", ke_r, private_r)):
        if GROUP[int.from_bytes(ke[0:2], "big")] != group or public_value(group, private) != ke[4:]:
            raise Refused("crypto", name)
    shared = agree(group, private_i, ke_r[4:])
    if shared != agree(group, private_r, ke_i[4:]):
        raise Refused("crypto", "IKE_SA_INIT.KE")
    nonce_i, nonce_r = body(payloads_1, NONCE), body(payloads_2, NONCE)
    seed = skeyseed(suite["prf"], nonce_i, nonce_r, shared)
    keys = ike_keys(suite, seed, nonce_i, nonce_r, header_2["spi_i"], header_2["spi_r"])

    opened = []
    for sender, message in messages:
        if message[18] != IKE_SA_INIT:
            with refused_at(f"messages[{len(opened)}]"):
                opened.append((sender, message[18], *open_message(suite, keys, message)))
    auth = {}
    psk = bytes.fromhex(inputs["sharedSecret"])
    for role, message, nonce, sk_p, id_type in (
        ("initiator", message_1, nonce_r, keys["skPi"], ID_I),
        ("responder", message_2, nonce_i, keys["skPr"], ID_R),
    ):
        payloads = auth_payloads(opened, role)
        identification = next(payload for kind, payload in payloads if kind == id_type)
        signed = signed_octets(suite["prf"], message, nonce, sk_p, identification)
        value = shared_key_auth(suite["prf"], psk, signed)
        # Section 3.8: method, RESERVED, data.
        if body(payloads, AUTH) != b"\x02\x00\x00\x00" + value:
            raise Refused("integrity", f"{role}.auth")
        auth[role] = {"signedOctets": signed.hex(), "auth": value.hex()}

    child, spis = child_suite(auth_payloads(opened, "initiator"), auth_payloads(opened, "responder"))
    traffic_keys = child_keys(suite["prf"], keys["skD"], child, nonce_i, nonce_r, None)
    return {
        "suite": {**suite, "keyExchange": group},
        "spiI": header_2["spi_i"].hex(),
        "spiR": header_2["spi_r"].hex(),
        "nonceI": nonce_i.hex(),
        "nonceR": nonce_r.hex(),
        "sharedSecret": shared.hex(),
        "skeyseed": seed.hex(),
        "keys": in_hex(keys),
        **auth,
        "messages": [{"firstPayload": first, "payloads": inner.hex()} for _, _, first, inner in opened],
        "child": {
            "suite": child,
            "spis": {role: spi.hex() for role, spi in spis.items()},
            "keys": {role: in_hex(one) for role, one in traffic_keys.items()},
        },
        "packets": [
            open_packet(f"packets[{at}]", child, traffic_keys[sender], spis, sender, packet)
            for at, (sender, packet) in enumerate(packets)
        ],
    }


@contextmanager
def refused_at(place):
    try:
        yield
    except Refused as refused:
        raise Refused(refused.layer, f"{place}.{refused.field}") from refused


def sort_datagrams(datagrams):
    """IKE messages and ESP packets, each with its sender. RFC 3948 section 2."""
    messages, packets = [], []
    for datagram in datagrams:
        octets = bytes.fromhex(datagram["octets"])
        if datagram["channel"] == "nat-t" and octets == b"\xff":
            continue
        if datagram["channel"] == "ike":
            messages.append((datagram["from"], octets))
        elif datagram["channel"] == "nat-t" and octets[:4] == bytes(4):
            messages.append((datagram["from"], octets[4:]))
        else:
            packets.append((datagram["from"], octets))
    return messages, packets


def has(payloads, kind):
    return any(each == kind for each, _ in payloads)


def body(payloads, kind):
    """Of the first of this type, without its generic header."""
    return next(payload[4:] for each, payload in payloads if each == kind)


def auth_payloads(opened, role):
    first, inner = next((first, inner) for sender, exchange, first, inner in opened if sender == role and exchange == IKE_AUTH)
    return read_chain(first, inner, NAMES, inside=True)


# ---- RFC 7296 section 3.3 ----


def proposals(sa):
    """(number, protocol, SPI, transforms as (type, number, key length or None)) of each."""
    found, at = [], 0
    while at < len(sa):
        length = int.from_bytes(sa[at + 2 : at + 4], "big")
        proposal = sa[at : at + length]
        spi_end = 8 + proposal[6]
        transforms, t = [], spi_end
        while t < len(proposal):
            t_length = int.from_bytes(proposal[t + 2 : t + 4], "big")
            attributes = proposal[t + 8 : t + t_length]
            # Section 3.3.5: AF set, type 14.
            bits = int.from_bytes(attributes[2:4], "big") if attributes[:2] == b"\x80\x0e" else None
            transforms.append((proposal[t + 4], int.from_bytes(proposal[t + 6 : t + 8], "big"), bits))
            t += t_length
        found.append((proposal[4], proposal[5], proposal[8:spi_end], transforms))
        at += length
    return found


def chosen_suite(payloads):
    ((_, _, _, transforms),) = proposals(body(payloads, SA))
    suite = {}
    for kind, number, bits in transforms:
        if kind == 1:
            suite["encryption"] = ENCRYPTION[number]
            if bits is not None:
                suite["keyLength"] = bits
        elif kind == 2:
            suite["prf_id"] = number
        elif kind == 3 and number != 0:
            suite["integrity"] = INTEGRITY[number]
        elif kind == 4:
            suite["group_id"] = number
        elif kind == 5:
            suite["sequenceNumbers"] = "esn" if number == 1 else "no-esn"
    return suite


def child_suite(offered, answered):
    ((number, _, spi_r, _),) = proposals(body(answered, SA))
    spi_i = next(spi for each, _, spi, _ in proposals(body(offered, SA)) if each == number)
    return chosen_suite(answered), {"initiator": spi_i, "responder": spi_r}


# ---- RFC 4303 ----


def open_packet(place, suite, keys, spis, sender, packet):
    """Next header and payload of an ESP packet whose sequence number is less than 2^32."""
    if packet[:4] != spis["responder" if sender == "initiator" else "initiator"]:
        raise Refused("ipsec", f"{place}.spi")
    name = suite["encryption"]
    esn = bytes(4) if suite["sequenceNumbers"] == "esn" else b""
    if name in AEADS:
        iv, rest = packet[8 : 8 + AEAD_IV_LENGTH], packet[8 + AEAD_IV_LENGTH :]
        # RFC 4106 section 5: SPI, then the whole sequence number.
        aad = packet[:4] + esn + packet[4:8]
        if "GMAC" in name:
            # RFC 4543 section 3.4: all that is not encrypted is covered: the IV and the text as well.
            icv_length = AEADS[name][1]
            text = rest[:-icv_length]
            if aead_open(name, keys["encryption"], iv, aad + iv + text, rest[-icv_length:]) is None:
                raise Refused("integrity", place)
        else:
            text = aead_open(name, keys["encryption"], iv, aad, rest)
            if text is None:
                raise Refused("integrity", place)
    else:
        iv_length, icv_length = CIPHERS[name][1], INTEGRITIES[suite["integrity"]][2]
        covered = packet[:-icv_length]
        # Section 2.2.1: the upper half of the sequence number is behind the trailer.
        if icv(suite["integrity"], keys["integrity"], covered + esn) != packet[-icv_length:]:
            raise Refused("integrity", place)
        text = cipher_decrypt(name, keys["encryption"] if "encryption" in keys else b"", packet[8 : 8 + iv_length], covered[8 + iv_length :])
    pad_length, next_header = text[-2], text[-1]
    end = len(text) - 2 - pad_length
    # Section 2.4: 1, 2, 3 …
    if text[end:-2] != bytes(range(1, pad_length + 1)):
        raise Refused("ipsec", place)
    return {
        "spi": packet[:4].hex(),
        "sequence": int.from_bytes(packet[4:8], "big"),
        "nextHeader": next_header,
        "payload": text[:end].hex(),
    }


def in_hex(keys):
    return {name: key.hex() for name, key in keys.items()}
