// Lengths of time, numbers of octets, counts: as swanctl.conf writes them, and as people do who have not read its manual.
import { ok, type Result } from '../bytes/result.ts'
import type { DummyTerms, TfcPadding } from '../contract/install.ts'
import type { Milliseconds } from '../contract/units.ts'
import { nearestTime, unitLengths } from '../documents/times.ts'
import { limits } from '../ike/limits.ts'
import { replayWindowLimits } from '../ipsec/replay-window-limits.ts'
import { dummyLimits } from '../policy/dummies.ts'
import { nearestWord, type WordFault } from '../policy/words.ts'

/** `90s`, `30m`, `4h`, `7d`; a number alone is seconds. In milliseconds. */
export function parseTime(text: string): Result<Milliseconds, WordFault> {
  const parts = /^(\d{1,9})([smhd]?)$/.exec(text)
  if (parts === null) return refused(text, 'is no time: write 90s, 30m, 4h or 7d', nearestTime(text))
  return ok(Number(parts[1]) * (unitLengths[parts[2] ?? ''] ?? 1000))
}

/** `500M`: `K`, `M` and `G` are powers of 1024; a number alone is octets. */
export function parseOctets(text: string): Result<number, WordFault> {
  const parts = /^(\d{1,12})([kmg]?)$/i.exec(text)
  const octets = Number(parts?.[1]) * 1024 ** powers.indexOf(parts?.[2]?.toLowerCase() ?? '')
  if (parts === null || !Number.isSafeInteger(octets)) {
    return refused(text, 'is no number of octets: write 1000000, 500M or 4G', nearestOctets(text))
  }
  return ok(octets)
}

/** Digits and nothing else. */
export const parsePackets = (text: string): Result<number, WordFault> => parseCount(text, 0, Number.MAX_SAFE_INTEGER)
/** 0 switches the check off. RFC 4303 §3.4.3: a window of 32 packets MUST be supported. */
export function parseReplayWindow(text: string): Result<number, WordFault> {
  const count = parseCount(text, 0, replayWindowLimits.widest)
  if (!count.ok || count.value === 0 || count.value >= replayWindowLimits.narrowest) return count
  return refused(text, 'is no replay window: 0 is no check, else 32 packets are the least (RFC 4303 §3.4.3)', '32')
}
export const parseWindowSize = (text: string): Result<number, WordFault> => parseCount(text, 1, limits.window)

/** Octets of the outer packet: RFC 791 §3.2: every link takes 68; 0 is not known. */
export function parseMtu(text: string): Result<number, WordFault> {
  const count = parseCount(text, 0, longestPacket)
  if (!count.ok || count.value === 0 || count.value >= leastMtu) return count
  return refused(text, `is no MTU: ${leastMtu} octets are the least, 0 is not known`, undefined)
}
const leastMtu = 256

/** Six bits (RFC 2474). */
export const parseDscp = (text: string): Result<number, WordFault> => parseCount(text, 0, 63)

/** How long packets are made to look (RFC 4303 §2.7): `512`, `mtu` as in swanctl.conf, `multiple of 128`; `0` is `none`. */
export function parseTfcPadding(text: string): Result<TfcPadding | 'none', WordFault> {
  if (text === 'mtu') return ok({ to: 'mtu' })
  const [, multiple, digits] = /^(multiple of )?(\d{1,5})$/.exec(text) ?? []
  const octets = Number(digits)
  if (octets === 0 && multiple === undefined) return ok('none')
  if (octets >= 1 && octets <= longestPacket) return ok({ to: multiple === undefined ? 'size' : 'multiple', octets })
  const nearest = nearestWord(text, ['mtu']) ?? /^(\d{1,4}) ?(?:octets|bytes)$/i.exec(text)?.[1]
  return refused(text, 'is no length: write 512 for octets, multiple of 128, or mtu', nearest)
}
const longestPacket = 65_535

/** How many dummy packets (RFC 4303 §2.6): `10/s`, `30/m`, `6/h`; `0` is `none`. The milliseconds between two. */
export function parseDummyRate(text: string): Result<Milliseconds | 'none', WordFault> {
  if (text === '0') return ok('none')
  const [, digits, unit = ''] = /^(\d{1,7})\/([smh])$/.exec(text) ?? []
  const interval = (unitLengths[unit] ?? Number.NaN) / Number(digits)
  if (interval >= dummyLimits.shortestInterval && interval <= dummyLimits.longestInterval) return ok(interval)
  if (interval < dummyLimits.shortestInterval) return refused(text, 'is too many: 1000/s are the most', `1000/s`)
  const count = /^([1-9]\d{0,2})(?:| ?pps| ?(?:\/|per) ?s(?:ec|econd)?)$/i.exec(text)?.[1]
  return refused(text, 'is no rate: write 10/s, 30/m or 6/h', count === undefined ? undefined : `${count}/s`)
}

/** How long dummies look: `512`, `64-1400`, `mtu`. */
export function parseDummySize(text: string): Result<NonNullable<DummyTerms['octets']>, WordFault> {
  if (text === 'mtu') return ok({ least: dummyLimits.longest, most: dummyLimits.longest })
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  const [least, most] = [Number(first), Number(last)]
  if (least >= 1 && least <= most && most <= dummyLimits.longest) return ok({ least, most })
  if (most >= 1 && least > most) return refused(text, 'begins with the longer one', `${most}-${least}`)
  const nearest = nearestWord(text, ['mtu']) ?? /^(\d{1,4}) ?(?:octets|bytes)$/i.exec(text)?.[1]
  return refused(text, 'is no length of dummies: write 512 for octets, 64-1400, or mtu', nearest)
}

const powers = ['', 'k', 'm', 'g']

function parseCount(text: string, least: number, most: number): Result<number, WordFault> {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (count >= least && count <= most) return ok(count)
  const digits = text.replace(/[\s_.,']/g, '')
  const range = most === Number.MAX_SAFE_INTEGER ? '' : ` from ${least} to ${most}`
  return refused(text, `is no count: a number${range} is expected`, digits !== text && /^\d+$/.test(digits) ? digits : undefined)
}

/** `500 MB`, `4GiB`. */
function nearestOctets(text: string): string | undefined {
  const parts = /^\s*(\d{1,9})\s*([kmg])i?b?\s*$/i.exec(text)
  return parts === null ? undefined : `${parts[1]}${parts[2]?.toUpperCase()}`
}

const refused = (word: string, why: string, nearest: string | undefined): Result<never, WordFault> => ({
  ok: false,
  fault: { word, offset: 0, nearest, message: `"${word}" ${why}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}` },
})
