// Numbers and strings that must not be mixed up. Only here are plain ones made into them.
/* oxlint-disable typescript/no-unsafe-type-assertion -- giving a brand is what these functions are for */

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Milliseconds on the caller's monotonic clock. */
export type Instant = Brand<number, 'Instant'>
/** A length of time in milliseconds. */
export type Milliseconds = number

export const instant = (ms: number): Instant => ms as Instant
export const later = (from: Instant, ms: Milliseconds): Instant => (from + ms) as Instant
/** The earlier of two deadlines, where `undefined` means never. */
export const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined ? b : b === undefined || a < b ? a : b

/** An IKE SPI as 16 lower-case hexadecimal digits (RFC 7296 §3.1). */
export type IkeSpi = Brand<string, 'IkeSpi'>
/** An ESP or AH SPI, 256 to 2^32-1 (RFC 4303 §2.1: 0 to 255 are reserved). */
export type Spi = Brand<number, 'Spi'>
/** Ours, never on the wire: stays the same for the life of an IKE SA. */
export type IkeSaId = Brand<number, 'IkeSaId'>
/** Ours, never on the wire: names one pair of inbound and outbound SAs. */
export type ChildSaId = Brand<number, 'ChildSaId'>
export type OperationId = Brand<number, 'OperationId'>

export const ikeSpi = (hex: string): IkeSpi => hex as IkeSpi
export const espSpi = (value: number): Spi => value as Spi
export const ikeSaId = (value: number): IkeSaId => value as IkeSaId
export const childSaId = (value: number): ChildSaId => value as ChildSaId
export const operationId = (value: number): OperationId => value as OperationId

/** `0x0badcafe` */
export const formatSpi = (spi: number): string => `0x${spi.toString(16).padStart(8, '0')}`
