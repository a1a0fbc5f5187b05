// RFC 3602 §4, cases 5 to 8: whole ESP packets, printed without an ICV. Ours is added, and the lengths of the outer header with it.
import { concat, toHex } from '../../../src/bytes/bytes.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { integrity } from '../../../src/iana/transforms.ts'
import { finishHeader } from '../../../src/ipsec/outer.ts'
import { openCase, octetsOf, saOf, type Sa } from './esp.ts'
import type { MadeCase, MadeFile } from './files.ts'

interface Printed {
  readonly number: number
  readonly mode: Sa['mode']
  readonly key: string
  readonly spi: string
  readonly sequence: bigint
  /** Outer IP header, SPI, Sequence Number, IV, Encrypted Data. */
  readonly packet: string
  /** "Original packet" */
  readonly original: string
}

const printed: readonly Printed[] = [
  {
    number: 5,
    mode: 'transport',
    key: '90d382b410eeba7ad938c46cec1a82bf',
    spi: '00004321',
    sequence: 1n,
    packet:
      '4500007c08f200004032f9a5c0a87b03c0a87b640000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194e120849' +
      'a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7' +
      'cfbad4a6',
    original:
      '4500005408f200004001f9fec0a87b03c0a87b6408000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' +
      '202122232425262728292a2b2c2d2e2f3031323334353637',
  },
  {
    number: 6,
    mode: 'transport',
    key: '90d382b410eeba7ad938c46cec1a82bf',
    spi: '00004321',
    sequence: 8n,
    packet:
      '4500004c08fe00004032f9c9c0a87b03c0a87b64000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce742e8109' +
      '689bb379d2d750c0d915dca346a89f75',
    original: '4500003008fe00004001fa16c0a87b03c0a87b640800b5e8a80a0500a69c083d0b660e00777777777777777777777777',
  },
  {
    number: 7,
    mode: 'tunnel',
    key: '0123456789abcdef0123456789abcdef',
    spi: '00008765',
    sequence: 2n,
    packet:
      '4500008c090500004032f91ec0a87b03c0a87bc80000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c' +
      '237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac990' +
      '4c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d',
    original:
      '45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' +
      '202122232425262728292a2b2c2d2e2f3031323334353637',
  },
  {
    number: 8,
    mode: 'tunnel',
    key: '0123456789abcdef0123456789abcdef',
    spi: '00008765',
    sequence: 5n,
    packet:
      '4500007c090d00004032f926c0a87b03c0a87bc8000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048f' +
      'e45318e11f8a0f62ede3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6affc6d17a0de' +
      'cbb13892',
    original:
      '45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffffffffffffff' +
      'ffffffffffffffff',
  },
]

export const rfc3602Files = (): readonly MadeFile[] => [
  {
    name: 'esp/rfc3602.json',
    title: 'The ESP packets of RFC 3602, with an ICV',
    kind: 'esp-packet',
    flags: {
      IcvMade: 'RFC 3602 prints the packet without an ICV: it is ours, under a key of ours, and so are the lengths of the outer header.',
    },
    cases: printed.map(authenticated),
  },
]

function authenticated({ number, mode, key, spi, sequence, packet, original }: Printed): MadeCase {
  const id = `rfc3602-esp-case-${number}`
  const suite = { encryption: 'ENCR_AES_CBC', keyLength: 128, integrity: 'AUTH_HMAC_SHA1_96' }
  const sa = { ...saOf(id, suite, { mode, spi }), encryptionKey: key }
  const octets = octetsOf(packet)
  const mac = nodeProvider().integrity(integrity.AUTH_HMAC_SHA1_96)
  if (mac === undefined) throw new Error('no HMAC-SHA1-96')
  const whole = concat(octets, mac.compute(new Secret(octetsOf(sa.integrityKey ?? '')), octets.subarray(20)))
  finishHeader(whole, 0, 20, whole.length, 9, 50)
  const made = openCase(id, sa, sequence - 1n, whole, { document: 'RFC 3602', section: '4', title: `Case ${number}`, flags: ['IcvMade'] })
  if (made.expected['packet'] !== toHex(octetsOf(original))) throw new Error(`${id} is not what RFC 3602 prints`)
  return made
}
