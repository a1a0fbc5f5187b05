// In what two copies of a shared key usually differ, and whether a peer's AUTH was made with a copy that differs so. RFC 7296 §2.15.
// It accepts nothing: the peer has been refused already. It is for the one who has to find out why.
import { asciiText, concat, equalConstantTime, fromHex, toHex, utf8 } from '../bytes/bytes.ts'
import { dangerReveal, Secret } from '../bytes/secret.ts'
import type { KeyEvidence, KeySlip } from '../contract/refusal.ts'
import type { CryptoProvider } from './provider.ts'
import { sharedKeyMac } from './suites.ts'

/** The slip that explains the peer's AUTH, given our copy of the key; `undefined` when none of the usual ones does. */
export function findKeySlip(provider: CryptoProvider, key: Secret, evidence: KeyEvidence): KeySlip | undefined {
  for (const [slip, octets] of variants(dangerReveal(key))) {
    const variant = new Secret(octets)
    const mac = sharedKeyMac(provider, evidence.request.prf, variant, evidence.request.octets)
    variant.wipe()
    if (equalConstantTime(mac, evidence.authentication)) return slip
  }
  return undefined
}

/** Copies of our key with one slip undone or made. Each is an array of its own. */
function variants(ours: Uint8Array): readonly (readonly [KeySlip, Uint8Array])[] {
  const found: (readonly [KeySlip, Uint8Array])[] = [
    ['final-newline', concat(ours, Uint8Array.of(newline))],
    ['final-crlf', concat(ours, Uint8Array.of(carriageReturn, newline))],
    ['quotes', concat(Uint8Array.of(quote), ours, Uint8Array.of(quote))],
    ['surrounding-space', concat(ours, Uint8Array.of(space))],
    ['surrounding-space', concat(Uint8Array.of(space), ours)],
    ['hexadecimal', utf8(toHex(ours))],
  ]
  if (ours.at(-1) === newline) found.push([ours.at(-2) === carriageReturn ? 'final-crlf' : 'final-newline', withoutFinalNewline(ours)])
  if (ours.length > 2 && ours[0] === quote && ours.at(-1) === quote) found.push(['quotes', ours.slice(1, -1)])
  const start = ours.findIndex((octet) => !isSpace(octet))
  const end = ours.findLastIndex((octet) => !isSpace(octet)) + 1
  if (start > 0 || (start === 0 && end < ours.length)) found.push(['surrounding-space', ours.slice(start, end)])
  const decoded = fromHex((asciiText(ours) ?? '').replace(/^0x/i, ''))
  if (decoded !== undefined && decoded.length > 0) found.push(['no-hexadecimal', decoded])
  return found
}

const newline = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const isSpace = (octet: number): boolean => octet === space || octet === newline || octet === carriageReturn || octet === 0x09

function withoutFinalNewline(octets: Uint8Array): Uint8Array {
  return octets.slice(0, octets.at(-2) === carriageReturn ? -2 : -1)
}
