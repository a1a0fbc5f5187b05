// Versions of one IKE_SA_INIT request. RFC 7296 §2.1, §2.6, §2.15.
//
// A request and the same one with a cookie, or with another cookie, are versions of one: the nonce in them is the same, and so are the
// keys that come of it. Where several are on their way, which happens when a copy of the first version meets a responder whose cookie
// secret, or whose load, has changed, any of them may be the one that is answered. The others are then retransmissions (§2.1: by "the
// whole packet, its hash, or the Ni payload"), and AUTH is over the latest that the initiator sent (§2.15).
import { concat, equal, putU32, toHex, u16, u32 } from '../../bytes/bytes.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { notify } from '../../iana/notify.ts'
import { payloadType } from '../../iana/payloads.ts'
import { limits } from '../limits.ts'
import type { ResponderAuth } from '../sa/states.ts'

/** The same for all versions of a request, which decodes. */
export const requestDigest = (provider: CryptoProvider, request: Uint8Array): string => toHex(provider.sha1(withoutCookie(request)))

/** What AUTH may be over when `request` has come, too; `undefined` when it is another request. */
export function withVersion(auth: ResponderAuth, request: Uint8Array): ResponderAuth | undefined {
  const { initRequests } = auth
  if (initRequests.some((version) => equal(version, request))) return auth
  const plain = withoutCookie(request)
  if (!equal(withoutCookie(initRequests[0]), plain)) return undefined
  // No initiator goes back to a request without a cookie: that is an early one that came late.
  if (plain.length === request.length || initRequests.length >= limits.requestVersions) return auth
  return { ...auth, initRequests: [...initRequests, request.slice()] }
}

/** RFC 7296 §2.6: a cookie is the first payload, and all others stay as they were. */
function withoutCookie(request: Uint8Array): Uint8Array {
  const [nextAt, lengthAt, first] = [16, 24, 28]
  const isCookie = request[nextAt] === payloadType.N && u16(request, first + 6) === notify.COOKIE
  if (!isCookie) return request
  const cookieLength = u16(request, first + 2)
  const plain = concat(request.subarray(0, first), request.subarray(first + cookieLength))
  plain[nextAt] = request[first] ?? 0
  putU32(plain, lengthAt, u32(request, lengthAt) - cookieLength)
  return plain
}
