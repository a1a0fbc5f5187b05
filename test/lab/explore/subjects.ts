// Alice and Bob as the explorer takes them: cheap cryptography, randomness that counts, all that they remember laid open.
import { putU32, toHex, utf8 } from '../../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../../src/bytes/secret.ts'
import type { RandomSource } from '../../../src/contract/random.ts'
import { sharedKeyMac } from '../../../src/crypto/suites.ts'
import { createHost, type HostView } from '../../../src/host/host.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import type { Nonces, Start, Subject } from '../../../src/lab/explore/subject.ts'
import type { ExploreOptions } from '../../../src/lab/explore/explore.ts'
import type { LexiconOptions } from '../../../src/lab/explore/lexicon.ts'
import { ipPacket, udpDatagram } from '../../../src/net/build.ts'
import { decodeMessage, decodePayloads } from '../../../src/wire/codec.ts'
import { alice, bob, connectionOf, initiate, protectAll, type Side, value } from '../../host/two-hosts.ts'
import { freshMemory, type Memories, type Memory } from './memories.ts'
import { parseProposal } from '../../../src/policy/proposal-words.ts'
import { protocol } from '../../../src/iana/protocols.ts'
import { cheapAh, cheapEsp, cheapIke, cheapProvider, clearText } from './cheap-provider.ts'

/** What a host in a state may be told. */
export type Starts = (view: HostView, side: 'alice' | 'bob') => readonly Start[]

/** `protects`: what the Child SA is of; ESP, where it is left out. */
export interface Wanted extends Pick<ExploreOptions, 'bound' | 'limit'> {
  readonly protects?: 'esp' | 'ah'
}

export function optionsFor(memories: Memories, starts: Starts, { protects = 'esp', ...more }: Wanted): ExploreOptions {
  return {
    subjects: [subjectOf('alice', memories, starts, protects), subjectOf('bob', memories, starts, protects)],
    prologue: [{ command: initiate, nonces: 'middle' }],
    lexicon,
    meaningOf,
    ...more,
  }
}

function subjectOf(name: 'alice' | 'bob', memories: Memories, starts: Starts, protects: 'esp' | 'ah'): Subject {
  const [own, peer, number] = name === 'alice' ? ([alice, bob.address, 1] as const) : ([bob, alice.address, 2] as const)
  const side: Side = { ...own, ike: cheapIke, espWords: cheapEsp }
  // Any packet stands for all that are sealed under its SA: none of them comes for the second time.
  const connection = connectionOf(
    {
      ...side,
      connection: { encapsulation: 'when-needed', fragmentation: 'no' },
      child: { replayWindow: 0, ...(protects === 'ah' ? { proposals: [value(parseProposal(cheapAh, protocol.AH))] } : {}) },
    },
    peer,
  )
  const key = new Secret(utf8(side.key))
  configuration.set(connection, 'connection')
  for (const child of connection.children) configuration.set(child, 'child')
  return {
    name: side.identity,
    starts: (view) => starts(view, name),
    dangerKeyName,
    packet: ipPacket(
      side.address,
      peer,
      ipProtocol.UDP,
      udpDatagram({ source: { address: side.address, port: 4000 }, destination: { address: peer, port: 5000 }, payload: utf8('hello') }),
    ),
    make() {
      const memory = freshMemory()
      memories.latest = memory
      const cheap = cheapProvider()
      const random = new CountingRandom(number, memory)
      const host = createHost({
        provider: cheap.provider,
        random: random.source,
        connections: [connection],
        policies: [protectAll],
        local: [{ address: side.address, ikePort: 500, natPort: 4500 }],
        dangerKeyLog: 'off',
        bare: protects === 'ah' ? 'ip' : 'esp',
      })
      const { registry, schedules } = memory
      if (registry === undefined) throw new Error('the registry of a host is not to be had')
      return {
        host,
        compute: ({ prf, octets }) => ({ ok: true, value: sharedKeyMac(cheap.provider, prf, key, octets) }),
        setNonces(nonces) {
          memories.acting = name
          random.setNonces(nonces)
        },
        // What an IKE SA waits for follows from itself.
        memory: () => [
          ...registry.ikeSas,
          ...registry.over.all,
          ...schedules.flatMap((due) => [...due].filter(([what]) => !isIkeSa(what))),
        ],
        get drawn() {
          return (memory.numbers * 1_000 + random.count) * 1_000 + cheap.sealed
        },
      }
    },
  }
}

const isIkeSa = (what: unknown): boolean => typeof what === 'object' && what !== null && 'requests' in what

/** What is drawn is never drawn again, says what it is by its length, and is in order. */
class CountingRandom {
  count = 0
  readonly source: RandomSource = (length) => this.#draw(length)
  readonly #host: number
  readonly #memory: Memory
  #nonces: Nonces = 'middle'

  constructor(host: number, memory: Memory) {
    this.#host = host
    this.#memory = memory
  }

  setNonces(nonces: Nonces): void {
    this.#nonces = nonces
  }

  #draw(length: number): Uint8Array {
    const octets = new Uint8Array(length)
    // Chance makes waits a little different, which is not explored.
    if (length === 4 && this.#memory.drawing === 'chance') return octets
    this.count++
    const number = (this.#host << 16) | this.count
    if (length === 32) {
      octets[0] = height[this.#nonces]
      putU32(octets, 1, number)
    } else putU32(octets, length - 4, Math.imul(number, 0x9e3779b1) | 0x0100_0000)
    if (length === 8) octets[0] = this.#host
    return octets
  }
}

const height = { low: 1, middle: 2, high: 3 } as const

const configuration = new WeakMap<object, string>()
const dangerKeyName = (key: Secret): string => `key ${toHex(dangerReveal(key))}`

const lexicon: Omit<LexiconOptions, 'meaningOf' | 'dangerKeyName'> = {
  // Above all SPIs.
  firstInstant: 2 ** 40,
  identifiers: new Set(['id', 'child', 'ikeSa', 'replaces', 'reauthenticates', 'reauthenticatedBy', 'key']),
  ignored: new Set([
    // For liveness and keepalives, which are off.
    'lastReceived',
    'lastSent',
    'lastProvoked',
    // For a report, and the round-trip time.
    'firstSent',
    'heardFrom',
    'labels',
    // To know a request again: it follows from the request.
    'initDigest',
    // Always the same.
    'suite',
    'algorithms',
    // For IVs, which never repeat.
    'sealed',
  ]),
  nameOf: (object) => configuration.get(object),
}

/** Header and payloads, those inside SK too. */
function meaningOf(octets: Uint8Array): unknown {
  if (octets.length < 28 || octets[17] !== 0x20) return undefined
  const message = decodeMessage(octets)
  if (!message.ok) return undefined
  const { header, payloads } = message.value
  const last = payloads.at(-1)
  return { header, payloads: last?.kind === 'SK' ? value(decodePayloads(last.firstPayload, clearText(last.body))) : payloads }
}
