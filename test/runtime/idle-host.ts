// A host that does nothing, for tests of what drives one.
import type { Host } from '../../src/host/host.ts'
import { reorderingOf } from '../../src/ipsec/reordering.ts'
import { alice, bob, makeHost } from '../host/two-hosts.ts'

export const idleHost = (): Host => ({
  deadline: undefined,
  handle: () => [],
  counters: makeHost(alice, bob.address, 1).host.counters,
  ikeSaCount: 0,
  reordering: reorderingOf(undefined, undefined),
  view: { ikeSas: [], over: [], inbound: [], outbound: [] },
  seal() {},
  open() {},
  effectiveMtu: () => undefined,
  replacePolicies: () => [],
  drain: () => [],
})
