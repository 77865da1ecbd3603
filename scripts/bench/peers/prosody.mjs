import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { listens, start, up } from '../relay/process.mjs'
import { libraryFolders, unpackDebian } from './debian.mjs'

const PORT = 15322

/** Plaintext on loopback, no throttling, nothing stored for whoever is online; `anon.localhost` for idle connections. */
const configOf = (folder) => `
pidfile = "${folder}/prosody.pid"; data_path = "${folder}/data"; plugin_paths = {}
c2s_ports = { ${PORT} }; c2s_interfaces = { "127.0.0.1" }; s2s_ports = {}; http_ports = {}; https_ports = {}
c2s_require_encryption = false; allow_unencrypted_plain_auth = true; authentication = "internal_plain"
modules_enabled = { "roster", "saslauth", "disco", "ping", "smacks", "carbons", "offline" }
modules_disabled = { "s2s", "tls", "limits" }
network_backend = "epoll"; network_settings = { tcp_backlog = 1024 }
log = { warn = "${folder}/prosody.log" }; run_as_root = true; daemonize = false
VirtualHost "localhost"
VirtualHost "anon.localhost"
  authentication = "anonymous"
`

/** Prosody of Debian's package, unpacked: its script names the folder of its sources. */
export const prosody = {
  name: 'Prosody',
  open: async (users) => {
    const root = await unpackDebian('prosody')
    const folder = mkdtempSync(join(tmpdir(), 'dchat-bench-prosody-'))
    const accounts = join(folder, 'data/localhost/accounts')
    mkdirSync(accounts, { recursive: true })
    for (let i = 0; i < users; i += 1) writeFileSync(join(accounts, `u${i}.dat`), 'return { ["password"] = "p"; };')
    writeFileSync(join(folder, 'prosody.cfg.lua'), configOf(folder))
    const script = join(folder, 'prosody.lua')
    writeFileSync(
      script,
      readFileSync(join(root, 'usr/bin/prosody'), 'utf8').replaceAll('/usr/lib/prosody', join(root, 'usr/lib/prosody')),
    )
    const libraries = libraryFolders(root)
    const lua = ['lua5.4', 'lua'].map((name) => join(root, 'usr/bin', name)).find(existsSync) ?? 'lua5.4'
    const run = () =>
      start(lua, [script, '-F', '--config', join(folder, 'prosody.cfg.lua')], {
        env: {
          LD_LIBRARY_PATH: libraries.join(delimiter),
          LUA_PATH: `${join(root, 'usr/share/lua/5.4/?.lua')};${join(root, 'usr/share/lua/5.4/?/init.lua')};;`,
          LUA_CPATH: `${libraries.map((path) => join(path, 'lua/5.4/?.so')).join(';')};;`,
        },
      })
    const clean = () => rmSync(folder, { recursive: true, force: true })
    return up({ run, ready: () => listens(PORT), target: { kind: 'xmpp', port: PORT }, clean })
  },
}
