import type { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client-options.ts'

/** What differs between Node and browsers; `#platform` in package.json chooses by the importer's conditions. */
export interface Platform {
  createClient(options: ClientOptions): Promise<Client>
}
