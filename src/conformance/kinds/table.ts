// All kinds of vectors. A new one: its file beside this one, a line here, and `npm run schemas`.
import type { Kind } from '../kind.ts'
import { aead } from './aead.ts'
import { checksumRepair } from './checksum-repair.ts'
import { cipher } from './cipher.ts'
import { esnInference } from './esn-inference.ts'
import { espPacket } from './esp-packet.ts'
import { keymat } from './keymat.ts'
import { mac } from './mac.ts'
import { narrowing } from './narrowing.ts'
import { proposalChoice } from './proposal-choice.ts'
import { replayWindowKind } from './replay-window.ts'

export const kinds: readonly Kind[] = [
  aead,
  checksumRepair,
  cipher,
  esnInference,
  espPacket,
  keymat,
  mac,
  narrowing,
  proposalChoice,
  replayWindowKind,
]

export const kindOf = (name: string): Kind | undefined => kinds.find((kind) => kind.name === name)
