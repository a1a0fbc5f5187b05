// Sequence numbers around the edges of their halves: RFC 4303 §2.2.1, RFC 8750 §4.
import {
  cbc,
  chacha,
  ctr,
  gcm,
  gmac,
  isDeterministic,
  nullSuite,
  openCase,
  protect,
  saOf,
  sealCase,
  suiteId,
  hex64,
  type Suite,
} from './esp.ts'
import { ends, upperPacket } from './esp-packets.ts'
import { leastPadding } from './esp-suites.ts'
import type { MadeCase, MadeFile } from './files.ts'

const gcmIiv: Suite = { encryption: 'ENCR_AES_GCM_16_IIV', keyLength: 256 }
const ccmIiv: Suite = { encryption: 'ENCR_AES_CCM_8_IIV', keyLength: 128 }
const numbers: readonly bigint[] = [1n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0x8000_0000_7fff_ffffn, 0xffff_ffff_ffff_ffffn]

export const numberFiles = (): readonly MadeFile[] => [
  {
    name: 'esp/extended-sequence.json',
    title: 'Extended sequence numbers around the edges of their halves',
    kind: 'esp-packet',
    flags: { SenderChoice: leastPadding },
    cases: [gcm, chacha, gmac, gcmIiv, ccmIiv, cbc, ctr, nullSuite].flatMap((suite) => numbers.map((number) => numberCase(suite, number))),
  },
]

function numberCase(suite: Suite, number: bigint): MadeCase {
  const id = `esp-esn-${suiteId(suite)}-${hex64(number)}`
  const sa = saOf(id, suite, { sequenceNumbers: 'ESN' })
  const packet = upperPacket(id, ends[6], 3)
  const options = { section: '2.2.1', title: `Number ${number}` }
  return isDeterministic(suite) && number % 2n === 1n
    ? sealCase(id, sa, number, packet, 'none', { ...options, flags: ['SenderChoice'] })
    : openCase(id, sa, number - 1n, protect(id, sa, number, packet), options)
}
