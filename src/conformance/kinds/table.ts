// All kinds of vectors. A new one: its file beside this one, a line here, and `npm run schemas`.
import type { Kind } from '../kind.ts'
import { aead } from './aead.ts'
import { ahPacket } from './ah-packet.ts'
import { algorithmIdentifier } from './algorithm-identifier.ts'
import { auth } from './auth.ts'
import { buildingBlock } from './building-block.ts'
import { checksumRepair } from './checksum-repair.ts'
import { childKeys } from './child-keys.ts'
import { cipher } from './cipher.ts'
import { esnInference } from './esn-inference.ts'
import { espPacket } from './esp-packet.ts'
import { ikeKeys } from './ike-keys.ts'
import { ikeMessage } from './ike-message.ts'
import { kem } from './kem.ts'
import { keyAgreement } from './key-agreement.ts'
import { keymat } from './keymat.ts'
import { mac } from './mac.ts'
import { modpGroup } from './modp-group.ts'
import { narrowing } from './narrowing.ts'
import { packetMac } from './packet-mac.ts'
import { prfPlus } from './prf-plus.ts'
import { proposalChoice } from './proposal-choice.ts'
import { replayWindowKind } from './replay-window.ts'
import { signature } from './signature.ts'
import { skPayload } from './sk-payload.ts'
import { transcript } from './transcript.ts'

export const kinds: readonly Kind[] = [
  aead,
  ahPacket,
  algorithmIdentifier,
  auth,
  buildingBlock,
  checksumRepair,
  childKeys,
  cipher,
  esnInference,
  espPacket,
  ikeKeys,
  ikeMessage,
  kem,
  keyAgreement,
  keymat,
  mac,
  modpGroup,
  narrowing,
  packetMac,
  prfPlus,
  proposalChoice,
  replayWindowKind,
  signature,
  skPayload,
  transcript,
]

export const kindOf = (name: string): Kind | undefined => kinds.find((kind) => kind.name === name)
