// Addresses in vectors: text in canonical form (RFC 5952 §4), so that two that are equal are the same string.
import * as z from 'zod'
import { type Address, parseAddress } from '../../net/address.ts'

/** An IPv4 or IPv6 address. */
export const address: z.ZodType<Address, string> = z
  .string()
  .max(45)
  .transform((text, context) => {
    const parsed = parseAddress(text)
    if (parsed === text) return parsed
    context.addIssue('an IPv4 or IPv6 address in canonical form (RFC 5952 §4)')
    return z.NEVER
  })
