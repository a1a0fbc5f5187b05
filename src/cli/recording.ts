// What is written beside the talk: a capture of all datagrams, and on demand the keys that open it.
import { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../contract/events.ts'
import type { Datagram } from '../contract/machine.ts'
import { describeDatagram, framePacket } from '../inspect/frame.ts'
import { pcapngPacket, pcapngStart } from '../inspect/pcapng.ts'
import { dangerChildKeyRow, dangerIkeKeyRow, dangerKeyFiles } from '../inspect/wireshark-keys.ts'
import { fileGuarded } from './system-errors.ts'

/** A pcapng file that grows as datagrams come and go; what is written so far can be read at any time. */
export class Capture {
  readonly #file: number

  /** Overwrites `path`. Throws a `CommandFailure` when it cannot be written. */
  constructor(path: string) {
    this.#file = fileGuarded('the capture', path, () => openSync(path, 'w'))
    writeSync(this.#file, pcapngStart('ikebana', 'udp'))
  }

  record(direction: 'sent' | 'received', datagram: Datagram): void {
    const packet = framePacket(direction, datagram)
    const said = describeDatagram(datagram)
    // A comment on each of thousands of ESP packets would hide the others.
    const comment = said.startsWith('ESP') ? undefined : said
    writeSync(this.#file, pcapngPacket({ at: now(), packet, direction, comment }))
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** Wireshark's key tables in a directory that only its owner may read. Rows are added to what is there already. */
export class DangerKeyTables {
  readonly #folder: string
  #unknownSuites = 0

  /** `fresh` removes tables of an earlier run. Throws a `CommandFailure` when the directory cannot be made. */
  constructor(folder: string, tables: 'fresh' | 'added-to') {
    this.#folder = folder
    fileGuarded('the keys', folder, () => {
      const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
      // A directory that was there before is the user's, unless all that is in it is ours.
      if (tables === 'fresh' && made === undefined) chmodSync(folder, 0o700)
      for (const name of Object.values(dangerKeyFiles)) {
        const path = join(folder, name)
        if (tables === 'fresh') rmSync(path, { force: true })
        const file = openSync(path, tables === 'fresh' ? 'wx' : 'a', 0o600)
        fchmodSync(file, 0o600)
        closeSync(file)
      }
    })
  }

  record(event: Event): void {
    if (event.name === 'danger-ike-keys') this.#add(dangerKeyFiles.ike, dangerIkeKeyRow(event))
    if (event.name === 'danger-child-keys') this.#add(dangerKeyFiles.child, dangerChildKeyRow(event))
  }

  /** Rows that could not be written because Wireshark has no name for the suite. */
  get unknownSuites(): number {
    return this.#unknownSuites
  }

  #add(table: string, row: string | undefined): void {
    if (row === undefined) {
      this.#unknownSuites++
      return
    }
    const file = openSync(join(this.#folder, table), 'a', 0o600)
    writeSync(file, `${row}\n`)
    closeSync(file)
  }
}

/** A directory for results, made where there is none. Throws a `CommandFailure` when it cannot be. */
export function makeFolder(path: string): void {
  fileGuarded('the directory', path, () => mkdirSync(path, { recursive: true }))
}

/** The command that opens a capture with its keys. `port`: where ESP in UDP went, when that is not 4500. */
export function tsharkCommand(capture: string, keys: string, port: number): string {
  const decodeAs = port === 4500 ? '' : ` -d udp.port==${port},udpencap`
  return `WIRESHARK_CONFIG_DIR=${quoted(keys)} tshark -r ${quoted(capture)} -o esp.enable_encryption_decode:TRUE${decodeAs}`
}

/** Nanoseconds since 1970, from a clock that does not jump while we run. */
const epoch: bigint = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()
const now = (): bigint => epoch + process.hrtime.bigint()

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
