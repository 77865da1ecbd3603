import { once } from 'node:events'
import { connect } from 'node:net'

const END = Buffer.from('</message>')
const base64 = (text) => Buffer.from(text, 'latin1').toString('base64')

/** A stream that is read as text until it is set up (RFC 6120: SASL, bind, presence), and for stanzas then. */
const openStream = async (port, host) => {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  let text = ''
  let wake = () => undefined
  let broken
  const reading = (chunk) => {
    text += chunk.toString('utf8')
    wake()
  }
  const fail = (error) => {
    broken = error ?? new Error(`the server closed the stream: ${text}`)
    wake()
  }
  socket.on('data', reading)
  socket.on('error', fail)
  socket.once('close', () => fail())
  /** Sends something and waits until the answer holds what was expected. */
  const ask = async (stanza, expected) => {
    text = ''
    socket.write(stanza)
    while (!text.includes(expected)) {
      if (broken) throw broken
      if (text.includes('<failure') || text.includes("type='error'")) throw new Error(text)
      await new Promise((resolve) => {
        wake = resolve
      })
    }
    return text
  }
  const header = `<?xml version='1.0'?><stream:stream to='${host}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`
  return { socket, ask, open: () => ask(header, '</stream:features>'), live: () => socket.off('data', reading) }
}

const login = async (port, host, auth) => {
  const stream = await openStream(port, host)
  await stream.open()
  await stream.ask(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' ${auth}</auth>`, '<success')
  await stream.open()
  const bound = await stream.ask(
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>",
    '</iq>',
  )
  await stream.ask('<presence/>', '<presence')
  stream.live()
  return { socket: stream.socket, jid: /<jid>(?<jid>[^<]+)</.exec(bound)?.groups.jid }
}

const plain = (name) => `mechanism='PLAIN'>${base64(`\0${name}\0p`)}`

/** One sender and one receiver, both logged in with a password. */
export const xmppPair = async (port, stampOf, index) => {
  const [sender, receiver] = await Promise.all(
    [2 * index, 2 * index + 1].map((number) => login(port, 'localhost', plain(`u${number}`))),
  )
  const pair = {
    arrived: () => undefined,
    send: (body) =>
      sender.socket.write(
        `<message to='${receiver.jid}' type='chat'><body>${body.toString('latin1')}</body></message>`,
      ),
    close: () => {
      sender.socket.destroy()
      receiver.socket.destroy()
    },
  }
  let rest = Buffer.alloc(0)
  receiver.socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(END); end >= 0; end = rest.indexOf(END)) {
      const stamp = stampOf(rest.subarray(0, end))
      rest = rest.subarray(end + END.length)
      if (stamp !== undefined) pair.arrived(stamp)
    }
  })
  sender.socket.resume()
  return pair
}

export const xmppIdle = async (port) => {
  const { socket } = await login(port, 'anon.localhost', "mechanism='ANONYMOUS'>")
  socket.resume()
  return { close: () => socket.destroy() }
}
