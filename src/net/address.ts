// IP addresses as canonical text (RFC 5952 for IPv6, dotted decimal for IPv4), so that `===` compares them.
import type { Brand } from '../contract/units.ts'

export type Address = Brand<string, 'Address'>
export interface Endpoint {
  readonly address: Address
  readonly port: number
}
