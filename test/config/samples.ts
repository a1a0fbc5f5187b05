// A connection file that is good, with a key in it that must never be seen.
export const inlineKey = 'hunter2-hunter2-hunter2'

export const goodFile: string = `connections:
  office:
    local_addrs: 192.0.2.1            # ours
    remote_addrs: 192.0.2.2
    proposals: aes256gcm16-prfsha256-ecp256
    encap: yes
    local:  { auth: psk, id: alice.example }
    remote: { auth: psk, id: bob.example }
    children:
      data: { mode: transport, local_ts: "dynamic[tcp/80]", remote_ts: dynamic, esp_proposals: aes256gcm16-esn }
secrets:
  office-key: { id: [alice.example, bob.example], secret: "${inlineKey}" }
`

/** The same without the key: nothing is to be said of it. */
export const keyInFile: string = goodFile.replace(`secret: "${inlineKey}"`, 'file: office.key')

/** `from` is in the file: a sample that changes nothing would prove nothing. */
export function changed(from: string, to: string, file: string = keyInFile): string {
  if (!file.includes(from)) throw new Error(`the sample has no ${from}`)
  return file.replace(from, to)
}
