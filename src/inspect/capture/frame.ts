// What comes out of a capture file: frames, and faults that say where the file stops making sense.

/** One packet as it was captured. */
export interface CapturedFrame {
  /** From 1, as Wireshark counts. */
  readonly number: number
  /** Where its octets start in the file. */
  readonly offset: number
  /** Nanoseconds since 1970-01-01T00:00Z; `undefined` where the file does not say (simple packet blocks). */
  readonly at: bigint | undefined
  /** LINKTYPE_ value, as https://www.tcpdump.org/linktypes.html lists them. */
  readonly linkType: number
  /** A view of what was read, which stays valid: `originalLength` octets, or the first of them. */
  readonly octets: Uint8Array
  readonly originalLength: number
  /** UTF-8 of whoever wrote the file: hostile. */
  readonly comments: readonly Uint8Array[]
}

export type CaptureFaultCode = 'CAPTURE_UNKNOWN_FORMAT' | 'CAPTURE_TRUNCATED' | 'CAPTURE_CORRUPT' | 'CAPTURE_UNSUPPORTED'

export interface CaptureFault {
  readonly code: CaptureFaultCode
  /** The frame that is hit; `undefined` before the first. */
  readonly frame: number | undefined
  /** In octets from the start of the file. */
  readonly offset: number
  /** What is there. */
  readonly found: string
  /** What should have been. */
  readonly expected: string
}

export type CaptureItem =
  | { readonly kind: 'frame'; readonly frame: CapturedFrame }
  | { readonly kind: 'fault'; readonly fault: CaptureFault }

/** `frame 17, offset 1234: the file ends after 7 octets; expected a record header of 16 octets` */
export function formatCaptureFault(fault: CaptureFault): string {
  const frame = fault.frame === undefined ? '' : `frame ${fault.frame}, `
  return `${frame}offset ${fault.offset}: ${fault.found}; expected ${fault.expected}`
}
