"""Confirms vectors of the kind proposal-choice, by going through every suite that an offer and a configuration allow.

Written from RFC 7296 §2.7, §3.3 to §3.3.6, RFC 5282 §8 and RFC 8221 §6 alone.
"""
import itertools

from report import Disagreement, main, same

ENCR, PRF, INTEG, KE, ESN = 1, 2, 3, 4, 5
WORDS = {"encryption": ENCR, "prf": PRF, "integrity": INTEG, "keyExchange": KE, "sequenceNumbers": ESN}
NONE = "NONE"
KEY_LENGTH = 14

# RFC 7296 §3.3.3. What is not here is a type that the protocol has no use for.
MANDATORY = {"IKE": {ENCR, PRF, KE}, "ESP": {ENCR, ESN}, "AH": {INTEG, ESN}}
MAY_BE_NONE = {"IKE": {INTEG}, "ESP": {INTEG, KE}, "AH": {KE}}

# RFC 5282, RFC 4106, RFC 4309, RFC 4543, RFC 7634, RFC 8750: what protects integrity itself.
COMBINED = ("_CCM_", "_GCM_", "_GMAC", "CHACHA20_POLY1305")


class Transform:
    """`name`: IANA's, or a number that has none here. `strange`: with an attribute that nobody understands, or with several."""

    def __init__(self, described):
        self.described = described
        self.strange = False
        if "type" in described:
            attributes = described.get("attributes", [])
            self.type, self.name = described["type"], described["id"]
            self.bits = attributes[0]["value"] if attributes else None
            self.strange = len(attributes) > 1 or any(each["type"] != KEY_LENGTH for each in attributes)
            self.name = NUMBERS.get((self.type, self.name), self.name)
        else:
            (word,) = set(described) & set(WORDS)
            self.type, self.name = WORDS[word], described[word]
            self.bits = described.get("keyLength")

    @property
    def key(self):
        return self.type, self.name, self.bits


# The numbers that cases use for what has a name (IANA, "IKEv2 Parameters").
NUMBERS = {
    (ENCR, 12): "ENCR_AES_CBC",
    (ENCR, 20): "ENCR_AES_GCM_16",
    (ENCR, 28): "ENCR_CHACHA20_POLY1305",
    (PRF, 5): "PRF_HMAC_SHA2_256",
    (INTEG, 12): "AUTH_HMAC_SHA2_256_128",
    (KE, 31): "CURVE25519",
    (ESN, 0): "NO_ESN",
}


def none(kind):
    return kind, NONE, None


def is_combined(name):
    return isinstance(name, str) and any(part in name for part in COMBINED)


def options(protocol, transforms, kind):
    """What one side allows for a transform type: keys, with the transform that says so, or nothing where it was left out."""
    of_type = [each for each in transforms if each.type == kind]
    if not of_type and kind in MAY_BE_NONE[protocol]:
        return [(none(kind), None)]
    keys = [(each.key, each) for each in of_type if not each.strange]
    # §3.3.3: a mandatory type cannot be NONE.
    return [(key, each) for key, each in keys if key[1] != NONE or kind in MAY_BE_NONE[protocol]]


def suites(protocol, proposal, template, longer_keys):
    """Every lawful suite of this proposal and this template: lists of (key, transform of the offer)."""
    if proposal["protocol"] != protocol or template["protocol"] != protocol:
        return []
    offered = [Transform(each) for each in proposal["transforms"]]
    configured = [Transform(each) for each in template["transforms"]]
    kinds = sorted(MANDATORY[protocol] | {each.type for each in offered} | {each.type for each in configured})
    common = []
    for kind in kinds:
        ours = [key for key, _ in options(protocol, configured, kind)]
        # Our template may name an integrity algorithm for some of its ciphers only.
        if kind == INTEG and protocol != "AH" and none(kind) not in ours:
            ours.append(none(kind))
        common.append([each for each in options(protocol, offered, kind) if fits(each[0], ours, longer_keys)])
    return [suite for suite in itertools.product(*common) if lawful(protocol, [key for key, _ in suite])]


def fits(key, ours, longer_keys):
    """§3.3.5: a longer key than the configured one SHOULD be accepted; §3.3.4: what is not configured MUST be rejected."""
    if key in ours:
        return True
    kind, name, bits = key
    return longer_keys and bits is not None and any(k == kind and n == name and b is not None and b < bits for k, n, b in ours)


def lawful(protocol, keys):
    """RFC 5282 §8: no integrity algorithm beside a combined mode; RFC 7296 §3.3.3 and RFC 8221 §6: one beside every other cipher."""
    names = {kind: name for kind, name, _ in keys}
    if protocol == "AH":
        return names[INTEG] != NONE
    return is_combined(names[ENCR]) == (names.get(INTEG, NONE) == NONE)


def reply(proposal, suite):
    """§2.7: exactly one transform of each type included in the proposal; §3.3.6: unmodified."""
    return {"number": proposal["number"], "transforms": [named(each) for _, each in suite if each is not None]}


