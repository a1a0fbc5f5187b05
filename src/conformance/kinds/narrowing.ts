// Traffic selectors: what a responder takes of an offer, and what an initiator takes for an answer. RFC 7296 §2.9, §3.13.1.
import * as z from 'zod'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import { firstUncovered, narrow } from '../../policy/selectors.ts'
import { address } from '../shapes/address.ts'
import { type Kind, kind } from '../kind.ts'
import { invalid, outputs } from '../vector.ts'

const port = z.int().min(0).max(65_535)

/** As RFC 7296 §3.13.1 has it: protocol 0 is any, ports 0 to 65535 are any, 65535 to 0 is OPAQUE, ICMP has type × 256 + code as ports. */
const selector = z.strictObject({
  protocol: z.int().min(0).max(255),
  startPort: port,
  endPort: port,
  startAddress: address,
  endAddress: address,
})
const selectors = z.array(selector).min(1).max(32)
/** The initiator's side and the responder's. */
const sides = z.strictObject({ tsi: selectors, tsr: selectors })

const selectorText = z.strictObject({
  protocol: z.int(),
  startPort: z.int(),
  endPort: z.int(),
  startAddress: z.string(),
  endAddress: z.string(),
})

export const narrowing: Kind = kind({
  name: 'narrowing',
  title: 'Traffic selectors offered and configured, and what is agreed on',
  rfc: 'RFC 7296 §2.9, §3.13.1; RFC 4301 §4.4.1.1',
  inputs: z.discriminatedUnion('operation', [
    /** The responder's. Invalid is TS_UNACCEPTABLE. */
    z.strictObject({ operation: z.literal('narrow'), offered: sides, configured: sides }),
    /** The initiator's check of an answer. */
    z.strictObject({ operation: z.literal('check'), offered: sides, answered: sides }),
  ]),
  outputs: z.strictObject({ tsi: z.array(selectorText).optional(), tsr: z.array(selectorText).optional() }),
  answer(_provider, inputs) {
    const { offered } = inputs
    if (inputs.operation === 'check') {
      if (firstUncovered(inputs.answered.tsi, offered.tsi) !== undefined) return invalid('ike', 'TSi')
      return firstUncovered(inputs.answered.tsr, offered.tsr) === undefined ? outputs({}) : invalid('ike', 'TSr')
    }
    const tsi = narrow(offered.tsi, inputs.configured.tsi, 'TSi')
    if (!tsi.ok) return invalid('policy', 'TSi')
    const tsr = narrow(offered.tsr, inputs.configured.tsr, 'TSr')
    if (!tsr.ok) return invalid('policy', 'TSr')
    return outputs({ tsi: tsi.value.map(textOf), tsr: tsr.value.map(textOf) })
  },
})

const textOf = ({ protocol, startPort, endPort, startAddress, endAddress }: TrafficSelector): JsonObject => ({
  protocol,
  startPort,
  endPort,
  startAddress,
  endAddress,
})
