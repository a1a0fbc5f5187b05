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

/** `Request of the original initiator`, `Response of the original responder, Version` */
export function flagWords(flags: number): string {
  const response = isResponse(flags) ? 'Response' : 'Request'
  const version = (flags & headerFlag.VERSION) === 0 ? '' : ', Version'
  return `${response} of the original ${isFromInitiator(flags) ? 'initiator' : 'responder'}${version}`
}
