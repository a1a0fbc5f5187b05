// Public values at and beyond the edge. RFC 6989 §2.1 (MODP), §2.3 (ECP); RFC 7748 §6, RFC 8031 §3.2 (Curve25519, Curve448).
import { modpGroups } from '../../../../src/crypto/modp.ts'
import { keyExchange, keyExchangeName } from '../../../../src/iana/transforms.ts'
import { after, big, changed, counting, fromBig, little, type MadeCase, type Printed, printedCase, type Values } from './case.ts'

export function keyAgreementCases(): readonly MadeCase[] {
  return [...modpGroups.flatMap(modp), ...curves.flatMap(ecp), ...montgomery25519(), ...montgomery448()]
}

type Make = (name: string, title: string, inputs: Values) => MadeCase

const refusal =
  (prefix: string, source: MadeCase['source'], field: string, common: Values): Make =>
  (name, title, inputs) => ({
    id: `${prefix}-${name}`,
    title,
    source,
    result: 'invalid',
    inputs: { operation: 'agree', ...common, ...inputs },
    expected: { layer: 'crypto', field },
  })

function modp(group: (typeof modpGroups)[number]): readonly MadeCase[] {
  const name = Object.entries(keyExchange).find(([, id]) => id === group.id)?.[0] ?? keyExchangeName(group.id)
  const prime = fromBig(Buffer.from(group.prime).toString('hex'))
  const [privateKey, length] = [counting(group.privateLength, 1), group.length]
  const make = refusal(
    `rfc6989-${name.toLowerCase().replace('_', '-')}`,
    after('RFC 6989', '2.1', 'twin written from RFC 6989 §2.1'),
    'publicValue',
    {
      algorithm: name,
      privateKey,
    },
  )
  const value = (number: bigint): Values => ({ publicValue: big(number, length) })
  const edges = [make('one', 'r = 1', value(1n)), make('prime-minus-one', 'r = p - 1', value(prime - 1n))]
  // The larger ones take their time.
  if (length > 384) return edges
  return [
    ...edges,
    make('zero', 'r = 0', value(0n)),
    make('prime', 'r = p', value(prime)),
    make('prime-plus-two', 'r = p + 2', value(prime + 2n)),
    make('all-ones', 'r is as large as its octets allow', { publicValue: 'ff'.repeat(length) }),
    make('short', 'The zero octet at the beginning is left out (RFC 7296 §3.4)', { publicValue: big(2n, length - 1) }),
    make('long', 'An octet too many at the beginning (RFC 7296 §3.4)', { publicValue: big(2n, length + 1) }),
    make('empty', 'No octets at all', { publicValue: '' }),
  ]
}

