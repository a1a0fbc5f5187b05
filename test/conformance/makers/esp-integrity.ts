// ESP packets whose ICV is wrong, or is right for another number or key. RFC 4303 §2.2.1, §3.4.4.
import { cbc, chacha, ctr, gcm, gmac, nullSuite, openCase, protect, saOf, suiteId, type Sa, type Suite } from './esp.ts'
import { ends, upperPacket } from './esp-packets.ts'
import type { MadeCase, MadeFile } from './files.ts'

const gcm8: Suite = { encryption: 'ENCR_AES_GCM_8', keyLength: 256 }
const ccm12: Suite = { encryption: 'ENCR_AES_CCM_12', keyLength: 192 }
const gcmIiv: Suite = { encryption: 'ENCR_AES_GCM_16_IIV', keyLength: 128 }
const cbcSha1: Suite = { encryption: 'ENCR_AES_CBC', keyLength: 128, integrity: 'AUTH_HMAC_SHA1_96' }
const cbcSha512: Suite = { encryption: 'ENCR_AES_CBC', keyLength: 192, integrity: 'AUTH_HMAC_SHA2_512_256' }
const ctrCmac: Suite = { encryption: 'ENCR_AES_CTR', keyLength: 256, integrity: 'AUTH_AES_CMAC_96' }
const various: readonly Suite[] = [gcm, gcm8, ccm12, chacha, gmac, gcmIiv, cbc, cbcSha1, cbcSha512, ctr, ctrCmac, nullSuite]

export const integrityFiles = (): readonly MadeFile[] => [
  {
    name: 'esp/integrity.json',
    title: 'Packets whose ICV is wrong',
    kind: 'esp-packet',
    flags: {},
    cases: [...flippedCases(), ...sequenceCases(), ...keyCases()],
  },
]

/** What is in all of these packets, in transport mode. */
const plain = (id: string, length = 9): Uint8Array => upperPacket(id, ends[4], length)

function flippedCases(): readonly MadeCase[] {
  return various.flatMap((suite) => {
    const name = suiteId(suite)
    const places: readonly (readonly [string, string, (esp: number, end: number) => number])[] = [
      ['icv-first', 'One bit of the first octet of the ICV', (_, end) => end - icvLength(suite)],
      ['icv-last', 'One bit of the last octet of the ICV', (_, end) => end - 1],
      ['text', 'One bit of the last octet of the text', (_, end) => end - icvLength(suite) - 1],
      ['sequence', 'One bit of the sequence number', (esp) => esp + 7],
      ...(suite === nullSuite || suite === gcmIiv ? [] : [['iv', 'One bit of the IV', (esp: number) => esp + 8] as const]),
    ]
    return places.map(([where, title, at]) => {
      const id = `esp-flipped-${name}-${where}`
      const sa = saOf(id, suite)
      const sealed = protect(id, sa, 0x10n, plain(id))
      const place = at(20, sealed.length)
      sealed[place] = (sealed[place] ?? 0) ^ 0x40
      return openCase(id, sa, 0xfn, sealed, { title, result: 'invalid', section: '3.4.4' })
    })
  })
}

/** The high half is covered by the ICV and not sent: a receiver that has come elsewhere infers another. */
function sequenceCases(): readonly MadeCase[] {
  const sequence = 0x5_0000_1000n
  return [gcm, chacha, ccm12, gmac, gcmIiv, cbc, ctr, nullSuite].flatMap((suite) => {
    const id = (what: string): string => `esp-high-half-${suiteId(suite)}-${what}`
    const made = (what: string, sender: 'ESN' | 'NO_ESN', receiver: 'ESN' | 'NO_ESN', highest: bigint, title: string) => {
      const sending = saOf(id(what), suite, { sequenceNumbers: sender })
      const receiving: Sa = { ...sending, suite: { ...sending.suite, sequenceNumbers: receiver } }
      const number = sender === 'ESN' && receiver === 'ESN' ? sequence : 0x1000n
      const packet = protect(id(what), sending, number, plain(id(what)))
      return openCase(id(what), receiving, highest, packet, { title, result: 'invalid', section: '2.2.1' })
    }
    return [
      made('ahead', 'ESN', 'ESN', sequence - 1n + (1n << 32n), 'The receiver has come to the next subspace'),
      made('behind', 'ESN', 'ESN', sequence - 1n - (1n << 32n), 'The receiver is in the subspace before'),
      made('receiver-only', 'NO_ESN', 'ESN', 0xfffn, 'Only the receiver has extended sequence numbers'),
      made('sender-only', 'ESN', 'NO_ESN', 0xfffn, 'Only the sender has extended sequence numbers'),
    ]
  })
}

function keyCases(): readonly MadeCase[] {
  return [gcm, chacha, cbc, nullSuite].flatMap((suite) => {
    const id = (what: string): string => `esp-key-${suiteId(suite)}-${what}`
    const other = saOf(id('other'), suite)
    const packet = protect(id('other'), other, 1n, plain(id('other')))
    const wrong: Sa = { ...saOf(id('another'), suite), spi: other.spi }
    const longer = (hex: string | undefined): string => `${hex ?? ''}00`
    return [
      openCase(id('other'), wrong, 0n, packet, { title: 'Another key', result: 'invalid', section: '3.4.4' }),
      suite === nullSuite
        ? openCase(id('length'), { ...other, integrityKey: longer(other.integrityKey) }, 0n, packet, {
            title: 'A key that is too long for the integrity algorithm',
            result: 'invalid',
            inScapy: 'no',
          })
        : openCase(id('length'), { ...other, encryptionKey: longer(other.encryptionKey) }, 0n, packet, {
            title: 'A key that is too long for the cipher',
            result: 'invalid',
            inScapy: 'no',
          }),
    ]
  })
}

function icvLength({ encryption, integrity }: Suite): number {
  const last = Number((integrity ?? encryption).match(/\d+$/)?.[0] ?? 128)
  return integrity === undefined ? (last < 17 ? last : 16) : last / 8
}
