// Messages sealed in pieces: SKF of every kind of suite. RFC 7383 §2.5, RFC 5282 §5.1.
import { describe, expect, it, test } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { messageAlgorithms } from '../../src/crypto/suites.ts'
import { encryption, integrity, transformType } from '../../src/iana/transforms.ts'
import { openFragment, type Protection, resealSmaller, sealMessage, sealPieces } from '../../src/ike/sa/protect.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { decodeMessage, decodePayloads } from '../../src/wire/codec.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type { EncryptedFragmentPayload, Header, Payload } from '../../src/wire/message.ts'
import { ikeSpi, node } from '../crypto/support.ts'

const header: Header = {
  initiatorSpi: ikeSpi('0102030405060708'),
  responderSpi: ikeSpi('1112131415161718'),
  majorVersion: 2,
  minorVersion: 0,
  exchangeType: 35,
  flags: headerFlag.INITIATOR,
  messageId: 1,
}

/** So many octets when encoded: at least 8. */
const payloadsOf = (octets: number): readonly Payload[] => [
  { kind: 'N', critical: false, protocol: 0, spi: new Uint8Array(0), type: 40_960, value: seededRandom(octets)(octets - 8) },
]

type Suite = readonly [name: string, id: number, keyLength: number | undefined, mac: number | undefined]

const gcm: Suite = ['AES-GCM-16', encryption.ENCR_AES_GCM_16, 128, undefined]
const suites: readonly Suite[] = [
  gcm,
  ['AES-CCM-8', encryption.ENCR_AES_CCM_8, 256, undefined],
  ['ChaCha20-Poly1305', encryption.ENCR_CHACHA20_POLY1305, undefined, undefined],
  ['AES-CBC and HMAC-SHA2-256', encryption.ENCR_AES_CBC, 128, integrity.AUTH_HMAC_SHA2_256_128],
  ['AES-CBC and HMAC-SHA1-96', encryption.ENCR_AES_CBC, 256, integrity.AUTH_HMAC_SHA1_96],
  ['AES-CTR and HMAC-SHA2-512', encryption.ENCR_AES_CTR, 128, integrity.AUTH_HMAC_SHA2_512_256],
  ['3DES and HMAC-SHA2-384', encryption.ENCR_3DES, undefined, integrity.AUTH_HMAC_SHA2_384_192],
]

function protection([, id, keyLength, mac]: Suite): Protection {
  const algorithms = messageAlgorithms(node, {
    encryption: { type: transformType.ENCR, id, keyLength },
    integrity: mac === undefined ? undefined : { type: transformType.INTEG, id: mac, keyLength: undefined },
  })
  if (algorithms === undefined) throw new Error('no such suite')
  const random = seededRandom(id)
  const key = (length: number): Secret => new Secret(random(length))
  const own = algorithms.integrity?.keyLength
  return {
    algorithms,
    keys: {
      skEi: key(algorithms.encryption.keyLength),
      skEr: key(algorithms.encryption.keyLength),
      skAi: own === undefined ? undefined : key(own),
      skAr: own === undefined ? undefined : key(own),
    },
    sealed: 0,
  }
}

function fragmentOf(bytes: Uint8Array): EncryptedFragmentPayload {
  const decoded = decodeMessage(bytes)
  const skf = decoded.ok ? decoded.value.payloads.at(-1) : undefined
  if (skf?.kind !== 'SKF') throw new Error('it is no fragment')
  return skf
}

/** What a fragment says of itself, in clear. */
function told(bytes: Uint8Array): object {
  const decoded = decodeMessage(bytes)
  const { fragmentNumber: number, totalFragments: of, critical, firstPayload } = fragmentOf(bytes)
  return { number, of, critical, firstPayload, header: decoded.ok && decoded.value.header }
}

function joined(session: Protection, pieces: readonly Uint8Array[]): readonly Payload[] {
  const chunks = pieces.map((piece) => {
    const opened = openFragment(session, 'initiator', piece, fragmentOf(piece))
    if (!opened.ok) throw new Error(opened.fault.message)
    return opened.value
  })
  const [first = new Uint8Array(0)] = pieces
  const decoded = decodePayloads(fragmentOf(first).firstPayload, concat(...chunks))
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value
}

