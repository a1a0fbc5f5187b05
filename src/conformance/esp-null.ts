// NULL encryption, which no provider has as a cipher: it is that the packet path leaves a text as it is. RFC 2410 §2, RFC 4303 §5.
import { Secret } from '../bytes/secret.ts'
import type { ChildSuite } from '../contract/transforms.ts'
import type { CipherJobs, CryptoProvider } from '../crypto/provider.ts'
import { protocol } from '../iana/protocols.ts'
import { encryption, integrity, transformType } from '../iana/transforms.ts'

/** What an ESP packet has between header and ICV when `text` went through it and `direction` was done to it. */
export function throughNull(provider: CryptoProvider, direction: 'seal' | 'open', text: Uint8Array): Uint8Array | undefined {
  const cipher = provider.packetCipher(suite, { encryption: undefined, integrity: new Secret(new Uint8Array(32)) })
  if (cipher === undefined) return undefined
  const arena = new Uint8Array(headerLength + text.length + cipher.icvLength)
  arena.set(text, headerLength)
  cipher.seal(oneJob(arena, text.length))
  if (direction === 'open') cipher.open(oneJob(arena, text.length))
  return arena.subarray(headerLength, headerLength + text.length)
}

const headerLength = 8

const suite: ChildSuite = {
  protocol: protocol.ESP,
  encryption: { type: transformType.ENCR, id: encryption.ENCR_NULL, keyLength: undefined },
  integrity: { type: transformType.INTEG, id: integrity.AUTH_HMAC_SHA2_256_128, keyLength: undefined },
  extendedSequence: 'no-esn',
}

const oneJob = (arena: Uint8Array, length: number): CipherJobs => ({
  arena,
  count: 1,
  header: Int32Array.of(0),
  textLength: Int32Array.of(length),
  sequence: 'no-esn',
  sequenceHigh: Uint32Array.of(0),
  accepted: Uint8Array.of(0),
})
