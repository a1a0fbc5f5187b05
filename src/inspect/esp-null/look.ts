// What one look at one packet finds, for one pair of lengths: checks that passed, with how much each says, or why it cannot be. RFC 5879 §8.3.

/**
 * In the order of a packet. What each is worth, in bits, is how seldom random octets pass it: -log2 of the chance, rounded down. So the sum
 * over packets that all passed says how seldom ciphertext would look like them.
 */
export const checkWords = {
  padding: 'Padding and Pad Length are 1, 2, 3, …',
  'next-header': 'Next Header is a common protocol',
  'next-header-again': 'Next Header is the one of the packet before',
  'ip-version': 'the version of the inner IP header',
  'ip-header': 'inner IP header without options or reserved bits',
  'ip-checksum': 'checksum of the inner IP header',
  'ip-addresses-again': 'inner addresses of the packet before',
  extension: 'extension headers that fit',
  length: 'the length inside is that of the payload',
  checksum: 'checksum of the upper layer',
  'tcp-header': 'TCP header without options or reserved bits, flags that belong together',
  'tcp-options': 'TCP options of the right lengths',
  'tcp-no-acknowledgement': 'Acknowledgment Number 0 without ACK',
  'tcp-no-urgent': 'Urgent Pointer 0 without URG',
  'tcp-sequence': 'Sequence Number follows the packet before',
  'tcp-acknowledgement': 'Acknowledgment Number of the packet before',
  'equal-ports': 'source and destination port are equal',
  'ports-again': 'ports of the packet before',
  'ports-of-another-sa': 'ports that another SA between the two had',
  'icmp-type': 'assigned type and code of ICMP',
  'icmp-echo-again': 'the echo after the one before',
  'sctp-tag-again': 'Verification Tag of the packet before',
} as const

export type Check = keyof typeof checkWords

export interface Passed {
  readonly check: Check
  readonly bits: number
}

/** Octets from `at` to `end`, of which nothing is known but what carries them. */
export interface Inside {
  readonly bytes: Uint8Array
  readonly at: number
  readonly end: number
  /** Ones' complement sum of the addresses of the pseudo header. */
  readonly addressSum: number
  /** The first octets could be an IV that counts: that they are like those of the packet before says nothing. */
  readonly mayCount: boolean
}

/** What the next packet of a flow is compared with. -1: it is not there. */
export interface Traces {
  nextHeader: number
  /** Inner addresses as text of their octets; empty in transport mode. */
  addresses: string
  /** Source port × 65,536 + destination port. */
  ports: number
  /** TCP: of this segment, and of the one behind it. ICMP echo: identifier × 65,536 + sequence number. SCTP: the tag. */
  number: number
  nextNumber: number
  acknowledgement: number
}

export const noTraces: Readonly<Traces> = {
  nextHeader: -1,
  addresses: '',
  ports: -1,
  number: -1,
  nextNumber: -1,
  acknowledgement: -1,
}

export class Look {
  readonly passed: Passed[] = []
  /** Of this packet, filled by the checks. */
  readonly traces: Traces = { ...noTraces }
  /** Of the packet before. */
  readonly before: Readonly<Traces>
  /** Whether another SA between the same two hosts had these ports, for so many bits; 0: it had not. */
  readonly portsElsewhere: (ports: number) => number
  #bits = 0
  #why: string | undefined

  constructor(before: Readonly<Traces>, portsElsewhere: (ports: number) => number) {
    this.before = before
    this.portsElsewhere = portsElsewhere
  }

  get bits(): number {
    return this.#bits
  }

  /** Why it cannot be; `undefined` as long as it can. */
  get impossible(): string | undefined {
    return this.#why
  }

  pass(check: Check, bits: number): void {
    if (bits <= 0) return
    this.passed.push({ check, bits })
    this.#bits += bits
  }

  refuse(why: string): void {
    this.#why ??= why
  }
}

/** Bits for a value that is one of `good` among `all`. */
export const rarity = (good: number, all: number): number => Math.floor(Math.log2(all / Math.max(1, good)))
