// The published negotiations, opened by tshark with the keys that the vectors say they have. Wireshark 4.0 has no ChaCha20-Poly1305, checks
// the ICVs of HMAC and AES-GCM only, and takes AES-XCBC and AES-CMAC on trust.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fromHex } from '../../src/bytes/bytes.ts'
import { framePacket } from '../../src/inspect/frame.ts'
import { pcapngFile } from '../../src/inspect/pcapng.ts'
import { espEncryptionNames, ikeEncryptionNames } from '../../src/inspect/wireshark-names.ts'
import { encryption as encryptionIds } from '../../src/iana/transforms.ts'
import { address } from '../ipsec/fixtures.ts'
import { fields, malformed, type Wireshark } from './harness/tshark.ts'

type Side = 'initiator' | 'responder'
interface Suite {
  readonly encryption: string
  readonly keyLength?: number
  readonly integrity?: string
}
interface Keys {
  readonly encryption?: string
  readonly integrity?: string
}
interface Transcript {
  readonly id: string
  readonly inputs: {
    readonly addresses: Readonly<Record<Side, string>>
    readonly datagrams: readonly { readonly from: Side; readonly channel: 'ike' | 'nat-t' | 'esp'; readonly octets: string }[]
  }
  readonly expected: {
    readonly suite: Suite
    readonly spiI: string
    readonly spiR: string
    readonly keys: Readonly<Partial<Record<'skEi' | 'skEr' | 'skAi' | 'skAr', string>>>
    readonly messages: readonly { readonly payloads: string }[]
    readonly child: {
      readonly suite: Suite & { readonly sequenceNumbers: 'esn' | 'no-esn' }
      readonly spis: Readonly<Record<Side, string>>
      readonly keys: Readonly<Record<Side, Keys>>
    }
    readonly packets: readonly { readonly spi: string; readonly payload: string; readonly nextHeader: number }[]
  } & Readonly<Record<Side, { readonly auth: string }>>
}

