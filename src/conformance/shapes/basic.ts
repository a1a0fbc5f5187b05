// What inputs and outputs are made of. An input that is octets is read into octets; an algorithm into its number.
import * as z from 'zod'
import { fromHex } from '../../bytes/bytes.ts'
import { Secret } from '../../bytes/secret.ts'
import * as units from '../../contract/units.ts'
import { encryption, integrity, keyExchange, prf } from '../../iana/transforms.ts'

/** No vector has a longer string: a file with a thousand of them is bounded. */
const mostOctets = 131_072

/** Octets in lower-case hexadecimal, as outputs have them. */
export const hex: z.ZodString = z
  .string()
  .max(2 * mostOctets, `at most ${mostOctets} octets`)
  .regex(/^(?:[0-9a-f]{2})*$/, 'octets in lower-case hexadecimal, two digits each')

type Input<Out> = z.ZodType<Out, string>

/** Octets of an input. */
export const octets: Input<Uint8Array> = hex.transform((text) => fromHex(text) ?? new Uint8Array(0))

/** A key of an input. Those of vectors are no secrets. */
export const key: Input<Secret> = hex.transform((text) => new Secret(fromHex(text) ?? new Uint8Array(0)))

/** A private key. Arithmetic with longer numbers would take its time. */
export const shortKey: Input<Secret> = hex
  .max(1024, 'at most 512 octets')
  .transform((text) => new Secret(fromHex(text) ?? new Uint8Array(0)))

/** Octets that arithmetic is done with: a public key, a signature. */
export const shortOctets: Input<Uint8Array> = hex.max(8192, 'at most 4096 octets').transform((text) => fromHex(text) ?? new Uint8Array(0))

/** `length` octets in hexadecimal: an SPI, a sequence number. */
export const fixedHex = (length: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`), `${2 * length} lower-case hexadecimal digits`)

/** RFC 7296 §3.1. */
export const ikeSpi: Input<units.IkeSpi> = fixedHex(8).transform(units.ikeSpi)

/** Four octets (RFC 4303 §2.1) as a number. */
export const u32Hex: Input<number> = fixedHex(4).transform((text) => Number.parseInt(text, 16))

/** Eight octets, such as an extended sequence number (RFC 4303 §2.2.1). */
export const u64Hex: Input<bigint> = fixedHex(8).transform((text) => BigInt(`0x${text}`))

/** Names of one of IANA's registries, or a number for private use, read into the number. */
function named(numbers: Readonly<Record<string, number>>): Input<number> {
  const registered = z.enum(Object.keys(numbers)).transform((name) => numbers[name] ?? 0)
  const own = z.string().regex(/^PRIVATE_USE_\d{4,5}$/, 'a name of the registry, or PRIVATE_USE_n')
  return z.union([registered, own.transform((name) => Number(name.slice(12)))])
}

/** `ENCR_AES_CBC` … */
export const encryptionName: Input<number> = named(encryption)
/** `PRF_HMAC_SHA2_256` … */
export const prfName: Input<number> = named(prf)
/** `AUTH_HMAC_SHA2_256_128` … */
export const integrityName: Input<number> = named(integrity)
/** `CURVE25519`, `ECP_256`, `MODP_2048` … */
export const keyExchangeName: Input<number> = named(keyExchange)

/** The Key Length attribute in bits; left out where the cipher has one length only (RFC 7296 §3.3.5). */
export const keyLength: z.ZodOptional<z.ZodInt> = z.int().min(8).max(1024).optional()
