"""Pseudorandom functions, integrity, ciphers and key exchanges of IKEv2, written from the RFCs: slow, readable, and for comparison only.

AES, GCM, CCM, ChaCha20-Poly1305 and the curves are those of python3-cryptography, hashes those of Python; what is put around them is here.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import cmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, ChaCha20Poly1305

# ---- MACs made of AES-128 ----


def aes_encrypt_block(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def aes_xcbc_mac(key, message):
    """RFC 3566 section 4, without the truncation of step 4."""
    k1, k2, k3 = (aes_encrypt_block(key, bytes([n]) * 16) for n in (1, 2, 3))
    blocks = [message[i : i + 16] for i in range(0, len(message), 16)] or [b""]
    e = bytes(16)
    for block in blocks[:-1]:
        e = aes_encrypt_block(k1, xor(block, e))
    last = blocks[-1]
    if len(last) == 16:
        return aes_encrypt_block(k1, xor(xor(last, e), k2))
    padded = last + b"\x80" + bytes(15 - len(last))
    return aes_encrypt_block(k1, xor(xor(padded, e), k3))


def aes_cmac(key, message):
    """RFC 4493, as python3-cryptography has it."""
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def prf_aes128_xcbc(key, message):
    """RFC 4434 section 2."""
    if len(key) < 16:
        key = key + bytes(16 - len(key))
    elif len(key) > 16:
        key = prf_aes128_xcbc(bytes(16), key)
    return aes_xcbc_mac(key, message)


def prf_aes128_cmac(key, message):
    """RFC 4615 section 3: a key that has not 128 bits is hashed, be it too long or too short."""
    if len(key) != 16:
        key = aes_cmac(bytes(16), key)
    return aes_cmac(key, message)


def hmac_with(name):
    return lambda key, message: hmac.new(key, message, getattr(hashlib, name)).digest()


# ---- Transform Type 2: function, length of its output and of its preferred key ----

PRFS = {
    "PRF_HMAC_SHA1": (hmac_with("sha1"), 20),
    "PRF_HMAC_SHA2_256": (hmac_with("sha256"), 32),
    "PRF_HMAC_SHA2_384": (hmac_with("sha384"), 48),
    "PRF_HMAC_SHA2_512": (hmac_with("sha512"), 64),
    "PRF_AES128_XCBC": (prf_aes128_xcbc, 16),
    "PRF_AES128_CMAC": (prf_aes128_cmac, 16),
}

# ---- Transform Type 3: function, octets of the key, octets of the ICV ----

INTEGRITIES = {
    "AUTH_HMAC_SHA1_96": (hmac_with("sha1"), 20, 12),
    "AUTH_AES_XCBC_96": (aes_xcbc_mac, 16, 12),
    "AUTH_AES_CMAC_96": (aes_cmac, 16, 12),
    "AUTH_HMAC_SHA2_256_128": (hmac_with("sha256"), 32, 16),
    "AUTH_HMAC_SHA2_384_192": (hmac_with("sha384"), 48, 24),
    "AUTH_HMAC_SHA2_512_256": (hmac_with("sha512"), 64, 32),
}


def icv(name, key, octets):
    function, _, length = INTEGRITIES[name]
    return function(key, octets)[:length]


# ---- Transform Type 1 ----

# RFC 4106 section 4, RFC 4309 section 4, RFC 7634 section 2, RFC 4543 section 3.3: octets of the salt, of the ICV.
AEADS = {
    "ENCR_AES_CCM_8": (3, 8),
    "ENCR_AES_CCM_12": (3, 12),
    "ENCR_AES_CCM_16": (3, 16),
    "ENCR_AES_GCM_8": (4, 8),
    "ENCR_AES_GCM_12": (4, 12),
    "ENCR_AES_GCM_16": (4, 16),
    "ENCR_CHACHA20_POLY1305": (4, 16),
    "ENCR_NULL_AUTH_AES_GMAC": (4, 16),
    # RFC 8750: the same without an IV on the wire.
    "ENCR_AES_CCM_8_IIV": (3, 8),
    "ENCR_AES_GCM_16_IIV": (4, 16),
    "ENCR_CHACHA20_POLY1305_IIV": (4, 16),
}
# RFC 3602 section 2.4, RFC 3686 sections 3.1 and 5.1: octets of the nonce behind the key, of the IV, of a block.
CIPHERS = {"ENCR_AES_CBC": (0, 16, 16), "ENCR_AES_CTR": (4, 8, 1), "ENCR_NULL": (0, 0, 1)}
AEAD_IV_LENGTH = 8


def encryption_key_length(name, bits):
    """Octets of keying material, with the salt or nonce."""
    if name == "ENCR_NULL":
        return 0
    proper = (bits or 256) // 8
    return proper + (AEADS[name][0] if name in AEADS else CIPHERS[name][0])


def aead_seal(name, keymat, iv, aad, plaintext):
    salt_length, icv_length = AEADS[name]
    key, salt = keymat[:-salt_length], keymat[-salt_length:]
    if "CHACHA20" in name:
        return ChaCha20Poly1305(key).encrypt(salt + iv, plaintext, aad)
    if "CCM" in name:
        return AESCCM(key, tag_length=icv_length).encrypt(salt + iv, plaintext, aad)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(salt + iv)).encryptor()
    encryptor.authenticate_additional_data(aad)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return ciphertext + encryptor.tag[:icv_length]


def aead_open(name, keymat, iv, aad, sealed):
    """None when the ICV is wrong."""
    salt_length, icv_length = AEADS[name]
    key, salt = keymat[:-salt_length], keymat[-salt_length:]
    try:
        if "CHACHA20" in name:
            return ChaCha20Poly1305(key).decrypt(salt + iv, sealed, aad)
        if "CCM" in name:
            return AESCCM(key, tag_length=icv_length).decrypt(salt + iv, sealed, aad)
        tag = sealed[-icv_length:]
        decryptor = Cipher(algorithms.AES(key), modes.GCM(salt + iv, tag, min_tag_length=icv_length)).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(sealed[:-icv_length]) + decryptor.finalize()
    except InvalidTag:
        return None


def cipher_mode(name, keymat, iv):
    if name == "ENCR_AES_CBC":
        return Cipher(algorithms.AES(keymat), modes.CBC(iv))
    # RFC 3686 section 4: nonce, IV, and a block counter that begins with one.
    return Cipher(algorithms.AES(keymat[:-4]), modes.CTR(keymat[-4:] + iv + b"\x00\x00\x00\x01"))


def cipher_encrypt(name, keymat, iv, plaintext):
    if name == "ENCR_NULL":
        return plaintext
    encryptor = cipher_mode(name, keymat, iv).encryptor()
    return encryptor.update(plaintext) + encryptor.finalize()


def cipher_decrypt(name, keymat, iv, ciphertext):
    if name == "ENCR_NULL":
        return ciphertext
    decryptor = cipher_mode(name, keymat, iv).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()


# ---- Transform Type 4 ----

# RFC 3526 section 3: 2^2048 - 2^1984 - 1 + 2^64 * ( [2^1918 pi] + 124476 ); section 4 likewise with 1690314 (3072 bits).


def pi_floor(bits):
    """[2^bits pi], by Machin's formula with 64 bits to spare."""
    one = 1 << (bits + 64)

    def arctan_inverse(x):
        total = term = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return (4 * (4 * arctan_inverse(5) - arctan_inverse(239))) >> 64


