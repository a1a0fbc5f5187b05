#!/usr/bin/env python3
"""Lets the vectors of this repository be asked to scapy and python3-cryptography. docs/shim.md says what a shim is. To try it:

    ikebana vectors run --shim "python3 examples/shims/scapy_shim.py"

Copy it for an implementation of yours: `main` stays as it is, each function below `answers` is one kind of question. A function
returns the outputs, or raises `Refused` (what was asked about is wrong) or `Missing` (it is nothing that we have).
"""
import json
import sys
import warnings

warnings.filterwarnings("ignore")  # scapy loads old ciphers, which python3-cryptography warns of

import scapy
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, poly1305
from cryptography.hazmat.primitives.asymmetric import dh, ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.tls.crypto import groups
from scapy.packet import raw


class Refused(Exception):
    """A wrong ICV, a key of the wrong length, a packet that is none."""


class Missing(Exception):
    """Which algorithm or mode it is that we have not got."""


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["type"] == "hello":
            said = {"type": "hello", "protocol": 1, "name": "scapy", "version": scapy.VERSION, "kinds": list(answers)}
        else:
            said = {"type": "answer", "number": asked["number"], **answer(asked["kind"], asked["inputs"])}
        print(json.dumps(said), flush=True)


def answer(kind, inputs):
    try:
        return {"outputs": answers[kind](inputs)}
    except Missing as missing:
        return {"unimplemented": str(missing)}
    # python3-cryptography says ValueError to keys, nonces and points that are none.
    except (Refused, InvalidTag, InvalidSignature, ValueError):
        return {"invalid": True}


def octets(inputs, name):
    return bytes.fromhex(inputs.get(name, ""))


def found(table, name):
    if name not in table:
        raise Missing(f"no {name}")
    return table[name]


# ---- whole packets: scapy ----------------------------------------------------------------------------------------------------

# Its name in scapy, octets of the ICV where it is a combined-mode cipher.
ESP_CIPHERS = {
    "ENCR_NULL": ("NULL", None),
    "ENCR_3DES": ("3DES", None),
    "ENCR_AES_CBC": ("AES-CBC", None),
    "ENCR_AES_CTR": ("AES-CTR", None),
    "ENCR_AES_GCM_8": ("AES-GCM", 8),
    "ENCR_AES_GCM_12": ("AES-GCM", 12),
    "ENCR_AES_GCM_16": ("AES-GCM", 16),
    "ENCR_AES_CCM_8": ("AES-CCM", 8),
    "ENCR_AES_CCM_12": ("AES-CCM", 12),
    "ENCR_AES_CCM_16": ("AES-CCM", 16),
    "ENCR_CHACHA20_POLY1305": ("CHACHA20-POLY1305", 16),
}
ESP_MACS = {
    None: "NULL",
    "AUTH_HMAC_MD5_96": "HMAC-MD5-96",
    "AUTH_HMAC_SHA1_96": "HMAC-SHA1-96",
    "AUTH_HMAC_SHA2_256_128": "SHA2-256-128",
    "AUTH_HMAC_SHA2_384_192": "SHA2-384-192",
    "AUTH_HMAC_SHA2_512_256": "SHA2-512-256",
    "AUTH_AES_CMAC_96": "AES-CMAC-96",
}


def esp_packet(inputs):
    is_seal = inputs["operation"] == "seal"
    packet = octets(inputs, "packet" if is_seal else "protected")
    try:
        return (seal if is_seal else open_)(inputs, IPv6(packet) if packet[:1] >= b"\x60" else IP(packet))
    except Missing:
        raise
    # Whatever scapy raises, it has not sealed or opened the packet: its own errors, TypeError, IndexError, struct.error.
    except Exception as why:
        raise Refused from why


def association(inputs, version, number):
    suite = inputs["suite"]
    is_extended = suite["sequenceNumbers"] == "ESN"
    cipher, icv_size = found(ESP_CIPHERS, suite["encryption"])
    return SecurityAssociation(
        ESP,
        spi=int(inputs["spi"], 16),
        seq_num=number & 0xFFFFFFFF if is_extended else number,
        crypt_algo=cipher,
        crypt_key=octets(inputs, "encryptionKey") or None,
        crypt_icv_size=icv_size,
        auth_algo=found(ESP_MACS, suite.get("integrity")),
        auth_key=octets(inputs, "integrityKey") or None,
        tunnel_header=(IPv6 if version == 6 else IP)() if inputs["mode"] == "tunnel" else None,
        nat_t_header=UDP(sport=4500, dport=4500) if inputs.get("encapsulation") == "udp" else None,
        esn_en=is_extended,
        esn=number >> 32 if is_extended else 0,
    )


