"""Answers every case of vectors/primitives without a line of this project, and says where the answers differ.

Uses python3-cryptography, and where that has nothing, a few lines written from the text of the RFC alone: slow, and readable. Prints JSON:
`confirmed` by kind, `differ` (id, expected, got), `unable` (ids). A million iterations are left out unless the argument `--slow` is there.
"""
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import cmac, hashes, poly1305
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, ChaCha20Poly1305

SLOW = "--slow" in sys.argv


class Unable(Exception):
    """What is asked is nothing that this script has."""


class Refused(Exception):
    """Layer and field."""


def octets(inputs, name):
    return bytes.fromhex(inputs[name])


# MACs: RFC 2104, RFC 3566, RFC 4434, RFC 4493, RFC 4494, RFC 4615, RFC 4868.


def aes(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def xcbc(key, message):
    """RFC 3566 section 4."""
    k1, k2, k3 = (aes(key, bytes([i]) * 16) for i in (1, 2, 3))
    blocks = [message[i : i + 16] for i in range(0, len(message), 16)] or [b""]
    e = bytes(16)
    for block in blocks[:-1]:
        e = aes(k1, xor(e, block))
    last = blocks[-1]
    if len(last) == 16:
        return aes(k1, xor(xor(last, e), k2))
    return aes(k1, xor(xor(last + b"\x80" + bytes(15 - len(last)), e), k3))


def aes_cmac(key, message):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def prf(name, key, message):
    if name.startswith("PRF_HMAC_"):
        digest = {"MD5": "md5", "SHA1": "sha1"}.get(name[9:]) or "sha" + name.split("_")[3]
        return hmac.new(key, message, digest).digest()
    if name == "PRF_AES128_XCBC":  # RFC 4434 section 2.
        return xcbc(key.ljust(16, b"\0") if len(key) <= 16 else xcbc(bytes(16), key), message)
    if name == "PRF_AES128_CMAC":  # RFC 4615 section 3.
        return aes_cmac(key if len(key) == 16 else aes_cmac(bytes(16), key), message)
    raise Unable


INTEGRITY = {
    "AUTH_HMAC_MD5_96": ("PRF_HMAC_MD5", 12),
    "AUTH_HMAC_SHA1_96": ("PRF_HMAC_SHA1", 12),
    "AUTH_AES_XCBC_96": ("PRF_AES128_XCBC", 12),
    "AUTH_AES_CMAC_96": ("PRF_AES128_CMAC", 12),
    "AUTH_HMAC_SHA2_256_128": ("PRF_HMAC_SHA2_256", 16),
    "AUTH_HMAC_SHA2_384_192": ("PRF_HMAC_SHA2_384", 24),
    "AUTH_HMAC_SHA2_512_256": ("PRF_HMAC_SHA2_512", 32),
}


def answer_mac(inputs):
    algorithm = inputs["algorithm"]
    name, length = INTEGRITY[algorithm["integrity"]] if "integrity" in algorithm else (algorithm["prf"], None)
    mac = prf(name, octets(inputs, "key"), octets(inputs, "data"))[:length]
    if inputs["operation"] == "verify":
        if mac != octets(inputs, "mac"):
            raise Refused("integrity", "mac")
        return {}
    return {"mac": mac[: inputs.get("length")].hex()}


# Ciphers: RFC 2410, RFC 3602, RFC 3686.


def answer_cipher(inputs):
    key, iv, name = octets(inputs, "key"), octets(inputs, "iv"), inputs["algorithm"]
    text = octets(inputs, "plaintext" if inputs["operation"] == "encrypt" else "ciphertext")
    if name == "ENCR_NULL":
        out = text
    else:
        if name == "ENCR_AES_CBC":
            cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
        elif name == "ENCR_CAMELLIA_CBC":
            cipher = Cipher(algorithms.Camellia(key), modes.CBC(iv))
        else:
            cipher = Cipher(algorithms.AES(key[:-4]), modes.CTR(key[-4:] + iv + b"\0\0\0\1"))
        operation = cipher.encryptor() if inputs["operation"] == "encrypt" else cipher.decryptor()
        out = operation.update(text) + operation.finalize()
    return {"ciphertext" if inputs["operation"] == "encrypt" else "plaintext": out.hex()}


# AEADs: RFC 4106, RFC 4309, RFC 7634.


def gcm_seal(key, nonce, aad, text, length):
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    sealed = encryptor.update(text) + encryptor.finalize()
    return sealed + encryptor.tag[:length]


def gcm_open(key, nonce, aad, sealed, length):
    if len(sealed) < length:
        raise InvalidTag
    split = len(sealed) - length
    decryptor = Cipher(algorithms.AES(key), modes.GCM(nonce, sealed[split:], min_tag_length=8)).decryptor()
    decryptor.authenticate_additional_data(aad)
    return decryptor.update(sealed[:split]) + decryptor.finalize()


def answer_aead(inputs):
    key, iv, aad, name = octets(inputs, "key"), octets(inputs, "iv"), octets(inputs, "aad"), inputs["algorithm"]
    salt = 3 if "CCM" in name else 4
    nonce, key = key[-salt:] + iv, key[:-salt]
    length = 16 if "CHACHA" in name else int(name.rsplit("_", 1)[1])
    is_seal = inputs["operation"] == "seal"
    text = octets(inputs, "plaintext" if is_seal else "sealed")
    try:
        if "GCM" in name:
            out = (gcm_seal if is_seal else gcm_open)(key, nonce, aad, text, length)
        else:
            aead = AESCCM(key, tag_length=length) if "CCM" in name else ChaCha20Poly1305(key)
            out = (aead.encrypt if is_seal else aead.decrypt)(nonce, text, aad)
    except InvalidTag:
        raise Refused("integrity", "sealed")
    return {"sealed" if is_seal else "plaintext": out.hex()}


# Building blocks: RFC 3610, RFC 8439.


def answer_building_block(inputs):
    if inputs["algorithm"] == "POLY1305":
        return {"mac": poly1305.Poly1305.generate_tag(octets(inputs, "key"), octets(inputs, "data")).hex()}
    key, nonce = octets(inputs, "key"), octets(inputs, "nonce")
    if inputs["algorithm"] == "CHACHA20":
        counter = inputs["counter"].to_bytes(4, "little")
        encryptor = Cipher(algorithms.ChaCha20(key, counter + nonce), None).encryptor()
        return {"ciphertext": encryptor.update(octets(inputs, "plaintext")).hex()}
    aead = AESCCM(key, tag_length=inputs["icvLength"])
    try:
        if inputs["operation"] == "seal":
            return {"sealed": aead.encrypt(nonce, octets(inputs, "plaintext"), octets(inputs, "aad")).hex()}
        return {"plaintext": aead.decrypt(nonce, octets(inputs, "sealed"), octets(inputs, "aad")).hex()}
    except InvalidTag:
        raise Refused("integrity", "sealed")


# MODP groups: RFC 3526. The prime is 2^n - 2^(n-64) - 1 + 2^64 * ([2^(n-130) pi] + c).

MODP = {"MODP_1536": 741804, "MODP_2048": 124476, "MODP_3072": 1690314, "MODP_4096": 240904, "MODP_6144": 929484, "MODP_8192": 4743158}


def pi_times_two_to(bits):
    """Machin: pi = 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan(inverse):
        unit = term = (1 << (bits + 64)) // inverse
        total, n, sign = term, 3, -1
        while term:
            term //= inverse * inverse
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return (16 * arctan(5) - 4 * arctan(239)) >> 64


def prime_of(name):
    n = int(name.split("_")[1])
    return (1 << n) - (1 << (n - 64)) - 1 + (1 << 64) * (pi_times_two_to(n - 130) + MODP[name])


def answer_modp_group(inputs):
    prime = prime_of(inputs["algorithm"])
    return {"prime": prime.to_bytes((prime.bit_length() + 7) // 8, "big").hex(), "generator": 2}


# Key agreement: RFC 5903, RFC 6954, RFC 6989, RFC 7748.

CURVES = {
    "ECP_256": ec.SECP256R1(),
    "ECP_384": ec.SECP384R1(),
    "ECP_521": ec.SECP521R1(),
    "BRAINPOOL_P256R1": ec.BrainpoolP256R1(),
    "BRAINPOOL_P384R1": ec.BrainpoolP384R1(),
    "BRAINPOOL_P512R1": ec.BrainpoolP512R1(),
}
MONTGOMERY = {
    "CURVE25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey, 32),
    "CURVE448": (x448.X448PrivateKey, x448.X448PublicKey, 56),
}


def agree_modp(name, private, public):
    """RFC 6989 section 2.1: 1 < r < p-1; RFC 7296 section 3.4: as many octets as the prime."""
    prime = prime_of(name)
    length = (prime.bit_length() + 7) // 8
    r = int.from_bytes(public, "big")
    if len(public) != length or not 1 < r < prime - 1:
        raise Refused("crypto", "publicValue")
    x = int.from_bytes(private, "big")
    return pow(2, x, prime).to_bytes(length, "big"), pow(r, x, prime).to_bytes(length, "big")


def agree_ecp(name, private, public):
    curve = CURVES[name]
    length = (curve.key_size + 7) // 8
    try:
        ours = ec.derive_private_key(int.from_bytes(private, "big"), curve)
    except ValueError:
        raise Refused("crypto", "privateKey")
    try:
        if len(public) != 2 * length:
            raise ValueError
        x, y = (int.from_bytes(part, "big") for part in (public[:length], public[length:]))
        theirs = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
    except ValueError:
        raise Refused("crypto", "publicValue")
    numbers = ours.public_key().public_numbers()
    own = numbers.x.to_bytes(length, "big") + numbers.y.to_bytes(length, "big")
    return own, ours.exchange(ec.ECDH(), theirs)


def agree_brainpool224(private, public):
    """Affine arithmetic with the parameters of RFC 5639 section 3.3."""
    p = 0xD7C134AA264366862A18302575D1D787B09F075797DA89F57EC8C0FF
    a = 0x68A5E62CA9CE6C1C299803A6C1530B514E182AD8B0042A59CAD29F43
    g = (0x0D9029AD2C7E5CF4340823B2A87DC68C9E4CE3174C1E6EFDEE12C07D, 0x58AA56F772C0726F24C6B89E4ECDAC24354B9E99CAA3F6D3761402CD)

    def add(one, two):
        if one is None:
            return two
        (x1, y1), (x2, y2) = one, two
        if one == two:
            slope = (3 * x1 * x1 + a) * pow(2 * y1, -1, p)
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, p)
        x = (slope * slope - x1 - x2) % p
        return x, (slope * (x1 - x) - y1) % p

    def times(point):
        result = None
        for bit in bin(int.from_bytes(private, "big"))[2:]:
            result = add(result, result) if result else None
            result = add(result, point) if bit == "1" else result
        return result

    own = times(g)
    shared = times((int.from_bytes(public[:28], "big"), int.from_bytes(public[28:], "big")))
    return own[0].to_bytes(28, "big") + own[1].to_bytes(28, "big"), shared[0].to_bytes(28, "big")


def agree_montgomery(name, private, public):
    private_type, public_type, length = MONTGOMERY[name]
    if len(public) != length:
        raise Refused("crypto", "publicValue")
    ours = private_type.from_private_bytes(private)
    own = ours.public_key()
    try:
        shared = ours.exchange(public_type.from_public_bytes(public))
    except ValueError:
        raise Refused("crypto", "publicValue")
    return raw(own), shared


def raw(public):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def answer_key_agreement(inputs):
    name = inputs["algorithm"]
    if inputs["operation"] == "iterate":
        if inputs["iterations"] > 1000 and not SLOW:
            raise Unable
        private_type, public_type, _ = MONTGOMERY[name]
        k = u = octets(inputs, "start")
        for _ in range(inputs["iterations"]):
            u, k = k, private_type.from_private_bytes(k).exchange(public_type.from_public_bytes(u))
        return {"result": k.hex()}
    private, public = octets(inputs, "privateKey"), octets(inputs, "publicValue")
    if name in MODP:
        own, shared = agree_modp(name, private, public)
    elif name in CURVES:
        own, shared = agree_ecp(name, private, public)
    elif name == "BRAINPOOL_P224R1":
        own, shared = agree_brainpool224(private, public)
    else:
        own, shared = agree_montgomery(name, private, public)
    return {"ownPublicValue": own.hex(), "sharedSecret": shared.hex()}


# Signatures: RFC 4754, RFC 8032.

ECDSA = {
    "ecdsa-p256-sha256": (ec.SECP256R1(), hashes.SHA256(), 32),
    "ecdsa-p384-sha384": (ec.SECP384R1(), hashes.SHA384(), 48),
    "ecdsa-p521-sha512": (ec.SECP521R1(), hashes.SHA512(), 66),
}
EDDSA = {
    "ed25519": (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey, 32),
    "ed448": (ed448.Ed448PrivateKey, ed448.Ed448PublicKey, 57),
}


def answer_signature(inputs):
    scheme, message = inputs["scheme"], octets(inputs, "message")
    if "context" in inputs or scheme not in {**ECDSA, **EDDSA}:
        raise Unable
    if inputs["operation"] == "sign":
        return {"signature": EDDSA[scheme][0].from_private_bytes(octets(inputs, "privateKey")).sign(message).hex()}
    public, signature = octets(inputs, "publicKey"), octets(inputs, "signature")
    try:
        if scheme in EDDSA:
            key = EDDSA[scheme][1].from_public_bytes(public)
        else:
            curve, digest, length = ECDSA[scheme]
            if public[:1] != b"\4":
                raise ValueError
            key = ec.EllipticCurvePublicKey.from_encoded_point(curve, public)
    except ValueError:
        raise Refused("crypto", "publicKey")
    try:
        if scheme in EDDSA:
            key.verify(signature, message)
        else:
            if inputs.get("encoding") != "der":
                if len(signature) != 2 * length:
                    raise InvalidSignature
                r, s = (int.from_bytes(part, "big") for part in (signature[:length], signature[length:]))
                signature = encode_dss_signature(r, s)
            key.verify(signature, message, ec.ECDSA(digest))
    except InvalidSignature:
        raise Refused("integrity", "signature")
    return {}


# AlgorithmIdentifiers: RFC 5280 section 4.1.1.2 in DER, RFC 7427 section 3.

NULL = bytes.fromhex("0500")
PLAIN = {
    "1.2.840.113549.1.1.5": ("sha1WithRSAEncryption", NULL),
    "1.2.840.113549.1.1.11": ("sha256WithRSAEncryption", NULL),
    "1.2.840.113549.1.1.12": ("sha384WithRSAEncryption", NULL),
    "1.2.840.113549.1.1.13": ("sha512WithRSAEncryption", NULL),
    "1.2.840.10040.4.3": ("dsa-with-sha1", b""),
    "2.16.840.1.101.3.4.3.2": ("dsa-with-sha256", b""),
    "1.2.840.10045.4.1": ("ecdsa-with-sha1", b""),
    "1.2.840.10045.4.3.2": ("ecdsa-with-sha256", b""),
    "1.2.840.10045.4.3.3": ("ecdsa-with-sha384", b""),
    "1.2.840.10045.4.3.4": ("ecdsa-with-sha512", b""),
    "1.3.101.112": ("id-Ed25519", b""),
    "1.3.101.113": ("id-Ed448", b""),
}
PSS, MGF1 = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8"
HASHES = {"sha-1": ("1.3.14.3.2.26", 20)}
HASHES.update({f"sha-{bits}": (f"2.16.840.1.101.3.4.2.{i}", bits // 8) for i, bits in ((1, 256), (2, 384), (3, 512))})


def tlv(tag, *contents):
    contents = b"".join(contents)
    return bytes([tag, len(contents)]) + contents


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        out += bytes(groups)
    return tlv(6, out)


def pss_parameters(digest, with_trailer):
    identifier, salt = HASHES[digest]
    algorithm = tlv(0x30, oid(identifier), NULL)
    trailer = [tlv(0xA3, tlv(2, b"\1"))] if with_trailer else []
    return tlv(0x30, tlv(0xA0, algorithm), tlv(0xA1, tlv(0x30, oid(MGF1), algorithm)), tlv(0xA2, tlv(2, bytes([salt]))), *trailer)


def identifiers():
    """Name to DER."""
    all_of_them = {name: tlv(0x30, oid(number), parameters) for number, (name, parameters) in PLAIN.items()}
    for number, (name, parameters) in PLAIN.items():
        if parameters and "sha1" not in name:  # RFC 4055 section 5.
            all_of_them[name + ", without parameters"] = tlv(0x30, oid(number))
    all_of_them["RSASSA-PSS with empty parameters"] = tlv(0x30, oid(PSS), tlv(0x30))
    all_of_them["RSASSA-PSS with default parameters"] = tlv(0x30, oid(PSS), pss_parameters("sha-1", True))
    for digest in ("sha-256", "sha-384", "sha-512"):
        all_of_them[f"RSASSA-PSS with {digest}"] = tlv(0x30, oid(PSS), pss_parameters(digest, True))
        all_of_them[f"RSASSA-PSS with {digest}, without trailerField"] = tlv(0x30, oid(PSS), pss_parameters(digest, False))
    return all_of_them


def name_of(der, field):
    for name, known in identifiers().items():
        if known == der:
            return name
    raise Refused("wire", field)


def answer_algorithm_identifier(inputs):
    operation = inputs["operation"]
    if operation == "encode":
        return {"der": identifiers()[inputs["name"]].hex()}
    if operation == "decode":
        return {"name": name_of(octets(inputs, "der"), "der")}
    if operation == "join":
        der = identifiers()[inputs["name"]]
        return {"authenticationData": (bytes([len(der)]) + der).hex() + inputs["signature"]}
    data = octets(inputs, "authenticationData")
    end = 1 + data[0] if data else 0
    return {"name": name_of(data[1:end] if end <= len(data) else b"", "authenticationData"), "signature": data[end:].hex()}


ANSWERS = {
    "mac": answer_mac,
    "cipher": answer_cipher,
    "aead": answer_aead,
    "building-block": answer_building_block,
    "modp-group": answer_modp_group,
    "key-agreement": answer_key_agreement,
    "signature": answer_signature,
    "algorithm-identifier": answer_algorithm_identifier,
}


def answer(kind, inputs):
    try:
        return ANSWERS[kind](inputs), True
    except Refused as refused:
        return dict(zip(("layer", "field"), refused.args)), False


def main():
    confirmed, differ, unable = {}, [], []
    folder = pathlib.Path(__file__).resolve().parents[3] / "vectors" / "primitives"
    for file in sorted(folder.glob("*.json")):
        vectors = json.loads(file.read_text())
        for case in vectors["cases"]:
            try:
                got, accepted = answer(vectors["kind"], case["inputs"])
            except Unable:
                unable.append(case["id"])
                continue
            expected = case["expected"]
            if case["result"] == "acceptable" and not accepted:
                same = True
            else:
                same = accepted == (case["result"] != "invalid") and all(got.get(name) == value for name, value in expected.items())
            if same:
                confirmed[vectors["kind"]] = confirmed.get(vectors["kind"], 0) + 1
            else:
                differ.append({"id": case["id"], "expected": expected, "got": got})
    print(json.dumps({"confirmed": confirmed, "differ": differ, "unable": unable}))


main()
