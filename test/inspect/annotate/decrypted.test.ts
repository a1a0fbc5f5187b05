// What is inside SK and ESP, with the keys of two hosts that really negotiated, and of SAs that really seal.
import { describe, expect, test } from 'vitest'
import { concat, toHex, utf8 } from '../../../src/bytes/bytes.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import type { Event } from '../../../src/contract/events.ts'
import type { Datagram } from '../../../src/contract/machine.ts'
import { annotateEsp, annotateIke, annotateIp, annotateUdpPayload } from '../../../src/inspect/annotate.ts'
import { IkeFragments } from '../../../src/inspect/annotate/ike-fragments.ts'
import type { Decryption } from '../../../src/inspect/annotate/keys.ts'
import { keySource } from '../../../src/inspect/key-rows.ts'
import type { Annotation } from '../../../src/inspect/span.ts'
import { dangerChildKeyRow, dangerIkeKeyRow } from '../../../src/inspect/wireshark-keys.ts'
import { type EspKeys, type IkeKeys, readEspTable, readIkeTable } from '../../../src/inspect/wireshark-tables.ts'
import { openPacket, sealPacket } from '../../../src/ipsec/packet.ts'
import { echoPacket } from '../../../src/net/icmp.ts'
import { encodeMessage } from '../../../src/wire/codec.ts'
import { parseSelector } from '../../../src/policy/selector-words.ts'
import { bringUp, pair as hosts, provider, value } from '../../host/two-hosts.ts'
import { alice, bob, countingOctets, forge, pair, type PairOptions, suites, withTrailer } from '../../ipsec/fixtures.ts'
import { messageSamples } from '../../wire/samples.ts'
import { allSpans, everySpan, expectCovered, innerRegions, spanNamed } from './spans.ts'

const ikeSuites = ['aes128gcm16-prfsha256-x25519', 'aes256-sha512-ecp256', 'chacha20poly1305-prfsha256-x25519'] as const

describe.each(ikeSuites.slice(0, 2))('two hosts with %s', (ike) => {
  const both = hosts({ dangerKeyLog: 'on', ike }, { ike })
  bringUp(both)
  const rows = both.a.named('danger-ike-keys').flatMap((keys) => dangerIkeKeyRow(keys) ?? [])
  const decryption: Decryption = { crypto: provider, keys: keySource(readIkeTable(rows.join('\n')).rows, []) }
  const annotations = both.network.sent.map((datagram) => annotate(datagram, decryption))

  test('every message is covered, in SK too', () => {
    expect(annotations.length).toBeGreaterThanOrEqual(4)
    for (const { region, fault } of annotations) {
      expectCovered(region)
      expect(fault).toBeUndefined()
    }
  })

  test('IKE_AUTH shows identities, AUTH, proposals and selectors', () => {
    const [request] = annotations.filter(({ summary }) => summary.ike?.exchange === 'IKE_AUTH')
    if (request === undefined) expect.unreachable()
    expect(request.summary.ike?.payloads.slice(0, 2)).toEqual(['SK', 'IDi'])
    expect(request.summary.ike?.payloads).toEqual(expect.arrayContaining(['AUTH', 'SA', 'TSi', 'TSr']))
    const [inner] = innerRegions(request.region)
    expect(inner).toMatchObject({ title: 'Decrypted content of SK', authentication: 'authenticated' })
    expect(allSpans(inner?.spans ?? []).find(({ name }) => name === 'Identification Data')?.meaning).toBe('alice.example')
    expect(spanNamed(request.region, 'Integrity Checksum Data').meaning).toBe('correct')
    expect(inner?.spans.at(-1)?.name).toBe('Pad Length')
  })

  test('without keys SK stays closed, and that is no fault', () => {
    for (const datagram of both.network.sent) {
      const { region, fault } = annotate(datagram, undefined)
      expectCovered(region)
      expect(fault).toBeUndefined()
      expect(innerRegions(region)).toEqual([])
    }
  })

  test('one wrong bit is found by the ICV, and nothing is shown', () => {
    const sealed = both.network.sent.find((datagram) => annotate(datagram, decryption).summary.ike?.exchange === 'IKE_AUTH')
    const bytes = (sealed?.bytes ?? expect.unreachable()).slice()
    const at = bytes.length - 20
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const { region, fault } = annotate({ ...(sealed ?? expect.unreachable()), bytes }, decryption)
    expectCovered(region)
    expect(fault?.fault.code).toBe('PEER_INTEGRITY_CHECK_FAILED')
    expect(innerRegions(region)).toEqual([])
  })
})

