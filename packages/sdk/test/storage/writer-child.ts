import { sqliteStorage } from '../../src/adapters/storage/sqlite.ts'

// Writes pairs of rows as fast as it can and says each number once its write has resolved.
const storage = sqliteStorage(process.argv[2] as string)
for (let i = Number(process.argv[3]); ; i++) {
  await storage.write(async (tx) => {
    tx.put('messages', { key: `message ${i}`, scope: 'all', position: i, value: new Uint8Array(300).fill(i) })
    tx.put('meta', { key: 'last', value: new TextEncoder().encode(String(i)) })
  })
  process.stdout.write(`${i}\n`)
}
