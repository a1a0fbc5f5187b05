// Identification as IKEv2 carries it. RFC 7296 §3.5.

/** `type` is an ID type of the IANA registry (`iana/identification.ts`); `value` is the Identification Data. */
export interface Identity {
  readonly type: number
  readonly value: Uint8Array
}
