import { parseRelayUrl } from '../../protocol/wire/relay-url.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Network } from './network.ts'
import { SimProcess } from './process.ts'
import type { SimRelayFactory, SimRelayHost, SimRelayProcess } from './relay-host.ts'
import type { CrashOptions, SimRelay } from './types.ts'
import type { World } from './world.ts'

/** Of the crashes whose kind is left to the seed, those that are power losses. */
export const SILENT_CRASHES = 0.2

/** A relay with a name, its disk, and its runs one after the other. */
export class Relay implements SimRelay {
  readonly name: string
  readonly url: RelayUrl
  readonly #world: World
  readonly #network: Network
  readonly #factory: SimRelayFactory
  #disk: { readonly held: unknown } | undefined
  #run: { readonly process: SimProcess; readonly relay: SimRelayProcess } | undefined
  #runs = 0

  constructor(world: World, network: Network, factory: SimRelayFactory, name: string) {
    this.name = name
    this.url = parseRelayUrl(`ws://${name}.sim`)
    this.#world = world
    this.#network = network
    this.#factory = factory
  }

  get isUp(): boolean {
    return this.#run !== undefined
  }

  get disk(): unknown {
    return this.#disk?.held
  }

  crash({ silent }: CrashOptions = {}): void {
    const run = this.#run
    if (!run) return
    const quiet = silent ?? run.process.random.chance(SILENT_CRASHES)
    this.#world.trace.note('crash', this.name, quiet ? 'silent' : '')
    this.#run = undefined
    this.#network.listen(this.name, undefined)
    run.process.kill()
    this.#network.kill({ relay: this.name }, quiet)
  }

  async restart(): Promise<void> {
    if (this.#run) return
    // What the last run had on its way to the disk is there or lost before the next one looks.
    await this.#world.driver.wait(this.#world.scheduler.now)
    const process = new SimProcess(this.#world, this.name, ++this.#runs)
    this.#world.trace.note('start', this.name)
    const relay = await this.#world.driver.finish(this.#factory(this.#host(process)))
    this.#run = { process, relay }
    this.#network.listen(this.name, (socket, device) => relay.accept(socket, device))
  }

  async stop(): Promise<void> {
    const run = this.#run
    if (!run) return
    this.#world.trace.note('stop', this.name)
    this.#run = undefined
    this.#network.listen(this.name, undefined)
    await this.#world.driver.finish(run.relay.close())
    run.process.kill()
  }

  #host(process: SimProcess): SimRelayHost {
    const disk = <T>(make: () => T): T => {
      this.#disk ??= { held: make() }
      return this.#disk.held as T
    }
    return {
      name: this.name,
      clock: process.clock,
      random: (length) => process.random.bytes(length),
      turn: () => process.clock.sleep(0),
      disk,
      write: (apply) => process.whileAlive(process.flushed().then(() => apply())),
    }
  }
}
