// Keys as outputs. Those of vectors are public; whoever calls this with another key prints it.
import { toHex } from '../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../bytes/secret.ts'

/** Lower-case hexadecimal. */
export const dangerHex = (secret: Secret): string => toHex(dangerReveal(secret))
