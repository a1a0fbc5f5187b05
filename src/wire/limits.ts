// How much one message may ask us to hold. A UDP datagram bounds everything already; these bound it further, so that a message
// made of the smallest possible parts costs no more than a real one. Counts are totals over one message, nested lists included.

export interface WireLimits {
  /** Octets of a whole message. */
  readonly messageLength: number
  readonly payloads: number
  readonly proposals: number
  readonly transforms: number
  readonly transformAttributes: number
  readonly selectors: number
  /** SPIs in Delete payloads. */
  readonly spis: number
  readonly configurationAttributes: number
}

/** What can be counted. */
export type Countable = Exclude<keyof WireLimits, 'messageLength'>

/** Far above what real peers send (a CERT chain, a dozen proposals of a dozen transforms, 255 selectors a side), far below what fits. */
export const defaultLimits: WireLimits = {
  messageLength: 65_535,
  payloads: 128,
  proposals: 128,
  transforms: 2048,
  transformAttributes: 2048,
  selectors: 512,
  spis: 4096,
  configurationAttributes: 512,
}
