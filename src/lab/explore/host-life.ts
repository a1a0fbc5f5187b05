// One host alive: fed step by step, with what it has installed.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { u32 } from '../../bytes/bytes.ts'
import type { Datagram, Input, Output } from '../../contract/machine.ts'
import { espSpi, type Instant, later, type Milliseconds, type Spi } from '../../contract/units.ts'
import { ipv4MinimumHeader } from '../../net/ipv4.ts'
import type { Lexicon, Reading } from './lexicon.ts'
import type { Post } from './post.ts'
import type { SealedPacket, Specimen, Step, Subject } from './subject.ts'

export interface InstalledSa {
  readonly direction: 'in' | 'out'
  readonly spi: Spi
  /** By its name: see `Subject`. */
  readonly key: string
}

export class HostLife {
  readonly #subject: Subject
  readonly #post: Post
  readonly #specimen: Specimen
  readonly #installed: InstalledSa[] = []
  #now: Instant

  constructor(subject: Subject, post: Post, firstInstant: Instant) {
    this.#subject = subject
    this.#post = post
    this.#specimen = subject.make()
    this.#now = firstInstant
  }

  get now(): Instant {
    return this.#now
  }

  get view(): Specimen['host']['view'] {
    return this.#specimen.host.view
  }

  get drawn(): number {
    return this.#specimen.drawn
  }

  get installed(): readonly InstalledSa[] {
    return [...this.#installed]
  }

  /** Until its next timer runs out. */
  get wait(): Milliseconds | undefined {
    const { deadline } = this.#specimen.host
    return deadline === undefined ? undefined : Math.max(0, deadline - this.#now)
  }

  /** Each input takes a millisecond, so that timers have an order; operations take no time. */
  take(step: Step): readonly Output[] {
    const { host } = this.#specimen
    this.#now = step.kind === 'timer' ? later(this.#now, this.wait ?? 0) : later(this.#now, 1)
    this.#specimen.setNonces(step.kind === 'start' ? step.start.nonces : 'middle')
    const outputs = [...host.handle(this.#now, this.#input(step))]
    for (const output of outputs) {
      if (output.kind !== 'operation') continue
      const { id, kind, request } = output.operation
      const completion = { id, kind, outcome: this.#specimen.compute(request) }
      outputs.push(...host.handle(this.#now, { kind: 'completion', completion }))
    }
    for (const output of outputs) this.#obey(output)
    return outputs
  }

  read(lexicon: Lexicon): Reading {
    return lexicon.read([this.#specimen.memory(), this.#installed])
  }

  /**
   * The packet that it would send now; `undefined` when it has no SA for it. Of a host that has sealed, nothing but sequence numbers and the
   * time of the last sending are different.
   */
  seal(): SealedPacket | undefined {
    if (!this.#installed.some(({ direction }) => direction === 'out')) return undefined
    for (const output of this.#specimen.host.handle(this.#now, { kind: 'packet', bytes: this.#subject.packet })) {
      if (output.kind !== 'send' || (output.datagram.channel !== 'esp' && output.datagram.channel !== 'ip')) continue
      const spi = spiOf(output.datagram)
      const sa = this.#installed.find((installed) => installed.direction === 'out' && installed.spi === spi)
      return { spi, key: sa?.key ?? 'unknown', datagram: output.datagram }
    }
    return undefined
  }

  #input(step: Step): Input {
    switch (step.kind) {
      case 'datagram':
        return { kind: 'datagram', datagram: arriving(this.#post.datagram(step.message)) }
      case 'packet':
        return { kind: 'datagram', datagram: arriving(step.packet.datagram) }
      case 'timer':
        return { kind: 'tick' }
      case 'start':
        return { kind: 'command', command: step.start.command }
    }
  }

  #obey(output: Output): void {
    if (output.kind === 'install') {
      const { direction, spi, encryptionKey, integrityKey } = output.sa
      const key = encryptionKey ?? integrityKey
      this.#installed.push({ direction, spi, key: key === undefined ? 'none' : this.#subject.dangerKeyName(key) })
    } else if (output.kind === 'remove') {
      const at = this.#installed.findIndex(({ direction, spi }) => direction === output.direction && spi === output.spi)
      if (at >= 0) this.#installed.splice(at, 1)
    }
  }
}

/** Of ESP without its IP header, or of AH behind one of IPv4 without options (RFC 4302 §2). */
const spiOf = ({ channel, bytes }: Datagram): Spi => espSpi(u32(bytes, channel === 'ip' ? ipv4MinimumHeader + 4 : 0))

/** As the other host sees it. */
function arriving({ channel, local, remote, bytes }: Datagram): Datagram {
  return { channel, local: remote, remote: local, bytes: bytes.slice() }
}
