// Where `decode` reads: a capture in chunks, or octets in hexadecimal from a file, the standard input, or the command line.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { asciiText, concat } from '../bytes/bytes.ts'
import { type HexFault, looksLikeHex, parseHexInput } from '../inspect/capture/hex-input.ts'
import { startsCapture } from '../inspect/capture/reader.ts'
import { CommandFailure, configurationFailure, exitCodes } from './exit-codes.ts'
import { explainFileError, systemError } from './system-errors.ts'

export type DecodeInput =
  /** `size`: octets, where that is known before. What is not a capture is one too: its reader says what is wrong with it. */
  | { readonly kind: 'capture'; readonly name: string; readonly size: number | undefined; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly kind: 'octets'; readonly name: string; readonly octets: Uint8Array }

/** `words`: a path, hexadecimal, or `-`. Throws a `CommandFailure` for what is neither. */
export async function openInput(words: string): Promise<DecodeInput> {
  if (words === '-') return await recognise('standard input', undefined, process.stdin)
  if (!existsSync(words)) return { kind: 'octets', name: 'hexadecimal', octets: octetsOf(words, undefined) }
  const status = statSync(words)
  if (status.isDirectory()) throw configurationFailure(`${words}: it is a directory`)
  return await recognise(words, status.isFile() ? status.size : undefined, createReadStream(words, { highWaterMark: chunkOctets }))
}

/** Large enough that few frames lie in two of them. */
const chunkOctets = 256 * 1024
/** One packet in hexadecimal, in whatever form, is shorter. */
const longestText = 1024 * 1024

async function recognise(name: string, size: number | undefined, stream: AsyncIterable<unknown>): Promise<DecodeInput> {
  const source = chunksOf(name, stream)[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let held = 0
  let ended = false
  while (held < 4 && !ended) ended = !(await pull())
  if (startsCapture(concat(...first)) || !isText(concat(...first))) return { kind: 'capture', name, size, chunks: rejoined() }
  while (!ended && held <= longestText) ended = !(await pull())
  return { kind: 'octets', name, octets: octetsOf(decodeText(concat(...first)), name) }

  async function pull(): Promise<boolean> {
    const next = await source.next()
    if (next.done === true) return false
    first.push(next.value)
    held += next.value.length
    return true
  }
  async function* rejoined(): AsyncGenerator<Uint8Array> {
    yield* first
    if (!ended) yield* { [Symbol.asyncIterator]: () => source }
  }
}

async function* chunksOf(name: string, stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot read', name)
  }
}

/** Nothing at all is no text: an empty capture is the likelier mistake. */
const isText = (start: Uint8Array): boolean =>
  start.length > 0 && asciiText(start.subarray(0, 512).filter((octet) => ![9, 10, 13].includes(octet))) !== undefined

const decodeText = (octets: Uint8Array): string => new TextDecoder('latin1').decode(octets)

function octetsOf(text: string, file: string | undefined): Uint8Array {
  const parsed = parseHexInput(text)
  if (parsed.ok) return parsed.value.octets
  if (file !== undefined) throw new CommandFailure(exitCodes.failed, `${file}:${place(parsed.fault)}; a capture would be read as well`)
  if (looksLikeHex(text)) throw new CommandFailure(exitCodes.failed, `the hexadecimal, column ${place(parsed.fault).replace(/^1:/, '')}`)
  throw configurationFailure(`${text}: there is no such file, and it is not hexadecimal either`)
}

const place = ({ line, column, found, expected }: HexFault): string => `${line}:${column}: ${found}; expected ${expected}`
