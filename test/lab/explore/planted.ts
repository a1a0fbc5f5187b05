// Rules of RFC 7296, each broken by replacing one function of ours: the explorer has to find every one of them.
// For `vi.mock`: each function gives a module as it is, but for what is planted.
import type * as childSa from '../../../src/ike/child/child-sa.ts'
import { espSpi } from '../../../src/contract/units.ts'
import type * as informational from '../../../src/ike/exchanges/informational.ts'
import type * as close from '../../../src/ike/sa/close.ts'
import type * as collisions from '../../../src/ike/sa/collisions.ts'
import type * as exchange from '../../../src/ike/sa/exchange.ts'
import type * as intend from '../../../src/ike/sa/intend.ts'
import type { IkeSa } from '../../../src/ike/sa/ike-sa.ts'
import type * as succession from '../../../src/ike/sa/succession.ts'
import type { StartKind } from './collisions.ts'

/** What is planted in the modules at the moment. */
export interface Planted {
  error: PlantedError | undefined
}

export type PlantedError =
  | '§1.4.1: a Delete names other SPIs than those of its sender'
  | '§1.4.1: the inbound half of a deleted Child SA stays'
  | '§2.1: what is sent again is sealed again'
  | '§2.1: an answer is not kept for when its request comes again'
  | '§2.1: who is told that an IKE SA is deleted forgets it at once'
  | '§2.3: a request goes out while another one is not answered'
  | '§2.8: who answers a rekey is not ready to receive'
  | '§2.8: who answers a rekey sends through the new Child SA at once'
  | '§2.8: what is on its way through a deleted Child SA is not received'
  | '§2.8: a rekeyed Child SA is not deleted'
  | '§2.8: a rekeyed IKE SA does not inherit the Child SAs'
  | '§2.8.1: of two rekeys at once none is redundant'
  | '§2.8.1: to one end the highest nonce decides'
  | '§2.8.1: to one end only the nonces of the initiators count'
  | '§2.8.2: of two rekeys of the IKE SA at once none is redundant'
  | '§2.8.2: to one end the highest nonce decides'
  | '§2.8.2: who rekeys the IKE SA itself gives way at once to the other'
  | '§2.25.1: a Child SA that is being deleted is rekeyed'
  | '§2.25.1: the IKE SA is rekeyed while Child SAs are'
  | '§2.25.2: Child SAs are rekeyed while the IKE SA is'

/** How it is looked for, and by what it shows. */
export interface Hunt {
  readonly kinds: readonly StartKind[]
  readonly starts: number
  /** How many losses, and hasty timers, it takes. */
  readonly mishaps?: number
  readonly symptom: RegExp
}

const deletes: readonly StartKind[] = ['close-child-sa', 'close-ike-sa']
const children: readonly StartKind[] = ['rekey-child-sa', 'close-child-sa']
const ikeSas: readonly StartKind[] = ['rekey-ike-sa']
const both: readonly StartKind[] = ['rekey-ike-sa', 'rekey-child-sa']

export const hunts: Readonly<Record<PlantedError, Hunt>> = {
  '§1.4.1: a Delete names other SPIs than those of its sender': { kinds: deletes, starts: 1, symptom: /do not agree/ },
  '§1.4.1: the inbound half of a deleted Child SA stays': { kinds: deletes, starts: 1, symptom: /left over/ },
  '§2.1: what is sent again is sealed again': { kinds: deletes, starts: 1, mishaps: 1, symptom: /with other octets/ },
  '§2.1: an answer is not kept for when its request comes again': { kinds: deletes, starts: 1, mishaps: 1, symptom: /not answered/ },
  '§2.1: who is told that an IKE SA is deleted forgets it at once': { kinds: deletes, starts: 1, mishaps: 1, symptom: /not answered/ },
  '§2.3: a request goes out while another one is not answered': {
    kinds: ['close-child-sa', 'check-liveness'],
    starts: 2,
    symptom: /goes out while/,
  },
  '§2.8: who answers a rekey is not ready to receive': { kinds: children, starts: 1, symptom: /is not opened/ },
  '§2.8: who answers a rekey sends through the new Child SA at once': { kinds: children, starts: 1, symptom: /is not opened/ },
  '§2.8: what is on its way through a deleted Child SA is not received': { kinds: children, starts: 1, symptom: /is not opened/ },
  '§2.8: a rekeyed Child SA is not deleted': { kinds: ['rekey-child-sa'], starts: 1, symptom: /never deletes/ },
  '§2.8: a rekeyed IKE SA does not inherit the Child SAs': { kinds: ikeSas, starts: 1, symptom: /is not opened/ },
  '§2.8.1: of two rekeys at once none is redundant': { kinds: ['rekey-child-sa'], starts: 1, symptom: /./ },
  '§2.8.1: to one end the highest nonce decides': { kinds: ['rekey-child-sa'], starts: 1, symptom: /./ },
  '§2.8.1: to one end only the nonces of the initiators count': { kinds: ['rekey-child-sa'], starts: 1, symptom: /./ },
  '§2.8.2: of two rekeys of the IKE SA at once none is redundant': { kinds: ikeSas, starts: 1, symptom: /./ },
  '§2.8.2: to one end the highest nonce decides': { kinds: ikeSas, starts: 1, symptom: /./ },
  '§2.8.2: who rekeys the IKE SA itself gives way at once to the other': { kinds: ikeSas, starts: 1, symptom: /./ },
  '§2.25.1: a Child SA that is being deleted is rekeyed': { kinds: children, starts: 1, symptom: /./ },
  '§2.25.1: the IKE SA is rekeyed while Child SAs are': { kinds: both, starts: 1, symptom: /not put off/ },
  '§2.25.2: Child SAs are rekeyed while the IKE SA is': { kinds: both, starts: 1, symptom: /not put off/ },
}
export function inExchange(real: typeof exchange, planted: Planted): typeof exchange {
  return {
    ...real,
    isWindowOpen: (sa) => planted.error === '§2.3: a request goes out while another one is not answered' || real.isWindowOpen(sa),
    retransmit(context, sa, request) {
      if (planted.error === '§2.1: what is sent again is sealed again')
        Object.assign(request, { message: { ...request.message, pieces: request.message.pieces.map(sealedAnew) } })
      real.retransmit(context, sa, request)
    },
    answer(context, sa, ...rest) {
      real.answer(context, sa, ...rest)
      if (planted.error === '§2.1: an answer is not kept for when its request comes again') sa.responses.answers.clear()
    },
  }
}

