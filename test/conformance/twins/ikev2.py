"""Keys, AUTH and the Encrypted payload of IKEv2, written from RFC 7296, RFC 5282 and RFC 5930: slow, readable, and for comparison only."""

import hmac

from algorithms import (
    AEAD_IV_LENGTH,
    AEADS,
    CIPHERS,
    INTEGRITIES,
    PRFS,
    aead_open,
    aead_seal,
    cipher_decrypt,
    cipher_encrypt,
    encryption_key_length,
    icv,
)


class Refused(Exception):
    """What must not be accepted, and where that is noticed."""

    def __init__(self, layer, field):
        super().__init__(f"{layer} {field}")
        self.layer = layer
        self.field = field


# ---- RFC 7296 section 2.13 ----


def prf_plus(prf, key, seed, length):
    function, output_length = PRFS[prf]
    if length > 255 * output_length:
        raise Refused("crypto", "length")
    stream, t, n = b"", b"", 1
    while len(stream) < length:
        t = function(key, t + seed + bytes([n]))
        stream += t
        n += 1
    return stream[:length]


def cut(stream, lengths):
    """Keys are taken from the stream without regard to boundaries."""
    keys, at = {}, 0
    for name, length in lengths:
        if length > 0:
            keys[name] = stream[at : at + length]
        at += length
    return keys


# ---- RFC 7296 sections 2.14 and 2.18 ----


def skeyseed(prf, nonce_i, nonce_r, shared_secret):
    if prf in ("PRF_AES128_XCBC", "PRF_AES128_CMAC"):
        nonce_i, nonce_r = nonce_i[:8], nonce_r[:8]
    return PRFS[prf][0](nonce_i + nonce_r, shared_secret)


def rekey_skeyseed(old_prf, old_sk_d, nonce_i, nonce_r, shared_secret):
    return PRFS[old_prf][0](old_sk_d, shared_secret + nonce_i + nonce_r)


def ike_keys(suite, seed, nonce_i, nonce_r, spi_i, spi_r):
    d = PRFS[suite["prf"]][1]
    a = INTEGRITIES[suite["integrity"]][1] if "integrity" in suite else 0
    e = encryption_key_length(suite["encryption"], suite.get("keyLength"))
    lengths = [("skD", d), ("skAi", a), ("skAr", a), ("skEi", e), ("skEr", e), ("skPi", d), ("skPr", d)]
    stream = prf_plus(suite["prf"], seed, nonce_i + nonce_r + spi_i + spi_r, sum(length for _, length in lengths))
    return cut(stream, lengths)


# ---- RFC 7296 section 2.17 ----

# RFC 4543 section 3.3: keying material of GMAC in AH has the salt behind the key.
AH_GMAC = {"AUTH_AES_128_GMAC": 20, "AUTH_AES_192_GMAC": 28, "AUTH_AES_256_GMAC": 36}


def child_keys(prf, sk_d, suite, nonce_i, nonce_r, shared_secret):
    e = encryption_key_length(suite["encryption"], suite.get("keyLength")) if "encryption" in suite else 0
    a = 0
    if "integrity" in suite:
        a = AH_GMAC.get(suite["integrity"]) or INTEGRITIES[suite["integrity"]][1]
    keymat = prf_plus(prf, sk_d, (shared_secret or b"") + nonce_i + nonce_r, 2 * (e + a))
    one_way = [("encryption", e), ("integrity", a)]
    return {"initiator": cut(keymat[: e + a], one_way), "responder": cut(keymat[e + a :], one_way)}


# ---- RFC 7296 section 2.15 ----


def signed_octets(prf, message, nonce_of_the_other, sk_p, identification):
    """`identification`: the whole payload, whose first four octets are its generic header."""
    return message + nonce_of_the_other + PRFS[prf][0](sk_p, identification[4:])


def shared_key_auth(prf, shared_secret, octets):
    function, _ = PRFS[prf]
    return function(function(shared_secret, b"Key Pad for IKEv2"), octets)


# ---- RFC 7296 sections 3.1, 3.2: messages ----

SK = 46
INITIATOR_FLAG = 0x08


def read_header(message):
    if len(message) < 28:
        raise Refused("wire", "header")
    length = int.from_bytes(message[24:28], "big")
    if length != len(message):
        raise Refused("wire", "header.length")
    return {
        "spi_i": message[0:8],
        "spi_r": message[8:16],
        "next": message[16],
        "exchange": message[18],
        "flags": message[19],
        "message_id": int.from_bytes(message[20:24], "big"),
    }


