// Where dummy packets make sense: in ESP that encrypts. RFC 4303 §2.6.
import type { DummyTerms } from '../contract/install.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import { protocol } from '../iana/protocols.ts'
import { transformType } from '../iana/transforms.ts'
import { formatTransform } from './algorithm-words.ts'
import { encryptsBy } from './algorithms.ts'

export const dummyLimits = {
  /** One each millisecond: no timer is finer everywhere. Milliseconds. */
  shortestInterval: 1,
  /** One an hour; less is none. */
  longestInterval: 3_600_000,
  longest: 65_535,
} as const

/** Of proposals, any of which a peer may choose: why they leave no room for dummies. `undefined`: they do. */
export function whyNoDummies(proposals: readonly ProposalTemplate[]): string | undefined {
  if (proposals.some((template) => template.protocol === protocol.AH)) return 'AH has no dummy packets: they are of ESP (RFC 4303 §2.6)'
  const ciphers = proposals.flatMap(({ transforms }) => transforms.filter(({ type }) => type === transformType.ENCR))
  const open = ciphers.find((cipher) => !encryptsBy(cipher.id))
  return open === undefined ? undefined : `${formatTransform(open)} does not encrypt: whoever looks sees which packets are dummies`
}

/** What is wrong with numbers that no file or option has been asked for. */
export function faultOfDummies({ interval, octets }: DummyTerms): string | undefined {
  const { shortestInterval, longestInterval, longest } = dummyLimits
  if (!(interval >= shortestInterval && interval <= longestInterval)) {
    return `an interval of dummies is ${shortestInterval} to ${longestInterval} milliseconds, not ${interval}`
  }
  if (octets === undefined) return undefined
  const { least, most } = octets
  const isRange = Number.isInteger(least) && Number.isInteger(most) && least >= 0 && least <= most && most <= longest
  return isRange ? undefined : `dummies are 0 to ${longest} octets long, and no longer at least than at most: ${least} to ${most} is not`
}
