import type { Readable } from 'node:stream'
import type { Profile } from '../config/profile.ts'
import type { Host } from '../host.ts'
import type { Output } from '../io/output.ts'
import type { Directories } from '../io/paths.ts'
import type { Session } from '../session/session.ts'
import type { Globals } from './globals.ts'

/** Everything that a command may touch. */
export interface Context {
  readonly host: Host
  readonly globals: Globals
  readonly directories: Directories
  readonly out: Output
  readonly signal: AbortSignal
  /** By flag, environment, configuration; the name is checked, its existence is not. */
  profile(): Promise<Profile>
  /** Home relays by flag, environment, configuration. */
  relays(): Promise<readonly string[]>
  /** From a file, a descriptor or a credential; undefined if none was named. */
  passphrase(): Promise<string | undefined>
  /** Stdin, for one purpose only. */
  stdin(purpose: string): Readable
  /** The methods of the profile's owner. Throws `identity/none`. */
  session(): Promise<Session>
}
