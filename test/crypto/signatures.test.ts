// Signatures: both providers agree, with keys and signatures that OpenSSL makes; keys that are refused; the forms that IKE writes them in.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { ed448 } from '@noble/curves/ed448.js'
import { describe, expect, test } from 'vitest'
import { toHex, utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import {
  algorithmIdentifierOf,
  algorithmIdentifiers,
  findAlgorithmIdentifier,
  joinDigitalSignature,
  splitDigitalSignature,
} from '../../src/crypto/algorithm-identifiers.ts'
import { derOfFixed, fixedOfDer } from '../../src/crypto/ecdsa-encoding.ts'
import { isEddsaPublicKey } from '../../src/crypto/edwards.ts'
import { ecdsaLengths, ecdsaSchemes, eddsaLengths, eddsaSchemes, rsaSchemes } from '../../src/crypto/signature-schemes.ts'
import { hex, node, portable, present, providers, seededRandom } from './support.ts'

const message = utf8('to be signed')
const changed = (octets: Uint8Array, at: number): Uint8Array => octets.map((octet, i) => (i === at ? octet ^ 1 : octet))
const digest = (scheme: string): string => scheme.slice(scheme.lastIndexOf('-') + 1)

const curveNames = { 'ecdsa-p256-sha256': 'P-256', 'ecdsa-p384-sha384': 'P-384', 'ecdsa-p521-sha512': 'P-521' } as const

describe.each(ecdsaSchemes)('%s', (scheme) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curveNames[scheme] })
  const length = ecdsaLengths[scheme]
  const point = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })).slice(-1 - 2 * length)
  const fixed = new Uint8Array(sign(digest(scheme), message, { key: privateKey, dsaEncoding: 'ieee-p1363' }))

  test.each(providers)('%s verifies what OpenSSL signs, and nothing else', (_, provider) => {
    const algorithm = present(provider.signature(scheme))
    expect(algorithm.verify(point, message, fixed)).toBe('valid')
    expect(algorithm.verify(point, changed(message, 0), fixed)).toBe('signature-refused')
    for (const at of [0, length - 1, length, 2 * length - 1])
      expect(algorithm.verify(point, message, changed(fixed, at))).toBe('signature-refused')
    for (const wrong of [fixed.slice(1), new Uint8Array(0), new Uint8Array(2 * length)])
      expect(algorithm.verify(point, message, wrong)).toBe('signature-refused')
  })

  test.each(providers)('%s refuses what is no point of the curve', (_, provider) => {
    const algorithm = present(provider.signature(scheme))
    const compressed = point.slice(0, 1 + length)
    compressed[0] = 2
    for (const key of [changed(point, 2 * length), point.slice(1), compressed, new Uint8Array(0), Uint8Array.of(0)])
      expect(algorithm.verify(key, message, fixed)).toBe('key-refused')
  })

  test('its DER is that of OpenSSL', () => {
    for (let i = 0; i < 20; i++) {
      const der = new Uint8Array(sign(digest(scheme), message, privateKey))
      expect(toHex(derOfFixed(present(fixedOfDer(der, length))))).toBe(toHex(der))
    }
  })
})

