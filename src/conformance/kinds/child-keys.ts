// The keys of a Child SA. RFC 7296 §2.17.
import * as z from 'zod'
import { childKeys as derive } from '../../crypto/key-schedule.ts'
import { type Kind, kind } from '../kind.ts'
import { key, octets, prfName } from '../shapes/basic.ts'
import { childKeysShape, childSuite, dangerChildKeysJson } from '../shapes/suite.ts'
import { outputs, unimplemented } from '../vector.ts'

export const childKeys: Kind = kind({
  name: 'child-keys',
  title: 'The keys of both directions of a Child SA, salts at the end of the encryption keys',
  rfc: 'RFC 7296 §2.17; RFC 4301 §4.5.2',
  inputs: z.strictObject({
    /** Of the IKE SA. */
    prf: prfName,
    skD: key,
    suite: childSuite,
    nonceI: octets,
    nonceR: octets,
    /** g^ir (new) of a CREATE_CHILD_SA exchange that has a key exchange. */
    sharedSecret: key.optional(),
  }),
  outputs: childKeysShape,
  answer(provider, { prf: name, skD, suite, nonceI, nonceR, sharedSecret }) {
    const prf = provider.prf(name)
    const lengths = provider.packetKeyLengths(suite)
    if (prf === undefined || lengths === undefined) return unimplemented(`${provider.name} has no such suite`)
    return outputs(dangerChildKeysJson(derive(prf, skD, { nonceI, nonceR, sharedSecret, lengths })))
  },
})
