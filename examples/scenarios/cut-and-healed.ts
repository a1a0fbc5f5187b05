import type { Scenario } from 'ikebana/lab'

/** Two sites with a tunnel. The link is cut for long enough that both give up; afterwards a packet brings the tunnel up again. */
export const cutAndHealed: Scenario = {
  name: 'cut and healed',
  hosts: [
    { name: 'east', address: '192.0.2.1', subnet: '10.1.0.0/16', livenessDelay: 10_000 },
    { name: 'west', address: '192.0.2.2', subnet: '10.2.0.0/16', livenessDelay: 10_000 },
  ],
  steps: [
    { at: 0, do: 'send', host: 'east', peer: 'west', packets: 3 },
    { at: 5_000, do: 'cut', between: ['east', 'west'] },
    { at: 600_000, do: 'heal' },
    { at: 601_000, do: 'send', host: 'west', peer: 'east' },
  ],
  expect: [
    { that: 'delivered', host: 'west', times: 3 },
    { that: 'event', host: 'east', name: 'ike-sa-failed', before: 400_000 },
    { that: 'event', host: 'west', name: 'ike-sa-failed', before: 400_000 },
    { that: 'delivered', host: 'east', times: 1 },
    { that: 'agreed', between: ['east', 'west'] },
  ],
}
