// MACs made of AES-128 in CBC mode: AES-CMAC (RFC 4493) and AES-XCBC-MAC (RFC 3566), and the keys of the PRFs made of them
// (RFC 4615 §3, RFC 4434 §2). They differ in how they mask the last block. A provider contributes AES-CBC.

export type BlockMacName = 'aes-cmac' | 'aes-xcbc'

/** AES-128 of a platform. `Key` is whatever it makes of 16 octets. */
export interface BlockChain<Key> {
  keyOf(octets: Uint8Array): Key
  /** The last block of AES-CBC with an IV of zeros over whole blocks. */
  lastBlock(key: Key, blocks: Uint8Array): Uint8Array
}

/** A key made ready. Whoever keeps it keeps a secret. */
export interface BlockMacKey<Key> {
  readonly key: Key
  /** Masks a last block that the message fills. */
  readonly whole: Uint8Array
  /** Masks a last block that is padded. */
  readonly padded: Uint8Array
}

/** `octets`: 16 of them. */
export function blockMacKey<Key>(chain: BlockChain<Key>, name: BlockMacName, octets: Uint8Array): BlockMacKey<Key> {
  const key = chain.keyOf(octets)
  if (name === 'aes-cmac') {
    // RFC 4493 §2.3.
    const whole = doubled(chain.lastBlock(key, new Uint8Array(blockLength)))
    return { key, whole, padded: doubled(whole) }
  }
  // RFC 3566 §4, step 1.
  const derived = (octet: number): Uint8Array => chain.lastBlock(key, new Uint8Array(blockLength).fill(octet)).slice()
  return { key: chain.keyOf(derived(1)), whole: derived(2), padded: derived(3) }
}

/** All 16 octets of the MAC of the concatenation of `parts`. RFC 4493 §2.4; RFC 3566 §4, steps 2 to 4. */
export function blockMac<Key>(chain: BlockChain<Key>, { key, whole, padded }: BlockMacKey<Key>, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const blocks = new Uint8Array(Math.max(1, Math.ceil(length / blockLength)) * blockLength)
  let at = 0
  for (const part of parts) {
    blocks.set(part, at)
    at += part.length
  }
  const isWhole = length === blocks.length
  if (!isWhole) blocks[length] = 0x80
  const mask = isWhole ? whole : padded
  const last = blocks.length - blockLength
  for (let i = 0; i < blockLength; i++) blocks[last + i] = (blocks[last + i] ?? 0) ^ (mask[i] ?? 0)
  const mac = chain.lastBlock(key, blocks)
  // The message of a PRF can be a secret.
  blocks.fill(0)
  return mac
}

/** The PRF, whose keys may have any length. */
export function blockPrf<Key>(chain: BlockChain<Key>, name: BlockMacName, secret: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const octets = prfKey(chain, name, secret)
  const mac = blockMac(chain, blockMacKey(chain, name, octets), parts)
  octets.fill(0)
  return mac
}

/** 16 octets of a key of any length, which is left as it is. RFC 4434 §2: a short key is padded; RFC 4615 §3: it is hashed like a long one. */
function prfKey<Key>(chain: BlockChain<Key>, name: BlockMacName, secret: Uint8Array): Uint8Array {
  if (secret.length === blockLength) return secret.slice()
  if (name === 'aes-xcbc' && secret.length < blockLength) {
    const octets = new Uint8Array(blockLength)
    octets.set(secret)
    return octets
  }
  return blockMac(chain, blockMacKey(chain, name, new Uint8Array(blockLength)), [secret]).slice()
}

const blockLength = 16

/** Times x in GF(2^128), big-endian; the running time does not depend on the octets. RFC 4493 §2.3. */
function doubled(octets: Uint8Array): Uint8Array {
  const result = new Uint8Array(blockLength)
  let carry = 0
  for (let i = blockLength - 1; i >= 0; i--) {
    const value = ((octets[i] ?? 0) << 1) | carry
    result[i] = value
    carry = value >>> 8
  }
  result[blockLength - 1] = (result[blockLength - 1] ?? 0) ^ (0x87 & -carry)
  return result
}
