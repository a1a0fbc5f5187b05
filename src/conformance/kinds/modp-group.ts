// The MODP groups. RFC 3526 §2 to §7.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import { modpGenerator, modpGroups } from '../../crypto/modp.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, keyExchangeName } from '../shapes/basic.ts'
import { outputs, unimplemented } from '../vector.ts'

export const modpGroup: Kind = kind({
  name: 'modp-group',
  title: 'The prime and the generator of a MODP group',
  rfc: 'RFC 3526 §2 to §7',
  inputs: z.strictObject({ algorithm: keyExchangeName }),
  /** `prime`: big-endian. */
  outputs: z.strictObject({ prime: hex, generator: z.int() }),
  answer(_provider, { algorithm }) {
    const group = modpGroups.find(({ id }) => id === algorithm)
    if (group === undefined) return unimplemented('no such MODP group')
    return outputs({ prime: toHex(group.prime), generator: modpGenerator })
  },
})
