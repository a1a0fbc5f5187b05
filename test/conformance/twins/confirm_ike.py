"""Answers every case of the files of vectors named on the command line, and compares. Prints a JSON object: cases confirmed by file, disagreements."""

import json
import sys

import cryptography
from ikev2 import (
    Refused,
    child_keys,
    ike_keys,
    open_message,
    prf_plus,
    rekey_skeyseed,
    seal_message,
    shared_key_auth,
    signed_octets,
    skeyseed,
)
from transcript import retrace

octets = bytes.fromhex


def answer_prf_plus(inputs):
    return {"stream": prf_plus(inputs["prf"], octets(inputs["key"]), octets(inputs["seed"]), inputs["length"]).hex()}


def answer_ike_keys(inputs):
    nonce_i, nonce_r, secret = (octets(inputs[name]) for name in ("nonceI", "nonceR", "sharedSecret"))
    if inputs["operation"] == "initial":
        seed = skeyseed(inputs["suite"]["prf"], nonce_i, nonce_r, secret)
    else:
        seed = rekey_skeyseed(inputs["oldPrf"], octets(inputs["oldSkD"]), nonce_i, nonce_r, secret)
    keys = ike_keys(inputs["suite"], seed, nonce_i, nonce_r, octets(inputs["spiI"]), octets(inputs["spiR"]))
    return {"skeyseed": seed.hex()} | in_hex(keys)


def answer_child_keys(inputs):
    secret = octets(inputs["sharedSecret"]) if "sharedSecret" in inputs else None
    nonces = (octets(inputs["nonceI"]), octets(inputs["nonceR"]))
    keys = child_keys(inputs["prf"], octets(inputs["skD"]), inputs["suite"], *nonces, secret)
    return {role: in_hex(one) for role, one in keys.items()}


def answer_auth(inputs):
    own, nonce, key = {
        "initiator": ("initRequest", "nonceR", "skPi"),
        "responder": ("initResponse", "nonceI", "skPr"),
    }[inputs["role"]]
    signed = signed_octets(
        inputs["prf"], octets(inputs[own]), octets(inputs[nonce]), octets(inputs[key]), octets(inputs["identification"])
    )
    auth = shared_key_auth(inputs["prf"], octets(inputs["sharedSecret"]), signed)
    if inputs["operation"] == "compute":
        return {"signedOctets": signed.hex(), "auth": auth.hex()}
    if auth.hex() != inputs["auth"]:
        raise Refused("integrity", "auth")
    return {}


def answer_sk_payload(inputs):
    keys = {name: octets(inputs[name]) for name in ("skEi", "skEr", "skAi", "skAr") if name in inputs}
    if inputs["operation"] == "open":
        first, inner = open_message(inputs["suite"], keys, octets(inputs["message"]))
        return {"firstPayload": first, "payloads": inner.hex()}
    inner, iv = octets(inputs["payloads"]), octets(inputs["iv"])
    return {"message": seal_message(inputs["suite"], keys, inputs["header"], inputs["firstPayload"], inner, iv).hex()}


def in_hex(keys):
    return {name: key.hex() for name, key in keys.items()}


KINDS = {
    "prf-plus": answer_prf_plus,
    "ike-keys": answer_ike_keys,
    "child-keys": answer_child_keys,
    "auth": answer_auth,
    "sk-payload": answer_sk_payload,
    "transcript": retrace,
}


def answer(kind, inputs):
    try:
        return KINDS[kind](inputs)
    except Refused as refused:
        return {"layer": refused.layer, "field": refused.field}


def main(paths):
    confirmed, disagreements = {}, []
    for path in paths:
        with open(path, encoding="utf8") as file:
            vectors = json.load(file)
        for case in vectors["cases"]:
            ours = answer(vectors["kind"], case["inputs"])
            if ours == case["expected"]:
                confirmed[path] = confirmed.get(path, 0) + 1
            else:
                disagreements.append({"id": case["id"], "twin": ours, "expected": case["expected"]})
    print(json.dumps({"cryptography": cryptography.__version__, "confirmed": confirmed, "disagreements": disagreements}))


main(sys.argv[1:])
