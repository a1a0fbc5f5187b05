// All kinds of vectors. A new one: its file beside this one, a line here, `npm run schemas`, and what a shim has to know in docs/shim.md.
import type { Kind } from '../kind.ts'
import { aead } from './aead.ts'
import { algorithmIdentifier } from './algorithm-identifier.ts'
import { buildingBlock } from './building-block.ts'
import { cipher } from './cipher.ts'
import { keyAgreement } from './key-agreement.ts'
import { mac } from './mac.ts'
import { modpGroup } from './modp-group.ts'
import { signature } from './signature.ts'

export const kinds: readonly Kind[] = [mac, cipher, aead, buildingBlock, keyAgreement, modpGroup, signature, algorithmIdentifier]

export const kindOf = (name: string): Kind | undefined => kinds.find((kind) => kind.name === name)
