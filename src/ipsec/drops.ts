// Why a packet was not sealed or opened: numbers for the packet path, names for counters and events. Both are stable.

/** 0, which is not in the table, is "done". */
export const drop = {
  /** Not an IP packet, or its headers are cut off. */
  'malformed-packet': 1,
  /** The slot of the batch, or the length field of IP, has no room for what is added. */
  'packet-too-long': 2,
  /** Transport mode is for whole packets only (RFC 4303 §3.3.4); ESP in a fragment is discarded (§3.4.1). */
  fragment: 3,
  /** A packet of one IP version on a transport-mode SA between addresses of the other. */
  'version-mismatch': 4,
  /** Transport mode, framing `esp`: IPv4 options or IPv6 extension headers that stay outside ESP have nobody to carry them. */
  'header-not-carried': 5,
  /** RFC 4303 §3.3.3: the sequence number may not cycle. */
  'sequence-exhausted': 6,
  /** A hard limit of the SA in packets or octets. */
  'limit-reached': 7,
  /** The crypto provider does not have the suite. */
  'suite-unavailable': 8,
  /** AH: options of IPv4 or IPv6 that lie about their lengths, or a jumbogram's (RFC 4302 §3.3.3.1). */
  'malformed-options': 9,
  /**
   * AH: a route whose end cannot be told, or has not been reached by what came: a routing header of an unknown type, a second one, one that lies; an
   * IPv4 source route (RFC 4302 §3.3.3.1.1.1, appendix A2).
   */
  'unpredictable-route': 10,
  /** Framing `ip`: no ESP in it. */
  'not-esp': 16,
  /** Too short, or of a length that the suite cannot produce. */
  'malformed-esp': 17,
  'wrong-spi': 18,
  /** Received before (RFC 4303 §3.4.3). */
  replayed: 19,
  /** Left of the replay window. */
  'too-old': 20,
  'integrity-check-failed': 21,
  /** RFC 4303 §2.4: not 1, 2, 3, …, or longer than the packet. */
  'bad-padding': 22,
  /** RFC 4303 §2.6: next header 59; not an error. */
  'dummy-packet': 23,
  /** Tunnel mode: next header is not the version of the IP packet inside. */
  'malformed-inner-packet': 24,
  /** RFC 4301 §5.2 step 5. */
  'selector-mismatch': 25,
  /** No AH in it. */
  'not-ah': 26,
  /** AH is cut off, or of a length that the suite cannot have (RFC 4302 §2.2, §2.6). */
  'malformed-ah': 27,
  /** RFC 6040 §4.2: the tunnel has met congestion, and what came through it knows of congestion by losses only. */
  'congestion-unheard': 28,
  /** RFC 4301 §7.3: a later fragment of a packet whose first has not come through this SA, or that the SA does not carry. */
  'fragment-unmatched': 29,
  /** RFC 1858: a first fragment without the upper-layer header, or a later one that begins in it. */
  'fragment-too-small': 30,
} as const

export type DropReason = keyof typeof drop
export type DropCode = (typeof drop)[DropReason]

/** Larger than every code. */
export const dropCodeLimit = 32

const names: (DropReason | undefined)[] = Array.from({ length: dropCodeLimit })
for (const [name, code] of Object.entries(drop)) if (isDropReason(name)) names[code] = name

/** The name of an outcome other than 0. */
export function dropReason(outcome: number): DropReason | undefined {
  return names[outcome]
}

function isDropReason(name: string): name is DropReason {
  return name in drop
}