def read_chain(first, octets, names, inside):
    """(type, whole payload) of each; that of an Encrypted payload is the last."""
    payloads, at, kind = [], 0, first
    while kind != 0:
        name = names.get(kind, "unknown")
        if kind == SK and inside:
            raise Refused("wire", "SK")
        if at + 4 > len(octets):
            raise Refused("wire", f"{name}.{'nextPayload' if at == len(octets) else 'length'}")
        length = int.from_bytes(octets[at + 2 : at + 4], "big")
        if length < 4 or at + length > len(octets):
            raise Refused("wire", f"{name}.length")
        payloads.append((kind, octets[at : at + length]))
        kind, at = (0 if kind == SK else octets[at]), at + length
    if at != len(octets):
        raise Refused("wire", "payloads")
    return payloads


NAMES = {33: "SA", 34: "KE", 35: "IDi", 36: "IDr", 39: "AUTH", 40: "NONCE", 41: "N", 42: "D", 43: "V", 44: "TSi", 45: "TSr", 46: "SK"}


def read_message(message):
    header = read_header(message)
    return header, read_chain(header["next"], message[28:], NAMES, inside=False)


# ---- RFC 7296 section 3.14, RFC 5282 section 3, RFC 5930 section 2 ----


def overhead(suite):
    """Octets of IV, block and ICV."""
    name = suite["encryption"]
    if name in AEADS:
        return AEAD_IV_LENGTH, 1, AEADS[name][1]
    return CIPHERS[name][1], CIPHERS[name][2], INTEGRITIES[suite["integrity"]][2]


def check_keys(suite, keys):
    """`keys`: of both directions."""
    e = encryption_key_length(suite["encryption"], suite.get("keyLength"))
    for name in ("skEi", "skEr"):
        if len(keys[name]) != e:
            raise Refused("crypto", name)
    if "integrity" in suite:
        for name in ("skAi", "skAr"):
            if len(keys.get(name, b"")) != INTEGRITIES[suite["integrity"]][1]:
                raise Refused("crypto", name)


def keys_of_sender(keys, flags):
    """Section 2.14: SK_ei and SK_ai protect what the original initiator sends."""
    return (keys["skEi"], keys.get("skAi")) if flags & INITIATOR_FLAG else (keys["skEr"], keys.get("skAr"))


def open_message(suite, keys, message):
    """(type of the first payload, octets of all payloads) inside the Encrypted payload."""
    check_keys(suite, keys)
    header, payloads = read_message(message)
    if not payloads or payloads[-1][0] != SK:
        raise Refused("ike", "SK")
    payload = payloads[-1][1]
    iv_length, block, icv_length = overhead(suite)
    sk_e, sk_a = keys_of_sender(keys, header["flags"])
    body_at = len(message) - len(payload) + 4
    body = message[body_at:]
    iv, rest = body[:iv_length], body[iv_length:]
    wrong = Refused("integrity", "SK")
    if suite["encryption"] in AEADS:
        if len(body) < iv_length + 1 + icv_length:
            raise wrong
        plaintext = aead_open(suite["encryption"], sk_e, iv, message[:body_at], rest)
        if plaintext is None:
            raise wrong
    else:
        text_length = len(rest) - icv_length
        if text_length < block or text_length % block != 0:
            raise wrong
        if not hmac.compare_digest(icv(suite["integrity"], sk_a, message[:-icv_length]), message[-icv_length:]):
            raise wrong
        plaintext = cipher_decrypt(suite["encryption"], sk_e, iv, rest[:text_length])
    pad_length = plaintext[-1]
    if pad_length + 1 > len(plaintext):
        raise Refused("wire", "SK.padLength")
    inner = plaintext[: len(plaintext) - 1 - pad_length]
    read_chain(payload[0], inner, NAMES, inside=True)
    return payload[0], inner


def seal_message(suite, keys, header, first, inner, iv):
    """With the least padding, of zeros."""
    check_keys(suite, keys)
    iv_length, block, icv_length = overhead(suite)
    if len(iv) != iv_length:
        raise Refused("crypto", "iv")
    sk_e, sk_a = keys_of_sender(keys, header["flags"])
    pad_length = -(len(inner) + 1) % block
    plaintext = inner + bytes(pad_length) + bytes([pad_length])
    payload_length = 4 + iv_length + len(plaintext) + icv_length
    begin = (
        bytes.fromhex(header["initiatorSpi"])
        + bytes.fromhex(header["responderSpi"])
        + bytes([SK, 0x20, header["exchangeType"], header["flags"]])
        + header["messageId"].to_bytes(4, "big")
        + (28 + payload_length).to_bytes(4, "big")
        + bytes([first, 0])
        + payload_length.to_bytes(2, "big")
    )
    if suite["encryption"] in AEADS:
        return begin + iv + aead_seal(suite["encryption"], sk_e, iv, begin, plaintext)
    covered = begin + iv + cipher_encrypt(suite["encryption"], sk_e, iv, plaintext)
    return covered + icv(suite["integrity"], sk_a, covered)
