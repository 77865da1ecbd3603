import type { Values } from './spec.ts'

/** Understood by every command, before or after its name. */
export const GLOBAL_OPTIONS = {
  profile: { type: 'text', placeholder: 'NAME', description: 'The profile to use (default: "default")' },
  relay: { type: 'texts', placeholder: 'URL', description: 'A relay to use; may be repeated' },
  json: { type: 'flag', description: 'Write JSON lines for programs' },
  plain: { type: 'flag', description: 'No colours' },
  'no-input': { type: 'flag', description: 'Never ask on the terminal' },
  timeout: { type: 'duration', placeholder: 'TIME', description: 'How long to wait, such as 30s' },
  quiet: { type: 'flag', description: 'Only results and errors' },
  verbose: { type: 'flag', alias: 'v', description: 'Tell more on stderr' },
  'no-daemon': { type: 'flag', description: 'Neither use nor offer the local socket' },
  'passphrase-file': { type: 'text', placeholder: 'P|-', description: 'Read the passphrase from a file or stdin' },
  'passphrase-fd': {
    type: 'whole',
    placeholder: 'N',
    min: 0,
    max: 1_000_000,
    description: 'Read the passphrase from an open file descriptor',
  },
} as const

export type Globals = Values<Record<never, never>, typeof GLOBAL_OPTIONS>
