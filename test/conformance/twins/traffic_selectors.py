"""Confirms vectors of the kind narrowing, by enumeration. Written from RFC 7296 §2.9 and §3.13.1 and RFC 4301 §4.4.1.1 alone.

A selector is a set of packets. All bounds that occur in a case cut the universe into pieces in which no selector tells packets apart: one
packet of each piece stands for all, so that the sets are small and exact.
"""
import ipaddress
import itertools

from report import Disagreement, Refused, main, same

ANY_PROTOCOL = 0
OPAQUE = None  # a packet whose port cannot be seen


def number(text):
    address = ipaddress.ip_address(text)
    return address.version, int(address)


def matches(selector, packet):
    version, address, protocol, port = packet
    first_version, first = number(selector["startAddress"])
    last_version, last = number(selector["endAddress"])
    if not (version == first_version == last_version and first <= address <= last):
        return False
    if selector["protocol"] not in (ANY_PROTOCOL, protocol):
        return False
    ports = (selector["startPort"], selector["endPort"])
    if ports == (0, 65535):  # RFC 7296 §3.13.1: all of them, OPAQUE included
        return True
    if ports == (65535, 0):
        return port is OPAQUE
    return port is not OPAQUE and ports[0] <= port <= ports[1]


def universe(selectors):
    addresses, protocols, ports = set(), {253}, {OPAQUE, 0, 65535}
    for selector in selectors:
        for text in (selector["startAddress"], selector["endAddress"]):
            version, value = number(text)
            bits = 32 if version == 4 else 128
            addresses |= {(version, each) for each in (value - 1, value, value + 1) if 0 <= each < 2**bits}
        if selector["protocol"] != ANY_PROTOCOL:
            protocols.add(selector["protocol"])
        for port in (selector["startPort"], selector["endPort"]):
            ports |= {each for each in (port - 1, port, port + 1) if 0 <= each <= 65535}
    return [(*address, protocol, port) for address, protocol, port in itertools.product(addresses, protocols, ports)]


class Side:
    def __init__(self, *lists):
        self.packets = universe(list(itertools.chain(*lists)))

    def of(self, selectors):
        if isinstance(selectors, dict):
            selectors = [selectors]
        return {packet for packet in self.packets if any(matches(selector, packet) for selector in selectors)}


def narrow(offered, configured, field):
    side = Side(offered, configured)
    common = side.of(offered) & side.of(configured)
    if not common:
        raise Refused("policy", field)
    return side, common


def judge(side, common, offered, configured, answered):
    """Our rule: all that is common, each selector within one of both, in the order of the offer, none inside another."""
    same(sorted(common, key=str), sorted(side.of(answered), key=str), "packets")
    order = []
    for place, selector in enumerate(answered):
        mine = side.of(selector)
        within = [i for i, each in enumerate(offered) if mine <= side.of(each)]
        if not mine or not within or not any(mine <= side.of(each) for each in configured):
            raise Disagreement(f"{selector} is no part of one offered and one configured")
        order.append(within)
        if any(other != place and mine <= side.of(each) for other, each in enumerate(answered)):
            raise Disagreement(f"{selector} is inside another")
    # Some choice of offered selectors, one for each answered, does not go backwards.
    least = 0
    for within in order:
        later = [i for i in within if i >= least]
        if not later:
            raise Disagreement("the order is not that of the offer")
        least = min(later)


def leaves_no_choice(side, common, offered, configured):
    """§2.9: "the responder's policy allows the entire set", and no selector is inside another: the same values go back. Or one packet is common."""
    if len(common) == 1:
        return True
    sets = [side.of(each) for each in offered]
    apart = not any(a <= b for i, a in enumerate(sets) for j, b in enumerate(sets) if i != j)
    # Nor is an offered selector patched together from several of ours.
    whole = all(any(each <= side.of(mine) for mine in configured) for each in sets)
    once = all(sum(1 for mine in configured if each & side.of(mine)) == 1 for each in sets)
    return apart and whole and once


def confirm_narrow(case):
    inputs, expected = case["inputs"], case["expected"]
    free = []
    try:
        sides = [(name, *narrow(inputs["offered"][name], inputs["configured"][name], field)) for name, field in (("tsi", "TSi"), ("tsr", "TSr"))]
    except Refused as refused:
        same(case["result"], "invalid", "result")
        same(expected, refused.place, "place")
        return
    for name, side, common in sides:
        offered, configured = inputs["offered"][name], inputs["configured"][name]
        judge(side, common, offered, configured, expected[name])
        free.append(not leaves_no_choice(side, common, offered, configured))
    same(case["result"], "acceptable" if any(free) else "valid", "result")


def confirm_check(case):
    """§2.9: the answer is "some subset of the initiator's proposal"."""
    inputs = case["inputs"]
    for name, field in (("tsi", "TSi"), ("tsr", "TSr")):
        side = Side(inputs["offered"][name], inputs["answered"][name])
        if not side.of(inputs["answered"][name]) <= side.of(inputs["offered"][name]):
            same(case["expected"], {"layer": "ike", "field": field}, "place")
            return
    same(case["result"], "valid", "result")


def confirm(_kind, case):
    {"narrow": confirm_narrow, "check": confirm_check}[case["inputs"]["operation"]](case)
    return ["twin"]


if __name__ == "__main__":
    main(confirm)
