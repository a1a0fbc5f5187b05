// How long what a file describes lasts: rekey_time and its kin, with the defaults of swanctl.conf, and what makes no sense together.
import type { TfcPadding } from '../contract/install.ts'
import type { Milliseconds } from '../contract/units.ts'
import type { ChildTerms, ConnectionTerms, IkeLifetime } from '../policy/connection.ts'
import { childDefaults, connectionDefaults } from '../policy/defaults.ts'
import type { DiagnosticCode, Severity } from '../documents/diagnostic.ts'
import { formatTime } from '../documents/times.ts'
import { parseOctets, parsePackets, parseReplayWindow, parseTfcPadding, parseTime, parseWindowSize } from './quantities.ts'
import { dummiesOf } from './dummies.ts'
import { overlapOf } from './overlap.ts'
import { pathTerms } from './path-terms.ts'
import type { ChildShape, ConnectionShape } from './shape.ts'

/** What is wrong between words, each right by itself. `word`: the one to point at. */
export interface LifetimeFault {
  readonly severity: Severity
  readonly code: DiagnosticCode
  readonly word: string
  readonly message: string
}

/** Words are right by themselves. What a faulty combination means does not matter: there is an error about it. */
export function connectionTerms(shape: ConnectionShape): { readonly terms: ConnectionTerms; readonly faults: readonly LifetimeFault[] } {
  const written = {
    rekey: amount(shape.rekey_time, parseTime),
    reauthenticate: amount(shape.reauth_time, parseTime),
    over: amount(shape.over_time, parseTime),
    rand: amount(shape.rand_time, parseTime),
  }
  const { lifetime, livenessDelay, keepaliveInterval, ...others } = connectionDefaults
  const overlap = overlapOf(shape)
  const keepAlive = amount(shape.keep_alive, parseTime)
  const delay = amount(shape.dpd_delay, parseTime)
  return {
    terms: {
      ...others,
      fragmentation: fragmentationOf(shape),
      fragmentSize: shape.fragment_size === undefined ? others.fragmentSize : Number(shape.fragment_size),
      lifetime: ikeLifetime(written, lifetime.rekey ?? 0),
      childless: shape.childless ?? others.childless,
      uniqueness: shape.unique ?? others.uniqueness,
      windowSize: amount(shape.window_size, parseWindowSize) ?? others.windowSize,
      livenessDelay: delay === undefined ? livenessDelay : limit(delay),
      overlap: overlap.overlap,
      keepaliveInterval: keepAlive === undefined ? keepaliveInterval : limit(keepAlive),
    },
    faults: [
      ...overlap.faults,
      ...hasty('rekey_time', written.rekey),
      ...hasty('reauth_time', written.reauthenticate),
      ...ikeFaults(written),
    ],
  }
}

/** `force` has the first message fragmented, which there is in IKEv1 alone: RFC 7383 §2.2, and §2.4 wants the consent of both first. */
const fragmentationOf = ({ fragmentation = 'yes' }: ConnectionShape): 'yes' | 'accept' | 'no' =>
  fragmentation === 'force' ? 'yes' : fragmentation

export function childTerms(shape: ChildShape): { readonly terms: ChildTerms; readonly faults: readonly LifetimeFault[] } {
  const time = childLimits('time', shape.rekey_time, shape.life_time, shape.rand_time, parseTime, childDefaults.soft.time ?? 0)
  const bytes = childLimits('bytes', shape.rekey_bytes, shape.life_bytes, shape.rand_bytes, parseOctets, 0)
  const packets = childLimits('packets', shape.rekey_packets, shape.life_packets, shape.rand_packets, parsePackets, 0)
  return {
    terms: {
      path: pathTerms(shape),
      replayWindow: amount(shape.replay_window, parseReplayWindow) ?? childDefaults.replayWindow,
      tfc: tfcOf(shape.tfc_padding),
      dummies: dummiesOf(shape),
      soft: { time: time.soft, bytes: bytes.soft, packets: packets.soft },
      hard: { time: time.hard, bytes: bytes.hard, packets: packets.hard },
      jitter: { time: time.jitter, bytes: bytes.jitter, packets: packets.jitter },
    },
    faults: [...hasty('rekey_time', amount(shape.rekey_time, parseTime)), ...time.faults, ...bytes.faults, ...packets.faults],
  }
}

function tfcOf(word: string | undefined): TfcPadding | undefined {
  const parsed = word === undefined ? undefined : parseTfcPadding(word)
  return parsed?.ok === true && parsed.value !== 'none' ? parsed.value : undefined
}

// ---- the IKE SA ------------------------------------------------------------------------------------------------------