describe.each(eddsaSchemes)('%s', (scheme) => {
  const length = eddsaLengths[scheme]
  const random = seededRandom(8032)
  const [ours, theirs] = [present(node.signature(scheme)), present(portable.signature(scheme))]
  const publicKeyOf = (octets: Uint8Array): Uint8Array => (scheme === 'ed25519' ? ed25519 : ed448).getPublicKey(octets)

  test('both providers make the same signature, and verify it', () => {
    for (let i = 0; i < 5; i++) {
      const [octets, text] = [random(length), random(7 * i)]
      const signature = present(ours.sign?.(new Secret(octets.slice()), text))
      expect(toHex(present(theirs.sign?.(new Secret(octets.slice()), text)))).toBe(toHex(signature))
      const publicKey = publicKeyOf(octets)
      for (const algorithm of [ours, theirs]) {
        expect(algorithm.verify(publicKey, text, signature)).toBe('valid')
        expect(algorithm.verify(publicKey, utf8('another'), signature)).toBe('signature-refused')
        for (const at of [0, length - 1, length, 2 * length - 2])
          expect(algorithm.verify(publicKey, text, changed(signature, at))).toBe('signature-refused')
        expect(algorithm.verify(publicKey, text, signature.slice(1))).toBe('signature-refused')
        expect(algorithm.verify(publicKey.slice(1), text, signature)).toBe('key-refused')
      }
    }
  })

  test('a private key of another length signs nothing', () => {
    for (const { sign: make } of [ours, theirs]) expect(make?.(new Secret(new Uint8Array(length - 1)), message)).toBeUndefined()
  })

  test('keys of small order are refused at sight, all of them, with either sign', () => {
    const { Point } = scheme === 'ed25519' ? ed25519 : ed448
    // Every point, times the order of the base point, is of small order.
    const found = new Set<string>()
    for (let i = 0; found.size < (scheme === 'ed25519' ? 8 : 4) && i < 500; i++) {
      const candidate = random(length)
      if (scheme === 'ed448') candidate[56] = 0
      try {
        const point = Point.fromBytes(candidate)
        found.add(
          toHex(
            point
              .multiplyUnsafe(Point.Fn.ORDER - 1n)
              .add(point)
              .toBytes(),
          ),
        )
      } catch {
        // No point has that y.
      }
    }
    expect(found.size).toBe(scheme === 'ed25519' ? 8 : 4)
    for (const octets of found) {
      const other = hex(octets)
      other[length - 1] = (other[length - 1] ?? 0) ^ 0x80
      for (const key of [hex(octets), other]) expect(isEddsaPublicKey(scheme, key)).toBe(false)
    }
    // The sum over the identity: right for every message, if the key is the identity.
    const identity = new Uint8Array(length)
    identity[0] = 1
    const forged = new Uint8Array(2 * length)
    forged[0] = 1
    for (const algorithm of [ours, theirs]) expect(algorithm.verify(identity, message, forged)).toBe('key-refused')
  })

  test('y that is p or more is no key (RFC 8032 §5.1.3, §5.2.3)', () => {
    const prime = scheme === 'ed25519' ? `ed${'ff'.repeat(30)}7f` : `${'ff'.repeat(28)}fe${'ff'.repeat(27)}00`
    // p - 3 stands for all that are below; whether it is on the curve shows later.
    for (const add of [0, 1, 4]) {
      const key = hex(prime)
      key[0] = (key[0] ?? 0) + add
      if (scheme === 'ed448' && add > 0) continue
      expect(isEddsaPublicKey(scheme, key)).toBe(false)
    }
    const below = hex(prime)
    below[0] = (below[0] ?? 0) - 3
    expect(isEddsaPublicKey(scheme, below)).toBe(true)
  })
})

describe('RSA', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = new Uint8Array(publicKey.export({ format: 'der', type: 'pkcs1' }))
  const padding = (scheme: string, key: KeyObject) => (scheme.includes('pss') ? { key, padding: 6, saltLength: -1 } : { key })

  test.each(rsaSchemes)('%s: node verifies what OpenSSL signs, and nothing else', (scheme) => {
    const algorithm = present(node.signature(scheme))
    const signature = new Uint8Array(sign(digest(scheme), message, padding(scheme, privateKey)))
    expect(algorithm.verify(der, message, signature)).toBe('valid')
    expect(algorithm.verify(der, changed(message, 1), signature)).toBe('signature-refused')
    expect(algorithm.verify(der, message, changed(signature, 9))).toBe('signature-refused')
    expect(algorithm.verify(der, message, signature.slice(1))).toBe('signature-refused')
    expect(algorithm.verify(der.slice(0, -1), message, signature)).toBe('key-refused')
    // A PSS signature whose salt has another length is another algorithm (RFC 8017 §9.1.2).
    if (!scheme.includes('pss')) return
    const salted = sign(digest(scheme), message, { ...padding(scheme, privateKey), saltLength: 10 })
    expect(algorithm.verify(der, message, new Uint8Array(salted))).toBe('signature-refused')
  })

  test('a modulus too short for the padding is no reason to throw', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey.export({ format: 'der', type: 'pkcs1' })
    const algorithm = present(node.signature('rsa-pss-sha512'))
    expect(algorithm.verify(new Uint8Array(short), message, new Uint8Array(64).fill(1))).toBe('signature-refused')
  })

  test('portable has none', () => {
    for (const scheme of rsaSchemes) expect(portable.signature(scheme)).toBeUndefined()
  })
})