/** p and the order: RFC 5903 §3, RFC 5639 §3. */
const curves = [
  [
    'rfc5903-ecp.json',
    'rfc5903-ecp-256',
    'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  ],
  [
    'rfc5903-ecp.json',
    'rfc5903-ecp-384',
    'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff',
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ],
  [
    'rfc5903-ecp.json',
    'rfc5903-ecp-521',
    `01${'ff'.repeat(65)}`,
    `01${'ff'.repeat(32)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`,
  ],
  [
    'rfc6954-brainpool.json',
    'rfc6954-brainpoolp256r1',
    'a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377',
    'a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7',
  ],
] as const

function ecp([file, id, p, order]: (typeof curves)[number]): readonly MadeCase[] {
  const first = id.startsWith('rfc5903') ? 'initiator' : 'party-a'
  const { inputs, expected } = printedCase(file, `${id}-${first}`)
  const { algorithm = '', privateKey = '', publicValue = '' } = inputs
  const source = after('RFC 6989', '2.3')
  const make = refusal(id, source, 'publicValue', { algorithm, privateKey })
  const makeKey = refusal(id, source, 'privateKey', { algorithm, publicValue })
  const length = p.length / 2
  const [x, y] = [publicValue.slice(0, p.length), publicValue.slice(p.length)]
  // RFC 6989 §2.3 asks for the equation modulo p, and not for the range. Not every coordinate leaves room for p more.
  const unreduced: MadeCase = {
    id: `${id}-unreduced`,
    title: 'x + p in the place of x: the same point, as no encoder writes it',
    source,
    result: 'acceptable',
    inputs: { ...inputs, publicValue: big(fromBig(x) + fromBig(p), length) + y },
    expected,
  }
  const isRoom = fromBig(x) + fromBig(p) < 1n << BigInt(8 * length)
  return [
    make('off-curve-y', 'The last bit of y is another', { publicValue: changed(publicValue, -1) }),
    make('off-curve-x', 'The last bit of x is another', { publicValue: changed(x, -1) + y }),
    make('zeros', 'x = 0, y = 0', { publicValue: '00'.repeat(2 * length) }),
    make('ones', 'x and y are as large as their octets allow', { publicValue: 'ff'.repeat(2 * length) }),
    make('x-is-p', 'x = p', { publicValue: p + y }),
    make('y-is-p', 'y = p', { publicValue: x + p }),
    ...(isRoom ? [unreduced] : []),
    make('x-alone', 'x without y, as RFC 5903 does not send it (§7)', { publicValue: x }),
    make('with-form', 'The octet 4 before x | y, as it stands in certificates but not in a KE payload (RFC 5903 §7)', {
      publicValue: `04${publicValue}`,
    }),
    make('empty', 'No octets at all', { publicValue: '' }),
    makeKey('private-zero', 'The private key is 0', { privateKey: '00'.repeat(length) }),
    makeKey('private-order', 'The private key is the order of the base point', { privateKey: order }),
  ]
}

const p25519 = (1n << 255n) - 19n
const p448 = (1n << 448n) - (1n << 224n) - 1n

/** RFC 7748 §6.1: an all-zero secret is refused; RFC 8031 §3.2 wants that check. y of order 8: those of D. J. Bernstein's page on Curve25519. */
function montgomery25519(): readonly MadeCase[] {
  const alice = printedCase('rfc7748-x25519.json', 'rfc7748-x25519-diffie-hellman-alice')
  const { algorithm = '', privateKey = '' } = alice.inputs
  const make = refusal('rfc7748-x25519', after('RFC 7748', '6.1'), 'publicValue', { algorithm, privateKey })
  const value = (number: bigint): Values => ({ publicValue: little(number, 32) })
  const order8 = [
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  ]
  return [
    make('zero', 'u = 0', value(0n)),
    make('one', 'u = 1, of order 4', value(1n)),
    make('prime-minus-one', 'u = p - 1, of order 2 on the twist', value(p25519 - 1n)),
    make('prime', 'u = p, which is 0', value(p25519)),
    make('prime-plus-one', 'u = p + 1, which is 1', value(p25519 + 1n)),
    ...order8.map((publicValue, i) => make(`order-8-${i + 1}`, 'u of order 8', { publicValue })),
    make('zero-top-bit', 'u = 0 with the bit that is ignored', { publicValue: `${'00'.repeat(31)}80` }),
    make('short', '31 octets', { publicValue: '09'.padEnd(62, '0') }),
    make('long', '33 octets', { publicValue: '09'.padEnd(66, '0') }),
    make('empty', 'No octets at all', { publicValue: '' }),
    ...accepted(alice, 'rfc7748-x25519', '09'.padEnd(64, '0'), [
      ['base-unreduced', 'p + 9, which is 9 (RFC 7748 §5: non-canonical values are accepted)', little(p25519 + 9n, 32)],
      ['base-top-bit', '9 with the topmost bit, which is masked (RFC 7748 §5)', `${'09'.padEnd(62, '0')}80`],
    ]),
  ]
}

function montgomery448(): readonly MadeCase[] {
  const alice = printedCase('rfc7748-x448.json', 'rfc7748-x448-diffie-hellman-alice')
  const { algorithm = '', privateKey = '' } = alice.inputs
  const make = refusal('rfc7748-x448', after('RFC 7748', '6.2'), 'publicValue', { algorithm, privateKey })
  const value = (number: bigint): Values => ({ publicValue: little(number, 56) })
  return [
    make('zero', 'u = 0', value(0n)),
    make('one', 'u = 1', value(1n)),
    make('prime-minus-one', 'u = p - 1', value(p448 - 1n)),
    make('prime', 'u = p, which is 0', value(p448)),
    make('prime-plus-one', 'u = p + 1, which is 1', value(p448 + 1n)),
    make('short', '55 octets', { publicValue: '05'.padEnd(110, '0') }),
    make('long', '57 octets', { publicValue: '05'.padEnd(114, '0') }),
    make('curve25519', '32 octets, as Curve25519 has', { publicValue: '05'.padEnd(64, '0') }),
    ...accepted(alice, 'rfc7748-x448', '05'.padEnd(112, '0'), [
      ['base-unreduced', 'p + 5, which is 5 (RFC 7748 §5: non-canonical values are accepted)', little(p448 + 5n, 56)],
    ]),
  ]
}

/** The function of the base point is the own public value. */
function accepted(
  alice: Printed,
  prefix: string,
  base: string,
  values: readonly (readonly [name: string, title: string, value: string])[],
): readonly MadeCase[] {
  const own = alice.expected['ownPublicValue'] ?? ''
  return [['base', 'The base point itself', base] as const, ...values].map(([name, title, publicValue]) => ({
    id: `${prefix}-${name}`,
    title,
    source: after('RFC 7748', '5'),
    result: 'valid',
    inputs: { ...alice.inputs, publicValue },
    expected: { ownPublicValue: own, sharedSecret: own },
  }))
}
