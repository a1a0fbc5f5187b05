// prf+ of every PRF: lengths around the borders of its blocks, keys around the length that it prefers. RFC 7296 §2.13.
import { chance, type DraftCase, type DraftFile } from './draft.ts'
import { isBlockPrf, type PrfName, prfs } from './names.ts'

export const prfPlus = (): DraftFile => ({
  name: 'ike/prf-plus.json',
  title: 'prf+: borders of blocks, keys of other lengths, and its end',
  kind: 'prf-plus',
  flags: {
    BlockBorder: 'The length is at or beside a multiple of the output of the PRF',
    KeyLength: 'The key has not the length that the PRF prefers',
    LastBlock: 'All of 255 blocks: the counter is a single octet, and 0xff is its last value',
    BeyondLastBlock: 'prf+ is not defined beyond 255 times the output of the PRF',
  },
  twin: 'RFC 7296 §2.13, RFC 4434 §2, RFC 4615 §3',
  cases: prfs.flatMap((prf) => [...lengths(prf), ...keys(prf), ...seeds(prf), ...ends(prf)]),
})

function draft(prf: PrfName, id: string, keyLength: number, seedLength: number, length: number, more: Partial<DraftCase>): DraftCase {
  const name = `${prf.word}-${id}`
  return {
    id: name,
    section: '2.13',
    result: 'valid',
    inputs: { prf: prf.prf, key: chance(`${name} key`, keyLength), seed: chance(`${name} seed`, seedLength), length },
    ...more,
  }
}

function lengths(prf: PrfName): readonly DraftCase[] {
  const { length: block } = prf
  const borders = [1, block - 1, block, block + 1, 2 * block - 1, 2 * block, 2 * block + 1, 7 * block]
  return borders.map((length) => draft(prf, `length-${length}`, block, 80, length, { flags: ['BlockBorder'] }))
}

function keys(prf: PrfName): readonly DraftCase[] {
  const { length: block } = prf
  // Of HMAC: shorter and longer than the block of the hash, which is 64 or 128 octets.
  const others = isBlockPrf(prf) ? [0, 1, 8, 15, 17, 31, 32, 33, 64] : [0, 1, block - 1, block + 1, 63, 64, 65, 127, 128, 129, 200]
  const wanted = [...new Set(others)].filter((length) => length !== block)
  const section = prf.word === 'xcbc' ? { made: 'RFC 4434', section: '2' } : prf.word === 'cmac' ? { made: 'RFC 4615', section: '3' } : {}
  return wanted.map((length) => draft(prf, `key-${length}`, length, 80, 3 * block + 5, { ...section, flags: ['KeyLength'] }))
}

/** Nonces of 16 octets and of 256, with two SPIs. */
const seeds = (prf: PrfName): readonly DraftCase[] =>
  [0, 1, 48, 528].map((length) => draft(prf, `seed-${length}`, prf.length, length, 2 * prf.length + 3, {}))

function ends(prf: PrfName): readonly DraftCase[] {
  const last = 255 * prf.length
  const whole = draft(prf, 'last-block', prf.length, 33, last, { flags: ['LastBlock'] })
  const beyond = draft(prf, 'beyond', prf.length, 33, last + 1, { result: 'invalid', flags: ['BeyondLastBlock'] })
  // 16 kB of hexadecimal for each of the long ones say no more than those of the short ones.
  return prf.length > 32 ? [beyond] : [whole, beyond]
}