describe.each(ikeSuites)('two hosts with %s and small fragments', (ike) => {
  const connection = { fragmentSize: 296 }
  const selectors = Array.from({ length: 12 }, (_, i) => value(parseSelector(`dynamic[udp/${1_000 + 2 * i}]`)))
  const child = { localSelectors: selectors, remoteSelectors: selectors }
  const both = hosts({ dangerKeyLog: 'on', ike, connection, child }, { ike, connection, child })
  bringUp(both)
  // Wireshark has no name for every suite: the keys are had as they are.
  const [keys] = both.a.named('danger-ike-keys')
  const decryption: Decryption = {
    crypto: provider,
    keys: { ike: () => (keys === undefined ? undefined : ikeKeysOf(keys)), esp: () => undefined },
  }
  const pieces = both.network.sent.filter((datagram) => annotate(datagram, undefined).summary.ike?.fragment?.total !== undefined)
  const request = pieces.filter(({ local }) => local.address === both.network.sent[0]?.local.address)

  test('each is explained, and says which one it is', () => {
    expect(request.length).toBeGreaterThan(2)
    for (const [i, piece] of request.entries()) {
      const { region, fault, summary } = annotate(piece, decryption)
      expectCovered(region)
      expect(fault).toBeUndefined()
      expect(summary.text).toBe(`IKE_AUTH request 1, fragment ${i + 1} of ${request.length}: SKF{…}`)
      expect(spanNamed(region, 'Fragment Number').value).toBe(`${i + 1}`)
      expect(spanNamed(region, 'Total Fragments').meaning).toBe(`this is fragment ${i + 1} of ${request.length}`)
      expect(spanNamed(region, 'Integrity Checksum Data').meaning).toBe('correct')
    }
  })

  test('the last that was missing has the payloads of all, in whatever order they come', () => {
    const fragments = new IkeFragments()
    const orders = [request, request.toReversed(), [...request.slice(1), ...request.slice(0, 1)]]
    for (const order of orders) {
      const annotations = order.map((piece, i) => {
        fragments.frame = i + 1
        return annotate(piece, { ...decryption, fragments })
      })
      const last = annotations.at(-1) ?? expect.unreachable()
      expect(annotations.slice(0, -1).every(({ summary }) => summary.ike?.payloads.join() === 'SKF,…')).toBe(true)
      expect(last.summary.ike?.payloads).toEqual([
        'SKF',
        'IDi',
        'IDr',
        'AUTH',
        'N(INITIAL_CONTACT)',
        'N(USE_TRANSPORT_MODE)',
        'SA',
        'TSi',
        'TSr',
      ])
      expectCovered(last.region)
      const joined = innerRegions(last.region).find(({ title }) => title.startsWith('Content of all'))
      expect(joined).toMatchObject({ authentication: 'authenticated', fault: undefined })
      expect(joined?.title).toMatch(/fragments, from frames \d.* and \d$/)
    }
  })

  test('without keys they stay closed', () => {
    for (const piece of pieces) expect(innerRegions(annotate(piece, undefined).region)).toEqual([])
  })
})

test('fragments that never become a message are forgotten: the oldest, and those of too many', () => {
  const fragments = new IkeFragments()
  const add = (messageId: number, fragmentNumber: number, totalFragments: number) =>
    fragments.add({
      header: { ...(messageSamples[3]?.message.header ?? expect.unreachable()), messageId },
      fragmentNumber,
      totalFragments,
      firstPayload: 0,
      chunk: utf8('x'),
      authentication: 'authenticated',
    })
  expect(add(0, 1, 2)).toBeUndefined()
  for (let id = 1; id <= 64; id++) add(id, 1, 2)
  expect(add(0, 2, 2)).toBeUndefined()
  expect(add(64, 2, 2)?.bytes).toEqual(utf8('xx'))
  expect(add(70, 1, 65_535)).toBeUndefined()
  // A larger set takes the place of a smaller one, and not the other way round.
  add(80, 1, 2)
  add(80, 1, 3)
  expect(add(80, 2, 2)).toBeUndefined()
  add(80, 2, 3)
  expect(add(80, 3, 3)?.frames).toEqual([0, 0, 0])
})

