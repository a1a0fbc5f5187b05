// Whether an SA that is named, or stood for by an address, may carry a packet: its selectors and policy are asked whether it may, not which one
// should. RFC 4301 §5.1, §6.2.
import { emptyFlow, type Flow, readAnswerFlow } from '../net/flow.ts'
import { matchesFlow } from '../policy/selector-match.ts'
import type { Spd } from '../policy/spd.ts'
import type { OutboundChild } from './children.ts'

export function mayCarry(spd: Spd, child: OutboundChild, bytes: Uint8Array, flow: Flow): boolean {
  if (isFor(spd, child, bytes, flow)) return true
  // RFC 4301 §6.2: an ICMP error that the selectors leave out goes by the packet that it is about.
  return child.sa.install.path.icmpErrors === 'by-payload' && readAnswerFlow(bytes, flow, answer) && isFor(spd, child, bytes, answer)
}

function isFor(spd: Spd, { sa, local, remote }: OutboundChild, bytes: Uint8Array, flow: Flow): boolean {
  const { connection, childName } = sa.install
  return matchesFlow(local, remote, 'out', bytes, flow) && spd.admits('out', connection, childName, bytes, flow)
}

const answer: Flow = emptyFlow()
