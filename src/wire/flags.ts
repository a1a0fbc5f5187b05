// The Flags octet of the IKE header. RFC 7296 §3.1.

export const headerFlag = {
  /** Set in messages of the original initiator of the IKE SA. */
  INITIATOR: 0x08,
  /** The sender can speak a higher major version. Never set by us. */
  VERSION: 0x10,
  /** A response to the request with the same Message ID. */
  RESPONSE: 0x20,
} as const

export const isResponse = (flags: number): boolean => (flags & headerFlag.RESPONSE) !== 0
export const isFromInitiator = (flags: number): boolean => (flags & headerFlag.INITIATOR) !== 0
