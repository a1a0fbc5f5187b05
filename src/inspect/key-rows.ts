// Keys for annotation from the rows of Wireshark's tables.
import type { IkeSpi } from '../contract/units.ts'
import type { KeySource, Path } from './annotate/keys.ts'
import type { EspKeys, IkeKeys } from './wireshark-tables.ts'

/**
 * The first row that matches counts, as in Wireshark. An IKE SA whose responder's SPI is not known yet matches none. Where the octets came
 * without an IP header, rows for ESP match by their SPI.
 */
export function keySource(ike: readonly IkeKeys[], esp: readonly EspKeys[]): KeySource {
  const ikeRows = new Map<string, IkeKeys>()
  for (const row of ike) {
    const key = `${row.initiatorSpi} ${row.responderSpi}`
    if (!ikeRows.has(key)) ikeRows.set(key, row)
  }
  const found = new Map<string, EspKeys | undefined>()
  return {
    ike: (initiatorSpi: IkeSpi, responderSpi: IkeSpi) => ikeRows.get(`${initiatorSpi} ${responderSpi}`),
    esp(spi: number, path: Path | undefined) {
      const key = path === undefined ? `${spi}` : `${spi} ${path.source} ${path.destination}`
      if (found.has(key)) return found.get(key)
      const row = esp.find((candidate) => candidate.matches(path?.source, path?.destination, spi))
      // SPIs of garbage must not fill the memory.
      if (found.size >= mostRemembered) found.clear()
      found.set(key, row)
      return row
    },
  }
}

const mostRemembered = 65_536
