// Which fragments have to become whole packets before policy is asked for an SA. RFC 4301 §7.
import type { SaInstall } from '../contract/install.ts'
import { type Connection, childOf, type SelectorTemplate } from '../policy/connection.ts'
import type { SpdAction, SpdEntry } from '../policy/spd.ts'

/**
 * Later fragments have no ports. Where some rule names ports, what a fragment is of decides, and so it is put together with the others: that is the
 * state of RFC 4301 §7.3 and §7.4 without a second table. Where none does, fragments go as they are (§7.1). Where a rule is for OPAQUE ports,
 * it is the administrator's wish that later fragments go by that one (§7.2). In transport mode, there are no fragments at all.
 */
export class FragmentRules {
  readonly #connections: readonly Connection[]
  readonly #manual: readonly SaInstall[]
  #entries: readonly SpdEntry[] | undefined
  #byPorts = false

  /** `manual`: SAs that no connection is configured for. */
  constructor(connections: readonly Connection[], manual: readonly SaInstall[]) {
    this.#connections = connections
    this.#manual = manual
  }

  /** `action`: of the rule that the fragment itself matches. */
  areGathered(entries: readonly SpdEntry[], action: SpdAction | undefined): boolean {
    return this.lookAtPorts(entries) || (action?.kind === 'PROTECT' && this.#isTransport(action.connection, action.child))
  }

  /** Whether what a packet is of decides about its later fragments, too. */
  lookAtPorts(entries: readonly SpdEntry[]): boolean {
    if (entries !== this.#entries) {
      this.#entries = entries
      this.#byPorts = !entries.some(isForLaterFragments) && entries.some(looksAtPorts)
    }
    return this.#byPorts
  }

  #isTransport(connection: string, child: string): boolean {
    const configured = childOf(this.#connections, connection, child)?.child
    const manual = this.#manual.find((install) => install.connection === connection && install.childName === child)
    return (configured ?? manual)?.mode === 'transport'
  }
}

/** RFC 4301 §7.1, §7.3: all of them do in tunnels that leave ports open, and where both sides have agreed on it. */
export function carriesFragments({ mode, localSelectors, remoteSelectors, laterFragments }: SaInstall): boolean {
  if (mode === 'transport') return false
  return laterFragments === 'agreed' || [...localSelectors, ...remoteSelectors].every(isAny)
}

type Ports = Pick<SelectorTemplate, 'startPort' | 'endPort'>

const isAny = ({ startPort, endPort }: Ports): boolean => startPort === 0 && endPort === 0xffff
/** RFC 7296 §3.13.1. */
const isOpaque = ({ startPort, endPort }: Ports): boolean => startPort === 0xffff && endPort === 0

const isForLaterFragments = ({ local, remote }: SpdEntry): boolean => isOpaque(local) || isOpaque(remote)

function looksAtPorts({ local, remote, action }: SpdEntry): boolean {
  if (!isAny(local) || !isAny(remote)) return true
  return action.kind === 'PROTECT' && (action.populate ?? []).some((value) => value === 'local-port' || value === 'remote-port')
}
