// `--why FILE`: what failed, and the comparison behind it, as a page for a browser.
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Event } from '../contract/events.ts'
import { htmlEnd, htmlStart } from '../inspect/html.ts'
import { failureSection } from '../inspect/refusal-html.ts'
import { formatEndpoint } from '../net/address.ts'
import { fileGuarded } from './system-errors.ts'

type Failure = Extract<Event, { readonly name: 'ike-sa-failed' | 'child-sa-failed' | 'request-refused' }>

/** Strangers can fail as often as they like: a page with more than this is of no use. */
const mostFailures = 500

/** A page that grows with each failure; what is written so far can be read at any time. */
export class WhyPage {
  readonly #file: number
  #failures = 0
  #remarks: string[] = []

  /** Overwrites `path`. Throws a `CommandFailure` when it cannot be written. */
  constructor(path: string) {
    this.#file = fileGuarded('the page', path, () => openSync(path, 'w'))
    writeSync(this.#file, htmlStart('ikebana: why it failed'))
  }

  /** Takes events of every kind, and writes those that say that something failed. `at`: milliseconds since 1970. */
  record(event: Event, at: number): void {
    if (event.name !== 'ike-sa-failed' && event.name !== 'child-sa-failed' && event.name !== 'request-refused') return
    this.#failures++
    if (this.#failures > mostFailures) return
    const { fault, refusal } = event
    writeSync(this.#file, failureSection({ heading: headingOf(event), remarks: [new Date(at).toISOString()], fault, refusal }))
  }

  /** What no event tells, one line; shown at the end of the page. */
  remark(line: string): void {
    this.#remarks.push(line.trim())
  }

  close(): void {
    if (this.#failures === 0 && this.#remarks.length === 0) this.remark('No negotiation failed.')
    if (this.#failures > mostFailures) this.remark(`${this.#failures - mostFailures} more failures are not on this page.`)
    writeSync(this.#file, htmlEnd(this.#remarks))
    closeSync(this.#file)
  }
}

function headingOf(event: Failure): string {
  if (event.name === 'request-refused') return `Refused ${formatEndpoint(event.remote)}`
  return event.name === 'ike-sa-failed' ? 'IKE SA failed' : 'Child SA failed, the IKE SA is up'
}
