import { join } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import type { Directories } from '../io/paths.ts'

export interface Profile {
  readonly name: string
  /** Everything of this profile: store and key. */
  readonly directory: string
  readonly runtime: string
}

/** Becomes a folder and a file name, so it holds nothing that a file system could read otherwise. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

export const parseProfile = (name: string, directories: Directories): Profile => {
  if (!NAME.test(name) || name.endsWith('.'))
    throw new DchatError('usage/invalid-argument', {
      name: 'profile',
      reason: 'a profile name has 1 to 64 of a-z, 0-9, ".", "_" and "-", and begins with a letter or digit',
    })
  return { name, directory: join(directories.data, name), runtime: directories.runtime }
}
