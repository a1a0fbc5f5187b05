// Reads Wireshark's tables `ikev2_decryption_table` and `esp_sa`, by whomever they were written. The names of algorithms are those of
// wireshark-names.ts. No fault repeats what stands in a column of keys.
import { fromHex } from '../bytes/bytes.ts'
import { failed, ok, type Result } from '../bytes/result.ts'
import { Secret } from '../bytes/secret.ts'
import { type IkeSpi, ikeSpi } from '../contract/units.ts'
import { type Address, addressBytes, addressVersion, parseAddress } from '../net/address.ts'
import { nearestWord } from '../policy/words.ts'
import { type CsvField, parseCsvLine } from './csv.ts'
import {
  type EncryptionName,
  espEncryptionNames,
  espIntegrityNames,
  ikeEncryptionNames,
  ikeIntegrityNames,
  type IntegrityName,
} from './wireshark-names.ts'

/** An algorithm by IANA's number, with its keying material. */
export interface KeyedEncryption {
  /** Transform Type 1. */
  readonly id: number
  /** The Key Length attribute in bits; `undefined` for ciphers that have none. RFC 7296 §3.3.5. */
  readonly keyBits: number | undefined
  /** Salt included. */
  readonly key: Secret
}

/** `unchecked`: the ICV has this length, and nothing is known of how it was made. */
export type KeyedIntegrity =
  | { readonly kind: 'checked'; readonly id: number; readonly icvLength: number; readonly key: Secret }
  | { readonly kind: 'unchecked'; readonly icvLength: number }
  /** By an AEAD, or not at all. */
  | { readonly kind: 'none' }

/** A row of `ikev2_decryption_table`: both directions of an IKE SA. */
export interface IkeKeys {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  /** Keys of what the original initiator sends. */
  readonly initiator: { readonly encryption: KeyedEncryption; readonly integrity: KeyedIntegrity }
  readonly responder: { readonly encryption: KeyedEncryption; readonly integrity: KeyedIntegrity }
}

/** A row of `esp_sa`: one direction of a Child SA. */
export interface EspKeys {
  readonly encryption: KeyedEncryption
  readonly integrity: KeyedIntegrity
  /** The upper half of the sequence number starts here where ESN is on; `undefined` where it is off. */
  readonly sequenceHigh: number | undefined
  /** Addresses that are not known match whatever the row says of them. */
  readonly matches: (source: Address | undefined, destination: Address | undefined, spi: number) => boolean
}

export interface TableFault {
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  readonly found: string
  readonly expected: string
}

export interface Table<Row> {
  readonly rows: readonly Row[]
  /** Of the lines that are left out. */
  readonly faults: readonly TableFault[]
}

/** `text`: the whole file. */
export const readIkeTable = (text: string): Table<IkeKeys> => readTable(text, ikeColumns, [ikeColumns.length], ikeRow)

/** `text`: the whole file. Rows may have the two columns about ESN that later versions of Wireshark add. */
export const readEspTable = (text: string): Table<EspKeys> => readTable(text, espColumns, [8, 10], espRow)

/** `esp_sa:3:17: an odd number of hexadecimal digits; expected an encryption key in hexadecimal` */
export function formatTableFault(file: string, { line, column, found, expected }: TableFault): string {
  return `${file}:${line}:${column}: ${found}; expected ${expected}`
}

const ikeColumns = ["Initiator's SPI", "Responder's SPI", 'SK_ei', 'SK_er', 'Encryption algorithm', 'SK_ai', 'SK_ar', 'Integrity algorithm']
const espColumns = [
  'Protocol',
  'Src IP',
  'Dest IP',
  'SPI',
  'Encryption',
  'Encryption Key',
  'Authentication',
  'Authentication Key',
  'SN',
  'ESN High Bits',
]

/** Without its line. */
type FieldFault = Omit<TableFault, 'line'>
type Parsed<T> = Result<T, FieldFault>
type Cell = (column: number) => CsvField

function readTable<Row>(text: string, columns: readonly string[], counts: readonly number[], row: (cell: Cell) => Parsed<Row>): Table<Row> {
  const rows: Row[] = []
  const faults: TableFault[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const parsed = parseCsvLine(line)
    if (parsed.kind === 'nothing') continue
    const outcome = parsed.kind === 'unreadable' ? unreadable(parsed) : wholeRow(parsed.fields, columns, counts, row, line.length)
    if (outcome.ok) rows.push(outcome.value)
    else faults.push({ line: i + 1, ...outcome.fault })
  }
  return { rows, faults }
}

const unreadable = ({ column, expected }: { readonly column: number; readonly expected: string }): Parsed<never> =>
  failed({ column, found: 'the line cannot be read', expected })