def named(transform):
    word = {kind: word for word, kind in WORDS.items()}[transform.type]
    return {word: transform.name, **({} if transform.bits is None else {"keyLength": transform.bits})}


def our_choice(inputs):
    """Configured proposals in their order; in each, our order of ciphers, the group of the KE payload, the order of the offer, our order of the rest."""
    preferred = inputs.get("keyExchange")
    for template in inputs["configured"]:
        order = [Transform(each).key for each in template["transforms"]]
        candidates = []
        for place, proposal in enumerate(inputs["offered"]):
            for suite in suites(inputs["protocol"], proposal, template, False):
                keys = {key[0]: key for key, _ in suite}
                cipher = order.index(keys[ENCR]) if ENCR in keys else 0
                group = 0 if KE in keys and keys[KE][1] == preferred else 1
                rest = [order.index(key) if key in order else -1 for key, _ in suite]
                candidates.append(((cipher, group, place, rest), reply(proposal, suite)))
        if candidates:
            return min(candidates, key=lambda each: each[0])[1]
    return None


def confirm_choose(case):
    inputs = case["inputs"]
    pairs = list(itertools.product(inputs["offered"], inputs["configured"]))
    every = [reply(offer, suite) for offer, mine in pairs for suite in suites(inputs["protocol"], offer, mine, False)]
    lenient = [reply(offer, suite) for offer, mine in pairs for suite in suites(inputs["protocol"], offer, mine, True)]
    distinct = [each for i, each in enumerate(lenient) if each not in lenient[:i]]
    if not every:
        if not distinct:
            same(case["result"], "invalid", "result")
            same("policy", case["expected"]["layer"], "layer")
            confirm_place(case)
        else:
            # Only with a longer key: the case must let both pass.
            same(case["result"], "acceptable", "result")
            if case["expected"] not in distinct or len(distinct) != 1:
                raise Disagreement(f"with longer keys: {distinct}")
        return
    same(case["expected"], our_choice(inputs), "choice")
    same(case["result"], "valid" if len(distinct) == 1 else "acceptable", "result")


def confirm_place(case):
    """Of one proposal against one: the first transform type that has nothing in common."""
    field = case["expected"]["field"]
    if field == "SA.proposals":
        return
    (proposal,), (template,) = case["inputs"]["offered"], case["inputs"]["configured"]
    protocol = case["inputs"]["protocol"]
    if proposal["protocol"] != protocol:
        same(field, "SA.proposals[0].protocol", "place")
        return
    offered = [Transform(each) for each in proposal["transforms"]]
    configured = [Transform(each) for each in template["transforms"]]
    combined = all(is_combined(each.name) for each in configured if each.type == ENCR) and protocol != "AH"
    for kind in sorted(MANDATORY[protocol] | {each.type for each in offered} | {each.type for each in configured}):
        ours = [none(kind)] if kind == INTEG and combined else [key for key, _ in options(protocol, configured, kind)]
        if not any(key in ours for key, _ in options(protocol, offered, kind)):
            names = {ENCR: "ENCR", PRF: "PRF", INTEG: "INTEG", KE: "KE", ESN: "ESN", 6: "ADDKE1", 100: "unknown (100)", 241: "private use (241)"}
            same(field, f"SA.proposals[0].{names[kind]}", "place")
            return
    raise Disagreement("every transform type has something in common")


def confirm_check(case):
    """§3.3.6: the initiator MUST check that the accepted offer is consistent with one of its proposals."""
    inputs, expected = case["inputs"], case["expected"]
    if len(inputs["answered"]) != 1:
        same(expected, {"layer": "ike", "field": "SA.proposals"}, "place")
        return
    answer = inputs["answered"][0]
    if consistent(answer, inputs["offered"]):
        same(case["result"], "valid", "result")
        kinds = sorted((Transform(each) for each in answer["transforms"]), key=lambda each: each.type)
        same(expected, {"number": answer["number"], "transforms": [named(each) for each in kinds]}, "outputs")
    else:
        same(expected, {"layer": "ike", "field": "SA.proposals[0]"}, "place")


def consistent(answer, offers):
    offer = next((each for each in offers if each["number"] == answer["number"]), None)
    if offer is None or offer["protocol"] != answer["protocol"]:
        return False
    protocol = offer["protocol"]
    offered = [Transform(each) for each in offer["transforms"]]
    answered = [Transform(each) for each in answer["transforms"]]
    if any(each.strange for each in answered):
        return False
    for kind in MANDATORY[protocol] | {each.type for each in offered + answered}:
        chosen = [each.key for each in answered if each.type == kind]
        possible = [each.key for each in offered if each.type == kind]
        if kind in MAY_BE_NONE[protocol]:
            # Left out and NONE are the same (§3.3.3).
            chosen, possible = chosen or [none(kind)], possible or [none(kind)]
        if len(chosen) != 1 or chosen[0] not in possible:
            return False
    return True


def confirm(_kind, case):
    {"choose": confirm_choose, "check": confirm_check}[case["inputs"]["operation"]](case)
    return ["twin"]


if __name__ == "__main__":
    main(confirm)