def seal(inputs, packet):
    number = int(inputs["sequence"], 16)
    sa = association(inputs, packet.version, number)
    if sa.crypt_algo.iv_size > 8:
        raise Missing("whoever draws an IV at random cannot be asked for octets")
    sealed = sa.encrypt(packet, iv=number.to_bytes(8, "big")[: sa.crypt_algo.iv_size])
    esp = raw(sealed[ESP])
    before = raw(sealed)[: -len(esp)]
    outputs = {"esp": esp.hex()}
    if inputs["encapsulation"] == "udp":
        outputs["udp"] = before[-8:-2].hex()
        before = before[:-8]
    if inputs["mode"] == "transport":
        outputs["header"] = before.hex()
    return outputs


def open_(inputs, packet):
    highest, low = int(inputs["highest"], 16), packet[ESP].seq
    number = extended(highest, low) if inputs["suite"]["sequenceNumbers"] == "ESN" else low
    if 0 < number <= highest:
        raise Missing("scapy keeps no anti-replay window")
    return {"packet": raw(association(inputs, packet.version, number).decrypt(packet)).hex()}


def extended(highest, low):
    """RFC 4303 appendix A2.2, for a window of 64: scapy wants to be told the high half."""
    bottom = highest - 63
    number = (bottom & ~0xFFFFFFFF) | low
    return number if number >= bottom else number + 2**32


# ---- MACs: python3-cryptography ----------------------------------------------------------------------------------------------

HASHES = {"MD5": hashes.MD5, "SHA1": hashes.SHA1, "SHA2_256": hashes.SHA256, "SHA2_384": hashes.SHA384, "SHA2_512": hashes.SHA512}
PRFS = {f"PRF_HMAC_{name}": hash for name, hash in HASHES.items()}
# Its hash, or None for AES-CMAC; octets of the key, of the ICV.
INTEGRITY = {
    "AUTH_HMAC_MD5_96": (hashes.MD5, 16, 12),
    "AUTH_HMAC_SHA1_96": (hashes.SHA1, 20, 12),
    "AUTH_AES_CMAC_96": (None, 16, 12),
    "AUTH_HMAC_SHA2_256_128": (hashes.SHA256, 32, 16),
    "AUTH_HMAC_SHA2_384_192": (hashes.SHA384, 48, 24),
    "AUTH_HMAC_SHA2_512_256": (hashes.SHA512, 64, 32),
}


def keyed(hash, key, *parts):
    function = CMAC(algorithms.AES128(key)) if hash is None else HMAC(key, hash())
    for part in parts:
        function.update(part)
    return function.finalize()


def prf(name, key, *parts):
    if name == "PRF_AES128_CMAC":  # RFC 4615 §3
        return keyed(None, key if len(key) == 16 else keyed(None, bytes(16), key), *parts)
    return keyed(found(PRFS, name), key, *parts)


def mac(inputs):
    algorithm, key, data = inputs["algorithm"], octets(inputs, "key"), octets(inputs, "data")
    if "prf" in algorithm:
        computed = prf(algorithm["prf"], key, data)
    else:
        hash, _, length = found(INTEGRITY, algorithm["integrity"])
        computed = keyed(hash, key, data)[:length]
    if inputs["operation"] == "compute":
        return {"mac": computed[: inputs.get("length")].hex()}
    if computed != octets(inputs, "mac"):
        raise Refused
    return {}


# ---- ciphers and AEADs -------------------------------------------------------------------------------------------------------

# Octets of the salt at the end of the key, of the ICV.
AEADS = {f"ENCR_AES_{mode}_{icv}": (salt, icv) for mode, salt in (("GCM", 4), ("CCM", 3)) for icv in (8, 12, 16)}
AEADS["ENCR_CHACHA20_POLY1305"] = (4, 16)


def aead(inputs):
    name, key_and_salt, aad = inputs["algorithm"], octets(inputs, "key"), octets(inputs, "aad")
    salt_length, icv_length = found(AEADS, name)
    key, nonce = key_and_salt[:-salt_length], key_and_salt[-salt_length:] + octets(inputs, "iv")
    if "GCM" in name:
        cipher = TruncatedGcm(key, icv_length)
    else:
        cipher = AESCCM(key, icv_length) if "CCM" in name else ChaCha20Poly1305(key)
    if inputs["operation"] == "seal":
        return {"sealed": cipher.encrypt(nonce, octets(inputs, "plaintext"), aad).hex()}
    return {"plaintext": cipher.decrypt(nonce, octets(inputs, "sealed"), aad).hex()}


