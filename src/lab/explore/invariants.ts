// What must never be, in any state of two honest hosts. Each is a function that says what it finds wrong, `undefined` being nothing.
import { formatSpi } from '../../contract/units.ts'
import { askedBy, type HostGraph, type HostState, type Passage, requestName, saName, type Watch } from './host-graph.ts'
import { spiName } from './lexicon.ts'
import type { SealedPacket } from './subject.ts'
import { type Bound, isQuiet, otherSide, sides, type World } from './world.ts'

/** Of one step of a host. */
export const hostInvariants =
  (bound: Bound): Watch =>
  (passage) => [
    ...windowKept(passage),
    ...sameOctetsAgain(passage),
    ...oneKeyForEachSpi(passage),
    ...nothingFails(passage),
    ...answeredInTime(passage, bound),
    ...peerDeletes(passage),
    ...putOff(passage),
  ]

/** Of a state of both. */
export function worldInvariants(graphs: readonly [HostGraph, HostGraph], world: World): readonly string[] {
  const always = world.wish === 'wanted' ? packetsOpened(graphs, world) : []
  return isQuiet(world) ? [...always, ...agreed(world), ...nothingLeftOver(world), ...oneOfEach(world), ...replaced(world)] : always
}

/** RFC 7296 §2.3: no more requests at once than the peer takes. §2.2: Message IDs go up by one. */
export function windowKept({ before, outputs }: Passage): readonly string[] {
  const broken: string[] = []
  const windows = new Map(before.view.ikeSas.map(({ id, requests }) => [id, { ...requests, open: [...requests.outstanding] }]))
  for (const output of outputs) {
    if (output.kind !== 'event' || output.event.name !== 'message') continue
    const { ikeSa, direction, role, messageId } = output.event
    const requests = ikeSa === undefined ? undefined : windows.get(ikeSa)
    if (requests === undefined) continue
    if (direction === 'received' && role === 'response') requests.open = requests.open.filter((id) => id !== messageId)
    if (direction === 'received' || role === 'response' || requests.open.includes(messageId)) continue
    const [oldest] = requests.open
    if (oldest !== undefined && messageId - oldest >= requests.window)
      broken.push(`request ${messageId} goes out while ${oldest} is not answered (RFC 7296 §2.3)`)
    // Message ID 0 is said again with a cookie, or another group.
    if (messageId !== requests.nextId && messageId !== 0)
      broken.push(`request ${messageId} goes out in place of ${requests.nextId} (RFC 7296 §2.2)`)
    requests.open.push(messageId)
    requests.nextId = messageId + 1
  }
  return broken
}

/** RFC 7296 §2.1: a retransmission is the same octets; nothing else ever has the Message ID. */
export function sameOctetsAgain({ before, said }: Passage): readonly string[] {
  return said.flatMap(({ place, message }) => {
    const known = before.record.said.get(place)
    return known === undefined || known === message ? [] : ['a message is sent again with other octets (RFC 7296 §2.1)']
  })
}

/** RFC 4303 §2.1, RFC 4301 §4.1: an SPI names one SA; with two keys for it one of them would lose packets. */
export function oneKeyForEachSpi({ before, installed }: Passage): readonly string[] {
  return installed.flatMap((sa) => {
    const known = before.record.keys.get(saName(sa))
    return known === undefined || known === sa.key ? [] : [`${formatSpi(sa.spi)} (${sa.direction}) has a second key`]
  })
}

/** Neither is there anybody to fail, nor a reason: both are honest and of one mind. */
export function nothingFails({ outputs }: Passage): readonly string[] {
  return outputs.flatMap((output) => {
    if (output.kind !== 'event') return []
    const { event } = output
    if (event.name === 'ike-sa-failed' || event.name === 'request-refused') return [`${event.name}: ${event.fault.message}`]
    const isForged = event.name === 'message-dropped' && (event.reason === 'integrity-check-failed' || event.reason === 'malformed')
    return isForged ? [`a message of the peer is dropped: ${event.reason}`] : []
  })
}

/**
 * RFC 7296 §2.1: each request is answered, and what is lost is only so much: who asks more often has a peer that does not answer. A request
 * may come before the peer knows of the IKE SA that it is in, and so be for nothing.
 */
export function answeredInTime({ outputs }: Passage, { losses, haste }: Bound): readonly string[] {
  return outputs.flatMap((output) =>
    output.kind === 'event' && output.event.name === 'retransmit' && output.event.attempt > losses + haste + 2
      ? [`request ${output.event.messageId} is not answered, though it arrives (RFC 7296 §2.1)`]
      : [],
  )
}

/** RFC 7296 §2.8: a rekey loses no packet: whatever may still be on its way is opened, should it arrive now. */
export function packetsOpened(graphs: readonly [HostGraph, HostGraph], world: World): readonly string[] {
  return sides.flatMap((side) => {
    const [from, to] = [graphs[otherSide(side)].subject.name, graphs[side].subject.name]
    return world.packets[side]
      .filter(({ packet }) => !isOpened(graphs[side], world.hosts[side], packet))
      .map(({ packet: { spi } }) => `a packet that ${from} sealed under ${formatSpi(spi)} is not opened by ${to}`)
  })
}

