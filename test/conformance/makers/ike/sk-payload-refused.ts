// Encrypted payloads that must be refused: what the ICV does not vouch for, and what it does vouch for but is no chain of payloads.
import { toHex } from '../../../../src/bytes/bytes.ts'
import { chance, type DraftCase, type DraftFile } from './draft.ts'
import { suiteNamed } from './names.ts'
import { headerOf, type Inner, inside, keysFor, nothing, notification, octets, openInputs, sealed, type SealParts } from './sk-messages.ts'

export const skPayloadRefused = (): DraftFile => ({
  name: 'ike/sk-payload-refused.json',
  title: 'Encrypted payloads that must be refused',
  kind: 'sk-payload',
  flags: {
    Changed: 'One bit of a message that was right has been changed',
    Lengths: 'Lengths that do not fit the suite, or each other',
    Authentic: 'The ICV is right: the peer itself has sent what is no message',
    Reflected: 'A message comes back to the one who has sent it',
  },
  twin: 'RFC 7296 §3.1, §3.14, RFC 5282 §3 to §5, RFC 5930 §2, RFC 7634 §2',
  cases: ['cbc-128-sha256', 'cbc-256-xcbc', 'ctr-192-cmac', 'gcm16-128', 'gcm8-256', 'ccm12-192', 'chacha20'].flatMap(refusals),
})

function refusals(word: string): readonly DraftCase[] {
  const suite = suiteNamed(word)
  const keys = keysFor(word, suite)
  const ivOf = suite.ivLength === 16 ? chance(`${word} IV`, 16) : '0000000000000007'
  const right: SealParts = { suite, keys, header: headerOf(word, 0x08), iv: ivOf, inner: inside(notification(word, 20)) }
  const message = sealed(right)
  const refuse = (id: string, title: string, flag: string, text: string): DraftCase => ({
    id: `refused-${word}-${id}`,
    title,
    made: suite.made,
    section: suite.section,
    result: 'invalid',
    flags: [flag],
    inputs: openInputs(suite, keys, text),
  })
  return [
    ...changedBits(message, suite.ivLength, refuse),
    ...lengths(right, message, refuse),
    ...authentic(right, refuse),
    {
      ...refuse('other-direction', 'The Initiator flag names the other direction, whose keys are others', 'Reflected', ''),
      inputs: openInputs(suite, { ...keys, skEi: keys.skEr, skEr: keys.skEi, ...swappedMac(keys) }, message),
    },
  ]
}

type Refuse = (id: string, title: string, flag: string, text: string) => DraftCase

const swappedMac = ({ skAi, skAr }: SealParts['keys']): Partial<SealParts['keys']> =>
  skAi === undefined || skAr === undefined ? {} : { skAi: skAr, skAr: skAi }

function changedBits(message: string, ivLength: number, refuse: Refuse): readonly DraftCase[] {
  const flip = (at: number, mask: number): string => {
    const changed = octets(message)
    const index = at < 0 ? changed.length + at : at
    changed[index] = (changed[index] ?? 0) ^ mask
    return toHex(changed)
  }
  const bit = (id: string, what: string, at: number, mask = 1): DraftCase => refuse(id, `A bit of ${what}`, 'Changed', flip(at, mask))
  return [
    bit('spi-bit', "the initiator's SPI", 7),
    bit('message-id-bit', 'the Message ID', 23),
    bit('response-bit', 'the flags: a request becomes a response', 19, 0x20),
    bit('exchange-bit', 'the exchange type', 18),
    bit('next-payload-bit', "the Encrypted payload's Next Payload", 28, 2),
    bit('critical-bit', "the Encrypted payload's critical bit", 29, 0x80),
    bit('iv-bit', 'the IV', 32),
    bit('text-bit', 'the encrypted text', 32 + ivLength),
    bit('icv-bit', 'the ICV', -1),
  ]
}

