// The list of packets that goes to the cipher: one for all SAs, since a burst is sealed or opened in one synchronous call.
import type { PacketBatch } from '../contract/packets.ts'
import type { CipherJobs } from '../crypto/provider.ts'

export interface JobList extends CipherJobs {
  arena: Uint8Array
  /** Which packet of the batch each job is. */
  readonly packet: Int32Array
  /** With framing `ip`, when opening: octets of the outer IP header, and where in it the protocol is named. */
  readonly outerLength: Int32Array
  readonly protocolAt: Int32Array
}

const nothing = new Uint8Array(0)
let jobs: JobList = allocate(64)

/** The list that the burst at hand fills. */
export const currentJobs = (): JobList => jobs

/** An empty list with room for every packet of the batch; valid until the next call. */
export function jobsFor(batch: PacketBatch): JobList {
  if (jobs.packet.length < batch.capacity) jobs = allocate(batch.capacity)
  jobs.arena = batch.arena
  jobs.count = 0
  return jobs
}

function allocate(capacity: number): JobList {
  return {
    arena: nothing,
    count: 0,
    packet: new Int32Array(capacity),
    outerLength: new Int32Array(capacity),
    protocolAt: new Int32Array(capacity),
    header: new Int32Array(capacity),
    textLength: new Int32Array(capacity),
    sequence: 'no-esn',
    sequenceHigh: new Uint32Array(capacity),
    accepted: new Uint8Array(capacity),
  }
}