describe.each(suites)('%s', (...suite) => {
  const seal = (session: Protection, payloads: readonly Payload[], room: number): readonly Uint8Array[] =>
    sealPieces(session, 'initiator', header, payloads, seededRandom(9), room)

  it('goes in one piece as long as it fits, and the last octet decides', () => {
    for (let octets = 300; octets < 340; octets++) {
      const whole = sealMessage(protection(suite), 'initiator', header, payloadsOf(octets), seededRandom(9))
      expect(seal(protection(suite), payloadsOf(octets), whole.length).map(toHex)).toEqual([toHex(whole)])
      expect(seal(protection(suite), payloadsOf(octets), whole.length - 1)).toHaveLength(2)
    }
  })

  it('goes in numbered fragments that keep within the room and hold the content between them', () => {
    for (const octets of [200, 999, 1_000, 1_001, 4_000]) {
      for (const room of [120, 121, 127, 128, 136, 500]) {
        const session = protection(suite)
        const pieces = seal(session, payloadsOf(octets), room)
        if (pieces.length === 1) continue
        expect(joined(session, pieces)).toEqual(payloadsOf(octets))
        expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(room)
        // RFC 7383 §2.5: the first inner payload's type in the first fragment, zero in the rest; the header intact, save Length and
        // Next Payload.
        expect(pieces.map(told)).toEqual(
          pieces.map((_, i) => ({ number: i + 1, of: pieces.length, critical: false, firstPayload: i === 0 ? 41 : 0, header })),
        )
      }
    }
  })

  it('has an IV of its own in each fragment', () => {
    const session = protection(suite)
    const { ivLength } = session.algorithms.encryption
    const ivs = seal(session, payloadsOf(2_000), 150).map((piece) => toHex(fragmentOf(piece).body.subarray(0, ivLength)))
    expect(new Set(ivs).size).toBe(ivs.length)
  })

  it('is not opened when any octet before the IV is another one: Fragment Number and Total Fragments are covered', () => {
    const session = protection(suite)
    const [, piece = new Uint8Array(0)] = seal(session, payloadsOf(2_000), 300)
    const skf = fragmentOf(piece)
    const bodyAt = piece.length - skf.body.length
    expect(bodyAt).toBe(36)
    for (let at = 0; at < piece.length; at++) {
      const changed = piece.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      const opened = openFragment(session, 'initiator', changed, { ...skf, body: changed.subarray(bodyAt) })
      expect(opened, `octet ${at}`).toMatchObject({ ok: false, fault: { code: 'PEER_INTEGRITY_CHECK_FAILED' } })
    }
  })

  it('is sealed anew in more fragments, or not at all', () => {
    const session = protection(suite)
    const large = seal(session, payloadsOf(2_000), 700)
    const small = resealSmaller(session, 'initiator', large, seededRandom(3), 400)
    expect(small?.length).toBeGreaterThan(large.length)
    expect(joined(session, small ?? [])).toEqual(payloadsOf(2_000))
    // RFC 7383 §2.5.2: Total Fragments really has to increase.
    expect(resealSmaller(session, 'initiator', large, seededRandom(3), 699)).toBeUndefined()
    expect(resealSmaller(session, 'initiator', large, seededRandom(3), 2_400)).toBeUndefined()
    const whole = seal(session, payloadsOf(200), 1_000)
    expect(resealSmaller(session, 'initiator', whole, seededRandom(3), 900)).toBeUndefined()
    expect(joined(session, resealSmaller(session, 'initiator', whole, seededRandom(3), 200) ?? [])).toEqual(payloadsOf(200))
  })
})

test('room for nothing but headers gives fragments of the least content', () => {
  const session = protection(gcm)
  const pieces = sealPieces(session, 'initiator', header, payloadsOf(40), seededRandom(1), 1)
  expect(pieces).toHaveLength(40)
  expect(joined(session, pieces)).toEqual(payloadsOf(40))
})
