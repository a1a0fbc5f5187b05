"""Seals and opens ESP and AH with scapy, for scapy.test.ts and scapy-ah.test.ts: one JSON object a line on standard input, one a line on standard output.

in:   {"op": "seal" | "open", "packet": hex, "sequence": n,
       "sa": {"protocol": "ESP" | "AH", "spi": n, "cipher": name, "cipherKey": hex, "mac": name, "macKey": hex,
              "tunnel": [source, destination] | null, "sequenceHigh": n | null}}
out:  {"packet": hex} | {"error": text}; first of all {"ready": version}
"""
import json
import sys

try:
    from scapy import VERSION
    from scapy.config import conf
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.ipsec import AH, ESP, SecurityAssociation
    from scapy.packet import raw
except ImportError as missing:
    sys.exit(f"scapy cannot be imported: {missing}")
if not conf.crypto_valid:
    sys.exit("scapy finds no usable python3-cryptography")


def ip_packet(octets):
    return IPv6(octets) if octets[0] >> 4 == 6 else IP(octets)


def tunnel_header(ends):
    if ends is None:
        return None
    source, destination = ends
    return IPv6(src=source, dst=destination) if ":" in source else IP(src=source, dst=destination)


def association(sa):
    high = sa["sequenceHigh"]
    if sa.get("protocol") == "AH":
        return SecurityAssociation(
            AH,
            spi=sa["spi"],
            auth_algo=sa["mac"],
            auth_key=bytes.fromhex(sa["macKey"]),
            tunnel_header=tunnel_header(sa["tunnel"]),
            esn_en=high is not None,
            esn=high or 0,
        )
    return SecurityAssociation(
        ESP,
        spi=sa["spi"],
        crypt_algo=sa["cipher"],
        crypt_key=bytes.fromhex(sa["cipherKey"]) or None,
        auth_algo=sa["mac"],
        auth_key=bytes.fromhex(sa["macKey"]) or None,
        tunnel_header=tunnel_header(sa["tunnel"]),
        esn_en=high is not None,
        esn=high or 0,
    )


def answer(request):
    sa = association(request["sa"])
    packet = ip_packet(bytes.fromhex(request["packet"]))
    if request["op"] == "seal":
        return sa.encrypt(packet, seq_num=request["sequence"])
    return sa.decrypt(packet)


def say(answered):
    print(json.dumps(answered), flush=True)


say({"ready": VERSION})
for line in sys.stdin:
    try:
        say({"packet": raw(answer(json.loads(line))).hex()})
    except Exception as fault:  # whatever it is, the test wants to show it
        say({"error": f"{type(fault).__name__}: {fault}"})
