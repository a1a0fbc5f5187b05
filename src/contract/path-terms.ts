// How the packets of an SA fit onto their path, and what of their headers goes along. RFC 4301 §5.1.2.1, §6, §7, §8.

/** What has a default is in `policy/defaults.ts`. */
export interface PathTerms {
  /** The longest outer IP packet, in octets, that the first link takes; `undefined`: no limit is known, and the network below sees to it. */
  readonly mtu: number | undefined
  /** RFC 4301 §6.1.1: whether unauthenticated word of a smaller MTU is acted upon, within bounds. */
  readonly tooBig: 'believe' | 'ignore'
  /** RFC 4301 §6.1.1: whether unauthenticated word that a packet did not arrive makes us ask the peer whether it lives; no more comes of it. */
  readonly undelivered: 'heed' | 'ignore'
  /** RFC 4301 §8.2.1, case 2: IPv4 packets without DF that are too long for their tunnel. */
  readonly fragmentation: 'before-sealing' | 'after-sealing'
  /** RFC 4301 §7.3: later fragments through tunnels whose selectors name ports, where the peer agrees (NON_FIRST_FRAGMENTS_ALSO). */
  readonly laterFragments: 'negotiate' | 'never'
  /** RFC 4301 §8.1: DF of the outer header, in tunnels of IPv4 through IPv4. */
  readonly dontFragment: 'copy' | 'set' | 'clear'
  /** RFC 6040 §4.1: ECN goes along (`normal`), or the outer header says that no one knows of it (`compatibility`). */
  readonly ecn: 'normal' | 'compatibility'
  /** DSCP of the outer header: the inner one's, or this (RFC 2983). Six bits. */
  readonly outerDscp: 'copy' | number
  /** DSCP of what comes out of a tunnel: its own, or the outer one's. */
  readonly innerDscp: 'keep' | 'copy'
  /** RFC 4301 §6.2: whether ICMP errors that the selectors leave out go by the packet that they are about. */
  readonly icmpErrors: 'by-payload' | 'by-selectors'
}
