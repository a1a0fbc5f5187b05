// What a responder makes of CREATE_CHILD_SA requests, good and bad, that a peer with the right keys sends. RFC 7296 §1.3, §2.8, §2.9.2, §2.18.
import { describe, expect, it } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { notify } from '../../src/iana/notify.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { deletePayload } from '../../src/ike/exchanges/informational.ts'
import { limits } from '../../src/ike/limits.ts'
import { notification } from '../../src/ike/notifications.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { toWireProposals } from '../../src/policy/proposal-choice.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { selectorTemplateToSelector } from '../../src/policy/selectors.ts'
import type { NotifyPayload, Payload } from '../../src/wire/message.ts'
import { alice, bob, type Side, value } from '../host/two-hosts.ts'
import { Puppeteer } from './puppeteer.ts'
import { theChild } from './two-ends.ts'

const random = seededRandom(5)
const x25519 = 31
const ecp256 = 19
const withPfs: Partial<Side> = { espWords: 'aes128gcm16-x25519-noesn' }

const nonce = (): Payload => ({ kind: 'NONCE', critical: false, nonce: random(32) })
function ke(method: number): Payload {
  const publicValue = nodeProvider().keyExchange(method)?.generate(random).publicValue ?? new Uint8Array(0)
  return { kind: 'KE', critical: false, method, publicValue }
}
const offer = (words: string, protocolId: number, spi: Uint8Array): Payload => ({
  kind: 'SA',
  critical: false,
  proposals: toWireProposals([value(parseProposal(words, protocolId))], protocolId, spi),
})
const espOffer = (words = 'aes128gcm16-noesn'): Payload => offer(words, protocol.ESP, random(4))
const ikeOffer = (words: string, spi = random(8)): Payload => offer(words, protocol.IKE, spi)
const selectors = (words = 'dynamic'): readonly Payload[] => {
  const template = value(parseSelector(words))
  return [
    { kind: 'TSi', critical: false, selectors: [selectorTemplateToSelector(template, alice.address)] },
    { kind: 'TSr', critical: false, selectors: [selectorTemplateToSelector(template, bob.address)] },
  ]
}
const transport = notification(notify.USE_TRANSPORT_MODE)
/** The SPI that Alice receives with, which Bob sends with. */
function rekeyOf(puppet: Puppeteer): NotifyPayload {
  const { outbound } = theChild(puppet.both.b)
  const spi = deletePayload(protocol.ESP, [outbound]).spis[0] ?? new Uint8Array(0)
  return { kind: 'N', critical: false, protocol: protocol.ESP, spi, type: notify.REKEY_SA, value: new Uint8Array(0) }
}
const ask = (puppet: Puppeteer, payloads: readonly Payload[]): readonly Payload[] =>
  puppet.request(exchange.CREATE_CHILD_SA, payloads) ?? []
const errorOf = (answers: readonly Payload[]): number | undefined => {
  const [only] = answers
  return answers.length === 1 && only?.kind === 'N' ? only.type : undefined
}

