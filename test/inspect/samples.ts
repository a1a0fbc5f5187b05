// Values that the tests of this room share.
import { ikeSaId, type Instant, instant } from '../../src/contract/units.ts'
import type { MessageEvent } from '../../src/contract/events.ts'
import { type Address, type Endpoint, parseAddress } from '../../src/net/address.ts'
import type { TransformChoice } from '../../src/contract/transforms.ts'
import type { TrafficSelector } from '../../src/contract/selectors.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}
export const endpoint = (text: string, port: number): Endpoint => ({ address: address(text), port })

export const encr = (id: number, keyLength?: number): TransformChoice => ({ type: 1, id, keyLength })
export const prf = (id: number): TransformChoice => ({ type: 2, id, keyLength: undefined })
export const integ = (id: number): TransformChoice => ({ type: 3, id, keyLength: undefined })
export const ke = (id: number): TransformChoice => ({ type: 4, id, keyLength: undefined })

/** All protocols and ports of a range of addresses. */
export const addresses = (start: string, end: string): TrafficSelector => ({
  protocol: 0,
  startPort: 0,
  endPort: 65535,
  startAddress: address(start),
  endAddress: address(end),
})

export const at = (ms: number): Instant => instant(ms)

/** An IKE_SA_INIT request from 192.0.2.1 to 192.0.2.2, with changes. */
export const message = (changes: Partial<MessageEvent>): MessageEvent => ({
  name: 'message',
  direction: 'sent',
  at: at(0),
  ikeSa: ikeSaId(1),
  local: endpoint('192.0.2.1', 500),
  remote: endpoint('192.0.2.2', 500),
  exchangeType: 34,
  role: 'request',
  messageId: 0,
  length: 236,
  fragments: 1,
  payloads: ['SA', 'KE', 'Nonce'],
  ...changes,
})
