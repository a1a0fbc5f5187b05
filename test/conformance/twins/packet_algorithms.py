"""ESP's algorithms out of the primitives of python3-cryptography. Names and lengths from the RFCs that are named beside them."""
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, ChaCha20Poly1305


def _aes(key, mode):
    return Cipher(algorithms.AES(key), mode)


def _ecb(key, block):
    encryptor = _aes(key, modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def _xcbc(key, octets):
    """RFC 3566 §4."""
    k1, k2, k3 = (_ecb(key, bytes([n]) * 16) for n in (1, 2, 3))
    blocks = [octets[i : i + 16] for i in range(0, len(octets), 16)] or [b""]
    chained = bytes(16)
    for block in blocks[:-1]:
        chained = _ecb(k1, _xor(chained, block))
    last = blocks[-1]
    if len(last) == 16:
        return _ecb(k1, _xor(_xor(last, chained), k2))
    padded = (last + b"\x80").ljust(16, b"\0")
    return _ecb(k1, _xor(_xor(padded, chained), k3))


def _cmac(key, octets):
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(octets)
    return mac.finalize()


def _hmac(name):
    return lambda key, octets: hmac.digest(key, octets, name)


# name: (MAC, octets of the key, octets of the ICV). RFC 2404, RFC 3566, RFC 4494, RFC 4868 §2.
INTEGRITY = {
    "AUTH_HMAC_SHA1_96": (_hmac("sha1"), 20, 12),
    "AUTH_AES_XCBC_96": (_xcbc, 16, 12),
    "AUTH_AES_CMAC_96": (_cmac, 16, 12),
    "AUTH_HMAC_SHA2_256_128": (_hmac("sha256"), 32, 16),
    "AUTH_HMAC_SHA2_384_192": (_hmac("sha384"), 48, 24),
    "AUTH_HMAC_SHA2_512_256": (_hmac("sha512"), 64, 32),
}


class Gcm:
    """RFC 4106; the tag is the beginning of the whole one."""

    def __init__(self, tag_length):
        self.tag_length = tag_length

    def seal(self, key, nonce, text, aad):
        encryptor = _aes(key, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(text) + encryptor.finalize() + encryptor.tag[: self.tag_length]

    def open(self, key, nonce, sealed, aad):
        text, tag = sealed[: -self.tag_length], sealed[-self.tag_length :]
        decryptor = _aes(key, modes.GCM(nonce, tag, min_tag_length=self.tag_length)).decryptor()
        decryptor.authenticate_additional_data(aad)
        try:
            return decryptor.update(text) + decryptor.finalize()
        except InvalidTag:
            return None


class Gmac:
    """RFC 4543 §3.3: the text is part of what is authenticated, and nothing is encrypted."""

    tag_length = 16

    def seal(self, key, nonce, text, aad):
        return text + Gcm(16).seal(key, nonce, b"", aad + nonce[4:] + text)

    def open(self, key, nonce, sealed, aad):
        text = sealed[:-16]
        return None if Gcm(16).open(key, nonce, sealed[-16:], aad + nonce[4:] + text) is None else text


class OfLibrary:
    def __init__(self, make, tag_length):
        self.make = make
        self.tag_length = tag_length

    def seal(self, key, nonce, text, aad):
        return self.make(key).encrypt(nonce, text, aad)

    def open(self, key, nonce, sealed, aad):
        try:
            return self.make(key).decrypt(nonce, sealed, aad)
        except InvalidTag:
            return None


def _ccm(tag_length):
    return OfLibrary(lambda key: AESCCM(key, tag_length=tag_length), tag_length)


_chacha = OfLibrary(ChaCha20Poly1305, 16)

# name: (AEAD, octets of salt, octets of IV in the packet). RFC 4106, RFC 4309, RFC 4543, RFC 7634, RFC 8750.
AEADS = {
    "ENCR_AES_GCM_8": (Gcm(8), 4, 8),
    "ENCR_AES_GCM_12": (Gcm(12), 4, 8),
    "ENCR_AES_GCM_16": (Gcm(16), 4, 8),
    "ENCR_AES_GCM_16_IIV": (Gcm(16), 4, 0),
    "ENCR_AES_CCM_8": (_ccm(8), 3, 8),
    "ENCR_AES_CCM_12": (_ccm(12), 3, 8),
    "ENCR_AES_CCM_16": (_ccm(16), 3, 8),
    "ENCR_AES_CCM_8_IIV": (_ccm(8), 3, 0),
    "ENCR_NULL_AUTH_AES_GMAC": (Gmac(), 4, 8),
    "ENCR_CHACHA20_POLY1305": (_chacha, 4, 8),
    "ENCR_CHACHA20_POLY1305_IIV": (_chacha, 4, 0),
}


class Null:
    """RFC 2410."""

    salt, iv_length, block = 0, 0, 1

    def encrypt(self, key, iv, text):
        return text

    decrypt = encrypt


class Cbc:
    """RFC 3602."""

    salt, iv_length, block = 0, 16, 16

    def encrypt(self, key, iv, text):
        encryptor = _aes(key, modes.CBC(iv)).encryptor()
        return encryptor.update(text) + encryptor.finalize()

    def decrypt(self, key, iv, text):
        decryptor = _aes(key, modes.CBC(iv)).decryptor()
        return decryptor.update(text) + decryptor.finalize()


class Ctr:
    """RFC 3686 §4: nonce | IV | block counter, which begins with 1. The nonce ends the keying material (§5.1)."""

    salt, iv_length, block = 4, 8, 1

    def encrypt(self, key, iv, text):
        encryptor = _aes(key[:-4], modes.CTR(key[-4:] + iv + b"\0\0\0\1")).encryptor()
        return encryptor.update(text) + encryptor.finalize()

    decrypt = encrypt


CIPHERS = {"ENCR_NULL": Null(), "ENCR_AES_CBC": Cbc(), "ENCR_AES_CTR": Ctr()}