class TruncatedGcm:
    """What AESGCM is, with shorter ICVs too."""

    def __init__(self, key, icv_length):
        self.key, self.icv_length = algorithms.AES(key), icv_length

    def encrypt(self, nonce, text, aad):
        encryptor = Cipher(self.key, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(text) + encryptor.finalize() + encryptor.tag[: self.icv_length]

    def decrypt(self, nonce, sealed, aad):
        text, icv = sealed[: -self.icv_length], sealed[-self.icv_length :]
        decryptor = Cipher(self.key, modes.GCM(nonce, icv, self.icv_length)).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(text) + decryptor.finalize()


def cipher(inputs):
    is_encrypt = inputs["operation"] == "encrypt"
    text = octets(inputs, "plaintext" if is_encrypt else "ciphertext")
    if inputs["algorithm"] != "ENCR_NULL":
        made = found(CIPHERS, inputs["algorithm"])(octets(inputs, "key"), octets(inputs, "iv"))
        work = made.encryptor() if is_encrypt else made.decryptor()
        text = work.update(text) + work.finalize()
    return {"ciphertext" if is_encrypt else "plaintext": text.hex()}


CIPHERS = {
    "ENCR_AES_CBC": lambda key, iv: Cipher(algorithms.AES(key), modes.CBC(iv)),
    "ENCR_AES_CTR": lambda key, iv: Cipher(algorithms.AES(key[:-4]), modes.CTR(key[-4:] + iv + b"\0\0\0\1")),
    "ENCR_CAMELLIA_CBC": lambda key, iv: Cipher(algorithms.Camellia(key), modes.CBC(iv)),
    "ENCR_3DES": lambda key, iv: Cipher(algorithms.TripleDES(key), modes.CBC(iv)),
}


def building_block(inputs):
    name, key = inputs["algorithm"], octets(inputs, "key")
    if name == "AES_CCM":
        made = AESCCM(key, inputs["icvLength"])
        nonce, aad = octets(inputs, "nonce"), octets(inputs, "aad")
        if inputs["operation"] == "seal":
            return {"sealed": made.encrypt(nonce, octets(inputs, "plaintext"), aad).hex()}
        return {"plaintext": made.decrypt(nonce, octets(inputs, "sealed"), aad).hex()}
    if name == "CHACHA20":
        start = inputs["counter"].to_bytes(4, "little") + octets(inputs, "nonce")
        return {"ciphertext": Cipher(algorithms.ChaCha20(key, start), None).encryptor().update(octets(inputs, "plaintext")).hex()}
    return {"mac": poly1305.Poly1305.generate_tag(key, octets(inputs, "data")).hex()}


# ---- keys --------------------------------------------------------------------------------------------------------------------

# Octets of keying material beside those of the cipher's key: salts and nonces. Ciphers with one length of key: octets of it.
SALTS = {**{name: salt for name, (salt, _) in AEADS.items()}, "ENCR_AES_CTR": 4}
ONE_LENGTH = {"ENCR_NULL": 0, "ENCR_3DES": 24, "ENCR_CHACHA20_POLY1305": 32}


def stream(name, key, seed, length):
    """prf+ of RFC 7296 §2.13; with HMAC it is HKDF-Expand (RFC 5869 §2.3), which python3-cryptography has."""
    if name not in PRFS:
        raise Missing(f"prf+ is HKDF-Expand here, which has no {name}")
    return HKDFExpand(PRFS[name](), length, seed).derive(key)


def prf_plus(inputs):
    return {"stream": stream(inputs["prf"], octets(inputs, "key"), octets(inputs, "seed"), inputs["length"]).hex()}


def key_lengths(suite):
    encryption = suite.get("encryption", "ENCR_NULL")
    if encryption not in {**SALTS, **ONE_LENGTH, **CIPHERS}:
        raise Missing(f"no {encryption}")
    integrity = found(INTEGRITY, suite["integrity"])[1] if "integrity" in suite else 0
    return ONE_LENGTH.get(encryption, suite.get("keyLength", 0) // 8) + SALTS.get(encryption, 0), integrity


def cut(octets_, lengths):
    """One after the other; what has no octets is left out."""
    keys, at = {}, 0
    for name, length in lengths:
        if length > 0:
            keys[name] = octets_[at : at + length].hex()
        at += length
    return keys


def skeyseed(inputs):
    nonces = octets(inputs, "nonceI") + octets(inputs, "nonceR")
    if "oldSkD" in inputs:
        return prf(inputs["oldPrf"], octets(inputs, "oldSkD"), octets(inputs, "sharedSecret"), nonces)
    return prf(inputs["suite"]["prf"], nonces, octets(inputs, "sharedSecret"))


def ike_keys(inputs):
    name = inputs["suite"]["prf"]
    e, a = key_lengths(inputs["suite"])
    d = found(PRFS, name).digest_size
    lengths = [("skD", d), ("skAi", a), ("skAr", a), ("skEi", e), ("skEr", e), ("skPi", d), ("skPr", d)]
    seed = skeyseed(inputs)
    salt = b"".join(octets(inputs, each) for each in ("nonceI", "nonceR", "spiI", "spiR"))
    keys = stream(name, seed, salt, sum(length for _, length in lengths))
    return {"skeyseed": seed.hex(), **cut(keys, lengths)}


def child_keys(inputs):
    e, a = key_lengths(inputs["suite"])
    seed = b"".join(octets(inputs, each) for each in ("sharedSecret", "nonceI", "nonceR"))
    keys = stream(inputs["prf"], octets(inputs, "skD"), seed, 2 * (e + a))
    lengths = [("encryption", e), ("integrity", a)]
    return {"initiator": cut(keys, lengths), "responder": cut(keys[e + a :], lengths)}


# ---- key agreement -----------------------------------------------------------------------------------------------------------

CURVES = {
    "ECP_256": ec.SECP256R1,
    "ECP_384": ec.SECP384R1,
    "ECP_521": ec.SECP521R1,
    "BRAINPOOL_P256R1": ec.BrainpoolP256R1,
    "BRAINPOOL_P384R1": ec.BrainpoolP384R1,
    "BRAINPOOL_P512R1": ec.BrainpoolP512R1,
}
MONTGOMERY = {
    "CURVE25519": (x25519.X25519PrivateKey, x25519.X25519PublicKey),
    "CURVE448": (x448.X448PrivateKey, x448.X448PublicKey),
}


def key_agreement(inputs):
    name = inputs["algorithm"]
    if inputs["operation"] == "iterate":
        return {"result": iterated(*found(MONTGOMERY, name), octets(inputs, "start"), inputs["iterations"]).hex()}
    private, public = octets(inputs, "privateKey"), octets(inputs, "publicValue")
    number = int.from_bytes(private, "big")
    if name in MONTGOMERY:
        private_class, public_class = MONTGOMERY[name]
        own = private_class.from_private_bytes(private)
        value = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        shared = own.exchange(public_class.from_public_bytes(public))
    elif name in CURVES:
        curve = CURVES[name]()
        own = ec.derive_private_key(number, curve)
        value = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\4" + public))
    else:
        group = getattr(groups, name.lower().replace("_", ""), None)
        if group is None:
            raise Missing(f"no {name}")
        length = (group.m.bit_length() + 7) // 8
        if len(public) != length:
            raise Refused
        parameters = dh.DHParameterNumbers(group.m, group.g)
        own_value = pow(group.g, number, group.m)
        value = own_value.to_bytes(length, "big")
        own = dh.DHPrivateNumbers(number, dh.DHPublicNumbers(own_value, parameters)).private_key()
        shared = own.exchange(dh.DHPublicNumbers(int.from_bytes(public, "big"), parameters).public_key())
    return {"ownPublicValue": value.hex(), "sharedSecret": shared.hex()}


def iterated(private_class, public_class, start, iterations):
    k = u = start
    for _ in range(iterations):
        k, u = private_class.from_private_bytes(k).exchange(public_class.from_public_bytes(u)), k
    return k


# ---- signatures --------------------------------------------------------------------------------------------------------------

ECDSA = {
    "ecdsa-p256-sha256": (ec.SECP256R1(), hashes.SHA256(), 32),
    "ecdsa-p384-sha384": (ec.SECP384R1(), hashes.SHA384(), 48),
    "ecdsa-p521-sha512": (ec.SECP521R1(), hashes.SHA512(), 66),
}
EDDSA = {
    "ed25519": (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey),
    "ed448": (ed448.Ed448PrivateKey, ed448.Ed448PublicKey),
}


def signature(inputs):
    scheme, message = inputs["scheme"], octets(inputs, "message")
    if "context" in inputs:
        raise Missing("no EdDSA with a context")
    if inputs["operation"] == "sign":
        return {"signature": found(EDDSA, scheme)[0].from_private_bytes(octets(inputs, "privateKey")).sign(message).hex()}
    public, signed = octets(inputs, "publicKey"), octets(inputs, "signature")
    if scheme in EDDSA:
        EDDSA[scheme][1].from_public_bytes(public).verify(signed, message)
        return {}
    curve, hash, length = found(ECDSA, scheme)
    if inputs.get("encoding") != "der":
        if len(signed) != 2 * length:
            raise Refused
        signed = encode_dss_signature(int.from_bytes(signed[:length], "big"), int.from_bytes(signed[length:], "big"))
    ec.EllipticCurvePublicKey.from_encoded_point(curve, public).verify(signed, message, ec.ECDSA(hash))
    return {}


answers = {
    "esp-packet": esp_packet,
    "mac": mac,
    "aead": aead,
    "cipher": cipher,
    "building-block": building_block,
    "prf-plus": prf_plus,
    "ike-keys": ike_keys,
    "child-keys": child_keys,
    "key-agreement": key_agreement,
    "signature": signature,
}

if __name__ == "__main__":
    main()
