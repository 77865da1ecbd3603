import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { listens, start, up } from '../relay/process.mjs'
import { libraryFolders, unpackDebian } from './debian.mjs'

const PORT = 15222

/** Plaintext on loopback, no throttling, nothing stored for whoever is online; `anon.localhost` for idle connections. */
const CONFIG = `
loglevel: warning
hosts: [localhost, anon.localhost]
listen:
  - {port: ${PORT}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, access: all, shaper: none, starttls_required: false, backlog: 1024}
host_config:
  localhost: {auth_method: internal}
  anon.localhost: {auth_method: anonymous, anonymous_protocol: both, allow_multiple_connections: true}
auth_password_format: plain
acl: {local: {user_regexp: ""}}
shaper_rules: {max_user_sessions: infinity, max_user_offline_messages: 5000}
modules:
  mod_disco: {}
  mod_ping: {}
  mod_roster: {}
  mod_offline: {}
  mod_stream_mgmt: {}
  mod_carboncopy: {}
`

const only = (folder, beginning) =>
  join(
    folder,
    readdirSync(folder).find((name) => name.startsWith(beginning)),
  )

/** Registers users from inside of the server, and says so: the code runs in the node that serves. */
const register = (users) =>
  `spawn(fun() -> {ok, _} = application:ensure_all_started(ejabberd), ` +
  `[ejabberd_auth:try_register(list_to_binary("u" ++ integer_to_list(N)), <<"localhost">>, <<"p">>) ` +
  `|| N <- lists:seq(0, ${users - 1})], io:format("registered~n") end).`

/** ejabberd of Debian's package, unpacked, without its service wrapper. No distribution: nothing stays behind. */
export const ejabberd = {
  name: 'ejabberd',
  open: async (users) => {
    const root = await unpackDebian('ejabberd')
    const erlang = join(root, 'usr/lib/erlang')
    const bin = join(only(erlang, 'erts-'), 'bin')
    const libraries = libraryFolders(root)
    const parent = libraries.find((path) => readdirSync(path).some((name) => name.startsWith('ejabberd-')))
    const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-ejabberd-'))
    const at = (name) => join(folder, name)
    for (const name of ['spool', 'logs', 'home']) mkdirSync(at(name))
    writeFileSync(at('ejabberd.yml'), CONFIG)
    const run = () =>
      start(
        join(bin, 'erlexec'),
        [
          ...['-noinput', '+P', '250000', '+K', 'true', '+sbwt', 'none'],
          ...['-boot', join(erlang, 'bin/start_clean'), '-pa', join(only(parent, 'ejabberd-'), 'ebin')],
          ...['-mnesia', 'dir', `"${at('spool')}"`],
          ...['-eval', register(users)],
        ],
        {
          env: {
            ...{ ROOTDIR: erlang, BINDIR: bin, EMU: 'beam', PROGNAME: 'erl', HOME: at('home') },
            ERL_LIBS: parent,
            LD_LIBRARY_PATH: libraries.join(delimiter),
            EJABBERD_CONFIG_PATH: at('ejabberd.yml'),
            EJABBERD_LOG_PATH: at('logs/ejabberd.log'),
            SPOOL_DIR: at('spool'),
            LOGS_DIR: at('logs'),
          },
        },
      )
    const clean = () => rmSync(folder, { recursive: true, force: true })
    return up({
      run,
      ready: async (server) => server.said().includes('registered') && listens(PORT),
      target: { kind: 'xmpp', port: PORT },
      clean,
    })
  },
}
