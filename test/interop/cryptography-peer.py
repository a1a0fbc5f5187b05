"""AES-GMAC and block ciphers by python3-cryptography, for cryptography.test.ts: JSON on standard input, JSON on standard output.

in:   [{"algorithm": "gmac" | "camellia" | "3des", "key": hex, "iv": hex, "text": hex}]
out:  [hex]: the tag of GMAC, the ciphertext of CBC
"""
import json
import sys

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError as missing:
    sys.exit(f"python3-cryptography cannot be imported: {missing}")

ciphers = {"camellia": algorithms.Camellia, "3des": algorithms.TripleDES}


def answer(case):
    key, iv, text = (bytes.fromhex(case[name]) for name in ("key", "iv", "text"))
    if case["algorithm"] == "gmac":
        return AESGCM(key).encrypt(iv, b"", text)
    encryptor = Cipher(ciphers[case["algorithm"]](key), modes.CBC(iv)).encryptor()
    return encryptor.update(text) + encryptor.finalize()


print(json.dumps([answer(case).hex() for case in json.load(sys.stdin)]))