def modp_prime(bits, constant):
    return 2**bits - 2 ** (bits - 64) - 1 + 2**64 * (pi_floor(bits - 130) + constant)


MODP = {"MODP_2048": (2048, 124476), "MODP_3072": (3072, 1690314)}
ECP = {"ECP_256": (ec.SECP256R1(), 32), "ECP_384": (ec.SECP384R1(), 48), "ECP_521": (ec.SECP521R1(), 66)}


def public_value(group, private):
    """What the KE payload of the holder of `private` has."""
    if group in MODP:
        bits, constant = MODP[group]
        return pow(2, int.from_bytes(private, "big"), modp_prime(bits, constant)).to_bytes(bits // 8, "big")
    if group in ECP:
        curve, length = ECP[group]
        numbers = ec.derive_private_key(int.from_bytes(private, "big"), curve).public_key().public_numbers()
        return numbers.x.to_bytes(length, "big") + numbers.y.to_bytes(length, "big")
    key = montgomery(group)[0].from_private_bytes(private).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def agree(group, private, public):
    """g^ir as RFC 7296 section 2.14, RFC 5903 section 7 and RFC 8031 section 2 represent it."""
    if group in MODP:
        bits, constant = MODP[group]
        shared = pow(int.from_bytes(public, "big"), int.from_bytes(private, "big"), modp_prime(bits, constant))
        return shared.to_bytes(bits // 8, "big")
    if group in ECP:
        curve, length = ECP[group]
        x, y = int.from_bytes(public[:length], "big"), int.from_bytes(public[length:], "big")
        key = ec.derive_private_key(int.from_bytes(private, "big"), curve)
        return key.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(x, y, curve).public_key())
    private_class, public_class = montgomery(group)
    return private_class.from_private_bytes(private).exchange(public_class.from_public_bytes(public))


def montgomery(group):
    if group == "CURVE25519":
        return x25519.X25519PrivateKey, x25519.X25519PublicKey
    return x448.X448PrivateKey, x448.X448PublicKey
