// All kinds of vectors. A new one: its file beside this one, a line here, `npm run schemas`, and what a shim has to know in docs/shim.md.
import type { Kind } from '../kind.ts'
import { aead } from './aead.ts'
import { cipher } from './cipher.ts'
import { ikeMessage } from './ike-message.ts'
import { keymat } from './keymat.ts'
import { mac } from './mac.ts'

export const kinds: readonly Kind[] = [mac, cipher, aead, keymat, ikeMessage]

export const kindOf = (name: string): Kind | undefined => kinds.find((kind) => kind.name === name)
