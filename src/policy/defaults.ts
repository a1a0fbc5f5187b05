// What a connection and its children are where nothing else is said: to be spread into them. RFC 7296 §2.8.
import type { PathTerms } from '../contract/path-terms.ts'
import type { ChildTerms, ConnectionTerms, IkeLifetime, LifetimeLimits } from './connection.ts'

const minute = 60_000

export const unlimited: LifetimeLimits = { packets: undefined, bytes: undefined, time: undefined }
export const unlimitedIke: IkeLifetime = { rekey: undefined, reauthenticate: undefined, hard: undefined, jitter: 0 }

/** New keys every four hours; reauthentication only where it is asked for, since it is for credentials that expire. */
export const connectionDefaults: ConnectionTerms = {
  fragmentation: 'yes',
  fragmentSize: undefined,
  lifetime: { rekey: 240 * minute, reauthenticate: undefined, hard: 264 * minute, jitter: 24 * minute },
  childless: 'allow',
  uniqueness: 'no',
  windowSize: 1,
  livenessDelay: undefined,
  overlap: { kind: 'newest' },
  // RFC 3948 §4.
  keepaliveInterval: 20_000,
}

/** What RFC 4301 and RFC 6040 recommend. */
export const pathDefaults: PathTerms = {
  mtu: undefined,
  tooBig: 'believe',
  undelivered: 'heed',
  fragmentation: 'before-sealing',
  laterFragments: 'negotiate',
  dontFragment: 'copy',
  ecn: 'normal',
  outerDscp: 'copy',
  innerDscp: 'keep',
  icmpErrors: 'by-payload',
}

/** New keys every hour. The limits of sequence numbers come besides, and are known to the SA itself (RFC 4303 §3.3.3). */
export const childDefaults: ChildTerms = {
  replayWindow: 1024,
  tfc: undefined,
  dummies: undefined,
  path: pathDefaults,
  soft: { ...unlimited, time: 60 * minute },
  hard: { ...unlimited, time: 66 * minute },
  jitter: { ...unlimited, time: 6 * minute },
}

/** The same without any end: for what lasts as long as its process, and for tests. */
export const endlessConnection: ConnectionTerms = { ...connectionDefaults, lifetime: unlimitedIke }
export const endlessChild: ChildTerms = { ...childDefaults, soft: unlimited, hard: unlimited, jitter: unlimited }