const file = new URL('../../vectors/ike/transcript.json', import.meta.url)
const { cases }: { readonly cases: readonly Transcript[] } = JSON.parse(readFileSync(file, 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'ikebana-transcripts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const other = (side: Side): Side => (side === 'initiator' ? 'responder' : 'initiator')

// Names of Wireshark 4.0; what it has none for is taken on trust.
const ikeMacs: Readonly<Record<string, string>> = {
  AUTH_HMAC_SHA1_96: 'HMAC_SHA1_96 [RFC2404]',
  AUTH_HMAC_SHA2_256_128: 'HMAC_SHA2_256_128 [RFC4868]',
  AUTH_HMAC_SHA2_512_256: 'HMAC_SHA2_512_256 [RFC4868]',
}
const espMacs: Readonly<Record<string, string>> = {
  AUTH_HMAC_SHA1_96: 'HMAC-SHA-1-96 [RFC2404]',
  AUTH_HMAC_SHA2_256_128: 'HMAC-SHA-256-128 [RFC4868]',
  AUTH_HMAC_SHA2_384_192: 'HMAC-SHA-384-192 [RFC4868]',
  AUTH_HMAC_SHA2_512_256: 'HMAC-SHA-512-256 [RFC4868]',
}

function cipherName(names: typeof ikeEncryptionNames, { encryption, keyLength }: Suite): string | undefined {
  const id = Object.entries(encryptionIds).find(([name]) => name === encryption)?.[1]
  return names.find(
    (entry) => entry.id === id && entry.spoken === 'since 4.0' && (entry.keyBits === undefined || entry.keyBits === keyLength),
  )?.name
}

const macOf = (names: typeof ikeMacs, none: string, trusted: string, suite: Suite): string =>
  suite.integrity === undefined ? none : (names[suite.integrity] ?? trusted)

function ikeRow({ expected: { suite, spiI, spiR, keys } }: Transcript): string | undefined {
  const cipher = cipherName(ikeEncryptionNames, suite)
  // Of a MAC that it takes on trust it wants no key.
  const checked: typeof keys = ikeMacs[suite.integrity ?? ''] === undefined ? {} : keys
  const mac = macOf(ikeMacs, 'NONE [RFC4306]', 'ANY 96-bits of Authentication [No Checking]', suite)
  if (cipher === undefined) return undefined
  return [spiI, spiR, keys.skEi, keys.skEr, `"${cipher}"`, checked.skAi ?? '', checked.skAr ?? '', `"${mac}"`].join(',')
}

function espRows({ inputs: { addresses }, expected: { child } }: Transcript): readonly string[] | undefined {
  const cipher = cipherName(espEncryptionNames, child.suite)
  // Wireshark 4.0 can neither be told of extended sequence numbers nor find the ICV right without.
  const checks = child.suite.sequenceNumbers === 'no-esn'
  const mac = macOf(espMacs, 'NULL', 'ANY 96 bit authentication [no checking]', child.suite)
  if (cipher === undefined || !checks) return undefined
  return (['initiator', 'responder'] as const).map((from) => {
    const { encryption = '', integrity = '' } = child.keys[from]
    const version = addresses[from].includes(':') ? 'IPv6' : 'IPv4'
    const prefixed = (key: string): string => (key === '' ? '' : `0x${key}`)
    const row = [version, addresses[from], addresses[other(from)], `0x${child.spis[other(from)]}`, cipher, prefixed(encryption), mac]
    return [...row, prefixed(integrity)].map((field) => `"${field}"`).join(',')
  })
}

/** All in one, since starting tshark takes longer than what it has to do. */
function captureOf(transcripts: readonly Transcript[]): Wireshark {
  const rows = (lines: readonly (string | undefined)[]): string => lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('')
  writeFileSync(join(folder, 'ikev2_decryption_table'), rows(transcripts.map(ikeRow)))
  writeFileSync(join(folder, 'esp_sa'), rows(transcripts.flatMap((transcript) => espRows(transcript) ?? [])))
  const packets = transcripts.flatMap(({ inputs: { addresses, datagrams } }) =>
    datagrams.map(({ from, channel, octets }) => {
      const end = (side: Side) => ({ address: address(addresses[side]), port: channel === 'ike' ? 500 : 4500 })
      const datagram = { channel, local: end(from), remote: end(other(from)), bytes: fromHex(octets) ?? new Uint8Array(0) }
      return { at: 0n, packet: framePacket('sent', datagram), direction: undefined, comment: undefined }
    }),
  )
  const capture = join(folder, 'capture.pcapng')
  writeFileSync(capture, pcapngFile('ikebana', 'lab', packets))
  return { capture, keys: folder }
}

const wireshark = captureOf(cases)
const unmarked = (text: string | undefined): string => text?.replaceAll(':', '') ?? ''

test('IKE_AUTH is readable, and has the AUTH of both', async () => {
  const readable = cases.filter((transcript) => ikeRow(transcript) !== undefined)
  expect(readable.length).toBeGreaterThanOrEqual(12)
  const rows = await fields(wireshark, 'isakmp.exchangetype == 35 && isakmp.auth.data', ['isakmp.ispi', 'isakmp.auth.data'])
  expect(rows.map(([spi, auth]) => [unmarked(spi), unmarked(auth)])).toEqual(
    readable.flatMap(({ expected: { spiI, initiator, responder } }) => [
      [spiI, initiator.auth],
      [spiI, responder.auth],
    ]),
  )
})

test('so is the Delete', async () => {
  const readable = cases.filter((transcript) => ikeRow(transcript) !== undefined)
  const rows = await fields(wireshark, 'isakmp.exchangetype == 37 && isakmp.typepayload == 42', ['isakmp.ispi'])
  expect(rows.map(([spi]) => unmarked(spi))).toEqual(readable.map(({ expected }) => expected.spiI))
})

test('packets are readable, and their ICVs right', async () => {
  const readable = cases.filter((transcript) => espRows(transcript) !== undefined)
  expect(readable.length).toBeGreaterThanOrEqual(8)
  const rows = await fields(wireshark, 'esp && data.data', ['esp.spi', 'esp.protocol', 'data.data', 'esp.icv_good'])
  const found = new Map(rows.map(([spi, ...row]) => [Number(spi), row]))
  for (const { id, expected } of readable)
    for (const packet of expected.packets) {
      const [protocol, data = 'none', good] = found.get(Number.parseInt(packet.spi, 16)) ?? []
      expect(Number(protocol), id).toBe(packet.nextHeader)
      // The data of the UDP packet inside are at its end.
      expect(packet.payload.endsWith(unmarked(data)), id).toBe(true)
      if (expected.child.suite.integrity?.startsWith('AUTH_AES') !== true) expect(good, id).toBe('1')
    }
})

test('nothing is malformed', async () => {
  expect(await malformed(wireshark)).toBe('')
})
