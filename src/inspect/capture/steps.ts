// How a file format is read without knowing how the file is cut into chunks: it looks at what is there and takes one step.
import { u16, u32 } from '../../bytes/bytes.ts'
import type { CaptureItem } from './frame.ts'

/** Octets at hand: those of `octets` from `at` on. `offset` is where `at` is in the file. */
export interface Window {
  readonly octets: Uint8Array
  readonly at: number
  readonly offset: number
}

export type Step =
  /** So many octets from `at` on are needed. */
  | { readonly kind: 'wait'; readonly wanted: number }
  /** So many octets are done with; they may be more than are at hand. */
  | { readonly kind: 'taken'; readonly octets: number; readonly items: readonly CaptureItem[] }
  /** Nothing behind this can be read. */
  | { readonly kind: 'stop'; readonly items: readonly CaptureItem[] }

export interface CaptureFormat {
  /** At least one octet is at hand. */
  step(window: Window): Step
  /** The file ends, and `step` was waiting: what is left is less than it wanted. */
  cutOff(window: Window): readonly CaptureItem[]
}

/** No frame and no block that we look into is longer: memory stays bounded. */
export const longestFrame: number = 16 * 1024 * 1024

export const available = (window: Window): number => window.octets.length - window.at

export const wait = (wanted: number): Step => ({ kind: 'wait', wanted })
export const taken = (octets: number, ...items: readonly CaptureItem[]): Step => ({ kind: 'taken', octets, items })
export const stop = (...items: readonly CaptureItem[]): Step => ({ kind: 'stop', items })

/** Integers in the byte order of the machine that wrote the file. */
export interface Integers {
  readonly u16: (octets: Uint8Array, at: number) => number
  readonly u32: (octets: Uint8Array, at: number) => number
}

export const littleEndian: Integers = {
  u16: (octets, at) => (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8),
  u32: (octets, at) =>
    ((octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8) | ((octets[at + 2] ?? 0) << 16) | ((octets[at + 3] ?? 0) << 24)) >>> 0,
}
export const bigEndian: Integers = { u16, u32 }
