// Public keys of Ed25519 and Ed448 that are refused at sight, so that all providers refuse the same ones. RFC 8032 §5.1.3, §5.2.3.
import { equal, fromHex } from '../bytes/bytes.ts'
import { Bug } from '../contract/faults.ts'
import { eddsaLengths, type EddsaScheme } from './signature-schemes.ts'

/**
 * Whether the octets can be a key that somebody made: of the right length, y below p ("if the resulting value is >= p, decoding fails"), and
 * not of small order, under which signatures are right for many messages. That the point is on the curve shows when a signature is verified.
 */
export function isEddsaPublicKey(scheme: EddsaScheme, octets: Uint8Array): boolean {
  if (octets.length !== eddsaLengths[scheme]) return false
  const y = octets.slice()
  // The sign of x is the topmost bit.
  y[y.length - 1] = (y.at(-1) ?? 0) & 0x7f
  const { prime, smallOrder } = curves[scheme]
  return isBelow(y, prime) && !smallOrder.some((each) => equal(each, y))
}

/** a < b, little-endian. Public keys are no secret: the comparison may stop early. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return (a[i] ?? 0) < (b[i] ?? 0)
  return false
}

interface EdwardsCurve {
  readonly prime: Uint8Array
  /** y of all points whose order divides the cofactor. */
  readonly smallOrder: readonly Uint8Array[]
}

function curve(length: number, prime: string, smallOrder: readonly string[]): EdwardsCurve {
  const octets = (hex: string): Uint8Array => {
    const found = fromHex(hex)
    if (found?.length !== length) throw new Bug('a number of an Edwards curve is mistyped')
    return found
  }
  return { prime: octets(prime), smallOrder: smallOrder.map(octets) }
}

const zero = (length: number): string => '00'.repeat(length)
const one = (length: number): string => `01${'00'.repeat(length - 1)}`

/** p = 2^255 - 19, the cofactor is 8 (RFC 8032 §5.1); p = 2^448 - 2^224 - 1, the cofactor is 4 (§5.2). y is 1, -1, 0, and ± that of order 8. */
const curves: Readonly<Record<EddsaScheme, EdwardsCurve>> = {
  ed25519: curve(32, `ed${'ff'.repeat(30)}7f`, [
    zero(32),
    one(32),
    `ec${'ff'.repeat(30)}7f`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ]),
  ed448: curve(57, `${'ff'.repeat(28)}fe${'ff'.repeat(27)}00`, [zero(57), one(57), `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`]),
}
