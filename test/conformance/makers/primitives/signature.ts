// Signatures out of their range, and ECDSA in DER. RFC 4754 §7, RFC 3279 §2.2.3, RFC 8032 §5.1.7.
import { after, big, changed, fromBig, fromLittle, little, type MadeCase, printedCase, type Values } from './case.ts'

export function signatureCases(): readonly MadeCase[] {
  return [...orders.flatMap(ecdsa), ...edwards.flatMap(eddsa)]
}

/** q of RFC 4754 §8. */
const orders = [
  ['rfc4754-ecdsa-256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
  ['rfc4754-ecdsa-384', 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'],
  ['rfc4754-ecdsa-521', `01${'ff'.repeat(32)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`],
] as const

const wrong = { layer: 'integrity', field: 'signature' }
const noKey = { layer: 'crypto', field: 'publicKey' }

function ecdsa([id, q]: (typeof orders)[number]): readonly MadeCase[] {
  const { inputs } = printedCase('rfc4754-ecdsa.json', id)
  const { signature = '', publicKey = '', message = '' } = inputs
  const [length, half, order] = [q.length / 2, q.length, fromBig(q)]
  const [r, s] = [signature.slice(0, half), signature.slice(half)]
  const make = (name: string, title: string, instead: Values, expected: Values = wrong): MadeCase => ({
    id: `${id}-${name}`,
    title,
    source: after(name.startsWith('der') ? 'RFC 3279' : 'RFC 4754', name.startsWith('der') ? '2.2.3' : '7'),
    result: Object.keys(expected).length === 0 ? 'valid' : 'invalid',
    inputs: { ...inputs, ...instead },
    expected,
  })
  const sum = fromBig(r) + order
  const der = sequence(integer(r), integer(s))
  const asDer = (octets: string): Values => ({ encoding: 'der', signature: octets })
  return [
    make(
      'other-s',
      'q - s in the place of s: no fault, ECDSA has two signatures of each',
      { signature: r + big(order - fromBig(s), length) },
      {},
    ),
    make('wrong-message', 'A bit of the message is another', { message: changed(message, 0) }),
    make('no-message', 'There is no message', { message: '' }),
    make('wrong-r', 'A bit of r is another', { signature: changed(r, -1) + s }),
    make('wrong-s', 'A bit of s is another', { signature: r + changed(s, -1) }),
    make('swapped', 's | r', { signature: s + r }),
    make('r-zero', 'r = 0', { signature: '00'.repeat(length) + s }),
    make('s-zero', 's = 0', { signature: r + '00'.repeat(length) }),
    make('zeros', 'r = 0, s = 0', { signature: '00'.repeat(2 * length) }),
    make('r-is-q', 'r = q', { signature: q + s }),
    make('s-is-q', 's = q', { signature: r + q }),
    // Of P-521 there is room above q; of the others only where r is small.
    ...(sum < 1n << BigInt(8 * length) ? [make('r-plus-q', 'r + q in the place of r', { signature: big(sum, length) + s })] : []),
    make('short', 'The last octet is not there', { signature: signature.slice(0, -2) }),
    make('long', 'An octet too many', { signature: `${signature}00` }),
    make('empty', 'There is no signature', { signature: '' }),
    make('der-where-fixed', 'DER where r | s is expected', { signature: der }),
    make('off-curve', 'The public key is no point of the curve', { publicKey: changed(publicKey, -1) }, noKey),
    make('without-form', 'x | y without the octet 4', { publicKey: publicKey.slice(2) }, noKey),
    make('der', 'Ecdsa-Sig-Value in DER', asDer(der), {}),
    make('der-wrong-s', 'In DER, a bit of s is another', asDer(changed(der, -1))),
    make('der-trailing', 'In DER, an octet behind the SEQUENCE', asDer(`${der}00`)),
    make('der-trailing-inside', 'In DER, an element behind s in the SEQUENCE', asDer(sequence(integer(r), integer(s), '0500'))),
    make('der-long-length', 'The length in more octets than it needs: BER, but not DER', asDer(long(der))),
    make(
      'der-leading-zero',
      'A zero octet before s that it does not need: BER, but not DER',
      asDer(sequence(integer(r), integer(`00${s}`, 'as-is'))),
    ),
    make('der-negative', 'r is written as a negative number', asDer(sequence(`02${octet(length)}${'ff'.repeat(length)}`, integer(s)))),
    make('der-r-alone', 'In DER, r without s', asDer(sequence(integer(r)))),
    make('der-truncated', 'In DER, the last octet is not there', asDer(der.slice(0, -2))),
    make('der-fixed-inside', 'r | s where DER is expected', asDer(signature)),
  ]
}

const octet = (value: number): string => value.toString(16).padStart(2, '0')
const lengthOctets = (count: number): string => (count < 0x80 ? octet(count) : `81${octet(count)}`)

function sequence(...elements: readonly string[]): string {
  const contents = elements.join('')
  return `30${lengthOctets(contents.length / 2)}${contents}`
}

/** As few octets as can be; `as-is`: one more than that. */
function integer(hex: string, form: 'shortest' | 'as-is' = 'shortest'): string {
  const digits = hex.replace(/^(?:00)+(?=..)/, '')
  const shortest = Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? `00${digits}` : digits
  const contents = form === 'shortest' ? shortest : `00${shortest}`
  return `02${lengthOctets(contents.length / 2)}${contents}`
}

/** The same SEQUENCE with one octet more for its length. */
function long(der: string): string {
  return der.startsWith('3081') ? `308200${der.slice(4)}` : `3081${der.slice(2)}`
}

/** L, the order of the base point: RFC 8032 §5.1, §5.2. */
const edwards = [
  ['rfc8032-ed25519.json', 'rfc8032-ed25519-test-3', (1n << 252n) + 27742317777372353535851937790883648493n],
  ['rfc8032-ed448.json', 'rfc8032-ed448-11-octets', (1n << 446n) - 13818066809895115352007386748515426880336692474882178609894547503885n],
] as const

function eddsa([file, id, order]: (typeof edwards)[number]): readonly MadeCase[] {
  const { inputs } = printedCase(file, `${id}-verify`)
  const { signature = '', publicKey = '', message = '' } = inputs
  const half = signature.length / 2
  const length = half / 2
  const [r, s] = [signature.slice(0, half), signature.slice(half)]
  const number = fromLittle(s)
  const make = (name: string, title: string, instead: Values, expected: Values = wrong): MadeCase => ({
    id: `${id}-${name}`,
    title,
    source: after('RFC 8032', length === 32 ? '5.1.7' : '5.2.7'),
    result: 'invalid',
    inputs: { ...inputs, ...instead },
    expected,
  })
  return [
    make('wrong-message', 'A bit of the message is another', { message: changed(message, 0) }),
    make('no-message', 'There is no message', { message: '' }),
    make('wrong-r', 'A bit of R is another', { signature: changed(r, 0) + s }),
    make('wrong-r-sign', 'The sign of R is the other one', { signature: changed(r, -1, 7) + s }),
    make('wrong-s', 'A bit of S is another', { signature: r + changed(s, 0) }),
    make('s-plus-order', 'S + L in the place of S (RFC 8032 §5.1.7: 0 <= s < L)', { signature: r + little(number + order, length) }),
    make('s-is-order', 'S = L', { signature: r + little(order, length) }),
    make('s-zero', 'S = 0', { signature: r + '00'.repeat(length) }),
    make('zeros', 'R = 0, S = 0', { signature: '00'.repeat(2 * length) }),
    make('short', 'The last octet is not there', { signature: signature.slice(0, -2) }),
    make('long', 'An octet too many', { signature: `${signature}00` }),
    make('empty', 'There is no signature', { signature: '' }),
    make('wrong-key-sign', 'The sign of the public key is the other one', { publicKey: changed(publicKey, -1, 7) }),
    make('short-key', 'The last octet of the public key is not there', { publicKey: publicKey.slice(0, -2) }, noKey),
    make('long-key', 'An octet too many in the public key', { publicKey: `${publicKey}00` }, noKey),
  ]
}
