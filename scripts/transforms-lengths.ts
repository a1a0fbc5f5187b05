// What the catalogue says of one transform: its lengths, where it may be used, who has it. For docs/transforms.md.
import type { TransformChoice } from '../src/contract/transforms.ts'
import {
  aeadShapes,
  cipherShapes,
  encryptionName,
  gmacShapes,
  integrityShapes,
  kemShapes,
  prfShapes,
  scarceCipherShapes,
} from '../src/crypto/catalogue.ts'
import { ecpGroups } from '../src/crypto/ecp.ts'
import { modpGroups } from '../src/crypto/modp.ts'
import { encryption, keyExchange, transformType } from '../src/iana/transforms.ts'
import type { AlgorithmUse } from '../src/iana/algorithm-requirements.ts'

/** Cells by the heads of their columns. Octets; a column that is left out does not apply. */
export interface Lengths {
  readonly cells: Readonly<
    Partial<Record<'key' | 'salt' | 'IV' | 'nonce' | 'ICV' | 'block' | 'output' | 'initiator' | 'responder', string>>
  >
  readonly uses: readonly AlgorithmUse[]
  readonly providers: string
}

/** `undefined` of what the catalogue does not have. */
export function lengthsOf({ type, id, keyLength }: TransformChoice): Lengths | undefined {
  if (type === transformType.ENCR) return encryptionLengths(id, keyLength)
  if (type === transformType.PRF) return prfLengths(id)
  if (type === transformType.INTEG) return integrityLengths(id)
  return type === transformType.KE ? keyExchangeLengths(id) : undefined
}

const both = 'both'
const onlyNode = '`node`'

function encryptionLengths(id: number, keyBits: number | undefined): Lengths | undefined {
  if (id === encryption.ENCR_NULL) return { cells: {}, uses: ['ESP'], providers: both }
  const named = (shape: { readonly id: number; readonly keyBits: number | undefined }): boolean =>
    encryptionName(shape.id, shape.keyBits) === encryptionName(id, keyBits)
  const aead = aeadShapes.find(named)
  if (aead !== undefined) {
    const cells = {
      key: String(aead.keyLength),
      salt: String(aead.saltLength),
      IV: aead.iv === 'implicit' ? `${aead.ivLength}, not sent` : String(aead.ivLength),
      nonce: String(aead.saltLength + aead.ivLength),
      ICV: String(aead.icvLength),
    }
    return { cells, uses: aead.use === 'esp' ? ['ESP'] : ['IKE', 'ESP'], providers: both }
  }
  const cipher = [...cipherShapes, ...scarceCipherShapes].find(named)
  if (cipher === undefined) return undefined
  const salted = cipher.saltLength === 0 ? {} : { salt: String(cipher.saltLength), nonce: String(cipher.saltLength + cipher.ivLength) }
  const blocks = cipher.blockLength === 1 ? {} : { block: String(cipher.blockLength) }
  return {
    cells: { key: String(cipher.keyLength), IV: String(cipher.ivLength), ...salted, ...blocks },
    uses: ['IKE', 'ESP'],
    providers: scarceCipherShapes.includes(cipher) ? onlyNode : both,
  }
}

function prfLengths(id: number): Lengths | undefined {
  const shape = prfShapes.find((each) => each.id === id)
  if (shape === undefined) return undefined
  const nonce = shape.nonceLength === undefined ? 'all' : `the first ${shape.nonceLength}`
  return { cells: { key: String(shape.length), output: String(shape.length), nonce }, uses: ['IKE'], providers: both }
}

function integrityLengths(id: number): Lengths | undefined {
  const gmac = gmacShapes.find((each) => each.id === id)
  if (gmac !== undefined) {
    const { keyLength, saltLength, ivLength, icvLength } = gmac
    const lengths = { key: keyLength, salt: saltLength, IV: ivLength, nonce: saltLength + ivLength, ICV: icvLength }
    const cells = Object.fromEntries(Object.entries(lengths).map(([head, length]) => [head, String(length)]))
    return { cells, uses: ['AH'], providers: both }
  }
  const shape = integrityShapes.find((each) => each.id === id)
  if (shape === undefined) return undefined
  return { cells: { key: String(shape.keyLength), ICV: String(shape.icvLength) }, uses: ['IKE', 'ESP', 'AH'], providers: both }
}

function keyExchangeLengths(id: number): Lengths | undefined {
  const kem = kemShapes.find((each) => each.id === id)
  if (kem !== undefined)
    return {
      cells: { initiator: String(kem.publicLength), responder: String(kem.ciphertextLength) },
      uses: [],
      providers: 'both, by noble',
    }
  const length =
    modpGroups.find((each) => each.id === id)?.length ?? montgomery.get(id) ?? 2 * (ecpGroups.find((each) => each.id === id)?.length ?? 0)
  if (length === 0) return undefined
  return { cells: { initiator: String(length), responder: String(length) }, uses: ['IKE'], providers: both }
}

/** RFC 8031 §2. */
const montgomery: ReadonlyMap<number, number> = new Map([
  [keyExchange.CURVE25519, 32],
  [keyExchange.CURVE448, 56],
])
