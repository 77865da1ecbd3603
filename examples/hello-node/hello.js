import { createClient, createIdentity } from '@dchat/sdk'

const relays = [globalThis.location?.hash.slice(1) || globalThis.process?.argv[2] || 'ws://127.0.0.1:7464']
const alice = await createClient({ identity: createIdentity(), relays })
const bob = await createClient({ identity: createIdentity(), relays })
await Promise.all([alice.connect(), bob.connect()])
await bob.contacts.add(alice.invite()) // a stranger's message would wait for Bob's consent
const chat = await alice.conversations.dm(bob.address, { relays })
const message = await chat.send('Hello, Bob!', { wait: 'delivered' })
for await (const { content } of bob.messages.stream({ once: true })) console.log(`Bob reads: ${content.text}`)
console.log(`Alice's message is ${message.state}`)
await Promise.all([alice.close(), bob.close()])
