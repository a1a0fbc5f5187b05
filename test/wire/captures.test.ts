// Messages of implementations that we did not write, from public captures and parser tests, where those are at hand (`../shared/data`).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { payloadType } from '../../src/iana/payloads.ts'
import { decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../../src/wire/codec.ts'
import { payloadLabel } from '../../src/wire/payload-name.ts'
import { ikeMessages } from './pcap.ts'

const data = join(import.meta.dirname, '../../../shared/data')
const present = existsSync(data)
const where = present ? '' : ' (SKIPPED: ../shared/data is not here)'

interface Capture {
  readonly file: string
  /** How often which payloads came, or which fault. */
  readonly outcomes: Readonly<Record<string, number>>
}
const init = 'SA KE NONCE N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP)'
const captures: readonly Capture[] = [
  { file: 'arkime/IKEv2.pcap', outcomes: { 'SA KE NONCE': 5, SK: 30 } },
  { file: 'arkime/IKEv1.pcap', outcomes: { 'WIRE_VERSION_UNSUPPORTED header.majorVersion': 13 } },
  {
    file: 'arkime/ike-cert_synthetic.pcap',
    outcomes: { 'WIRE_VERSION_UNSUPPORTED header.majorVersion': 4, 'WIRE_COUNT_MISMATCH SA.proposal[0].transforms': 2 },
  },
  { file: 'tcpdump/ikev2four.pcap', outcomes: { [init]: 2, 'N(COOKIE)': 1, [`N(COOKIE) ${init}`]: 1, SK: 17 } },
  { file: 'tcpdump/ikev2pI2.pcap', outcomes: { 'SA KE NONCE V': 1, SK: 1 } },
  {
    file: 'tcpdump/ikev2pI2-segfault.pcapng',
    outcomes: { 'WIRE_VALUE_ILLEGAL SA.proposal[0].transform[2].lastSubstruc': 1 },
  },
  { file: 'tcpdump/ikev2-id-short.pcap', outcomes: { 'WIRE_VALUE_ILLEGAL header.initiatorSpi': 1 } },
  { file: 'tcpdump/isakmp-pointer-loop.pcap', outcomes: { 'WIRE_VALUE_ILLEGAL header.initiatorSpi': 1 } },
  { file: 'tcpdump/isakmp-delete-segfault.pcap', outcomes: { 'WIRE_VERSION_UNSUPPORTED header.majorVersion': 1 } },
  { file: 'suricata-verify/ikev2-weak-dh__IKEv2_SA_INIT_2-8-weak.pcap', outcomes: { 'NONCE KE SA': 1 } },
  {
    file: 'zeek-plugin-ikev2/tests/Traces/ikev2.pcap',
    outcomes: {
      [`${init} N(IKEV2_FRAGMENTATION_SUPPORTED) N(SIGNATURE_HASH_ALGORITHMS) N(REDIRECT_SUPPORTED)`]: 2,
      'N(INVALID_KE_PAYLOAD)': 1,
      [`${init} N(IKEV2_FRAGMENTATION_SUPPORTED) N(SIGNATURE_HASH_ALGORITHMS) N(CHILDLESS_IKEV2_SUPPORTED) N(MULTIPLE_AUTH_SUPPORTED)`]: 1,
      SKF: 2,
      SK: 1,
    },
  },
  {
    file: 'zeek-spicy-ipsec/tests/traces/ipsec_client.pcap',
    outcomes: { [`${init} V V V V`]: 1, [`${init} N(MULTIPLE_AUTH_SUPPORTED)`]: 1 },
  },
]

describe.skipIf(!present)(`captures${where}`, () => {
  test.each(captures)('$file', ({ file, outcomes }) => {
    const seen: Record<string, number> = {}
    for (const message of ikeMessages(new Uint8Array(readFileSync(join(data, file))))) {
      const outcome = outcomeOf(message)
      seen[outcome] = (seen[outcome] ?? 0) + 1
    }
    expect(seen).toEqual(outcomes)
  })
})

describe.skipIf(!present)(`messages of rusticata's ipsec-parser${where}`, () => {
  test.each([
    ['rusticata-ike-sa-init-req.bin', 'SA KE NONCE'],
    ['rusticata-ike-sa-init-resp.bin', 'SA KE NONCE CERTREQ N(HTTP_CERT_LOOKUP_SUPPORTED)'],
  ])('%s', (file, outcome) => {
    expect(outcomeOf(new Uint8Array(readFileSync(join(data, 'extracted-facts', file))))).toBe(outcome)
  })
})

describe.skipIf(!present)(`payloads of OpenIKED's parser test${where}`, () => {
  const seeds: readonly (readonly [name: string, type: number, outcome: string])[] = [
    ['saxform_pld', payloadType.SA, 'SA'],
    ['ke_pld', payloadType.KE, 'KE'],
    ['nonce_pld', payloadType.NONCE, 'NONCE'],
    ['id_pld', payloadType.IDi, 'IDi'],
    ['certreq_pld', payloadType.CERTREQ, 'CERTREQ'],
    ['auth_pld', payloadType.AUTH, 'AUTH'],
    ['vendor_pld', payloadType.V, 'V'],
    ['ts_pld', payloadType.TSi, 'TSi'],
    ['cp_pld', payloadType.CP, 'CP CP CP CP CP'],
    // Seeds that RFC 7296 does not allow: no transform (§3.3.1), an SPI for IKE (§3.11), a Length of 1 (§3.16), octets left over (§3.2).
    ['sa_pld', payloadType.SA, 'WIRE_COUNT_MISMATCH SA.proposal[0].transforms'],
    ['delete_pld', payloadType.D, 'WIRE_VALUE_ILLEGAL D.spiSize'],
    ['eap_pld', payloadType.EAP, 'WIRE_VALUE_ILLEGAL EAP.message'],
    ['notify_pld', payloadType.N, 'WIRE_TRAILING_OCTETS payloads'],
    ['cert_pld', payloadType.CERT, 'WIRE_TRAILING_OCTETS payloads'],
  ]

  test.each(seeds)('%s', (name, type, outcome) => {
    const bytes = seed(name)
    const decoded = decodePayloads(type, bytes)
    if (decoded.ok) expect(toHex(encodePayloads(decoded.value).bytes)).toBe(toHex(bytes))
    expect(decoded.ok ? decoded.value.map(payloadLabel).join(' ') : `${decoded.fault.code} ${decoded.fault.field}`).toBe(outcome)
  })

  test('valid_packet', () => {
    expect(outcomeOf(seed('valid_packet'))).toBe('SA KE NONCE N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP)')
  })
})

/** The labels of an accepted message, which is encoded to the same octets; otherwise the fault. */
function outcomeOf(bytes: Uint8Array): string {
  const decoded = decodeMessage(bytes)
  if (!decoded.ok) return `${decoded.fault.code} ${decoded.fault.field}`
  expect(toHex(encodeMessage(decoded.value))).toBe(toHex(bytes))
  return decoded.value.payloads.map(payloadLabel).join(' ')
}

function seed(name: string): Uint8Array {
  const file: unknown = JSON.parse(readFileSync(join(data, 'extracted-facts/openiked-parser-seeds.json'), 'utf8'))
  const hex: unknown = Reflect.get(Reflect.get(Object(file), 'payloads'), name)
  return (typeof hex === 'string' ? fromHex(hex) : undefined) ?? expect.unreachable(`no seed ${name}`)
}
