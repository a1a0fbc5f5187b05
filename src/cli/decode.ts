// `ikebana decode`: a capture, or octets in hexadecimal, explained.
import { once } from 'node:events'
import { type CaptureItem, formatCaptureFault } from '../inspect/capture/frame.ts'
import { guessKind } from '../inspect/capture/guess.ts'
import { CaptureReader } from '../inspect/capture/reader.ts'
import { escapeText } from '../inspect/escape.ts'
import { type EspFlowView, espFlowSummary } from '../inspect/esp-null/flows.ts'
import { type DecodedFrame, FrameDecoder } from '../inspect/frame-decoder.ts'
import { isSelective, passes } from '../inspect/frame-filter.ts'
import { frameFaultLines } from '../inspect/frame-words.ts'
import { talk } from './console.ts'
import { type Form, formOf } from './decode-forms.ts'
import { type DecodeInput, openInput } from './decode-input.ts'
import { readKeys } from './decode-keys.ts'
import type { DecodeOptions } from './decode-options.ts'
import { CommandFailure, type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { Progress } from './progress.ts'
import { TextOutput } from './text-output.ts'

export async function decode(what: string, options: DecodeOptions): Promise<ExitCode> {
  const keys = options.keys === undefined ? undefined : readKeys(options.keys)
  const input = await openInput(what)
  const run = new Run(input.name, options, new FrameDecoder({ decryption: keys?.decryption, ports: options.ports, scope: options.scope }))
  for (const fault of keys?.faults ?? []) talk(fault, 'bad')
  if (input.kind === 'octets') decodeOctets(run, input.octets, options)
  else {
    if (options.as !== undefined) throw usageFailure(`--as is for hexadecimal: ${input.name} is a capture, or meant as one`)
    await decodeCapture(run, input)
  }
  await run.end()
  if (run.faults > 0) return exitCodes.failed
  return (keys?.faults.length ?? 0) > 0 ? exitCodes.configuration : exitCodes.done
}

function decodeOctets(run: Run, octets: Uint8Array, options: DecodeOptions): void {
  const kind = options.as ?? guessKind(octets)
  if (kind === undefined) {
    const message = `these ${octets.length} octets look like neither IP nor IKE nor ESP: say what they are with --as`
    throw new CommandFailure(exitCodes.failed, message)
  }
  if (options.as === undefined) talk(`taken for ${kind} (--as says otherwise)`, 'faint')
  run.frame(run.decoder.decodeOctets(octets, kind), 'asked')
}

async function decodeCapture(run: Run, input: Extract<DecodeInput, { readonly kind: 'capture' }>): Promise<void> {
  const reader = new CaptureReader()
  const progress = new Progress()
  let octets = 0
  const take = async (items: readonly CaptureItem[]): Promise<void> => {
    for (const item of items) {
      if (item.kind === 'frame') run.frame(run.decoder.decode(item.frame), 'found')
      else run.captureFault(item.fault)
      // A frame becomes a hundred times as much text.
      if (run.pending > mostPending) await run.flush()
    }
  }
  for await (const chunk of input.chunks) {
    await take(reader.read(chunk))
    octets += chunk.length
    progress.at(() => `${share(octets, input.size)}${(octets / 1_048_576).toFixed(0)} MiB, ${run.frames} frames`)
    if (reader.stopped) break
  }
  await take(reader.end())
  progress.done()
}

const share = (octets: number, size: number | undefined): string =>
  size === undefined || size === 0 ? '' : `${Math.floor((100 * octets) / size)} %, `

/** Octets of the result that wait to be written. */
const mostPending = 128 * 1024

/** One run: what is shown, and what is counted. */
class Run {
  readonly decoder: FrameDecoder
  readonly #name: string
  readonly #options: DecodeOptions
  readonly #form: Form
  readonly #linkTypes = new Set<number>()
  readonly #claims = { ike: 0, encapsulated: 0, esp: 0, ah: 0 }
  readonly #output = new TextOutput()
  #frames = 0
  #shown = 0
  #faults = 0

  constructor(name: string, options: DecodeOptions, decoder: FrameDecoder) {
    this.#name = name
    this.#options = options
    this.decoder = decoder
    this.#form = formOf(options.form, name)
    this.#output.add(this.#form.begin())
  }

  get frames(): number {
    return this.#frames
  }

  /** Frames that should have decoded and did not, and faults of the file. */
  get faults(): number {
    return this.#faults
  }

  /** `asked`: shown whatever it carries. */
  frame(decoded: DecodedFrame, why: 'asked' | 'found'): void {
    this.#frames++
    if (decoded.claim !== undefined) this.#claims[decoded.claim]++
    const counts = why === 'asked' || decoded.claim !== undefined || decoded.faults.some(({ code }) => code.startsWith('FRAME_'))
    if (this.#isToldBefore(decoded)) return
    const wanted = why === 'asked' || decoded.claim !== undefined || decoded.faults.length > 0 || this.#options.scope === 'all'
    if (!wanted || !passes(this.#options.filter, decoded.annotation?.summary)) return
    this.#shown++
    if (decoded.faults.length > 0 && counts) this.#faults++
    // Where stdout has no place for it.
    if (this.#options.form === 'ladder')
      for (const fault of decoded.faults) talk(`frame ${decoded.frame.number}: ${frameFaultLines(fault).join('; ')}`, 'bad')
    this.#output.add(this.#form.frame(decoded))
  }

  captureFault(fault: Parameters<Form['captureFault']>[0]): void {
    this.#faults++
    talk(`${escapeText(this.#name)}: ${formatCaptureFault(fault)}`, 'bad')
    this.#output.add(this.#form.captureFault(fault))
  }

  /** Octets that wait to be written. */
  get pending(): number {
    return this.#output.pending
  }

  /** Writes what there is, at the reader's pace. */
  async flush(): Promise<void> {
    for (const octets of this.#output.take()) if (!process.stdout.write(octets)) await once(process.stdout, 'drain')
  }

  async end(): Promise<void> {
    this.#output.add(this.#form.end(this.decoder.unanswered, this.#flows()))
    await this.flush()
    const { ike, encapsulated, esp, ah } = this.#claims
    const kinds = [
      [ike, 'IKE'],
      [encapsulated, 'IKE or ESP in UDP'],
      [esp, 'ESP'],
      [ah, 'AH'],
      [this.#frames - ike - encapsulated - esp - ah, this.#options.scope === 'all' ? 'others' : 'others (--all shows them)'],
    ] as const
    const present = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`)
    const counts = [`${this.#frames} frame${this.#frames === 1 ? '' : 's'}${present.length === 0 ? '' : `: ${present.join(', ')}`}`]
    if (isSelective(this.#options.filter)) counts.push(`${this.#shown} shown`)
    if (this.decoder.incomplete > 0) counts.push(`${this.decoder.incomplete} packets of which fragments are missing`)
    if (this.#faults > 0) counts.push(`${this.#faults} with faults`)
    talk(counts.join('; '), this.#faults > 0 ? 'bad' : 'faint')
  }

  #flows(): readonly EspFlowView[] {
    return this.decoder.espFlows.filter((flow) => passes(this.#options.filter, espFlowSummary(flow)))
  }

  /** A link type that nobody knows is told once, not for each of a million frames. */
  #isToldBefore({ frame, faults }: DecodedFrame): boolean {
    if (faults[0]?.code !== 'FRAME_LINK_UNKNOWN') return false
    if (this.#linkTypes.has(frame.linkType)) return true
    this.#linkTypes.add(frame.linkType)
    return false
  }
}
