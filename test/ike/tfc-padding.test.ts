// TFC padding goes only to a peer that takes it. RFC 7296 §1.3.1, RFC 4303 §2.7.
import { describe, expect, it } from 'vitest'
import type { SaInstall, TfcPadding } from '../../src/contract/install.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { notification } from '../../src/ike/notifications.ts'
import type { LabHost } from '../../src/lab/host.ts'
import type { Payload } from '../../src/wire/message.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { alice, bob, value } from '../host/two-hosts.ts'
import { acceptAnswer, childPayloads } from './child-payloads.ts'
import { Puppeteer } from './puppeteer.ts'
import { packetTo, up } from './two-ends.ts'

const random = seededRandom(16_394)
const tfc: TfcPadding = { to: 'multiple', octets: 128 }
const installs = ({ inputs }: LabHost): readonly SaInstall[] =>
  inputs.flatMap(({ outputs }) => outputs.flatMap((output) => (output.kind === 'install' ? [output.sa] : [])))
const refusal = notification(notify.ESP_TFC_PADDING_NOT_SUPPORTED)

it('what is configured is installed, for what we send alone; nobody of us says that it takes none', () => {
  const both = up({ child: { tfc } })
  expect(installs(both.a).map((sa) => [sa.direction, sa.tfc])).toEqual(
    installs(both.a).map(({ direction }) => [direction, direction === 'out' ? tfc : undefined]),
  )
  expect(installs(both.b).map((sa) => sa.tfc)).toEqual([undefined, undefined])
  for (const host of [both.a, both.b])
    for (const message of host.named('message')) expect(message.payloads).not.toContain('N(ESP_TFC_PADDING_NOT_SUPPORTED)')
})

describe('a peer that takes none', () => {
  it('and asks for a Child SA gets no padding, in that SA alone', () => {
    const puppet = new Puppeteer('established', { child: { tfc } })
    const answers = [[refusal], []].map((more) => puppet.request(exchange.CREATE_CHILD_SA, childPayloads(undefined, ...more)))
    expect(answers.map((answer) => answer?.some(({ kind }) => kind === 'SA'))).toEqual([true, true])
    // Beside another for the same traffic it is not used at once.
    puppet.both.network.run(30_000)
    const made = installs(puppet.both.b).filter(({ direction }) => direction === 'out')
    expect(made.map((sa) => sa.tfc)).toEqual([tfc, undefined, tfc])
  })

  it('says so in its answer just as well', () => {
    const taken = (...more: readonly Payload[]) => value(acceptAnswer(childPayloads(undefined, ...more))).tfcPadding
    expect([taken(), taken(refusal)]).toEqual(['taken', 'refused'])
  })
})

it('in transport mode, datagrams of all lengths look alike on the way, and arrive as they were; replies are padded or not by who sends them', () => {
  const both = up({ child: { tfc: { to: 'size', octets: 900 } } })
  const { a, b, network } = both
  const first = network.sent.length
  const lengths = [0, 1, 17, 400, 800]
  const there = lengths.map((length) => packetTo(bob.address, alice.address, random(length)))
  const back = lengths.map((length) => packetTo(alice.address, bob.address, random(length)))
  for (const bytes of there) network.feed(a, { kind: 'packet', bytes })
  for (const bytes of back) network.feed(b, { kind: 'packet', bytes })
  network.run(1_000)
  expect(b.delivered.map(({ bytes }) => bytes)).toEqual(there)
  expect(a.delivered.map(({ bytes }) => bytes)).toEqual(back)
  const sizes = (from: typeof alice) =>
    new Set(network.sent.slice(first).flatMap(({ local, bytes }) => (local.address === from.address ? [bytes.length] : [])))
  expect(sizes(alice).size).toBe(1)
  expect(sizes(bob).size).toBeGreaterThan(2)
})
