// A planted bug: a host that never comes back from an input. For a process of its own; its watch ends it.
import { provider } from '../../host/two-hosts.ts'
import { sealedRequest } from '../recipe.ts'
import { Watch } from '../watch.ts'
import { worlds } from '../worlds.ts'

const [world] = worlds
const watch = new Watch(200)
if (world !== undefined) watch.note({ world, state: 'own-signing', seed: 5, provider }, [{ ...sealedRequest, exchangeType: 99 }])
for (;;);
