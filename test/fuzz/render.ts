// A recipe becomes inputs: with the keys, Message IDs and SPIs of the moment.
import { concat, fromHex, putU32, toHex } from '../../src/bytes/bytes.ts'
import type { Datagram, Input } from '../../src/contract/machine.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { nonEspMarker } from '../../src/net/non-esp-marker.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import type {
  AgainRecipe,
  ClearRecipe,
  CommandRecipe,
  CompletionRecipe,
  EspRecipe,
  Recipe,
  SealedRecipe,
  Sender,
  WaitRecipe,
} from './recipe.ts'
import { sealEsp, sealIke } from './seal.ts'
import type { Stage } from './stage.ts'

/** What one recipe is right now; nothing where it makes no sense, as a sealed message before there are keys. */
export function render(stage: Stage, recipe: Exclude<Recipe, WaitRecipe | AgainRecipe>): readonly Input[] {
  switch (recipe.form) {
    case 'clear':
      return [renderClear(stage, recipe)]
    case 'sealed':
      return renderSealed(stage, recipe)
    case 'esp':
      return renderEsp(stage, recipe)
    case 'completion':
      return renderCompletion(stage, recipe)
    case 'command':
      return renderCommand(stage, recipe)
    default:
      return [{ kind: 'path', change: { kind: 'unreachable', remote: stage.path.remote, reason: recipe.reason } }]
  }
}

function renderClear(stage: Stage, { octets, channel, spis, from }: ClearRecipe): Input {
  const bytes = octets.slice()
  if (spis === 'true-spis' && stage.attacked !== undefined && bytes.length >= 16) {
    bytes.set(fromHex(stage.attacked.initiatorSpi) ?? [], 0)
    bytes.set(fromHex(stage.attacked.responderSpi) ?? [], 8)
  }
  return datagram(stage, channel, channel === 'nat-t' && bytes[0] !== 0xff ? concat(nonEspMarker, bytes) : bytes, from)
}

function renderSealed(stage: Stage, recipe: SealedRecipe): readonly Input[] {
  const { attacked, outstanding } = stage
  if (attacked === undefined) return []
  const { initiatorSpi, responderSpi, role, seal } = attacked
  const [first, second] = {
    right: [initiatorSpi, responderSpi],
    swapped: [responderSpi, initiatorSpi],
    'no-responder': [initiatorSpi, '0000000000000000'],
    another: [toHex(seededRandom(1)(8)), responderSpi],
  }[recipe.spis]
  const id = recipe.kind === 'request' ? stage.nextRequest : (outstanding?.messageId ?? 0)
  // Mallory's role is the other one.
  const flags = (role === 'responder' ? headerFlag.INITIATOR : 0) | (recipe.kind === 'response' ? headerFlag.RESPONSE : 0)
  const padding = new Uint8Array(recipe.padding + 1)
  padding[recipe.padding] = recipe.padding + recipe.padLie
  const outside = {
    ...recipe,
    initiatorSpi: first ?? '',
    responderSpi: second ?? '',
    exchangeType: recipe.exchangeType === theirs ? (outstanding?.exchangeType ?? 37) : recipe.exchangeType,
    flags: flags ^ recipe.flagsXor,
    messageId: (id + recipe.idOffset) >>> 0,
  }
  const iv = new Uint8Array(16)
  putU32(iv, 4, ++ivs)
  const bytes = sealIke(seal, outside, concat(recipe.inside, padding), iv)
  const { channel } = stage.path
  return [datagram(stage, channel, channel === 'nat-t' ? concat(nonEspMarker, bytes) : bytes, recipe.from)]
}

/** In the place of an exchange type: that of the request which the host waits for an answer to. */
export const theirs = -1

/** RFC 5282 §3: an IV must not come twice under one key; ours need not be the same in a replay. */
let ivs = 0x4000_0000

function renderEsp(stage: Stage, recipe: EspRecipe): readonly Input[] {
  const { child } = stage
  if (child === undefined) return []
  const { payload, nextHeader, padding, padLie, cut, from } = recipe
  // 16 octets are a whole number of blocks of any cipher.
  const padLength = (16 - ((payload.length + 2) % 16)) % 16
  const pad = Uint8Array.from({ length: padLength }, (_, i) => (padding === 'counting' ? i + 1 : 0))
  const text = concat(payload, pad, Uint8Array.of(padLength + padLie, nextHeader))
  const spi = { right: child.install.spi, ours: child.install.spi + 1, another: 0x1234_5678 }[recipe.spi]
  const sequence = stage.espSequence(recipe.sequenceOffset)
  const bytes = sealEsp(child.seal, spi, sequence, text)
  return [datagram(stage, child.install.encapsulation === 'udp' ? 'nat-t' : 'esp', bytes.subarray(0, bytes.length - cut), from)]
}

function renderCompletion(stage: Stage, { outcome }: CompletionRecipe): readonly Input[] {
  const operation = stage.operations.shift()
  if (operation === undefined) return []
  const { id, kind } = operation
  const right = stage.completionOf(operation)
  if (outcome === 'failed') return [{ kind: 'completion', completion: { id, kind, outcome: { ok: false, why: 'no such key' } } }]
  if (outcome === 'wrong') return [{ kind: 'completion', completion: { id, kind, outcome: { ok: true, value: new Uint8Array(32) } } }]
  const completion: Input = { kind: 'completion', completion: right }
  return outcome === 'twice' ? [completion, completion] : [completion]
}

function renderCommand(stage: Stage, { command }: CommandRecipe): readonly Input[] {
  const { attacked, child } = stage
  if (command === 'close-child-sa') {
    return child === undefined ? [] : [{ kind: 'command', command: { kind: 'close-child-sa', child: child.install.child } }]
  }
  return attacked === undefined ? [] : [{ kind: 'command', command: { kind: command, ikeSa: attacked.ikeSa } }]
}

function datagram(stage: Stage, channel: Datagram['channel'], bytes: Uint8Array, from: Sender): Input {
  const { local, remote } = stage.path
  const port = from === 'elsewhere' ? 40_001 : remote.port
  return { kind: 'datagram', datagram: { channel, local, remote: { ...remote, port }, bytes } }
}
