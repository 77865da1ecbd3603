// A program behind a webhook as an author writes one in any language: no package of dchat, secrets from files.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename } from 'node:path'

const [, , ...files] = process.argv
/** Read at each request: a rotation needs no restart. */
const keyIn = (file) => {
  try {
    return Buffer.from(readFileSync(file, 'utf8').trim().slice('whsec_'.length), 'base64')
  } catch {
    return undefined
  }
}

/** The names of the files whose secrets have signed. */
const signers = ({ headers }, body) => {
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const given = String(headers['webhook-signature'])
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice('v1,'.length), 'base64'))
  return files.filter((file) => {
    const key = keyIn(file)
    if (key === undefined) return false
    const wanted = createHmac('sha256', key).update(text).digest()
    return given.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted))
  })
}

let isHealed = false

const answer = ({ type, data }, response) => {
  if (type === 'webhook.ping') return response.end(JSON.stringify({ challenge: data.challenge }))
  const text = data.message?.text
  if (text === 'poison' && !isHealed) return response.writeHead(500, { 'webhook-delivery': 'abort-message' }).end()
  const actions = text === undefined ? [] : [{ do: 'send', text: `You said ${text}` }]
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ v: 1, actions }))
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part) => {
    body += part
  })
  request.on('end', () => {
    const signed = signers(request, body)
    if (signed.length === 0) return response.writeHead(401).end()
    const event = JSON.parse(body)
    process.stdout.write(`${event.type} ${signed.map((file) => basename(file)).join(' ')}\n`)
    answer(event, response)
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
process.once('SIGTERM', () => server.close(() => undefined).closeAllConnections())
process.on('SIGUSR2', () => {
  isHealed = true
  process.stdout.write('healed\n')
})
