// Options of pcapng blocks, and what those of an interface say of its time stamps. draft-ietf-opsawg-pcapng §3.5, §4.2.
import type { Integers } from './steps.ts'

export interface BlockOption {
  readonly code: number
  readonly value: Uint8Array
}

export const optionCode = { end: 0, comment: 1, timeResolution: 9, timeOffset: 14 } as const

/** Those between `at` and `end`; one that is cut off ends the list. */
export function readOptions(octets: Uint8Array, at: number, end: number, integers: Integers): readonly BlockOption[] {
  if (at + 4 > end) return none
  const options: BlockOption[] = []
  for (let next = at; next + 4 <= end; ) {
    const code = integers.u16(octets, next)
    const length = integers.u16(octets, next + 2)
    if (code === optionCode.end || next + 4 + length > end) break
    options.push({ code, value: octets.subarray(next + 4, next + 4 + length) })
    next += 4 + ((length + 3) & ~3)
  }
  return options
}

/** How an interface counts time. */
export interface TimeBase {
  /** Nanoseconds since 1970 of a time stamp. */
  toNanoseconds(ticks: bigint): bigint
}

/** §4.2: if_tsresol is a power of ten, or of two where its first bit is set, microseconds by default; if_tsoffset is in seconds. */
export function interfaceTime(options: readonly BlockOption[], integers: Integers): TimeBase {
  const resolution = options.find(({ code, value }) => code === optionCode.timeResolution && value.length === 1)?.value[0] ?? 6
  const offsetOption = options.find(({ code, value }) => code === optionCode.timeOffset && value.length === 8)?.value
  const offset = offsetOption === undefined ? 0n : signed64(offsetOption, integers) * 1_000_000_000n
  const exponent = BigInt(resolution & 0x7f)
  if (resolution < 10 && offset === 0n) {
    const factor = 10n ** (9n - exponent)
    return { toNanoseconds: (ticks) => ticks * factor }
  }
  const perSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent
  return { toNanoseconds: (ticks) => (ticks * 1_000_000_000n) / perSecond + offset }
}

function signed64(value: Uint8Array, { u32 }: Integers): bigint {
  // The order of the two halves follows the byte order, too.
  const little = u32(Uint8Array.of(1, 0, 0, 0), 0) === 1
  const [high, low] = little ? [u32(value, 4), u32(value, 0)] : [u32(value, 0), u32(value, 4)]
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
}

const none: readonly BlockOption[] = []
