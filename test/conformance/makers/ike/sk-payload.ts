// Encrypted payloads that are right: every suite that is for IKE, both directions, none and several payloads inside, every padding.
import { toHex, utf8 } from '../../../../src/bytes/bytes.ts'
import { exchange } from '../../../../src/iana/exchanges.ts'
import type { Payload } from '../../../../src/wire/message.ts'
import { address } from '../../../ipsec/fixtures.ts'
import { chance, type DraftCase, type DraftFile } from './draft.ts'
import { type SuiteName, suiteNamed, suites } from './names.ts'
import { headerOf, inside, keysFor, nothing, notification, octets, openInputs, sealed, type SealParts } from './sk-messages.ts'

export const skPayload = (): DraftFile => ({
  name: 'ike/sk-payload.json',
  title: 'Encrypted payloads: opened and sealed',
  kind: 'sk-payload',
  flags: {
    Empty: 'There is no payload inside, as in a liveness check: padding and Pad Length alone are encrypted',
    LeastPadding: 'Sealed with the least padding, of zeros: who pads otherwise is not wrong, and cannot be asked for these octets',
    Padding: 'More padding than is needed, or other octets than zeros: a receiver takes both',
    Before: 'A payload stands in clear before the Encrypted payload: the ICV covers it',
    Reserved: 'The critical bit or RESERVED bits are set in the generic header: they are covered as they are',
  },
  twin: 'RFC 7296 §3.14, RFC 5282 §3 to §5, RFC 5930 §2, RFC 7634 §2',
  cases: [...everySuite(), ...paddings(), ...surroundings()],
})

function iv(name: string, suite: SuiteName): string {
  // Of a counter: any value that has not been there before.
  return suite.ivLength === 16 ? chance(`${name} IV`, 16) : `000000${chance(`${name} IV`, 5)}`
}

const inner = address('192.0.2.1')

/** As in IKE_AUTH, with values that are none. */
const authPayloads = (name: string): readonly Payload[] => [
  { kind: 'IDi', critical: false, identity: { type: 2, value: utf8('initiator.example') } },
  { kind: 'AUTH', critical: false, method: 2, value: octets(chance(`${name} AUTH`, 32)) },
  {
    kind: 'TSi',
    critical: false,
    selectors: [{ protocol: 0, startPort: 0, endPort: 65_535, startAddress: inner, endAddress: inner }],
  },
  notification(name, 3),
]

function partsOf(name: string, suite: SuiteName, flags: number, inner: SealParts['inner']): SealParts {
  const auth = inner.payloads.length > 60
  const header = headerOf(name, flags, auth ? exchange.IKE_AUTH : exchange.INFORMATIONAL, auth ? 1 : 0x0102_0304)
  return { suite, keys: keysFor(name, suite), header, iv: iv(name, suite), inner }
}

function open(id: string, parts: SealParts, flags: readonly string[]): DraftCase {
  const { suite, keys } = parts
  return {
    id: `open-${id}`,
    made: suite.made,
    section: suite.section,
    result: 'valid',
    ...(flags.length === 0 ? {} : { flags }),
    inputs: openInputs(suite, keys, sealed(parts)),
  }
}

function seal(id: string, { suite, keys, header, iv: given, inner }: SealParts, flags: readonly string[]): DraftCase {
  return {
    id: `seal-${id}`,
    made: suite.made,
    section: suite.section,
    result: 'valid',
    flags: ['LeastPadding', ...flags],
    inputs: {
      operation: 'seal',
      suite: suite.suite,
      ...keys,
      iv: given,
      header: { ...header },
      firstPayload: inner.firstPayload,
      payloads: toHex(inner.payloads),
    },
  }
}

const everySuite = (): readonly DraftCase[] =>
  suites.flatMap((suite) => {
    const { word } = suite
    return [
      open(`${word}-several`, partsOf(`${word} several`, suite, 0x08, inside(...authPayloads(word))), []),
      open(`${word}-empty`, partsOf(`${word} empty`, suite, 0x20, nothing), ['Empty']),
      seal(`${word}-one`, partsOf(`${word} one`, suite, 0x28, inside(notification(word, 13))), []),
      seal(`${word}-empty`, partsOf(`${word} empty too`, suite, 0x00, nothing), ['Empty']),
    ]
  })

const sampled = ['cbc-128-sha256', 'cbc-256-sha512', 'ctr-256-sha1', 'gcm16-256', 'ccm8-128', 'chacha20'].map(suiteNamed)

function paddings(): readonly DraftCase[] {
  const blockwise = suiteNamed('cbc-128-sha256')
  const least = Array.from({ length: 17 }, (_, length) => {
    const name = `${blockwise.word}-data-${length}`
    return seal(name, partsOf(name, blockwise, 0x08, inside(notification(name, length))), [])
  })
  return [
    ...least,
    ...sampled.flatMap((suite) => {
      // Payloads of 12 octets: with 3 octets of padding and one of length they fill a block.
      const inner = inside(notification(suite.word, 4))
      const padded = (word: string, padding: Uint8Array): DraftCase => {
        const name = `${suite.word}-${word}`
        return open(name, { ...partsOf(name, suite, 0x20, inner), padding }, ['Padding'])
      }
      const most = suite.blockLength === 1 ? 255 : 243
      return [
        padded('padding-random', octets(chance('padding', 3))),
        padded('padding-counted', Uint8Array.of(1, 2, 3)),
        padded('padding-19', new Uint8Array(19).fill(0xff)),
        padded(`padding-${most}`, octets(chance('padding', most))),
        ...(suite.blockLength === 1 ? [1, 2, 4, 17].map((length) => padded(`padding-${length}`, new Uint8Array(length))) : []),
        open(
          `${suite.word}-all-padding`,
          { ...partsOf(`${suite.word}-all-padding`, suite, 0x08, nothing), padding: new Uint8Array(255).fill(0xaa) },
          ['Empty', 'Padding'],
        ),
      ]
    }),
  ]
}

const surroundings = (): readonly DraftCase[] =>
  sampled.flatMap((suite) => {
    const parts = partsOf(`${suite.word} around`, suite, 0x08, inside(notification(suite.word, 20)))
    const before = inside(notification('before', 5))
    // Its Next Payload field leads to the Encrypted payload.
    before.payloads[0] = 46
    return [
      open(`${suite.word}-before`, { ...parts, before }, ['Before']),
      open(`${suite.word}-critical`, { ...parts, reserved: 0x80 }, ['Reserved']),
      open(`${suite.word}-reserved`, { ...parts, reserved: 0x7f }, ['Reserved']),
    ]
  })