test('the first fragment of a message opens, and keeps its piece closed (RFC 7383 §2.5)', () => {
  const both = hosts({ dangerKeyLog: 'on' })
  bringUp(both)
  const keys = both.a.named('danger-ike-keys')[0] ?? expect.unreachable()
  const decryption: Decryption = { crypto: provider, keys: keySource(readIkeTable(dangerIkeKeyRow(keys) ?? '').rows, []) }
  const header = {
    ...(messageSamples[3]?.message.header ?? expect.unreachable()),
    initiatorSpi: keys.initiatorSpi,
    responderSpi: keys.responderSpi,
  }
  const body = { kind: 'SKF', critical: false, firstPayload: 35, fragmentNumber: 1, totalFragments: 2 } as const
  const blank = encodeMessage({ header, payloads: [{ ...body, body: new Uint8Array(8 + 5 + 16) }] })
  const cipher = provider.encryption(keys.suite.encryption.id, keys.suite.encryption.keyLength)
  if (cipher?.kind !== 'aead') expect.unreachable()
  const iv = new Uint8Array(8).fill(3)
  const sealed = cipher.seal(keys.skEi, iv, blank.subarray(0, 36), concat(utf8('half'), Uint8Array.of(0)))
  const { region, fault, summary } = annotateIke(concat(blank.subarray(0, 36), iv, sealed), decryption)
  expectCovered(region)
  expect(fault).toBeUndefined()
  expect(summary.ike?.payloads).toEqual(['SKF', '…'])
  expect(spanNamed(region, 'Fragment of the encrypted payloads')).toMatchObject({ start: 0, end: 4, value: toHex(utf8('half')) })
})

describe.each(suites)('ESP with $name', (named) => {
  const packet = echoPacket({ kind: 'request', source: alice[4], destination: bob[4], identifier: 7, sequence: 8, data: utf8('ping') })
  const sealedIn = (options: PairOptions): Uint8Array => sealPacket(pair({ ...options, suite: named }).sender, packet, 'esp').bytes

  test.each(['esn', 'no-esn'] as const)('%s, transport mode: the upper layer is shown', (extendedSequence) => {
    const bytes = sealedIn({ extendedSequence })
    const annotation = annotateEsp(bytes, decryptionFor(named, extendedSequence))
    expectOpened(annotation)
    expect(annotation.summary.inside?.text).toBe('ICMP Echo')
    expect(spanNamed(annotation.region, 'Data').value).toBe(toHex(utf8('ping')))
  })

  test('tunnel mode: the packet inside is shown', () => {
    const annotation = annotateEsp(sealedIn({ mode: 'tunnel' }), decryptionFor(named, 'no-esn'))
    expectOpened(annotation)
    expect(annotation.summary.inside?.addresses).toEqual({ source: alice[4], destination: bob[4] })
  })

  test('with another key: the ICV is wrong, and nothing is shown', () => {
    const annotation = annotateEsp(sealedIn({}), decryptionFor(named, 'no-esn', 9))
    expectCovered(annotation.region)
    expect(annotation.fault?.fault.code).toBe('PEER_INTEGRITY_CHECK_FAILED')
    expect(innerRegions(annotation.region)).toEqual([])
  })

  function expectOpened({ region, fault }: Annotation): void {
    expectCovered(region)
    expect(fault).toBeUndefined()
    const [inner] = innerRegions(region)
    expect(inner?.authentication).toBe('authenticated')
    expect(inner?.spans.at(-1)?.name).toBe('ESP Trailer')
  }
})

