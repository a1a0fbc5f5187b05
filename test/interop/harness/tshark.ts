// What Wireshark makes of a capture, given the keys.
import { must } from './command.ts'

export interface Wireshark {
  readonly capture: string
  /** A folder with `ikev2_decryption_table` and `esp_sa`. */
  readonly keys: string
}

/** The fields asked for of each frame that a display filter lets through: one row a frame; several values of a field are joined by commas. */
export async function fields(wireshark: Wireshark, filter: string, names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const output = await tshark(wireshark, ['-Y', filter, '-T', 'fields', ...names.flatMap((name) => ['-e', name])])
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

/** The frames that Wireshark finds malformed, one line each. */
export async function malformed(wireshark: Wireshark): Promise<string> {
  return await tshark(wireshark, ['-Y', '_ws.malformed || _ws.expert.severity == error'])
}

async function tshark(wireshark: Wireshark, words: readonly string[]): Promise<string> {
  const preferences = ['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE', '-n']
  return await must(['tshark', '-r', wireshark.capture, ...preferences, ...words], { env: { WIRESHARK_CONFIG_DIR: wireshark.keys } })
}
