// python3-cryptography computes what we compute, on random input: algorithms that none of the peers in these tests speak in each of their sizes.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { encryption, integrity } from '../../src/iana/transforms.ts'
import { hex, node, portable, present, seededRandom } from '../crypto/support.ts'

interface Question {
  readonly algorithm: 'gmac' | 'camellia' | '3des'
  readonly key: string
  readonly iv: string
  readonly text: string
}

// Debian's, since that is whose packages the harness asks for.
const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('cryptography-peer.py', import.meta.url))

function answers(questions: readonly Question[]): readonly string[] {
  const done = spawnSync(python, [program], { input: JSON.stringify(questions), encoding: 'utf8', maxBuffer: 1 << 26 })
  if (done.status !== 0) throw new Error(`${done.stderr || done.error?.message}; install the Debian package python3-cryptography`)
  return JSON.parse(done.stdout)
}

const random = seededRandom(20_260_101)
const lengths = Array.from({ length: 40 }, (_, i) => i * 37)

test.each([
  ['AUTH_AES_128_GMAC', integrity.AUTH_AES_128_GMAC, 16],
  ['AUTH_AES_192_GMAC', integrity.AUTH_AES_192_GMAC, 24],
  ['AUTH_AES_256_GMAC', integrity.AUTH_AES_256_GMAC, 32],
])('%s of both providers', (_, id, keyLength) => {
  const cases = lengths.map((length) => ({ key: random(keyLength), salt: random(4), iv: random(8), text: random(length) }))
  const ours = (provider: CryptoProvider): string[] =>
    cases.map(({ key, salt, iv, text }) =>
      toHex(present(provider.packetMac(id)).compute(new Secret(Uint8Array.of(...key, ...salt)), iv, text)),
    )
  const theirs = answers(
    cases.map(({ key, salt, iv, text }) => ({
      algorithm: 'gmac',
      key: toHex(key),
      iv: toHex(Uint8Array.of(...salt, ...iv)),
      text: toHex(text),
    })),
  )
  expect(ours(node)).toEqual(theirs)
  expect(ours(portable)).toEqual(theirs)
})

test.each([
  ['camellia', encryption.ENCR_CAMELLIA_CBC, 128],
  ['camellia', encryption.ENCR_CAMELLIA_CBC, 192],
  ['camellia', encryption.ENCR_CAMELLIA_CBC, 256],
  ['3des', encryption.ENCR_3DES, undefined],
] as const)('%s, cipher %i of %s bits, both ways', (algorithm, id, keyBits) => {
  const cipher = present(node.encryption(id, keyBits))
  if (cipher.kind !== 'cipher') throw new Error(`${id} is no AEAD`)
  const cases = lengths.map((blocks) => ({
    algorithm,
    key: toHex(random(cipher.keyLength)),
    iv: toHex(random(cipher.ivLength)),
    text: toHex(random(blocks * cipher.blockLength)),
  }))
  const theirs = answers(cases)
  const keyed = ({ key }: Question): Secret => new Secret(hex(key))
  expect(cases.map((each) => toHex(cipher.encrypt(keyed(each), hex(each.iv), hex(each.text))))).toEqual(theirs)
  expect(cases.map((each, i) => toHex(cipher.decrypt(keyed(each), hex(each.iv), hex(theirs[i] ?? ''))))).toEqual(
    cases.map(({ text }) => text),
  )
})