function wholeRow<Row>(
  fields: readonly CsvField[],
  columns: readonly string[],
  counts: readonly number[],
  row: (cell: Cell) => Parsed<Row>,
  lineLength: number,
): Parsed<Row> {
  if (!counts.includes(fields.length)) {
    const surplus = fields[counts.at(-1) ?? 0]
    const expected = `${counts.join(' or ')}: ${columns.join(', ')}`
    return failed({ column: surplus?.column ?? lineLength + 1, found: `${fields.length} columns`, expected })
  }
  return row((column) => fields[column] ?? { text: '', column: lineLength + 1 })
}

function ikeRow(cell: Cell): Parsed<IkeKeys> {
  const initiatorSpi = spiCell(cell(0))
  if (!initiatorSpi.ok) return initiatorSpi
  const responderSpi = spiCell(cell(1))
  if (!responderSpi.ok) return responderSpi
  const cipher = nameCell(cell(4), ikeEncryptionNames, 'encryption algorithm')
  if (!cipher.ok) return cipher
  const mac = nameCell(cell(7), ikeIntegrityNames, 'integrity algorithm')
  if (!mac.ok) return mac
  const initiator = keysOf(cell, cipher.value, 2, mac.value, 5)
  if (!initiator.ok) return initiator
  const responder = keysOf(cell, cipher.value, 3, mac.value, 6)
  if (!responder.ok) return responder
  return ok({ initiatorSpi: initiatorSpi.value, responderSpi: responderSpi.value, initiator: initiator.value, responder: responder.value })
}

function espRow(cell: Cell): Parsed<EspKeys> {
  const version = cell(0).text.toLowerCase()
  if (version !== 'ipv4' && version !== 'ipv6') return failed(fieldFault(cell(0), 'unknown protocol', 'IPv4 or IPv6'))
  const family = version === 'ipv4' ? 4 : 6
  const source = addressCell(cell(1), family)
  if (!source.ok) return source
  const destination = addressCell(cell(2), family)
  if (!destination.ok) return destination
  const spi = spiPattern(cell(3))
  if (!spi.ok) return spi
  const cipher = nameCell(cell(4), espEncryptionNames, 'encryption algorithm')
  if (!cipher.ok) return cipher
  const mac = nameCell(cell(6), espIntegrityNames, 'authentication algorithm')
  if (!mac.ok) return mac
  const keys = keysOf(cell, cipher.value, 5, mac.value, 7)
  if (!keys.ok) return keys
  const sequence = sequenceCells(cell(8), cell(9))
  if (!sequence.ok) return sequence
  return ok({
    ...keys.value,
    sequenceHigh: sequence.value.high,
    matches: (from, to, number) =>
      spi.value(number) && (from === undefined || source.value(from)) && (to === undefined || destination.value(to)),
  })
}

function keysOf(
  cell: Cell,
  cipher: EncryptionName,
  cipherColumn: number,
  mac: IntegrityName,
  macColumn: number,
): Parsed<{ readonly encryption: KeyedEncryption; readonly integrity: KeyedIntegrity }> {
  const key = keyCell(cell(cipherColumn), cipher.keyLengths, cipher.name)
  if (!key.ok) return key
  // The key of a MAC that is not checked is not needed, but what stands there is read.
  const macKey = keyCell(cell(macColumn), undefined, mac.name)
  if (!macKey.ok) return macKey
  const keyBits = cipher.keyBits ?? bitsOfKey(cipher, key.value.length)
  return ok({ encryption: { id: cipher.id, keyBits, key: new Secret(key.value) }, integrity: keyedIntegrity(mac, macKey.value) })
}

/** A name that leaves the length of the key open has one key length less the salt of its shortest form (16 octets) for AES. */
function bitsOfKey({ keyLengths }: EncryptionName, length: number): number | undefined {
  const shortest = keyLengths[0] ?? 0
  return keyLengths.length === 1 || shortest < 16 ? undefined : 8 * (length - (shortest - 16))
}

function keyedIntegrity(mac: IntegrityName, key: Uint8Array): KeyedIntegrity {
  if (mac.id === 0) return { kind: 'none' }
  const { id, icvLength } = mac
  return id === undefined || key.length === 0 ? { kind: 'unchecked', icvLength } : { kind: 'checked', id, icvLength, key: new Secret(key) }
}

const fieldFault = ({ column }: CsvField, found: string, expected: string): FieldFault => ({ column, found, expected })

/** What stands there, unless it may be a key that got into the wrong column. */
const quoted = ({ text }: CsvField): string => (/[0-9a-f]{20}/i.test(text) ? 'a long hexadecimal number' : `"${text.slice(0, 60)}"`)