function lengths(right: SealParts, message: string, refuse: Refuse): readonly DraftCase[] {
  const { suite } = right
  const lengthened = (bodyLength: number): string => {
    const whole = octets(message).slice(0, 32 + bodyLength)
    whole.set([(4 + bodyLength) >> 8, (4 + bodyLength) & 0xff], 30)
    whole.set([whole.length >> 8, whole.length & 0xff], 26)
    return toHex(whole)
  }
  const overhead = suite.ivLength + suite.icvLength
  return [
    refuse('icv-short', 'The ICV lacks its last octet; all lengths say so', 'Lengths', sealed({ ...right, shortenIcv: 1 })),
    refuse('icv-half', 'The ICV has half its octets; all lengths say so', 'Lengths', sealed({ ...right, shortenIcv: suite.icvLength / 2 })),
    refuse('icv-none', 'There is no ICV; all lengths say so', 'Lengths', sealed({ ...right, shortenIcv: suite.icvLength })),
    refuse('body-empty', 'The Encrypted payload is its generic header', 'Lengths', lengthened(0)),
    refuse('body-iv', 'The body is an IV', 'Lengths', lengthened(suite.ivLength)),
    refuse('body-short-iv', 'The body is less than an IV', 'Lengths', lengthened(suite.ivLength - 1)),
    refuse(
      'text-empty',
      'IV and a right ICV, but no Pad Length',
      'Lengths',
      sealed({ ...right, inner: nothing, padding: new Uint8Array(0), padLength: 'none' }),
    ),
    refuse('truncated', 'The last octet has been cut off', 'Lengths', message.slice(0, -2)),
    refuse('longer', 'There is an octet behind the message', 'Lengths', `${message}00`),
    refuse('cut-at-icv', 'Cut off before the ICV', 'Lengths', message.slice(0, -2 * suite.icvLength)),
    refuse('overhead-only', 'As short as IV and ICV', 'Lengths', lengthened(overhead)),
    ...(suite.blockLength === 1
      ? []
      : [1, 8, 15].map((length) =>
          refuse(
            `text-odd-${length}`,
            `The encrypted text is ${length} octets longer than its blocks; its ICV is right`,
            'Lengths',
            sealed({ ...right, padding: new Uint8Array(3 + length) }),
          ),
        )),
  ]
}

function authentic(right: SealParts, refuse: Refuse): readonly DraftCase[] {
  const block = right.suite.blockLength
  const authenticCase = (id: string, title: string, inner: Inner, more: Partial<SealParts> = {}): DraftCase =>
    refuse(id, title, 'Authentic', sealed({ ...right, inner, ...more }))
  const chain = (firstPayload: number, text: string): Inner => ({ firstPayload, payloads: octets(text) })
  // Twelve octets, which three of padding make a block of.
  const one = 'a000'
  const padLength = right.inner.payloads.length + (block === 1 ? 0 : 3)
  return [
    authenticCase('pad-one-too-many', 'The Pad Length is one more than there is', right.inner, { padLength: padLength + 1 }),
    authenticCase('pad-255', 'The Pad Length is 255 where there is much less', right.inner, { padLength: 255 }),
    authenticCase('payload-too-long', 'The payload inside is longer than what is there', chain(41, `0000000d0000${one}00000000`)),
    authenticCase('payload-too-short', 'The payload inside is shorter than its generic header', chain(41, `000000030000${one}00000000`)),
    authenticCase('payload-missing', 'There should be a payload inside, but there is nothing', chain(41, '')),
    authenticCase('payload-untold', 'There is something inside, but there should be nothing', chain(0, `0000000c0000${one}00000000`)),
    authenticCase('next-missing', 'The payload inside says that another follows', chain(41, `290000080000${one}`)),
    authenticCase('trailing', 'Octets follow the last payload inside', chain(41, `000000080000${one}00000000`)),
    authenticCase('nested', 'An Encrypted payload is inside an Encrypted payload', chain(46, '0000000400000000')),
  ]
}