describe('a request for a Child SA', () => {
  it('is granted with a nonce, and without KE where there is none', () => {
    const puppet = new Puppeteer('established')
    const kinds = ask(puppet, [transport, espOffer(), nonce(), ...selectors()]).map(({ kind }) => kind)
    expect(kinds).toEqual(['N', 'SA', 'NONCE', 'TSi', 'TSr'])
  })

  it('with a group that we do not choose is told the one that we do: INVALID_KE_PAYLOAD (RFC 7296 §1.3)', () => {
    for (const given of [[ke(ecp256)], []]) {
      const puppet = new Puppeteer('established', withPfs)
      const [answer] = ask(puppet, [transport, espOffer('aes128gcm16-ecp256-x25519-noesn'), nonce(), ...given, ...selectors()])
      if (answer?.kind !== 'N') throw new Error('no notification')
      expect([answer.type, u16(answer.value, 0)]).toEqual([notify.INVALID_KE_PAYLOAD, x25519])
    }
  })

  it('with a key exchange that we have no use for is answered without KE (RFC 7296 §3.3.6)', () => {
    const puppet = new Puppeteer('established')
    const wanted = value(parseProposal('aes128gcm16-x25519-noesn', protocol.ESP))
    const none = { ...wanted, transforms: [...wanted.transforms, { type: 4, id: 0, keyLength: undefined }] }
    const sa: Payload = { kind: 'SA', critical: false, proposals: toWireProposals([none], protocol.ESP, random(4)) }
    const kinds = ask(puppet, [transport, sa, nonce(), ke(x25519), ...selectors()]).map(({ kind }) => kind)
    expect(kinds).toEqual(['N', 'SA', 'NONCE', 'TSi', 'TSr'])
  })

  it.each([
    ['another suite', [transport, espOffer('aes256-sha256-noesn'), nonce(), ...selectors()], notify.NO_PROPOSAL_CHOSEN],
    ['other traffic', [transport, espOffer(), nonce(), ...selectors('203.0.113.0/24')], notify.TS_UNACCEPTABLE],
    ['another mode', [espOffer(), nonce(), ...selectors()], notify.NO_PROPOSAL_CHOSEN],
  ])('with %s is refused, and the IKE SA goes on (RFC 7296 §1.3.1)', (_, payloads, type) => {
    const puppet = new Puppeteer('established')
    expect(errorOf(ask(puppet, payloads))).toBe(type)
    expect(puppet.request(exchange.INFORMATIONAL, [])).toEqual([])
  })

  it.each([
    ['nothing at all of integrity', [['1/11', '5/0']], 'audited'],
    ['NONE', [['1/11', '3/0', '5/0']], 'audited'],
    ['NONE as one choice of two', [['1/11', '3/0', '3/12', '5/0']], 'audited'],
    ['nothing, in the second of two proposals', [['1/20', '5/0'], ['1/11']], 'audited'],
    ['integrity', [['1/11', '3/12', '5/0']], 'nothing'],
    ['an AEAD in its place, which needs none', [['1/20', '3/0', '5/0']], 'nothing'],
  ] as const)('that offers NULL encryption with %s: audited where it would protect nothing (RFC 4301 §4.2)', (_, offered, expected) => {
    const puppet = new Puppeteer('established', { audit: 'on' })
    // As they are: our own words would leave such a choice out.
    const proposals = offered.map((transforms, at) => ({
      number: at + 1,
      protocol: protocol.ESP,
      spi: random(4),
      transforms: transforms.map((words) => {
        const [type, id] = words.split('/').map(Number)
        return { type: type ?? 0, id: id ?? 0, attributes: [] }
      }),
    }))
    const sa: Payload = { kind: 'SA', critical: false, proposals }
    ask(puppet, [transport, sa, nonce(), ...selectors()])
    const { b } = puppet.both
    const record = { code: 'no-protection', direction: 'in', protocol: 'ESP', source: alice.address, destination: bob.address }
    expect(b.named('audit').map((event) => event.record)).toMatchObject(expected === 'audited' ? [record] : [])
    // The first Child SA is from IKE_AUTH.
    const suites = b.named('child-sa-established').map(({ established }) => established.suite.encryption?.id)
    expect(suites).not.toContain(11)
  })

  it('is one too many after so many: NO_ADDITIONAL_SAS (RFC 7296 §1.3)', () => {
    const puppet = new Puppeteer('established')
    const answers = Array.from({ length: limits.childrenPerIkeSa }, () => ask(puppet, [transport, espOffer(), nonce(), ...selectors()]))
    expect(answers.filter((payloads) => errorOf(payloads) === undefined)).toHaveLength(limits.childrenPerIkeSa - 1)
    expect(errorOf(answers.at(-1) ?? [])).toBe(notify.NO_ADDITIONAL_SAS)
  })
})

describe('a request to rekey a Child SA', () => {
  const rekey = (puppet: Puppeteer, words?: string): readonly Payload[] =>
    ask(puppet, [rekeyOf(puppet), transport, espOffer(), nonce(), ...selectors(words)])

  it('that is for less than the old one carries is refused: it MUST NOT be narrower (RFC 7296 §2.9.2)', () => {
    const puppet = new Puppeteer('established')
    expect(errorOf(rekey(puppet, 'dynamic[tcp/80]'))).toBe(notify.TS_UNACCEPTABLE)
    expect(puppet.both.b.named('rekey-failed')).toMatchObject([{ refusal: { kind: 'selectors', reason: 'narrower' } }])
    expect(errorOf(rekey(puppet))).toBeUndefined()
  })

  it('that we do not have is CHILD_SA_NOT_FOUND, with the SPI of the request (RFC 7296 §2.25)', () => {
    const puppet = new Puppeteer('established')
    const unknown = { ...rekeyOf(puppet), spi: random(4) }
    const [answer] = ask(puppet, [unknown, transport, espOffer(), nonce(), ...selectors()])
    expect(answer).toMatchObject({ type: notify.CHILD_SA_NOT_FOUND, spi: unknown.spi, protocol: protocol.ESP })
  })

  it('that we do not know of, while a request of ours for one is out, waits: the peer may have granted it (RFC 7296 §2.25)', () => {
    const puppet = new Puppeteer('established')
    const { b, network } = puppet.both
    network.feed(b, { kind: 'command', command: { kind: 'rekey-child-sa', child: theChild(b).id } })
    const [answer] = ask(puppet, [{ ...rekeyOf(puppet), spi: random(4) }, transport, espOffer(), nonce(), ...selectors()])
    expect(answer).toMatchObject({ type: notify.TEMPORARY_FAILURE })
  })

  it('that has been rekeyed and not deleted waits: TEMPORARY_FAILURE, however often it is asked', () => {
    const puppet = new Puppeteer('established')
    const old = rekeyOf(puppet)
    const again = (): number | undefined => errorOf(ask(puppet, [old, transport, espOffer(), nonce(), ...selectors()]))
    expect(again()).toBeUndefined()
    for (let i = 0; i < 20; i++) expect(again()).toBe(notify.TEMPORARY_FAILURE)
    // A peer that never deletes it has it deleted.
    puppet.both.network.run(70_000)
    expect(
      puppet.both.b.named('child-sa-closed').length +
        puppet.both.b.named('message').filter(({ payloads }) => payloads.includes('D')).length,
    ).toBeGreaterThan(0)
  })
})

