// Where the command speaks: the result on stdout, talk on stderr. Colour where the stream is a terminal and NO_COLOR is not set.
import { styleText } from 'node:util'
import type { Json } from '../inspect/describe.ts'

export type Accent = 'good' | 'bad' | 'careful' | 'faint' | 'strong'

/** A line of the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A line of the result as JSON, without line breaks inside. */
export function printJson(value: Json): void {
  print(jsonText(value))
}

/** In ASCII, so that nothing in it steers a terminal. */
export function jsonText(value: Json): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A line to the person who watches. */
export function talk(line: string, accent?: Accent): void {
  process.stderr.write(`${accent === undefined ? line : styleText(styles[accent], line, { stream: process.stderr })}\n`)
}

/** A part of the result, accented. */
export const accented = (accent: Accent, text: string): string => styleText(styles[accent], text, { stream: process.stdout })

/** A reader that goes away (`| head`) is as good as Ctrl-C: what must be deleted is deleted, and no stack trace is printed. */
export function toleratePipes(): void {
  let gone = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
      if (gone) return
      gone = true
      if (process.listenerCount('SIGINT') === 0) process.exit(0)
      process.emit('SIGINT')
    })
  }
}

const styles = { good: 'green', bad: 'red', careful: 'yellow', faint: 'gray', strong: 'bold' } as const