function nameCell<Entry extends { readonly name: string }>(field: CsvField, names: readonly Entry[], what: string): Parsed<Entry> {
  const found = names.find(({ name }) => name.toLowerCase() === field.text.toLowerCase())
  if (found !== undefined) return ok(found)
  const valid = names.map(({ name }) => name)
  const beginning = field.text.toLowerCase()
  const nearest =
    (beginning === '' ? undefined : valid.find((name) => name.toLowerCase().startsWith(beginning))) ?? nearestWord(field.text, valid)
  const expected = nearest === undefined ? `one of ${valid.map((name) => `"${name}"`).join(', ')}` : `a name like "${nearest}"`
  return failed(fieldFault(field, `unknown ${what} ${quoted(field)}`, expected))
}

function keyCell(field: CsvField, lengths: readonly number[] | undefined, name: string): Parsed<Uint8Array> {
  const digits = field.text.replace(/^0x/i, '')
  const wanted = lengths === undefined ? 'a key in hexadecimal' : `a key in hexadecimal of ${lengths.join(', ')} octets for ${name}`
  const wrongAt = digits.search(/[^0-9a-fA-F]/)
  if (wrongAt >= 0) return failed(fieldFault(field, 'a character that is not a hexadecimal digit', wanted))
  if (digits.length % 2 !== 0) return failed(fieldFault(field, `an odd number of hexadecimal digits (${digits.length})`, wanted))
  const octets = fromHex(digits) ?? new Uint8Array(0)
  if (lengths !== undefined && !lengths.includes(octets.length))
    return failed(fieldFault(field, `a key of ${octets.length} octets`, wanted))
  return ok(octets)
}

function spiCell(field: CsvField): Parsed<IkeSpi> {
  const digits = field.text.replace(/^0x/i, '').toLowerCase()
  if (/^[0-9a-f]{16}$/.test(digits)) return ok(ikeSpi(digits))
  return failed(fieldFault(field, quoted(field), 'an IKE SPI of 16 hexadecimal digits'))
}

/** `*`, `0x12345678`, `305419896`, or with `*` in the place of digits. */
function spiPattern(field: CsvField): Parsed<(spi: number) => boolean> {
  const text = field.text.toLowerCase()
  if (text === '*') return ok(() => true)
  const digits = /^0x([0-9a-f*]{1,8})$/.exec(text)?.[1]
  if (digits === '*') return ok(() => true)
  if (digits !== undefined) {
    const pattern = new RegExp(`^${digits.padStart(8, '0').replaceAll('*', '.')}$`)
    return ok((spi) => pattern.test(spi.toString(16).padStart(8, '0')))
  }
  if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff) return ok((spi) => spi === Number(text))
  return failed(fieldFault(field, quoted(field), 'an SPI like 0x12345678, or *'))
}

/** `*`, an address, or one with `*` in the place of octets (IPv4) or groups (IPv6). */
function addressCell(field: CsvField, family: 4 | 6): Parsed<(address: Address) => boolean> {
  const { text } = field
  if (text === '*') return ok((address) => addressVersion(address) === family)
  const exact = parseAddress(text)
  if (exact !== undefined && addressVersion(exact) === family) return ok((address) => address === exact)
  const pattern = family === 4 ? wildcards(text.split('.'), 4, 1) : wildcards(text.split(':'), 8, 2)
  if (pattern === undefined) return failed(fieldFault(field, quoted(field), `an IPv${family} address, or *`))
  return ok((address) => addressVersion(address) === family && pattern(addressBytes(address)))
}

function wildcards(parts: readonly string[], count: number, octets: 1 | 2): ((address: Uint8Array) => boolean) | undefined {
  const valid = octets === 1 ? /^(?:\*|\d{1,3})$/ : /^(?:\*|[0-9a-fA-F]{1,4})$/
  if (parts.length !== count || !parts.includes('*') || !parts.every((part) => valid.test(part))) return undefined
  const values = parts.map((part) => (part === '*' ? undefined : Number.parseInt(part, octets === 1 ? 10 : 16)))
  return (address) =>
    values.every((value, i) => {
      const there = octets === 1 ? address[i] : ((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0)
      return value === undefined || value === there
    })
}

/** RFC 4303 §2.2.1; both are empty where the row has no such columns. */
function sequenceCells(size: CsvField, high: CsvField): Parsed<{ readonly high: number | undefined }> {
  const word = size.text.toLowerCase()
  if (word === '' || word === '32-bit') return ok({ high: undefined })
  if (word !== '64-bit') return failed(fieldFault(size, quoted(size), '32-bit or 64-bit'))
  if (high.text === '') return ok({ high: 0 })
  const digits = /^(?:0x)?([0-9a-fA-F]{1,8})$/.exec(high.text)?.[1]
  if (digits === undefined) return failed(fieldFault(high, quoted(high), 'the upper 32 bits of the sequence number, like 0x00000000'))
  return ok({ high: Number.parseInt(digits, 16) })
}
