// The NAT matrix: one to four hosts, one or two NATs or two behind a third, IPv4 and IPv6, TCP, UDP and ICMP, mappings that change, loss and an
// attacker. Every packet arrives at the right host or is dropped with a counted reason. RFC 3948 §5.2, RFC 7296 §2.23.1.
import { describe, expect, it } from 'vitest'
import { play } from './nat-matrix.ts'

const only = process.env['IKEBANA_LAB_SEED']
const count = Number(process.env['IKEBANA_LAB_SEEDS'] ?? '50')
const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)]

/** In milliseconds, on a busy machine. */
const patience = Math.max(20_000, 500 * seeds.length)

describe(`the NAT matrix, ${seeds.length} seeds`, () => {
  it(
    'every packet arrives at the right host, through the right SA, or is counted',
    () => {
      const failed: string[] = []
      let delivered = 0
      let refused = 0
      for (const seed of seeds) {
        const { scene, traits, isCalm, fed, wrong } = play(seed)
        const got = [scene.server, ...scene.clients.map(({ host }) => host)].reduce((sum, host) => sum + host.delivered.length, 0)
        const given = [...fed.values()].reduce((sum, each) => sum + each, 0)
        delivered += got
        refused += scene.server.host.counters.overlapsRefused
        const missing = isCalm && got !== given ? [`${given} packets were given, ${got} delivered`] : []
        if (wrong.length + missing.length > 0) failed.push(`seed ${seed} (${traits}): ${[...wrong, ...missing].join('; ')}`)
      }
      expect(failed.slice(0, 5), `${failed.length} of ${seeds.length}`).toEqual([])
      // Something was seen at all.
      expect(delivered).toBeGreaterThan(8 * seeds.length)
      if (only === undefined) expect(refused).toBeGreaterThan(0)
    },
    patience,
  )
})
