// The keys of an IKE SA, new or rekeyed. RFC 7296 §2.14, §2.18.
import * as z from 'zod'
import type { Secret } from '../../bytes/secret.ts'
import { expandIkeKeys, rekeySkeyseed, skeyseed } from '../../crypto/key-schedule.ts'
import type { CryptoProvider, Prf } from '../../crypto/provider.ts'
import { ikeKeyUsers } from '../../crypto/suites.ts'
import { dangerHex } from '../danger-octets.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, ikeSpi, key, octets, prfName } from '../shapes/basic.ts'
import { dangerIkeKeysJson, ikeKeysShape, ikeSuite } from '../shapes/suite.ts'
import { outputs, unimplemented } from '../vector.ts'

const common = {
  /** Of the IKE SA whose keys are asked for. */
  suite: ikeSuite,
  nonceI: octets,
  nonceR: octets,
  spiI: ikeSpi,
  spiR: ikeSpi,
  /** g^ir, as long as the modulus or the coordinate. */
  sharedSecret: key,
}

const questions = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('initial'), ...common }),
  /** Nonces, SPIs and secret are those of the CREATE_CHILD_SA exchange. */
  z.strictObject({ operation: z.literal('rekey'), oldPrf: prfName, oldSkD: key, ...common }),
])

export const ikeKeys: Kind = kind({
  name: 'ike-keys',
  title: 'SKEYSEED and the seven keys of an IKE SA',
  rfc: 'RFC 7296 §2.14, §2.18; RFC 5282 §7',
  inputs: questions,
  outputs: z.strictObject({ skeyseed: hex, ...ikeKeysShape }),
  answer(provider, inputs) {
    const users = ikeKeyUsers(provider, inputs.suite)
    if (users === undefined) return unimplemented(`${provider.name} has no such suite`)
    const seed = seedOf(provider, users.prf, inputs)
    if (seed === undefined) return unimplemented(`${provider.name} has no such PRF`)
    return outputs({ skeyseed: dangerHex(seed), ...dangerIkeKeysJson(expandIkeKeys(users, seed, inputs)) })
  },
})

function seedOf(provider: CryptoProvider, prf: Prf, inputs: z.infer<typeof questions>): Secret | undefined {
  const { nonceI, nonceR, sharedSecret } = inputs
  if (inputs.operation === 'initial') return skeyseed(prf, nonceI, nonceR, sharedSecret)
  const oldPrf = provider.prf(inputs.oldPrf)
  return oldPrf === undefined ? undefined : rekeySkeyseed(oldPrf, inputs.oldSkD, nonceI, nonceR, sharedSecret)
}
