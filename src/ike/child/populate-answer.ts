// A responder whose policy has PFP flags: an SA for the values of one packet, which the initiator's first selectors tell. RFC 4301 §4.4.1, RFC 7296 §2.9.
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { ChildConfig } from '../../policy/connection.ts'
import { populateChild } from '../../policy/populate.ts'
import { type Population, valuesOfSelectors } from '../../policy/population.ts'
import { narrow } from '../../policy/selectors.ts'
import type { PacketSelector } from '../../policy/spd.ts'
import type { SelectorPair } from './selectors.ts'

/** `config` itself where policy takes nothing from packets; a flag for which the request names no one value. */
export function populateFromOffer(
  population: Population,
  connection: string,
  config: ChildConfig,
  offered: SelectorPair,
  configured: SelectorPair,
): Result<ChildConfig, PacketSelector> {
  const local = firstChoice(offered.local, configured.local)
  const remote = firstChoice(offered.remote, configured.remote)
  if (local === undefined || remote === undefined) return ok(config)
  const flags = population.flagsFor(connection, config.name, { local, remote }).filter((flag) => !isGiven(flag, config))
  if (flags.length === 0) return ok(config)
  const values = valuesOfSelectors({ local, remote }, flags)
  return typeof values === 'string' ? failed(values) : ok(populateChild(config, flags, values))
}

/** What of the first selector is ours; of all, where that is nothing. */
function firstChoice(offered: SelectorPair['local'], configured: SelectorPair['local']): SelectorPair['local'][number] | undefined {
  for (const some of [offered.slice(0, 1), offered]) {
    const common = narrow(some, configured, 'TSi')
    if (common.ok) return common.value[0]
  }
  return undefined
}

/** A `dynamic` side has one address anyway, and a rekey finds the peer where it is then. */
function isGiven(flag: PacketSelector, { localSelectors, remoteSelectors }: ChildConfig): boolean {
  const side = flag === 'local-address' ? localSelectors : flag === 'remote-address' ? remoteSelectors : []
  return side.length > 0 && side.every(({ addresses }) => addresses === 'dynamic')
}
