// The integrity algorithms as AH has them: RFC 4302 §3.3.3; AES-GMAC of RFC 4543 §4.
import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { integrity } from '../../src/iana/transforms.ts'
import { hex, present, providers, publicData, secret, transform } from './support.ts'

const gmacs = [integrity.AUTH_AES_128_GMAC, integrity.AUTH_AES_192_GMAC, integrity.AUTH_AES_256_GMAC]
const noIv = new Uint8Array(0)

interface GmacCase {
  readonly algorithm: string
  readonly key: string
  readonly nonce: string
  readonly aad: string
  readonly packet: string
}
const mcgrew = publicData('draft-mcgrew-gcm-test/vectors.json')

describe.each(providers)('%s', (_, provider) => {
  test('GMAC is AES-GCM without plaintext: test case 1 of the GCM specification (McGrew and Viega, appendix B), all zeros', () => {
    const icv = present(provider.packetMac(integrity.AUTH_AES_128_GMAC)).compute(secret('00'.repeat(20)), hex('00'.repeat(8)))
    expect(toHex(icv)).toBe('58e2fccefa7e3061367f1d57a4e7455a')
  })

  test.skipIf(mcgrew.missing)(`the ICV of the GMAC packet of draft-mcgrew-gcm-test-01 §4${mcgrew.note}`, () => {
    const { cases }: { cases: GmacCase[] } = JSON.parse(mcgrew.text())
    const vector = present(cases.find(({ algorithm }) => algorithm === 'AES-GMAC-ESP'))
    const mac = present(provider.packetMac(integrity.AUTH_AES_128_GMAC))
    const [key, iv, covered] = [secret(vector.key + vector.nonce.slice(0, 8)), hex(vector.nonce.slice(8)), hex(vector.aad)]
    expect(toHex(mac.compute(key, iv, covered.subarray(0, 9), covered.subarray(9)))).toBe(vector.packet.slice(-32))
  })

  test.each(gmacs)('GMAC %i takes its IV from a counter and its salt from the keying material (RFC 4543 §3.1, §5.4)', (id) => {
    const mac = present(provider.packetMac(id))
    expect(mac).toMatchObject({ id, ivLength: 8, ivSource: 'counter', icvLength: 16, keyLength: 16 + 8 * gmacs.indexOf(id) + 4 })
    const icv = (key: string, iv: string): string => toHex(mac.compute(secret(key), hex(iv), hex('0102')))
    const key = '11'.repeat(mac.keyLength - 4)
    const first = icv(`${key}00000001`, '0000000000000001')
    expect(icv(`${key}00000002`, '0000000000000001')).not.toBe(first)
    expect(icv(`${key}00000001`, '0000000000000002')).not.toBe(first)
    expect(() => icv(`${key}00000001`, '00000001')).toThrow(/8 octets, not 4/)
    expect(() => icv(key, '0000000000000001')).toThrow(/octets, not/)
  })

  test.each(gmacs)('GMAC %i is for AH alone: no IKE message and no ESP packet can have it (RFC 4543 §5.3)', (id) => {
    expect(provider.integrity(id)).toBeUndefined()
    const suite = { protocol: 3, encryption: transform(1, 12, 128), integrity: transform(3, id), extendedSequence: 'no-esn' } as const
    expect(provider.packetKeyLengths(suite)).toBeUndefined()
    expect(provider.packetCipher(suite, { encryption: secret('00'.repeat(16)), integrity: secret('00'.repeat(20)) })).toBeUndefined()
  })

  test.each([2, 5, 8, 12, 13, 14])('integrity algorithm %i is in AH what it is elsewhere, without an IV', (id) => {
    const [elsewhere, mac] = [present(provider.integrity(id)), present(provider.packetMac(id))]
    expect(mac).toMatchObject({ id, ivLength: 0, ivSource: 'none', icvLength: elsewhere.icvLength, keyLength: elsewhere.keyLength })
    const key = secret('22'.repeat(mac.keyLength))
    expect(toHex(mac.compute(key, noIv, hex('0102'), hex('03')))).toBe(toHex(elsewhere.compute(key, hex('010203'))))
    expect(() => mac.compute(key, hex('00'), hex('03'))).toThrow(/has no IV/)
  })

  test('NONE is no algorithm', () => {
    expect(provider.packetMac(integrity.NONE)).toBeUndefined()
  })
})
