// Bounds on what strangers and peers can make us keep.

export const limits = {
  /** Half-open IKE SAs from which on cookies are demanded (RFC 7296 §2.6). */
  halfOpenBeforeCookies: 64,
  /** Half-open IKE SAs of one address prefix (/32, /64) from which on its requests are ignored. */
  halfOpenPerPrefix: 256,
  halfOpenTotal: 65_536,
  /** IKE SAs that are over and only answer retransmissions; the oldest goes first. */
  lingering: 8_192,
  /** Answers to unverified addresses: a burst, and a steady rate per second, for each prefix (RFC 7296 §2.21.4). */
  strangerBurst: 32,
  strangerRate: 8,
  /** Prefixes whose rate is remembered. */
  strangerPrefixes: 4_096,
  /** Cookie rounds before an initiator gives up (RFC 7296 §2.6). */
  cookieRounds: 5,
  /** Versions of one IKE_SA_INIT request, which differ by their cookies, that a responder tries AUTH with (RFC 7296 §2.15). */
  requestVersions: 4,
  /** INVALID_KE_PAYLOAD rounds before an initiator gives up: each must name a group that was not tried. */
  keyExchangeRounds: 4,
  /** Requests that wait for the window of an IKE SA. */
  waitingRequests: 64,
  /**
   * The largest IP datagram of ours before a message is fragmented, where nothing else is configured. RFC 7383 §2.5.1 recommends 1280 for
   * IPv6 and 576 for IPv4; paths that do not carry 1280 octets of IPv4 are rare, more fragments are lost more easily, and the search
   * for the path MTU comes to 576 by itself.
   */
  fragmentSize: 1_280,
  /** What that search goes through, coarsely (RFC 7383 §2.5.2): the two recommendations, and the last plateau of RFC 1191 §7.1 but one. */
  fragmentSteps: [1_280, 576, 296],
  /** Below this no peer and no configuration makes us go: the message would be headers more than anything else. */
  smallestFragment: 296,
  /** Fragments of one message that we collect; the largest message takes fewer of the smallest. */
  fragments: 512,
  /** Octets inside the fragments of one message. RFC 7383 §5: NOT RECOMMENDED to be above 64 KB. */
  reassembledOctets: 65_536,
  /** The same for all messages together of peers that nobody has authenticated yet. */
  strangersFragments: 16_777_216,
  /** Requests of ours from which on an IKE SA is rekeyed, since Message IDs have 32 bits (RFC 7296 §2.2). */
  messageIdsBeforeRekey: 0xffff_0000,
  /** The last one: the IKE SA is closed with it. */
  lastMessageId: 0xffff_ffff,
  /** Requests that either end may have out at once, whatever is said (RFC 7296 §2.3). */
  window: 64,
  /** Child SAs of one IKE SA; the peer hears NO_ADDITIONAL_SAS then. */
  childrenPerIkeSa: 256,
  /** Octets of an IKE message that we read at all. */
  messageLength: 65_535,
} as const