describe('ECDSA signatures in DER', () => {
  const fixed = (text: string): string | undefined => {
    const found = fixedOfDer(hex(text), 2)
    return found && toHex(found)
  }

  test('are read when they are DER and fit', () => {
    expect(fixed('3006 020101 020102')).toBe('00010002')
    expect(fixed('3008 02020080 02027fff')).toBe('00807fff')
    expect(fixed('300a 02030080 00 02030080 00')).toBe('80008000')
    expect(fixed('3006 020100 020100')).toBe('00000000')
  })

  test.each([
    ['nothing', ''],
    ['another tag', '3106 020101 020102'],
    ['a length too long', '3007 020101 020102'],
    ['an octet behind', '3006 020101 020102 00'],
    ['an octet behind, inside', '3007 020101 020102 00'],
    ['a long length where a short one does', '308106 020101 020102'],
    ['an indefinite length', '3080 020101 020102 0000'],
    ['a negative number', '3006 020181 020102'],
    ['a zero that is not needed', '3007 02020001 020102'],
    ['no digits', '3005 0200 020102'],
    ['a number that does not fit', '3008 0203010000 020102'],
    ['one number', '3003 020101'],
    ['a length of lengths', '30820006 020101 020102'],
  ])('are refused with %s', (_, text) => expect(fixed(text)).toBeUndefined())
})

describe('AlgorithmIdentifiers', () => {
  test('are all different, and found by their octets', () => {
    for (const each of algorithmIdentifiers) {
      expect(findAlgorithmIdentifier(each.der)).toBe(each)
      // A SEQUENCE that says how long it is.
      expect([each.der[0], each.der[1]]).toEqual([0x30, each.der.length - 2])
      expect(findAlgorithmIdentifier(changed(each.der, each.der.length - 1))).not.toBe(each)
    }
    expect(new Set(algorithmIdentifiers.map(({ name }) => name)).size).toBe(algorithmIdentifiers.length)
  })

  test('every scheme has one, and signatures of PSS go without trailerField (RFC 4055 §3.1)', () => {
    for (const scheme of [...ecdsaSchemes, ...eddsaSchemes, ...rsaSchemes]) expect(algorithmIdentifierOf(scheme)?.scheme).toBe(scheme)
    expect(algorithmIdentifierOf('rsa-pss-sha256')?.name).toMatch(/without trailerField$/)
    expect(algorithmIdentifierOf('rsa-pkcs1-sha256')?.name).toBe('sha256WithRSAEncryption')
  })

  test('of RSA with SHA-2 the parameters may be absent (RFC 4055 §5), of SHA-1 not', () => {
    const without = (last: string) => findAlgorithmIdentifier(hex(`300b 0609 2a864886f70d0101 ${last}`.replaceAll(' ', '')))?.scheme
    expect(['0b', '0c', '0d', '05'].map(without)).toEqual(['rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', undefined])
  })

  test('Authentication Data are split where they were joined, and refused when they end early (RFC 7427 §3)', () => {
    const algorithm = present(algorithmIdentifierOf('ed25519'))
    const data = joinDigitalSignature(algorithm, hex('abcd'))
    expect(toHex(data)).toBe('07300506032b6570abcd')
    const { der, signature } = present(splitDigitalSignature(data))
    expect([toHex(der), toHex(signature)]).toEqual([toHex(algorithm.der), 'abcd'])
    for (const wrong of ['', '00', '00abcd', '0730', '07300506032b65']) expect(splitDigitalSignature(hex(wrong))).toBeUndefined()
  })
})