function isOpened(graph: HostGraph, host: HostState, packet: SealedPacket): boolean {
  const edge = graph.receive(host, packet)
  return edge.kind === 'leads' && edge.delivers === 'delivers'
}

/** RFC 7296 §2.8.1: who has to delete a replaced or redundant Child SA does so; nobody has to do it for the other, after a long wait. */
export function peerDeletes({ before, step, view }: Passage): readonly string[] {
  if (step.kind !== 'timer') return []
  const lives = new Map(view.ikeSas.flatMap(({ children }) => children.map(({ id, life }) => [id, life] as const)))
  return before.view.ikeSas.flatMap(({ children }) =>
    children.flatMap(({ id, life }) =>
      life === 'replaced' && lives.get(id) !== 'replaced' ? ['the peer never deletes a Child SA that has been replaced'] : [],
    ),
  )
}

/**
 * RFC 7296 §2.25.1: while a Child SA is created, rekeyed or closed, a rekey of the IKE SA is put off; §2.25.2: while the IKE SA is rekeyed or
 * closed, so are Child SAs.
 */
export function putOff({ before, outputs }: Passage): readonly string[] {
  const events = outputs.flatMap((output) => (output.kind === 'event' && output.event.name === 'message' ? [output.event] : []))
  return events.flatMap((event, i) => {
    const answer = events[i + 1]
    const ikeSa = before.view.ikeSas.find(({ id }) => id === event.ikeSa)
    if (ikeSa === undefined || event.direction !== 'received' || event.role !== 'request' || answer?.role !== 'response') return []
    const asked = askedBy(event)
    const isRepeat = ikeSa.responses.answered.includes(event.messageId)
    const out = ikeSa.requests.outstanding.map((id) => before.record.requests.get(requestName(ikeSa.id, id)))
    const isInTheWay =
      asked === 'child' ? out.includes('ike-rekey') || ikeSa.phase === 'closing' : asked === 'ike-rekey' && out.includes('child')
    if (!isInTheWay || isRepeat || answer.payloads.includes('N(TEMPORARY_FAILURE)')) return []
    return [`a request about ${asked === 'child' ? 'a Child SA' : 'the IKE SA'} is not put off (RFC 7296 §2.25)`]
  })
}

/** RFC 7296 §2.8: what was to be replaced has been, by whomever. */
export function replaced({ hosts, outworn, wish }: World): readonly string[] {
  if (wish === 'unwanted') return []
  return hosts.flatMap(({ view }) => {
    const names = view.ikeSas.flatMap(({ initiatorSpi, children }) => [
      initiatorSpi,
      ...children.flatMap(({ inbound, outbound }) => [spiName(inbound), spiName(outbound)]),
    ])
    return outworn.filter((name) => names.includes(name)).map((name) => `an SA is still there that was to be replaced: ${name}`)
  })
}

/** When nothing is on its way and nobody waits, both have the same IKE SAs and Child SAs, the SPIs seen from both ends. */
export function agreed({ hosts }: World): readonly string[] {
  const [left, right] = [wordsOf(hosts[0], 'as it is'), wordsOf(hosts[1], 'mirrored')]
  return left === right ? [] : [`both are done, but do not agree: ${left === '' ? 'nothing' : left}; ${right === '' ? 'nothing' : right}`]
}

/** Every SA that packets could use belongs to a Child SA, and the other way about; no IKE SA waits for an end. */
export function nothingLeftOver({ hosts }: World): readonly string[] {
  return hosts.flatMap(({ view, installed }) => {
    const wanted = view.ikeSas.flatMap(({ children }) => children).flatMap(({ inbound, outbound }) => [`in ${inbound}`, `out ${outbound}`])
    const got = installed.map(saName)
    const left = [...got.filter((name) => !wanted.includes(name)), ...wanted.filter((name) => !got.includes(name))]
    const stuck = view.ikeSas.filter(({ phase, requests }) => phase !== 'established' || requests.waiting > 0)
    return [...left.map((name) => `an SA is left over, or missing: ${name}`), ...stuck.map(({ phase }) => `an IKE SA stays ${phase}`)]
  })
}

/** RFC 7296 §2.8.1, §2.8.2: of redundant SAs, one is left. */
export function oneOfEach({ hosts, wish }: World): readonly string[] {
  return hosts.flatMap(({ view: { ikeSas } }) => {
    const children = ikeSas.flatMap((ikeSa) => ikeSa.children)
    if (wish === 'wanted' && (ikeSas.length !== 1 || children.length !== 1))
      return [`${ikeSas.length} IKE SAs and ${children.length} Child SAs are left, not one`]
    return ikeSas.length > 1 || children.length > 1 ? [`${ikeSas.length} IKE SAs and ${children.length} Child SAs are left`] : []
  })
}

function wordsOf({ view }: HostState, look: 'as it is' | 'mirrored'): string {
  return view.ikeSas
    .map(({ initiatorSpi, responderSpi, children }) => {
      const pairs = children.map(({ inbound, outbound }) => (look === 'mirrored' ? [outbound, inbound] : [inbound, outbound]))
      return `IKE SA ${initiatorSpi}/${responderSpi} with ${pairs
        .map((pair) => pair.map(formatSpi).join('/'))
        .sort()
        .join(' ')}`
    })
    .sort()
    .join(', ')
}
