import { acquireOwner } from '../../src/adapters/owner/lock-file.ts'

// Takes the folder and keeps it until it is killed.
acquireOwner(process.argv[2] as string, 'the child')
process.stdout.write('owned\n')
setInterval(() => undefined, 1_000)