describe('ESP', () => {
  const named = suites[4] ?? expect.unreachable()
  const packet = echoPacket({ kind: 'request', source: alice[4], destination: bob[4], identifier: 7, sequence: 8, data: utf8('ping') })

  test('without a check of its ICV is shown as not authenticated', () => {
    const { bytes } = sealPacket(pair({ suite: named }).sender, packet, 'esp')
    const checked = espKeys(named, 'no-esn', 1)
    const unchecked: EspKeys = { ...checked, integrity: { kind: 'unchecked', icvLength: 16 } }
    const annotation = annotateEsp(bytes, { crypto: provider, keys: keySource([], [unchecked]) })
    expectCovered(annotation.region)
    expect(annotation.fault).toBeUndefined()
    expect(innerRegions(annotation.region)[0]?.authentication).toBe('not-authenticated')
    expect(spanNamed(annotation.region, 'Integrity Check Value-ICV').meaning).toBe('not checked')
  })

  test('with the wrong key and no check ends in a fault inside, not in nonsense', () => {
    const { bytes } = sealPacket(pair({ suite: named }).sender, packet, 'esp')
    const wrong: EspKeys = { ...espKeys(named, 'no-esn', 9), integrity: { kind: 'unchecked', icvLength: 16 } }
    const { region, fault } = annotateEsp(bytes, { crypto: provider, keys: keySource([], [wrong]) })
    expectCovered(region)
    expect(fault?.region.title).toBe('Decrypted content of ESP')
  })

  test('in an IP packet is opened by the key for its addresses', () => {
    const outer = sealPacket(pair({ suite: named }).sender, packet, 'ip').bytes
    const keys = espKeys(named, 'no-esn', 1)
    const here: EspKeys = { ...keys, matches: (source, destination) => source === alice[4] && destination === bob[4] }
    const elsewhere: EspKeys = { ...keys, matches: (source) => source === bob[4] }
    expect(innerRegions(annotateIp(outer, { crypto: provider, keys: keySource([], [elsewhere]) }).region)).toHaveLength(0)
    const { region } = annotateIp(outer, { crypto: provider, keys: keySource([], [here]) })
    expectCovered(region)
    expect(innerRegions(region)).toHaveLength(1)
  })

  test('is read by a row of `esp_sa`', () => {
    const { sender } = pair()
    const { install } = sender
    const row = dangerChildKeyRow({
      name: 'danger-child-keys',
      child: install.child,
      spi: install.spi,
      source: install.local,
      destination: install.remote,
      suite: install.suite,
      encryption: install.encryptionKey,
      integrity: install.integrityKey,
    })
    const keys = keySource([], readEspTable(row ?? expect.unreachable()).rows)
    const { bytes } = sealPacket(sender, packet, 'esp')
    expect(annotateEsp(bytes, { crypto: provider, keys }, { source: alice[4], destination: bob[4] }).summary.inside?.text).toBe('ICMP Echo')
  })

  test.each([
    ['padding that does not count', Uint8Array.of(9, 9, 2, 253), 'WIRE_VALUE_ILLEGAL', 4],
    ['a pad length beyond the text', Uint8Array.of(1, 2, 200, 253), 'WIRE_LENGTH_MISMATCH', 6],
  ])('%s is a fault inside', (_name, trailer, code, offset) => {
    const { sender } = pair()
    const bytes = forge(sender, concat(utf8('text'), trailer), 1)
    const { region, fault } = annotateEsp(bytes, decryptionFor(suites[0] ?? expect.unreachable(), 'no-esn'))
    expectCovered(region)
    expect(fault?.fault).toMatchObject({ code, offset })
  })

  test('dummy packets are told as such (RFC 4303 §2.6)', () => {
    const bytes = forge(pair().sender, withTrailer(utf8('whatever'), 59), 1)
    const { region, fault } = annotateEsp(bytes, decryptionFor(suites[0] ?? expect.unreachable(), 'no-esn'))
    expect(fault).toBeUndefined()
    expect(everySpan(region).some(({ meaning }) => meaning === 'dummy packet')).toBe(true)
  })

  test('what is annotated is not touched: it still opens', () => {
    const { sender, receiver } = pair({ suite: named })
    const { bytes } = sealPacket(sender, packet, 'esp')
    annotateEsp(bytes, decryptionFor(named, 'no-esn'))
    expect(openPacket(receiver, bytes, 'esp', undefined).outcome).toBe(0)
  })
})

function ikeKeysOf({ initiatorSpi, responderSpi, suite, ...keys }: Extract<Event, { name: 'danger-ike-keys' }>): IkeKeys {
  const mac = suite.integrity === undefined ? undefined : provider.integrity(suite.integrity.id)
  const direction = (encryption: Secret, integrity: Secret | undefined): IkeKeys['initiator'] => ({
    encryption: { id: suite.encryption.id, keyBits: suite.encryption.keyLength, key: encryption },
    integrity:
      mac === undefined || integrity === undefined
        ? { kind: 'none' }
        : { kind: 'checked', id: mac.id, icvLength: mac.icvLength, key: integrity },
  })
  return { initiatorSpi, responderSpi, initiator: direction(keys.skEi, keys.skAi), responder: direction(keys.skEr, keys.skAr) }
}

function annotate({ channel, bytes }: Datagram, decryption: Decryption | undefined): Annotation {
  return channel === 'ike' ? annotateIke(bytes, decryption) : annotateUdpPayload(bytes, decryption)
}

function decryptionFor(named: (typeof suites)[number], extendedSequence: 'esn' | 'no-esn', seed = 1): Decryption {
  return { crypto: provider, keys: keySource([], [espKeys(named, extendedSequence, seed)]) }
}

/** The keys of `pair`, when `seed` is 1. */
function espKeys(
  { suite, encryptionKeyLength, integrityKeyLength }: (typeof suites)[number],
  sequence: 'esn' | 'no-esn',
  seed: number,
): EspKeys {
  const mac = suite.integrity === undefined ? undefined : provider.integrity(suite.integrity.id)
  return {
    encryption: {
      id: suite.encryption?.id ?? 0,
      keyBits: suite.encryption?.keyLength,
      key: new Secret(countingOctets(seed)(encryptionKeyLength)),
    },
    integrity:
      mac === undefined
        ? { kind: 'none' }
        : { kind: 'checked', id: mac.id, icvLength: mac.icvLength, key: new Secret(countingOctets(seed + 1)(integrityKeyLength)) },
    sequenceHigh: sequence === 'esn' ? 0 : undefined,
    matches: () => true,
  }
}
