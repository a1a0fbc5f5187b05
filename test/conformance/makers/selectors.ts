// Traffic selectors in few words.
import type { JsonObject } from '../../../src/inspect/describe.ts'

export interface Selector extends JsonObject {
  readonly protocol: number
  readonly startPort: number
  readonly endPort: number
  readonly startAddress: string
  readonly endAddress: string
}
export interface Sides {
  readonly tsi: readonly Selector[]
  readonly tsr: readonly Selector[]
}

/** RFC 7296 §3.13.1. */
export const any = { startPort: 0, endPort: 65_535 } as const
export const opaque = { startPort: 65_535, endPort: 0 } as const

/** Without a last address it is one; without a port all of them; without a last port it is one. */
export function selector(first: string, last: string = first, protocol = 0, port?: number, lastPort?: number): Selector {
  const ports = port === undefined ? any : { startPort: port, endPort: lastPort ?? port }
  return { protocol, ...ports, startAddress: first, endAddress: last }
}

export const sides = (tsi: readonly Selector[], tsr: readonly Selector[]): Sides => ({ tsi, tsr })
