// A router that hides who is behind it, in a namespace of its own. RFC 3022 §4; the same for IPv6.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.ts'
import type { Lab, Namespace } from './lab.ts'

/** Forwards between all interfaces; what leaves through those named in `outside` gets that interface's address, and another port. */
export async function masquerade(lab: Lab, router: Namespace, outside: readonly string[]): Promise<void> {
  await must(router.command('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'))
  const rules = join(lab.folder, `${router.name}.nft`)
  // What the router itself sends is left alone. Ports are changed too, whether that is necessary or not: a peer that relies on 500 or 4500 fails.
  writeFileSync(
    rules,
    `table inet nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    fib saddr type local return
    oifname { ${outside.join(', ')} } meta l4proto udp masquerade to :20000-29999
    oifname { ${outside.join(', ')} } masquerade
  }
}
`,
  )
  await must(router.command('nft', '-f', rules))
}