interface WrittenIke {
  readonly rekey: Milliseconds | undefined
  readonly reauthenticate: Milliseconds | undefined
  readonly over: Milliseconds | undefined
  readonly rand: Milliseconds | undefined
}

function ikeLifetime(written: WrittenIke, usual: Milliseconds): IkeLifetime {
  // As in swanctl.conf: whoever asks for reauthentication alone gets it alone.
  const rekey = written.rekey ?? (limit(written.reauthenticate) === undefined ? usual : 0)
  const reauthenticate = written.reauthenticate ?? 0
  const over = written.over ?? tenth(Math.max(rekey, reauthenticate))
  const first = Math.min(...[rekey, reauthenticate].filter((time) => time > 0))
  const isEndless = !Number.isFinite(first) || over === 0
  return {
    rekey: limit(rekey),
    reauthenticate: limit(reauthenticate),
    hard: isEndless ? undefined : first + over,
    jitter: written.rand ?? usualJitter(over, Number.isFinite(first) ? first : 0),
  }
}

function ikeFaults({ rekey, reauthenticate, rand }: WrittenIke): readonly LifetimeFault[] {
  if (rand === undefined) return []
  const usual = limit(reauthenticate) === undefined ? (connectionDefaults.lifetime.rekey ?? 0) : 0
  const times = [
    { word: 'rekey_time', time: rekey ?? usual },
    { word: 'reauth_time', time: reauthenticate ?? 0 },
  ]
  const beaten = times.find(({ time }) => time > 0 && rand >= time)
  if (beaten === undefined) return []
  return [error('rand_time', `rand_time (${formatTime(rand)}) is not shorter than ${beaten.word} (${formatTime(beaten.time)})`)]
}

// ---- Child SAs -------------------------------------------------------------------------------------------------------

interface WrittenLimits {
  readonly soft: number | undefined
  readonly hard: number | undefined
  readonly jitter: number | undefined
  readonly faults: readonly LifetimeFault[]
}

/** `usual`: what is rekeyed at where nothing is written. 0 is no limit. */
function childLimits(
  what: 'time' | 'bytes' | 'packets',
  rekeyWord: string | undefined,
  lifeWord: string | undefined,
  randWord: string | undefined,
  parse: Parser,
  usual: number,
): WrittenLimits {
  const [rekeyWritten, lifeWritten, rand] = [rekeyWord, lifeWord, randWord].map((word) => amount(word, parse))
  const rekey = rekeyWritten ?? usual
  const life = lifeWritten ?? rekey + tenth(rekey)
  const jitter = rand ?? usualJitter(life === 0 ? tenth(rekey) : life - rekey, rekey)
  const words = what === 'time' ? formatTime : String
  const here = rekeyWritten === undefined ? `${words(rekey)}, where it is left out` : words(rekey)
  const faults: LifetimeFault[] = []
  if (rekey > 0 && life > 0 && life <= rekey) {
    const message = `life_${what} (${words(life)}) is not more than rekey_${what} (${here}): the Child SA would end before it is rekeyed`
    faults.push(error(lifeWritten === undefined ? `rekey_${what}` : `life_${what}`, message))
  }
  if (rand !== undefined && rekey > 0 && rand >= rekey) {
    faults.push(error(`rand_${what}`, `rand_${what} (${words(rand)}) is not less than rekey_${what} (${here})`))
  }
  return { soft: limit(rekey), hard: limit(life), jitter: rekey === 0 ? undefined : jitter, faults }
}

// ---- both ------------------------------------------------------------------------------------------------------------

type Parser = (text: string) => ReturnType<typeof parseTime>

function amount(word: string | undefined, parse: Parser): number | undefined {
  const parsed = word === undefined ? undefined : parse(word)
  return parsed?.ok === true ? parsed.value : undefined
}

const limit = (value: number | undefined): number | undefined => (value === 0 ? undefined : value)
const tenth = (value: number): number => Math.ceil(value / 10)

/** Where the reserve is longer than what it is a reserve of, its half is enough by chance: else it would be rekeyed at once. */
const usualJitter = (reserve: number, rekey: number): number => Math.max(0, Math.min(reserve, Math.floor(rekey / 2)))

/** An exchange of messages takes its time, and its key agreement both ends' processors. */
const hastyTime: Milliseconds = 60_000

function hasty(word: string, time: Milliseconds | undefined): readonly LifetimeFault[] {
  if (time === undefined || time === 0 || time >= hastyTime) return []
  const message = `${word} of ${formatTime(time)}: new keys every few moments are for tests; a minute is little, an hour is usual`
  return [{ severity: 'warning', code: 'wrong-value', word, message }]
}

const error = (word: string, message: string): LifetimeFault => ({ severity: 'error', code: 'wrong-value', word, message })