/** With another IV, and so with another ICV (neither is right, which does not matter here). */
function sealedAnew(message: Uint8Array): Uint8Array {
  const copy = message.slice()
  copy[32] = 0xff
  return copy
}

export function inInformational(real: typeof informational, planted: Planted): typeof informational {
  return {
    ...real,
    deletePayload: (protocolId, spis) =>
      real.deletePayload(
        protocolId,
        planted.error === '§1.4.1: a Delete names other SPIs than those of its sender' ? spis.map((spi) => espSpi(spi ^ 1)) : spis,
      ),
  }
}

export function inChildSa(real: typeof childSa, planted: Planted): typeof childSa {
  return {
    ...real,
    removeChild(context, sa, child, by) {
      real.removeChild(context, sa, child, by)
      if (planted.error === '§2.8: what is on its way through a deleted Child SA is not received')
        context.out.push({ kind: 'remove', child: child.id, direction: 'in', spi: child.inbound })
      if (planted.error !== '§1.4.1: the inbound half of a deleted Child SA stays') return
      const at = context.out.findIndex((output) => output.kind === 'remove' && output.direction === 'in')
      if (at >= 0) context.out.splice(at, 1)
    },
    prepareChild(context, sa, session, agreed) {
      const prepared = real.prepareChild(context, sa, session, agreed)
      if (prepared === undefined || agreed.role === 'initiator' || agreed.replaces === undefined) return prepared
      if (planted.error === '§2.8: who answers a rekey is not ready to receive') return { ...prepared, installInbound() {} }
      if (planted.error === '§2.8: who answers a rekey sends through the new Child SA at once')
        return { ...prepared, holdOutbound: () => prepared.installOutbound() }
      return prepared
    },
  }
}

export function inClose(real: typeof close, planted: Planted): typeof close {
  return {
    ...real,
    linger(context, sa, session, by) {
      if (planted.error === '§2.1: who is told that an IKE SA is deleted forgets it at once') real.forget(context, sa, by)
      else real.linger(context, sa, session, by)
    },
  }
}

export function inIntend(real: typeof intend, planted: Planted): typeof intend {
  return {
    ...real,
    intend(sa, intention) {
      if (planted.error === '§2.8: a rekeyed Child SA is not deleted' && intention.kind === 'delete-child-sa') return
      real.intend(sa, intention)
    },
  }
}

export function inSuccession(real: typeof succession, planted: Planted): typeof succession {
  return {
    ...real,
    inherit(context, old, heir) {
      if (planted.error !== '§2.8: a rekeyed IKE SA does not inherit the Child SAs') return real.inherit(context, old, heir)
      const kept = new Map(old.children)
      old.children.clear()
      real.inherit(context, old, heir)
      for (const [id, child] of kept) old.children.set(id, child)
    },
  }
}

/** `isOneEnd`: it is Alice who acts. */
export function inCollisions(real: typeof collisions, planted: Planted, isOneEnd: () => boolean): typeof collisions {
  const isAbout = (error: PlantedError): boolean => planted.error === error
  return {
    ...real,
    isRedundant(nonce, rival) {
      const none: readonly PlantedError[] = [
        '§2.8.1: of two rekeys at once none is redundant',
        '§2.8.2: of two rekeys of the IKE SA at once none is redundant',
      ]
      if (planted.error !== undefined && none.includes(planted.error)) return false
      const highest: readonly PlantedError[] = [
        '§2.8.1: to one end the highest nonce decides',
        '§2.8.2: to one end the highest nonce decides',
      ]
      if (planted.error !== undefined && highest.includes(planted.error) && isOneEnd()) return !real.isRedundant(nonce, rival)
      return real.isRedundant(nonce, rival)
    },
    lowestNonce: (one, other) =>
      isAbout('§2.8.1: to one end only the nonces of the initiators count') && isOneEnd() ? one : real.lowestNonce(one, other),
    isRekeyingIke: (sa) => !isAbout('§2.8.2: who rekeys the IKE SA itself gives way at once to the other') && real.isRekeyingIke(sa),
    judgeChildRekey(sa, child) {
      if (isAbout('§2.25.1: a Child SA that is being deleted is rekeyed') && child?.life.kind === 'deleting') return 'grant'
      if (isAbout('§2.25.2: Child SAs are rekeyed while the IKE SA is') && real.isRekeyingIke(sa)) return 'grant'
      return real.judgeChildRekey(sa, child)
    },
    judgeIkeRekey(sa, predecessor) {
      if (isAbout('§2.25.1: the IKE SA is rekeyed while Child SAs are') && isBusyWithChildren(sa)) return 'grant'
      return real.judgeIkeRekey(sa, predecessor)
    },
  }
}

const isBusyWithChildren = ({ requests }: IkeSa): boolean =>
  requests.outstanding.some(({ purpose }) => purpose.kind === 'create-child-sa' || purpose.kind === 'delete-child-sa')
