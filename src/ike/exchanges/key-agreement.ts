// KE payloads of CREATE_CHILD_SA. RFC 7296 §1.3, §3.4.
import type { Secret } from '../../bytes/secret.ts'
import type { KePayload } from '../../wire/message.ts'
import type { Context } from '../context.ts'

export const kePayload = (method: number, publicValue: Uint8Array): KePayload => ({ kind: 'KE', critical: false, method, publicValue })

/** Ours and the secret; the private key is gone afterwards. */
export function agree(context: Context, ke: KePayload): { readonly publicValue: Uint8Array; readonly sharedSecret: Secret } | 'invalid' {
  const keyExchange = context.provider.keyExchange(ke.method)
  const pair = keyExchange?.generate(context.random)
  if (keyExchange === undefined || pair === undefined) return 'invalid'
  const sharedSecret = keyExchange.agree(pair.privateKey, ke.publicValue)
  pair.privateKey.wipe()
  return sharedSecret === undefined ? 'invalid' : { publicValue: pair.publicValue, sharedSecret }
}