describe('a request to rekey the IKE SA', () => {
  const suite = alice.ike

  it('is granted, and the new IKE SA counts from 0 (RFC 7296 §1.3.2, §2.18)', () => {
    const puppet = new Puppeteer('established')
    const answers = ask(puppet, [ikeOffer(suite), nonce(), ke(x25519)])
    expect(answers.map(({ kind }) => kind)).toEqual(['SA', 'NONCE', 'KE'])
    const fresh = puppet.both.b.host.view.ikeSas.find(({ phase }) => phase === 'established')
    expect(fresh?.role).toBe('responder')
    expect([fresh?.requests.nextId, fresh?.responses.expectedId]).toEqual([0, 0])
    expect(fresh?.children).toHaveLength(1)
  })

  it('without KE is malformed (RFC 7296 §1.3.2)', () => {
    const puppet = new Puppeteer('established')
    expect(errorOf(ask(puppet, [ikeOffer(suite), nonce()]))).toBe(notify.INVALID_SYNTAX)
  })

  it('without a key exchange, NONE, is not acceptable (RFC 7296 §2.18)', () => {
    const puppet = new Puppeteer('established')
    const wanted = value(parseProposal(suite, protocol.IKE))
    const none = { ...wanted, transforms: wanted.transforms.map((each) => (each.type === 4 ? { ...each, id: 0 } : each)) }
    const sa: Payload = { kind: 'SA', critical: false, proposals: toWireProposals([none], protocol.IKE, random(8)) }
    expect(errorOf(ask(puppet, [sa, nonce(), ke(x25519)]))).toBe(notify.NO_PROPOSAL_CHOSEN)
  })

  it.each([
    ['no SPI', new Uint8Array(0)],
    ['the SPI zero', new Uint8Array(8)],
  ])('with %s is not acceptable (RFC 7296 §3.3.1)', (_, spi) => {
    const puppet = new Puppeteer('established')
    expect(errorOf(ask(puppet, [ikeOffer(suite, spi), nonce(), ke(x25519)]))).toBe(notify.NO_PROPOSAL_CHOSEN)
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
  })

  it('that has been rekeyed already waits for its end: TEMPORARY_FAILURE (RFC 7296 §2.8.2)', () => {
    const puppet = new Puppeteer('established')
    ask(puppet, [ikeOffer(suite), nonce(), ke(x25519)])
    for (let i = 0; i < 5; i++) expect(errorOf(ask(puppet, [ikeOffer(suite), nonce(), ke(x25519)]))).toBe(notify.TEMPORARY_FAILURE)
    expect(errorOf(ask(puppet, [transport, espOffer(), nonce(), ...selectors()]))).toBe(notify.TEMPORARY_FAILURE)
    expect(puppet.both.b.host.ikeSaCount).toBe(2)
    // Its Delete is answered, and the Child SA stays.
    expect(puppet.request(exchange.INFORMATIONAL, [{ kind: 'D', critical: false, protocol: 1, spiSize: 0, spis: [] }])).toEqual([])
    expect(puppet.both.b.host.ikeSaCount).toBe(1)
    expect(puppet.both.b.named('child-sa-closed')).toEqual([])
  })

  it('comes while we delete a Child SA: TEMPORARY_FAILURE (RFC 7296 §2.25.1)', () => {
    const puppet = new Puppeteer('established')
    const { b, network } = puppet.both
    network.feed(b, { kind: 'command', command: { kind: 'close-child-sa', child: theChild(b).id } })
    expect(errorOf(ask(puppet, [ikeOffer(suite), nonce(), ke(x25519)]))).toBe(notify.TEMPORARY_FAILURE)
  })
})
