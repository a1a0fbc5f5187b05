"""Fragments as scapy makes and mends them: one JSON object a line in, one out. `cut`: a packet into fragments; `mend`: fragments into a packet."""
import json
import sys

from scapy.layers.inet import IP, defragment, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, defragment6, fragment6


def cut(packet: bytes, mtu: int) -> list:
    if packet[0] >> 4 == 4:
        return fragment(IP(packet), fragsize=mtu - 20)
    # scapy wants the place of the fragment header shown to it.
    whole = IPv6(packet)
    upper = whole.payload
    whole.remove_payload()
    behind, whole.nh, whole.plen = whole.nh, 44, None
    return fragment6(whole / IPv6ExtHdrFragment(id=0x1234, nh=behind) / upper, mtu)


def mend(fragments: list) -> bytes:
    if fragments[0][0] >> 4 == 4:
        (whole,) = [packet for packet in defragment([IP(f) for f in fragments]) if packet.frag == 0 and not packet.flags.MF]
        del whole.chksum, whole.len
        return bytes(whole)
    whole = defragment6([IPv6(f) for f in fragments])
    whole.plen = None
    return bytes(whole)


for line in sys.stdin:
    asked = json.loads(line)
    if asked["ask"] == "cut":
        answer = [bytes(part).hex() for part in cut(bytes.fromhex(asked["packet"]), asked["mtu"])]
    else:
        answer = mend([bytes.fromhex(part) for part in asked["fragments"]]).hex()
    print(json.dumps(answer), flush=True)
