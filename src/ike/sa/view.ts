// An IKE SA as others may see it: plain data, without keys, without what changes by merely being spoken to (times, counters).
import type { IkeChannel } from '../../contract/machine.ts'
import { toHex } from '../../bytes/bytes.ts'
import type { Role } from '../../contract/events.ts'
import type { FaultCode } from '../../contract/faults.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Spi } from '../../contract/units.ts'
import type { Endpoint } from '../../net/address.ts'
import type { Fragmentation } from './fragmentation.ts'
import type { IkeSa } from './ike-sa.ts'
import type { OverIkeSa } from './over.ts'
import type { Phase } from './states.ts'

export interface IkeSaView {
  readonly id: IkeSaId
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly phase: Phase
  readonly path: {
    readonly channel: IkeChannel
    readonly local: Endpoint
    readonly remote: Endpoint
    readonly localNat: 'behind-nat' | 'no-nat'
    readonly remoteNat: 'behind-nat' | 'no-nat'
    readonly encapsulation: 'udp' | 'none'
  }
  /** Of our requests: the next Message ID, those that are out, how many may be out at once, how many wait. */
  readonly requests: {
    readonly nextId: number
    readonly outstanding: readonly number[]
    readonly window: number
    readonly waiting: number
  }
  /** Of the peer's requests: the first Message ID that has not come, and those that have been answered and would be again. */
  readonly responses: { readonly expectedId: number; readonly answered: readonly number[]; readonly window: number }
  /** RFC 7383: once both have agreed to it; the messages of which fragments are missing, and how many have come. */
  readonly fragmentation:
    | {
        readonly sending: 'yes' | 'accept'
        readonly threshold: number
        readonly incomplete: readonly {
          readonly role: 'request' | 'response'
          readonly messageId: number
          readonly fragments: number
          readonly totalFragments: number
        }[]
      }
    | undefined
  /** While IKE_SA_INIT is out. */
  readonly attempt:
    | {
        readonly keyExchange: number
        /** Those that were followed, the last one being in the request; and one that may be. */
        readonly cookies: readonly string[]
        readonly spareCookie: string | undefined
        readonly doubt: FaultCode | undefined
      }
    | undefined
  readonly children: readonly {
    readonly id: ChildSaId
    readonly inbound: Spi
    readonly outbound: Spi
    readonly life: 'alive' | 'replaced' | 'deleting'
    /** `waiting`: the one before carries what we send, until the peer is known to be ready (RFC 7296 §2.8). */
    readonly sends: 'waiting' | 'installed' | 'retired'
  }[]
}

/** One that is over, and would answer those requests again. */
export interface OverIkeSaView {
  readonly id: IkeSaId
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly answered: readonly number[]
}

export function viewOverIkeSa({ id, role, initiatorSpi, responderSpi, answers }: OverIkeSa): OverIkeSaView {
  return { id, role, initiatorSpi, responderSpi, answered: answers.map(({ messageId }) => messageId) }
}

export function viewIkeSa(sa: IkeSa): IkeSaView {
  const { id, role, initiatorSpi, responderSpi, state, requests, responses } = sa
  const { channel, local, remote, nat } = sa.path
  const attempt = state.phase === 'init-sent' ? state.attempt : undefined
  return {
    id,
    role,
    initiatorSpi,
    responderSpi,
    phase: state.phase,
    path: { channel, local, remote, localNat: nat.local, remoteNat: nat.remote, encapsulation: nat.encapsulation },
    requests: {
      nextId: requests.nextId,
      outstanding: requests.outstanding.map(({ message }) => message.messageId),
      window: requests.size,
      waiting: requests.waiting.length + requests.postponed.length,
    },
    responses: {
      expectedId: responses.expectedId,
      answered: [...responses.answers].flatMap(([messageId, answer]) => (answer === undefined ? [] : [messageId])),
      window: responses.size,
    },
    fragmentation: 'session' in state ? viewFragmentation(state.session.fragmentation) : undefined,
    attempt:
      attempt === undefined
        ? undefined
        : {
            keyExchange: attempt.keyExchange,
            cookies: attempt.cookies.map(({ value }) => toHex(value)),
            spareCookie: attempt.spareCookie === undefined ? undefined : toHex(attempt.spareCookie),
            doubt: attempt.doubt?.fault.code,
          },
    children: [...sa.children.values()].map((child) => ({
      id: child.id,
      inbound: child.inbound,
      outbound: child.outbound,
      life: child.life.kind,
      sends: child.outboundHalf.kind,
    })),
  }
}

function viewFragmentation(fragmentation: Fragmentation | undefined): IkeSaView['fragmentation'] {
  if (fragmentation === undefined) return undefined
  const { sending, threshold, requests, responses } = fragmentation
  return { sending, threshold, incomplete: [...viewIncomplete('request', requests), ...viewIncomplete('response', responses)] }
}

const viewIncomplete = (role: 'request' | 'response', store: Fragmentation['requests']) =>
  [...store].map(([messageId, { chunks, totalFragments }]) => ({ role, messageId, fragments: chunks.size, totalFragments }))
