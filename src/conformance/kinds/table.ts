// All kinds of vectors. A new one: its file beside this one, a line here, `npm run schemas`, and what a shim has to know in docs/shim.md.
import type { Kind } from '../kind.ts'
import { aead } from './aead.ts'
import { auth } from './auth.ts'
import { childKeys } from './child-keys.ts'
import { cipher } from './cipher.ts'
import { ikeKeys } from './ike-keys.ts'
import { mac } from './mac.ts'
import { prfPlus } from './prf-plus.ts'
import { skPayload } from './sk-payload.ts'
import { transcript } from './transcript.ts'

export const kinds: readonly Kind[] = [mac, cipher, aead, prfPlus, ikeKeys, childKeys, auth, skPayload, transcript]

export const kindOf = (name: string): Kind | undefined => kinds.find((kind) => kind.name === name)
