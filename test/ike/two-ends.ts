// What two hosts have of each other, what they are told to do about it, and whether they agree in the end.
import { expect } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import type { Command } from '../../src/contract/machine.ts'
import type { IkeSaView } from '../../src/ike/sa/view.ts'
import type { LabHost } from '../../src/lab/host.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { alice, bob, bringUp, makeHost, type Pair, pair, type Side, type Sky } from '../host/two-hosts.ts'

/** Two hosts with one Child SA between them. */
export function up(left: Partial<Side> = {}, right: Partial<Side> = {}, sky: Sky = {}): Pair {
  const both = pair(left, right, sky)
  bringUp(both)
  return both
}

export const inForce = ({ host }: LabHost): readonly IkeSaView[] => host.view.ikeSas.filter(({ phase }) => phase === 'established')
export const theIkeSa = (host: LabHost): IkeSaView => {
  const [only, ...more] = inForce(host)
  if (only === undefined || more.length > 0) throw new Error(`${host.name} has ${more.length + (only === undefined ? 0 : 1)} IKE SAs`)
  return only
}
export const theChild = (host: LabHost): IkeSaView['children'][number] => {
  const [only, ...more] = theIkeSa(host).children
  if (only === undefined || more.length > 0) throw new Error(`${host.name} has ${theIkeSa(host).children.length} Child SAs`)
  return only
}
export const tell = (both: Pair, host: LabHost, command: Command): void => {
  both.network.feed(host, { kind: 'command', command })
}
export const rekeyChild = (both: Pair, host: LabHost): void => tell(both, host, { kind: 'rekey-child-sa', child: theChild(host).id })
export const rekeyIke = (both: Pair, host: LabHost): void => tell(both, host, { kind: 'rekey-ike-sa', ikeSa: theIkeSa(host).id })

/** UDP with this payload. */
export const packetTo = (destination: Address, source: Address, payload: Uint8Array): Uint8Array => packet(source, destination, payload)

const packet = (source: Address, destination: Address, payload: Uint8Array): Uint8Array =>
  ipPacket(
    source,
    destination,
    17,
    udpDatagram({ source: { address: source, port: 1000 }, destination: { address: destination, port: 2000 }, payload }),
  )

/** Alice crashes, without a word, and starts again with nothing. */
export function restart(both: Pair, side: Partial<Side> = {}): Pair {
  const fresh = makeHost({ ...alice, ...side }, bob.address, 99)
  both.network.replace(both.a, fresh)
  return { ...both, a: fresh }
}

/** What is left is one IKE SA and one Child SA, the two ends of each are the same, and packets pass both ways. */
export function expectAgreement(both: Pair): void {
  const { a, b, network } = both
  network.run(120_000)
  const [ours, theirs] = [theIkeSa(a), theIkeSa(b)]
  expect([ours.initiatorSpi, ours.responderSpi]).toEqual([theirs.initiatorSpi, theirs.responderSpi])
  expect([theChild(a).inbound, theChild(a).outbound]).toEqual([theChild(b).outbound, theChild(b).inbound])
  expect([...a.host.view.ikeSas, ...b.host.view.ikeSas].filter(({ phase }) => phase !== 'established')).toEqual([])
  expect(exchangePackets(both)).toEqual({ atAlice: 1, atBob: 1 })
}

export function exchangePackets({ network, a, b }: Pair): { readonly atAlice: number; readonly atBob: number } {
  const before = [a.delivered.length, b.delivered.length] as const
  network.feed(a, { kind: 'packet', bytes: packet(alice.address, bob.address, utf8('to bob')) })
  network.feed(b, { kind: 'packet', bytes: packet(bob.address, alice.address, utf8('to alice')) })
  network.run(1_000)
  return { atAlice: a.delivered.length - before[0], atBob: b.delivered.length - before[1] }
}
