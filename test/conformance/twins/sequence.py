"""Sequence numbers of RFC 4303, slowly: a set of the numbers seen, no bitmap. Written from §3.4.3 and appendix A alone."""


def infer(size, highest, low):
    """Appendix A2.2, in unlimited integers: the number for `low`. Negative or above 64 bits where there is none."""
    t_high, t_low = highest >> 32, highest & 0xFFFFFFFF
    bottom = (t_low - size + 1) % 2**32
    if t_low >= size - 1:  # Case A: the window is within one subspace
        high = t_high if low >= bottom else t_high + 1
    else:  # Case B: it spans two
        high = t_high - 1 if low >= bottom else t_high
    return high * 2**32 + low


class Window:
    def __init__(self, size, extended, highest):
        self.size = size
        self.extended = extended
        self.highest = highest
        self.before = highest  # all up to it count as received
        self.seen = set()

    def number(self, low):
        return infer(self.size, self.highest, low) if self.extended else low

    def verdict(self, number):
        if number < 0 or number >= 2**64:
            return "too-old"
        if number == 0:  # §3.3.3: the first number sent is 1
            return "replayed"
        if number > self.highest:
            return "fresh"
        if number <= self.highest - self.size:
            return "too-old"
        return "replayed" if number <= self.before or number in self.seen else "fresh"

    def receive(self, sent, icv_is_right):
        """`sent`: the whole number, of which the packet has the low half."""
        number = self.number(sent & 0xFFFFFFFF)
        verdict = self.verdict(number)
        if verdict != "fresh":
            return verdict
        if not icv_is_right or number != sent:
            return "not-authentic"
        self.seen.add(number)
        self.highest = max(self.highest, number)
        return "fresh"
